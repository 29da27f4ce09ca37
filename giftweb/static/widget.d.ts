/* What <giftweb-checkout> is to TypeScript. Copy this file into your shop, or fetch /widget.d.ts. */

/** What is paid and what is left, in minor units; for display only: your server asks the API. */
export interface GiftwebChange {
  giftCardAmount: number;
  amountDue: number;
  /** ISO 4217, such as "USD". */
  currency: string;
  coverage: "none" | "part" | "full";
}

export interface GiftwebError {
  code: "unreachable" | "unknown_campaign" | "origin_not_allowed" | "checkout_closed";
}

export interface GiftwebEventMap {
  /** The cards are there; once for each token. */
  "giftweb:ready": CustomEvent<null>;
  "giftweb:change": CustomEvent<GiftwebChange>;
  "giftweb:error": CustomEvent<GiftwebError>;
}

export interface GiftwebCheckout extends HTMLElement {
  /** The checkout's client_token; without one nothing is drawn. */
  token: string | null;
  /** "en", "de", "fr", "es" or "pt"; without it the language of the page. */
  lang: string;
  /** Read the checkout again, after your server has changed the cart. */
  refresh(): void;
  addEventListener<K extends keyof GiftwebEventMap>(
    type: K,
    listener: (this: GiftwebCheckout, event: GiftwebEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof GiftwebEventMap>(
    type: K,
    listener: (this: GiftwebCheckout, event: GiftwebEventMap[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** The attributes of the element, for the JSX types of React and others. */
export interface GiftwebCheckoutAttributes {
  token?: string;
  "frame-title"?: string;
}

declare global {
  interface HTMLElementTagNameMap {
    "giftweb-checkout": GiftwebCheckout;
  }
  interface HTMLElementEventMap extends GiftwebEventMap {}
}
