/* The page that takes a card: Stripe's own script holds the number and confirms the card. */
(() => {
  const form = document.querySelector("[data-secret]");
  const { secret, key } = form.dataset;
  const stripe = window.Stripe(key);

  if (form.id === "prove") {
    stripe.confirmCardPayment(secret).then(() => form.submit());
    return;
  }
  const card = stripe.elements().create("card", { hidePostalCode: true });
  card.mount("#card-element");
  form.addEventListener("submit", async (event) => {
    if (form.elements.confirmed.value) return;
    event.preventDefault();
    const { error } = await stripe.confirmCardSetup(secret, { payment_method: { card } });
    if (error) {
      const place = document.getElementById("card-problem");
      place.textContent = error.message || place.dataset.refused;
      place.hidden = false;
      return;
    }
    form.elements.confirmed.value = "yes";
    form.requestSubmit();
  });
})();
