// The list of working files: filters it while she types, and opens the fold of older ones where they have what she looks for.
"use strict";
(() => {
  const search = document.querySelector("#find");
  if (!search) return;
  const found = document.querySelector("#found");
  const words = document.querySelector("#said").dataset; // every text that this script shows, in the page's language
  const fold = document.querySelector("#older");
  const files = [...document.querySelectorAll("[data-file]")].map((row) => ({
    row,
    text: row.querySelector(".what").textContent.toLowerCase(),
    older: fold?.contains(row) ?? false,
  }));
  let wasOpen = false;
  let filtering = false;

  function apply() {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (fold && asked.length && !filtering) wasOpen = fold.open;
    let hits = 0;
    let olderHits = 0;
    for (const { row, text, older } of files) {
      const hit = asked.every((word) => text.includes(word));
      if (row.hidden === hit) row.hidden = !hit;
      if (hit) hits += 1;
      if (hit && older) olderHits += 1;
    }
    if (fold) {
      fold.hidden = asked.length > 0 && olderHits === 0;
      if (asked.length) fold.open = olderHits > 0;
      else if (filtering) fold.open = wasOpen;
    }
    filtering = asked.length > 0;
    found.textContent = filtering ? words.hits.replace("{hits}", hits).replace("{all}", files.length) : "";
  }
  search.addEventListener("input", apply);
  search.form.addEventListener("submit", (event) => event.preventDefault()); // it is filtered already
  if (search.value && files.length) apply();
})();
