// Our pages' script: follows a launch, closes its tab, holds the yes button back, copies names, filters the debug page.
"use strict";
(() => {
  const POLL_MS = 500;
  const LATER_MS = 5000; // once it runs, nothing changes fast any more
  const SOON_MS = 10000;
  const HOLD_MS = 700;
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = find("#said").dataset; // every text that this script shows, in the page's language
  for (const [name, text] of [["--copy", words.copyWord], ["--copied", words.wasCopied]]) {
    document.documentElement.style.setProperty(name, JSON.stringify(text));
  }

  // An address with a key must not stay in the history, whatever page it led to.
  if (location.search) history.replaceState(null, "", location.pathname);

  // A yes counts only after the page has been in front for a moment: else a double click elsewhere could give it.
  let held = 0;
  function hold() {
    clearTimeout(held);
    const buttons = all("button[data-held]");
    for (const button of buttons) button.disabled = true;
    if (!document.hidden && document.hasFocus()) {
      held = setTimeout(() => buttons.forEach((button) => { button.disabled = false; }), HOLD_MS);
    }
  }
  addEventListener("focus", hold);
  addEventListener("blur", hold);
  addEventListener("pageshow", hold);
  document.addEventListener("visibilitychange", hold);

  function say(text) {
    const said = find("#said");
    said.textContent = "";
    requestAnimationFrame(() => { said.textContent = text; });
  }

  // -- copying ------------------------------------------------------------------------------------------------------
  function copyBySelection(text) {
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.append(area);
    const before = document.activeElement;
    area.select();
    const worked = document.execCommand("copy");
    area.remove();
    before?.focus();
    return worked;
  }
  async function copy(button) {
    const text = button.dataset.copy;
    let worked = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      worked = copyBySelection(text);
    }
    say((worked ? words.copied : words.notCopied).replace("{text}", () => text));
    if (!worked) return;
    button.classList.add("copied");
    setTimeout(() => button.classList.remove("copied"), 2000);
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (button) copy(button);
    const back = event.target.closest("a[data-back]");
    if (back) window.close(); // Kitsu is in the tab before; where closing is not allowed, the link itself leads back
  });

  // -- one launch ---------------------------------------------------------------------------------------------------
  const launch = find("#launch");
  if (launch) follow();

  function follow() {
    const path = launch.dataset.path;
    const shown = { status: null, body: null };
    let expires = performance.now() + 1000 * Number(launch.dataset.expires);
    let unfinished = launch.dataset.unfinished === "yes";
    let begun = launch.dataset.begun === "yes";
    let closes = launch.dataset.closes === "yes";
    let begunAt = performance.now();
    let failures = 0;
    let timer = 0;

    function close() {
      if (begun && closes) window.close();
    }
    function put(name, html) {
      if (shown[name] === html) return false;
      shown[name] = html;
      const parsed = new DOMParser().parseFromString(html, "text/html");
      for (const twin of all("noscript", parsed)) twin.remove();
      // Chromium complains of one where somebody is in a field already; login.js gives the focus where nobody is.
      for (const field of all("[autofocus]", parsed)) field.removeAttribute("autofocus");
      find(`#${name}`).replaceChildren(...parsed.body.childNodes);
      return true;
    }
    function show({ page, error }) {
      document.title = page.title;
      if (shown.status === null) { // the first answer mostly says what the page shows already
        shown.status = launch.dataset.mark === page.mark ? page.status : "";
        shown.body = launch.dataset.mark === page.mark ? page.body : "";
      }
      put("status", page.status);
      if (put("body", page.body)) {
        hold();
        filter();
      }
      if (page.begun && !begun) begunAt = performance.now();
      ({ unfinished, begun } = page);
      expires = performance.now() + 1000 * page.expires_s;
      closes &&= error === null && !page.wide && !page.stays; // what is to be read stays
      launch.classList.toggle("wide", page.wide);
      close();
    }
    async function look() {
      clearTimeout(timer);
      if (document.hidden || !unfinished) return;
      try {
        const options = { credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(5000) };
        const answer = await fetch(`${path}.json`, options);
        if (!answer.ok) throw new Error(answer.status);
        show(await answer.json());
        failures = 0;
      } catch {
        failures += 1;
      }
      find("#away").hidden = failures < 3;
      clearTimeout(timer);
      if (unfinished) timer = setTimeout(look, begun && performance.now() - begunAt > SOON_MS ? LATER_MS : POLL_MS);
    }
    async function answer(form, button) {
      const note = find(".note", form);
      const fields = new URLSearchParams(new FormData(form, button));
      note.textContent = "";
      try {
        // By fetch and not as a form: one page more in the history, and the tab could not close itself.
        const options = { method: "POST", body: fields, credentials: "omit", redirect: "manual" };
        const answered = await fetch(`${path}/answer`, options);
        if (answered.type !== "opaqueredirect") note.textContent = (await answered.json()).error.problem;
      } catch {
        note.textContent = words.silent;
      }
      look();
    }
    function count() {
      const clock = find("#clock");
      if (!clock) return;
      const left = Math.max(0, Math.round((expires - performance.now()) / 1000));
      clock.textContent = words.clock.replace("{time}", `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`);
    }

    document.addEventListener("submit", (event) => {
      if (!event.target.matches("form[data-answer]")) return;
      event.preventDefault();
      answer(event.target, event.submitter);
    });
    document.addEventListener("visibilitychange", look);
    document.addEventListener("look", () => { // a login was tried: the page no longer shows what the server says
      shown.status ??= "";
      shown.body ??= "";
      look();
    });
    setInterval(count, 500);
    count();
    close();
    timer = setTimeout(look, POLL_MS);
  }

  // -- the debug page's search --------------------------------------------------------------------------------------
  filter();

  function filter() {
    const search = find("#search");
    if (!search) return;
    const folds = all(".tree details");
    const before = folds.map((fold) => fold.open);
    const leaves = all(".tree .leaf").map((leaf) => ({ leaf, text: leaf.textContent.toLowerCase() }));
    let filtering = false;

    function apply() {
      const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      if (asked.length && !filtering) folds.forEach((fold, i) => { before[i] = fold.open; });
      let hits = 0;
      for (const { leaf, text } of leaves) {
        const hit = asked.every((word) => text.includes(word));
        leaf.hidden = !hit;
        if (hit) hits += 1;
      }
      folds.forEach((fold, i) => {
        const any = !asked.length || find(".leaf:not([hidden])", fold) !== null;
        fold.hidden = !any;
        fold.open = asked.length ? any : filtering ? before[i] : fold.open;
      });
      filtering = asked.length > 0;
      find("#hits").textContent = filtering ? words.hits.replace("{hits}", hits).replace("{all}", leaves.length) : "";
    }
    search.addEventListener("input", apply);
    if (search.value) apply(); // a reload keeps what was typed
  }
})();
