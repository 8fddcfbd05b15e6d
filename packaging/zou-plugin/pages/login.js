// Logs Kitsu Launcher in on this machine: asks Kitsu for a code that is good once, and hands it over. The code is bound
// to a secret that only Kitsu Launcher has (PKCE), and is sent to this machine itself and nowhere else.
"use strict";
(() => {
  const HOST = "127.0.0.1"; // all that Kitsu Launcher ever names: another user's program may listen at [::1] alone
  const HOLD_MS = 700;
  const API = new URL("../../", location.href); // this page is API/plugins/kitsu_launcher/login
  const french = navigator.language.toLowerCase().startsWith("fr");
  const say = (english, inFrench) => (french ? inFrench : english);
  const find = (id) => document.getElementById(id);
  const query = new URLSearchParams(location.search);
  const wish = wanted();
  let asking = false;
  let held = 0;

  // What Kitsu Launcher has asked for; null where this page was opened by something else.
  function wanted() {
    const one = (name) => (query.getAll(name).length === 1 ? query.get(name) : "");
    const [challenge, state] = [one("code_challenge"), one("state")];
    let back;
    try {
      back = new URL(one("redirect_uri"));
    } catch {
      return null;
    }
    const here = back.protocol === "http:" && back.hostname === HOST && back.port === document.body.dataset.port;
    const plain = back.pathname === "/login/back" && !back.search && !back.hash && !back.username && !back.password;
    const good = /^[A-Za-z0-9_-]{43}$/.test(challenge) && /^[A-Za-z0-9._~-]{16,256}$/.test(state);
    return here && plain && good ? { challenge, state, back } : null;
  }
  function show(text, { offer = false, enter = false } = {}) {
    find("said").textContent = text;
    find("said").hidden = !text;
    find("offer").hidden = !offer;
    find("enter").hidden = !enter;
  }
  // The button counts only after the page has been in front for a moment: a double click on another page, or a key
  // held down there, could press it otherwise.
  function hold() {
    clearTimeout(held);
    find("go").disabled = true;
    if (asking || document.hidden || !document.hasFocus()) return;
    held = setTimeout(() => {
      find("go").disabled = false;
      find("go").focus();
    }, HOLD_MS);
  }
  async function ask(path, options = {}) {
    const answer = await fetch(new URL(path, API), { credentials: "same-origin", cache: "no-store", ...options });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  }
  async function look() {
    if (asking) return;
    try {
      const { status, body } = await ask("auth/authenticated");
      const person = body?.user;
      if (status !== 200 || !person) {
        return show(say("You are not logged in to Kitsu in this browser. Log in there, then come back to this page.",
          "Vous n’êtes pas connecté à Kitsu dans ce navigateur. Connectez-vous, puis revenez sur cette page."), { enter: true });
      }
      const name = `${person.first_name ?? ""} ${person.last_name ?? ""}`.trim() || person.email;
      find("who").textContent = say(`You are logged in to Kitsu as ${name} (${person.email}).`,
        `Vous êtes connecté à Kitsu en tant que ${name} (${person.email}).`);
      find("go").textContent = say(`Log in as ${name}`, `Se connecter en tant que ${name}`);
      show("", { offer: true });
      hold();
    } catch {
      show(say("Kitsu does not answer. Load this page again.", "Kitsu ne répond pas. Rechargez cette page."));
    }
  }
  async function go() {
    asking = find("go").disabled = true;
    clearTimeout(held);
    try {
      const body = JSON.stringify({ code_challenge: wish.challenge });
      const { status, body: told } = await ask("auth/app-login/code",
        { method: "POST", headers: { "Content-Type": "application/json" }, body });
      if (status !== 201 || typeof told?.code !== "string") throw new Error(status);
      wish.back.search = new URLSearchParams({ code: told.code, state: wish.state });
      location.replace(wish.back);
    } catch (error) {
      asking = find("go").disabled = false;
      const missing = ["404", "405"].includes(error.message);
      show(missing
        ? say("This Kitsu is too old for this login: use e-mail and password in Kitsu Launcher.",
          "Ce Kitsu est trop ancien pour cette connexion : utilisez l’e-mail et le mot de passe dans Kitsu Launcher.")
        : say("Kitsu did not give a code. Load this page again, or log in to Kitsu again.",
          "Kitsu n’a pas donné de code. Rechargez cette page, ou reconnectez-vous à Kitsu."));
    }
  }

  document.documentElement.lang = french ? "fr" : "en";
  document.title = say("Kitsu Launcher: log in", "Kitsu Launcher : connexion");
  find("title").textContent = say("Log Kitsu Launcher in", "Connecter Kitsu Launcher");
  find("what").textContent = say("Kitsu Launcher on this machine then acts in Kitsu with your rights, for 15 days.",
    "Kitsu Launcher sur cette machine agira alors dans Kitsu avec vos droits, pendant 15 jours.");
  find("care").textContent = say("Go on only if you have just asked for this in Kitsu Launcher.",
    "Continuez seulement si vous venez de le demander dans Kitsu Launcher.");
  find("kitsu").textContent = say("Log in to Kitsu", "Se connecter à Kitsu");
  find("go").addEventListener("click", go);
  if (!wish) {
    show(say("Kitsu Launcher did not open this page. Press “Log in with Kitsu” there.",
      "Cette page n’a pas été ouverte par Kitsu Launcher. Cliquez-y sur « Se connecter avec Kitsu »."));
    return;
  }
  for (const event of ["focus", "blur", "pageshow"]) addEventListener(event, hold);
  document.addEventListener("visibilitychange", () => {
    hold();
    if (!document.hidden) look();
  });
  look();
})();
