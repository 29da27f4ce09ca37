/* The hosted shop's card field: Stripe's own script takes the card, we get a name for it. */
(() => {
  const rest = () => document.querySelector("[data-secret]");
  const form = rest();
  if (!form || !window.Stripe) return;
  const { secret, key } = form.dataset;
  const stripe = window.Stripe(key);

  if (form.id === "prove") {
    stripe.confirmCardPayment(secret).then(() => form.submit());
    return;
  }
  const card = stripe.elements().create("card", { hidePostalCode: true });
  card.mount("#card-element");
  const chosen = () => new FormData(document.getElementById("rest")).get("method");
  const show = () => { document.getElementById("card-field").hidden = chosen() !== "card"; };
  const fail = (text) => {
    const place = document.getElementById("card-problem");
    place.textContent = text;
    place.hidden = false;
  };

  document.addEventListener("change", (event) => event.target.name === "method" && show());
  document.addEventListener("submit", async (event) => {
    if (event.target.id !== "rest" || chosen() !== "card" || event.target.setup.value) return;
    event.preventDefault();
    const { setupIntent, error } = await stripe.confirmCardSetup(secret, { payment_method: { card } });
    if (error) { fail(error.message || "The card was not accepted."); return; }
    event.target.setup.value = setupIntent.id;
    event.target.requestSubmit();
  });
  show();
})();
