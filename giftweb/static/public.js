// What the balance page adds to htmx: printing, and the shop's colour on the whole page.
// The page works without this file.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("has-script");
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) window.print();
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
