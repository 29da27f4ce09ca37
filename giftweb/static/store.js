// Whoever types an amount of their own has chosen another one than those of the list.
// The page works without this file: it asks then.
"use strict";
document.addEventListener("input", ({ target }) => {
  const list = target.form.querySelector("select[data-other]");
  if (list && list.dataset.other === target.name) list.value = target.value ? "other" : list.options[0].value;
});
