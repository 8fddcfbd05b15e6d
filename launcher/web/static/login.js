// Logging in on a click's own page. The form is sent without leaving the page: one page more in the history, and the
// tab could not close itself when the click goes on. What has become of it, the page's own look tells.
"use strict";
(() => {
  const body = document.querySelector("#body");
  const words = document.querySelector("#said").dataset;
  let going = false;

  async function send(form, button) {
    const note = form.querySelector(".note");
    note.textContent = "";
    going = true;
    button?.setAttribute("aria-busy", "true");
    try {
      const fields = new URLSearchParams(new FormData(form, button));
      const options = { method: "POST", body: fields, credentials: "omit", redirect: "manual" };
      const answer = await fetch(form.getAttribute("action"), options);
      if (answer.type !== "opaqueredirect") note.textContent = (await answer.json()).error.problem;
    } catch {
      note.textContent = words.silent;
    } finally {
      going = false;
      button?.removeAttribute("aria-busy");
    }
    document.dispatchEvent(new Event("look"));
  }
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-login]")) return;
    event.preventDefault();
    if (!going) send(event.target, event.submitter);
  });

  // A form that has just come takes the keyboard: nothing else is to be done on this page.
  function focus() {
    const form = document.querySelector("form[data-login]");
    if (!form || (document.activeElement && document.activeElement !== document.body)) return;
    const fields = [...form.querySelectorAll("input:not([type=hidden], [type=radio])")];
    (fields.find((field) => !field.value) ?? fields.at(-1))?.focus();
  }
  new MutationObserver(focus).observe(body, { childList: true });
  focus();
})();
