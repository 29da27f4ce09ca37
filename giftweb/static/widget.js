/* <giftweb-checkout token="..."></giftweb-checkout>: puts the gift-card frame into a shop's page.
   The frame's messages size it and are passed on as the event giftweb:change; they carry no
   authority: the shop's server reads the checkout from the API. */
(() => {
  const origin = new URL(document.currentScript.src).origin;
  const RESERVED = 176;
  const THEME = ["accent", "on-accent", "text", "background", "line", "radius", "font"];

  class GiftwebCheckout extends HTMLElement {
    static observedAttributes = ["token"];

    connectedCallback() {
      this.style.display ||= "block";
      this.listener = (event) => this.hear(event);
      window.addEventListener("message", this.listener);
      this.draw();
    }

    disconnectedCallback() {
      window.removeEventListener("message", this.listener);
      this.replaceChildren();
    }

    attributeChangedCallback() {
      if (this.isConnected && this.listener) this.draw();
    }

    /* Ask the frame to read the checkout again, after the shop has changed the cart. */
    refresh() {
      this.firstElementChild?.contentWindow.postMessage({ type: "giftweb:refresh" }, origin);
    }

    draw() {
      const token = this.getAttribute("token") || "";
      const campaign = encodeURIComponent(token.split(".")[0]);
      const frame = document.createElement("iframe");
      frame.title = this.getAttribute("frame-title") || "Gift card";
      frame.src = `${origin}/widget/${campaign}/#${token}${this.theme()}`;
      frame.style.cssText = `display:block;width:100%;height:${RESERVED}px;border:0;color-scheme:normal`;
      frame.setAttribute("allowtransparency", "true");
      this.replaceChildren(frame);
    }

    theme() {
      const style = getComputedStyle(this);
      return THEME.map((name) => [name, style.getPropertyValue(`--giftweb-${name}`).trim()])
        .filter(([, value]) => value)
        .map(([name, value]) => `&${name}=${encodeURIComponent(value)}`)
        .join("");
    }

    hear(event) {
      const frame = this.firstElementChild;
      if (event.origin !== origin || event.source !== frame?.contentWindow) return;
      const { type, height, detail } = event.data || {};
      if (type === "giftweb:size" && Number.isFinite(height)) {
        frame.style.height = `${Math.min(Math.max(height, RESERVED), 4000)}px`;
      } else if (type === "giftweb:change") {
        this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
      }
    }
  }

  if (!customElements.get("giftweb-checkout")) {
    customElements.define("giftweb-checkout", GiftwebCheckout);
  }
})();
