// The dashboard's script: asks for a page's parts again while it is seen, sends its buttons, filters its lists.
// Every request is short and nothing is held open: a browser has six connections to us, and clicks need them.
"use strict";
(() => {
  const SOON_MS = 1000; // while something is unfinished
  const LATER_MS = 8000;
  const FOCUSABLE = "a, button, input:not([type=hidden]), summary, [tabindex]";
  const find = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const words = find("#said").dataset;
  const page = find("main.desk");
  const parse = (html) => new DOMParser().parseFromString(html, "text/html").body;
  let timer = 0;
  let failures = 0;

  function say(text) {
    const said = find("#said");
    said.textContent = "";
    requestAnimationFrame(() => { said.textContent = text; });
  }

  // -- parts that change --------------------------------------------------------------------------------------------
  // What the server said last is kept beside each part: only where it says something else the page is touched, so that
  // an open fold, a half-written path and the keyboard's place stay.
  const said = new Map(all("[data-part]").map((part) => [part, part.cloneNode(true)]));
  const ownText = (node) => [...node.childNodes].map((n) => (n.nodeType === 3 ? n.data.trim() : "")).filter(Boolean).join("\n");
  const sameShell = (a, b) => a.cloneNode(false).isEqualNode(b.cloneNode(false)) && ownText(a) === ownText(b);

  function patch(live, old, fresh) {
    if (old.isEqualNode(fresh)) return live;
    if (!sameShell(old, fresh)) return swap(live, fresh);
    if (fresh.children.length && [...fresh.children].every((child) => child.dataset.key)) {
      patchKeyed(live, old, fresh);
      return live;
    }
    if (!fresh.children.length || old.children.length !== fresh.children.length) return swap(live, fresh);
    const [lives, olds] = [[...live.children], [...old.children]];
    [...fresh.children].forEach((child, i) => patch(lives[i], olds[i], child));
    return live;
  }
  function patchKeyed(live, old, fresh) {
    const before = new Map([...old.children].map((child, i) => [child.dataset.key, [child, live.children[i]]]));
    let cursor = live.firstElementChild;
    for (const child of [...fresh.children]) {
      const [was, now] = before.get(child.dataset.key) ?? [];
      before.delete(child.dataset.key);
      if (was && was.dataset.state !== child.dataset.state) say(child.dataset.said);
      const node = now ? patch(now, was, child) : document.importNode(child, true);
      if (now === cursor) cursor = node.nextElementSibling;
      else live.insertBefore(node, cursor);
    }
    for (const [, gone] of before.values()) gone.remove();
  }
  function swap(live, fresh) {
    const node = document.importNode(fresh, true);
    const place = live.contains(document.activeElement) ? all(FOCUSABLE, live).indexOf(document.activeElement) : -1;
    live.replaceWith(node);
    if (place >= 0) all(FOCUSABLE, node)[place]?.focus();
    return node;
  }
  function show({ parts, busy }) {
    for (const part of all("[data-part]")) {
      const html = parts[part.dataset.part];
      if (html === undefined) continue;
      const fresh = part.cloneNode(false);
      fresh.append(...parse(html).childNodes);
      const old = said.get(part);
      said.delete(part);
      said.set(patch(part, old, fresh.cloneNode(true)), fresh);
    }
    page.dataset.busy = busy ? "yes" : "no";
    filter();
  }
  async function look() {
    clearTimeout(timer);
    if (document.hidden) return;
    try {
      const answer = await fetch(page.dataset.live, { cache: "no-store", signal: AbortSignal.timeout(5000) });
      if (answer.status === 403) return location.reload(); // the session has ended: the page says how to enter
      if (!answer.ok) throw new Error(answer.status);
      show(await answer.json());
      failures = 0;
    } catch {
      failures += 1;
    }
    find("#away").hidden = failures < 3;
    clearTimeout(timer);
    timer = setTimeout(look, page.dataset.busy === "yes" || failures ? SOON_MS : LATER_MS);
  }
  if (page.dataset.live) {
    document.addEventListener("visibilitychange", look);
    timer = setTimeout(look, page.dataset.busy === "yes" ? SOON_MS : LATER_MS);
  }

  // -- buttons ------------------------------------------------------------------------------------------------------
  function complain(form, problem, tried = [], next = "") {
    const note = find(".note", form);
    const lines = [problem, ...tried, next].filter(Boolean).map((text) => {
      const line = document.createElement("span");
      line.className = "line";
      line.textContent = text.replaceAll("`", "");
      return line;
    });
    note.replaceChildren(...lines);
  }
  function tell(form, text, url) { // beside the button, where the launch itself is not on this page to be seen
    find(".told", form)?.remove();
    if (!url) return;
    const note = document.createElement("p");
    const link = document.createElement("a");
    note.className = "told";
    link.href = url;
    link.textContent = text;
    note.append(link);
    form.append(note);
  }
  async function send(form, button) {
    complain(form, "");
    tell(form, "", "");
    button.setAttribute("aria-busy", "true");
    try {
      const body = new URLSearchParams(new FormData(form, button));
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body, redirect: "manual" });
      const told = await answer.json();
      if (!answer.ok) return complain(form, told.error.problem, told.error.tried, told.error.next);
      if (form.dataset.act === "reload") return location.reload();
      say(told.said);
      tell(form, told.said, told.url);
      look();
    } catch {
      complain(form, words.silent);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
  document.addEventListener("submit", (event) => {
    if (event.target.matches("form[data-filter]")) event.preventDefault(); // its list is filtered already
    if (!event.target.matches("form[data-act]")) return;
    event.preventDefault();
    if (event.submitter.getAttribute("aria-busy") !== "true") send(event.target, event.submitter);
  });

  // -- finding in a list --------------------------------------------------------------------------------------------
  const wish = find("#find");
  function filter() {
    if (!wish) return;
    const asked = wish.value.toLowerCase().split(/\s+/).filter(Boolean);
    const rows = all("[data-find] .row");
    let hits = 0;
    for (const row of rows) {
      const text = `${row.dataset.row ?? ""} ${row.textContent}`.toLowerCase();
      const hit = asked.every((word) => text.includes(word));
      row.hidden = asked.length ? !hit : row.dataset.more !== undefined; // those are listed on a page of their own
      if (hit) hits += 1;
    }
    for (const group of all("[data-find] [data-group]")) group.hidden = !find(".row:not([hidden])", group);
    for (const rest of all("[data-find] [data-rest]")) rest.hidden = asked.length > 0;
    const note = asked.length ? words.hits.replace("{hits}", hits).replace("{all}", rows.length) : "";
    if (find("#found").textContent !== note) find("#found").textContent = note;
  }
  wish?.addEventListener("input", filter);
  filter(); // a reload keeps what was typed
  const field = wish ?? find("#search");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !field) return;
    if (event.key === "/" && !event.target.matches("input, select, textarea")) {
      event.preventDefault();
      field.focus();
      field.select();
    } else if (event.key === "Escape" && event.target === field) {
      field.value = "";
      field.dispatchEvent(new Event("input"));
    }
  });
})();
