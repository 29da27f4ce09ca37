// Buying a gift card: an amount of one's own and the listed ones take each other's place, and the
// browser's time zone is the first guess. The page works without this file.
"use strict";
(() => {
  document.addEventListener("input", ({ target }) => {
    const form = target.form;
    if (!form) return;
    const other = form.querySelector('input[name="choice"][value="other"]');
    if (target.name === "amount" && other) {
      if (target.value) other.checked = true;
      else form.querySelector('input[name="choice"]').checked = true;
    }
    if (target.name === "choice" && target.value !== "other" && form.elements.amount) form.elements.amount.value = "";
    if (target === other) form.elements.amount.focus();
  });
  document.addEventListener("DOMContentLoaded", () => {
    const field = document.querySelector('[data-guess="zone"]');
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const isUntouched = field && !field.form.elements.deliver_on.value && field.value === field.defaultValue;
    if (isUntouched && own && document.querySelector(`#time-zones option[value="${CSS.escape(own)}"]`)) field.value = own;
  });
})();
