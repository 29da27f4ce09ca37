// What public pages add to htmx: printing, the shop's colour on the whole page, an amount of one's own.
// The pages work without this file.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("has-script");
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) window.print();
  });
  // Whoever types an amount of their own has chosen another one than those of the list.
  document.addEventListener("input", ({ target }) => {
    const list = target.form?.querySelector("select[data-other]");
    if (list && list.dataset.other === target.name) list.value = target.value ? "other" : list.options[0].value;
  });
  const prove = async () => {
    const form = document.querySelector("[data-challenge]");
    if (form) (await import(form.dataset.proof)).prove(form);
  };
  document.addEventListener("DOMContentLoaded", prove);
  document.addEventListener("htmx:afterSwap", () => {
    prove();
    root.dataset.brand = document.getElementById("balance").dataset.brand;
  });
})();
