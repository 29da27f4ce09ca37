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
      // A style sheet of the shop may come after this script.
      if (document.readyState !== "complete") window.addEventListener("load", () => this.paint(), { once: true });
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
      this.paint();
      this.say({ type: "giftweb:refresh" });
    }

    paint() {
      this.firstElementChild?.style.setProperty("color-scheme", this.scheme);
      this.say({ type: "giftweb:theme", theme: this.theme() });
    }

    say(message) {
      this.firstElementChild?.contentWindow.postMessage(message, origin);
    }

    draw() {
      const token = this.getAttribute("token") || "";
      const campaign = encodeURIComponent(token.split(".")[0]);
      const theme = this.theme();
      const query = theme === "&scheme=light" ? "" : `?${theme.slice(1)}`;
      const frame = document.createElement("iframe");
      frame.title = this.getAttribute("frame-title") || "Gift card";
      frame.src = `${origin}/widget/${campaign}/${query}#${token}`;
      frame.style.cssText = `display:block;width:100%;height:${RESERVED}px;border:0;color-scheme:${this.scheme}`;
      frame.setAttribute("allowtransparency", "true");
      this.replaceChildren(frame);
    }

    /* Light or dark as the shop's page is, which need not be what the shopper's system prefers. */
    get scheme() {
      return getComputedStyle(this).colorScheme.replace("normal", "light");
    }

    theme() {
      const style = getComputedStyle(this);
      return [["scheme", this.scheme], ...THEME.map((name) => [name, style.getPropertyValue(`--giftweb-${name}`).trim()])]
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
