// What the balance page adds to htmx: printing, the shop's colour on the whole page, and a code that
// a link or a QR code has brought in the fragment, which no server reads.
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
  let wallet = null;
  const carried = () => {
    const brought = new URLSearchParams(location.hash.slice(1));
    const code = brought.get("gift-card");
    const field = document.getElementById("code");
    if (!code || !field) return;
    history.replaceState(null, "", location.pathname + location.search);
    wallet = brought.get("wallet");
    field.value = code;
    field.form.requestSubmit();
  };
  document.addEventListener("DOMContentLoaded", prove);
  // After htmx, which takes the form over at the same moment.
  document.addEventListener("DOMContentLoaded", () => setTimeout(carried));
  const offline = (is) => {
    const words = document.getElementById("offline");
    if (words) words.hidden = !is;
  };
  document.addEventListener("htmx:sendError", () => offline(true));
  document.addEventListener("htmx:beforeRequest", () => offline(false));
  document.addEventListener("htmx:afterSwap", () => {
    prove();
    if (wallet) {
      document.querySelector(`[formaction$="/wallets/${CSS.escape(wallet)}"]`)?.focus();
      wallet = null;
    }
    root.dataset.brand = document.getElementById("balance").dataset.brand;
  });
})();
