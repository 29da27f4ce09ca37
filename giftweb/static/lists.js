// What the desk's lists add to plain links and checkboxes: arrows and j/k from row to row, x to
// choose one, and how many are chosen. Every list works without this file.
"use strict";
(() => {
  const rowsOf = () => [...document.querySelectorAll("#main .table tbody tr")].filter((row) => linkOf(row));
  const linkOf = (row) => row.querySelector("th a[href], td a[href]");
  const wantsKeys = () => document.getElementById("shortcuts-on")?.checked !== false;

  // A row is where its first link is: Enter opens it, as it opens any link.
  const go = (step) => {
    const rows = rowsOf();
    const at = rows.indexOf(document.activeElement.closest("tr"));
    const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
    if (!next) return false;
    const link = linkOf(next);
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
    return true;
  };
  const STEPS = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key, target } = event;
    if (document.querySelector("dialog[open]")) return;
    const inSearch = target.matches("[data-search], [data-everywhere]") && key === "ArrowDown";
    const inRow = target.closest("#main .table tbody tr");
    const typing = target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
    if (typing && !inSearch) return;
    const isLetter = key.length === 1;
    if (isLetter && !wantsKeys()) return;
    if (key === "x" && inRow) {
      inRow.querySelector(".choose input")?.click();
      return;
    }
    if (key === "X") return document.querySelector("[data-choose]")?.click();
    if (key === "b") {
      // What can be done with the chosen rows, or on a check page what was come for.
      const acts = document.querySelectorAll(".bulk button, #main .button-primary");
      return [...acts].find((one) => one.checkVisibility())?.focus();
    }
    if (!STEPS[key] || !(isLetter || inSearch || inRow)) return;
    if (go(STEPS[key])) event.preventDefault();
  });

  // Choosing rows: one box for all of the page, and the number beside what can be done with them.
  const boxesOf = (form) => [...document.querySelectorAll(`.choose input[form="${form}"]`)];
  const count = (form) => {
    const boxes = boxesOf(form);
    const chosen = boxes.filter((box) => box.checked).length;
    const words = document.querySelector(`#${form} .bulk-count`);
    if (words) words.textContent = words.dataset.words.replace("0", chosen);
    const all = document.querySelector(`[data-choose="${form}"]`);
    if (!all) return;
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  };
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-choose]")) {
      for (const box of boxesOf(target.dataset.choose)) box.checked = target.checked;
      count(target.dataset.choose);
    } else if (target.matches(".choose input[form]")) count(target.getAttribute("form"));
  });
  // A browser that comes back to the page brings the choices back, too.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll(".bulk")) count(form.id);
  });
})();
