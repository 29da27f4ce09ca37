// Passkeys on the sign-in and account pages. A form with data-passkey carries what the browser is
// to be asked; the answer goes into the form's field and the form is sent as any other.
"use strict";
(() => {
  const asked = {
    enter: (options) =>
      navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) }),
    add: (options) =>
      navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  };
  const knows = Boolean(window.PublicKeyCredential?.parseRequestOptionsFromJSON);
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = !knows;
    const told = form.querySelector("[role=status]");
    form.addEventListener("submit", async (event) => {
      const answer = form.elements.answer;
      if (answer.value) return;
      event.preventDefault();
      told.textContent = "";
      try {
        const made = await asked[form.dataset.passkey](JSON.parse(form.dataset.options));
        answer.value = JSON.stringify(made.toJSON());
        form.requestSubmit();
      } catch (error) {
        const { there, closed, failed } = told.dataset;
        told.textContent = { InvalidStateError: there, NotAllowedError: closed }[error.name] || failed;
      }
    });
  }
  for (const note of document.querySelectorAll("[data-without-passkeys]")) note.hidden = knows;
})();
