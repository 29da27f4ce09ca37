/* <giftweb-checkout token="..."></giftweb-checkout>: puts the gift-card frame into a shop's page.
   A classic script and a module alike. The frame lies in a shadow root: what the page has put into
   the element stays as it is, whatever draws the page. The frame's messages size it and are passed
   on as events; they carry no authority: the shop's server reads the checkout from the API.
   A released version never changes; see docs/contributing.md. */
(() => {
  if (!globalThis.customElements || customElements.get("giftweb-checkout")) return;

  // A module does not know the address that it came from, but a stack begins with it.
  const address = document.currentScript?.src || /https?:\/\/[^/\s]+/.exec(new Error().stack)[0];
  const origin = new URL(address).origin;
  const RESERVED = 176, PATIENCE = 20_000, GRACE = 1_000;
  const THEME = ["accent", "on-accent", "text", "background", "line", "radius", "font"];
  const WORDS = {
    en: ["Gift card", "The gift card field cannot be loaded.", "Try again"],
    de: ["Gutschein", "Das Gutscheinfeld kann nicht geladen werden.", "Erneut versuchen"],
    fr: ["Carte cadeau", "Le champ de la carte cadeau ne peut pas être chargé.", "Réessayer"],
    es: ["Tarjeta regalo", "No se puede cargar el campo de la tarjeta regalo.", "Reintentar"],
    pt: ["Cartão-presente", "Não é possível carregar o campo do cartão-presente.", "Tentar de novo"],
  };
  const WHY = {
    unreachable: "giftweb did not answer",
    unknown_campaign: "the token is of no campaign that giftweb knows",
    origin_not_allowed: `${location.origin} is not among the addresses of the campaign's shop pages`,
  };

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block }
    :host([hidden]) { display: none }
    iframe { display: block; width: 100%; height: ${RESERVED}px; border: 0; visibility: hidden }
    iframe.here { visibility: visible }
    p { margin: 0; padding-block: 1em }
    button { font: inherit }
  `);

  class GiftwebCheckout extends HTMLElement {
    static observedAttributes = ["token", "lang"];

    #root = this.attachShadow({ mode: "open" });
    #frame = null;
    #isReady = false;
    #drawn = "";
    #timer = 0;
    #hear = (event) => this.#heard(event);

    constructor() {
      super();
      this.#root.adoptedStyleSheets = [sheet];
    }

    connectedCallback() {
      // A framework may have set the property before the element was defined.
      if (Object.hasOwn(this, "token")) {
        const { token } = this;
        delete this.token;
        this.token = token;
      }
      window.addEventListener("message", this.#hear);
      this.#draw();
      // A style sheet of the shop may come after this script.
      if (document.readyState !== "complete") window.addEventListener("load", () => this.#paint(), { once: true });
    }

    disconnectedCallback() {
      window.removeEventListener("message", this.#hear);
      this.#clear();
    }

    attributeChangedCallback(_name, before, after) {
      if (this.isConnected && before !== after) this.#draw();
    }

    get token() {
      return this.getAttribute("token");
    }

    set token(token) {
      if (token == null) this.removeAttribute("token");
      else this.setAttribute("token", token);
    }

    /* Have the frame read the checkout again, after the shop has changed the cart. */
    refresh() {
      if (!this.#frame) return this.#draw();
      this.#paint();
      this.#say({ type: "giftweb:refresh" });
    }

    #clear() {
      clearTimeout(this.#timer);
      this.#frame = null;
      this.#isReady = false;
      this.#root.replaceChildren();
    }

    #draw() {
      this.#clear();
      const token = this.token;
      if (!token || !this.isConnected) return;
      const theme = this.#drawn = this.#theme();
      const lang = this.#lang;
      const rest = (theme === "&scheme=light" ? "" : theme) + (lang && `&lang=${lang}`);
      const query = rest && `?${rest.slice(1)}`;
      const frame = document.createElement("iframe");
      frame.title = this.getAttribute("frame-title") || this.#texts[0];
      frame.src = `${this.#base}/${query}#${token}`;
      frame.style.colorScheme = this.#scheme;
      // Whatever is loaded without a word is the browser's page about an error, not ours.
      frame.addEventListener("load", () => this.#await(frame, GRACE));
      this.#await(frame, PATIENCE);
      this.#frame = frame;
      this.#root.replaceChildren(frame);
    }

    #await(frame, time) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#miss(frame), time);
    }

    async #miss(frame) {
      const isMissing = () => frame === this.#frame && !frame.classList.contains("here");
      if (!isMissing()) return;
      const code = await this.#why();
      if (!isMissing()) return;
      this.#clear();
      this.#root.replaceChildren(this.#words());
      console.warn(`<giftweb-checkout>: ${code}: ${WHY[code]}.`);
      this.#fire("giftweb:error", { code });
    }

    async #why() {
      try {
        const asked = `${this.#base}/origin?is=${encodeURIComponent(location.origin)}`;
        const { status } = await fetch(asked, { signal: AbortSignal.timeout(5_000) });
        return { 403: "origin_not_allowed", 404: "unknown_campaign" }[status] || "unreachable";
      } catch {
        return "unreachable";
      }
    }

    #words() {
      const words = document.createElement("p"), again = document.createElement("button");
      words.setAttribute("role", "alert");
      again.type = "button";
      const [, missing, retry] = this.#texts;
      again.textContent = retry;
      again.addEventListener("click", () => this.#draw());
      words.append(`${missing} `, again);
      return words;
    }

    /* The element's own language, else the page's: of those that we have. */
    get #lang() {
      const tag = this.getAttribute("lang") || document.documentElement.lang;
      const lang = tag.slice(0, 2).toLowerCase();
      return /^[a-z]{2}(-|$)/i.test(tag) && WORDS[lang] ? lang : "";
    }

    get #texts() {
      return WORDS[this.#lang] || WORDS.en;
    }

    get #base() {
      return `${origin}/widget/${encodeURIComponent(this.token.split(".")[0])}`;
    }

    #paint() {
      if (this.#frame) this.#frame.style.colorScheme = this.#scheme;
      this.#drawn = this.#theme();
      this.#say({ type: "giftweb:theme", theme: this.#drawn });
    }

    #say(message) {
      if (this.#frame?.classList.contains("here")) this.#frame.contentWindow.postMessage(message, origin);
    }

    /* Light or dark as the shop's page is, which need not be what the shopper's system prefers. */
    get #scheme() {
      return getComputedStyle(this).colorScheme.replace("normal", "light");
    }

    #theme() {
      const style = getComputedStyle(this);
      return [["scheme", this.#scheme], ...THEME.map((name) => [name, style.getPropertyValue(`--giftweb-${name}`).trim()])]
        .filter(([, value]) => value)
        .map(([name, value]) => `&${name}=${encodeURIComponent(value)}`)
        .join("");
    }

    #heard(event) {
      const frame = this.#frame;
      if (event.origin !== origin || !frame || event.source !== frame.contentWindow) return;
      const { type, height, detail } = event.data || {};
      if (type === "giftweb:here") {
        frame.classList.add("here");
        clearTimeout(this.#timer);
      } else if (type === "giftweb:size" && Number.isFinite(height)) {
        frame.style.height = `${Math.min(Math.max(height, RESERVED), 4000)}px`;
        // Before this first word the frame's script did not listen.
        if (this.#theme() !== this.#drawn) this.#paint();
      } else if (type === "giftweb:change") {
        if (!this.#isReady) this.#fire("giftweb:ready");
        this.#isReady = true;
        this.#fire(type, detail);
      } else if (type === "giftweb:error") {
        this.#fire(type, { code: detail?.code });
      }
    }

    #fire(type, detail) {
      this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
    }
  }

  customElements.define("giftweb-checkout", GiftwebCheckout);
})();
