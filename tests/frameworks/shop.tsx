/* A shop's checkout in React: two carts, the widget, and what is left to pay. */
import { useCallback, useState } from "react";
import { GiftCards } from "./GiftCards";
import type { GiftwebChange } from "./widget";

export function Shop({ tokens }: { tokens: string[] }) {
  const [cart, setCart] = useState(0);
  const [isThere, setThere] = useState(true);
  const [due, setDue] = useState("?");
  const change = useCallback((now: GiftwebChange) => setDue(`${now.amountDue} ${now.currency}`), []);
  return (
    <main>
      <h1>Checkout</h1>
      <button onClick={() => setCart(1 - cart)}>Other cart</button>
      <button onClick={() => setThere(!isThere)}>Show or hide</button>
      {isThere && (
        <GiftCards token={tokens[cart]} onChange={change}>
          <p>Cart {cart}, due {due}</p>
        </GiftCards>
      )}
      <p id="due">Due: {due}</p>
    </main>
  );
}
