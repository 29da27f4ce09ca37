/* Display only: the server asks the API what is due when the order is placed. */
document.addEventListener("giftweb:change", ({ detail }) => {
  document.getElementById("due").textContent =
    new Intl.NumberFormat("en-US", { style: "currency", currency: detail.currency }).format(detail.amountDue / 100);
});
