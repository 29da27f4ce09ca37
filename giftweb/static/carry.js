// A gift card's code that a link has brought in the fragment (#gift-card=...), which no server reads.
// This tab keeps it until the payment, where it is put into the field and applied like a typed one.
// It prints a page, too. The shop works without this file: the code is typed then.
"use strict";
(() => {
  const KEPT = "giftweb-code";
  const code = new URLSearchParams(location.hash.slice(1)).get("gift-card");
  if (code) {
    history.replaceState(null, "", location.pathname + location.search);
    sessionStorage.setItem(KEPT, code.slice(0, 64));
  }
  document.documentElement.classList.add("has-script");
  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-print]")) window.print();
  });
  const kept = sessionStorage.getItem(KEPT);
  if (!kept) return;
  document.addEventListener("DOMContentLoaded", () => {
    const field = document.querySelector(".gift-form #code");
    const note = document.getElementById("carried");
    if (field) {
      sessionStorage.removeItem(KEPT);
      if (field.value) return;
      field.value = kept;
      // As if it were typed: the field's own script checks it.
      setTimeout(() => field.dispatchEvent(new Event("input", { bubbles: true })));
    } else if (note) {
      note.querySelector("[data-last4]").textContent = kept.slice(-4).toUpperCase();
      note.hidden = false;
    }
  });
})();
