/* Inside the widget's frame: holds the token, asks for the cards, checks a code as soon as it is
   whole, and tells the shop's page its size and totals. */
(() => {
  const frame = document.querySelector(".widget-frame");
  const token = location.hash.slice(1);
  const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const KINDS = { digits: /^[0-9]*$/, letters: /^[A-Z]*$/, alphanumeric: /^[0-9A-Z]*$/ };
  const OURS = "alphanumeric:15", PAUSE = 1_000;
  const formats = [OURS, ...frame.dataset.formats.split(" ").filter(Boolean)].map((name) => {
    const [kind, length] = name.split(":");
    return { isOurs: name === OURS, kind: KINDS[kind], length: +length };
  });

  const RULES = {
    accent: "color", "on-accent": "color", text: "color", background: "color", line: "color",
    radius: "border-radius", font: "font-family", scheme: "color-scheme",
  };
  const paint = (theme) => {
    for (const [name, value] of new URLSearchParams(theme)) {
      if (RULES[name] && CSS.supports(RULES[name], value)) {
        document.documentElement.style.setProperty(name === "scheme" ? RULES[name] : `--${name}`, value);
      }
    }
  };
  // The server has written the plain ones into the page already.
  if (token) paint(location.search);

  // frame-ancestors lets only the campaign's own pages be the parent; nothing secret is said.
  const say = (message) => parent !== window && parent.postMessage(message, "*");

  const fail = (code) => say({ type: "giftweb:error", detail: { code } });

  // A cart that has expired has no totals; one that is over has them still.
  const tell = () => {
    const { giftCardAmount, amountDue, currency, coverage, closed } = document.getElementById("cards").dataset;
    if (currency) {
      say({
        type: "giftweb:change",
        detail: { giftCardAmount: +giftCardAmount, amountDue: +amountDue, currency, coverage },
      });
    }
    if (!currency || closed !== undefined) fail("checkout_closed");
  };

  const offline = (is) => {
    document.getElementById("offline").hidden = !is;
    if (is) fail("unreachable");
  };

  // Somebody may be typing: the field stays what it is, and the rest comes around it.
  const put = (html) => {
    const old = document.getElementById("cards");
    const answer = document.createRange().createContextualFragment(html);
    const made = answer.firstElementChild, news = answer.querySelector("#said");
    if (news) document.getElementById("said").textContent = news.textContent;
    const [field, place] = [old, made].map((cards) => cards.querySelector(".gift-form"));
    if (!field || !place || field.querySelector("[aria-invalid]")) return old.replaceWith(made);
    Object.assign(old.dataset, made.dataset);
    for (const node of [...old.childNodes]) if (node !== field) node.remove();
    const nodes = [...made.childNodes], at = nodes.indexOf(place);
    field.before(...nodes.slice(0, at));
    field.after(...nodes.slice(at + 1));
  };

  const load = async () => {
    const headers = { "X-Checkout-Token": token, "HX-Request": "true" };
    try {
      const answer = await fetch(frame.dataset.url, { method: "POST", headers });
      const isMeant = answer.ok || answer.status === 409;
      if (isMeant) put(await answer.text());
      window.htmx?.process(document.getElementById("cards"));
      offline(!isMeant);
      if (isMeant) tell();
    } catch {
      offline(true);
    }
  };

  // The cards come first. htmx takes longer to read than all the rest together, so it is brought
  // when they are drawn; whoever was faster waits for it.
  let held;
  const bring = () => {
    const script = document.createElement("script");
    script.src = document.querySelector("[data-htmx]").dataset.htmx;
    script.addEventListener("load", () => held?.requestSubmit());
    document.head.append(script);
  };
  document.addEventListener("submit", (event) => {
    if (!token || window.htmx) return;
    event.preventDefault();
    held = event.target;
  });

  document.body.addEventListener("htmx:configRequest", (event) => {
    if (token) event.detail.headers["X-Checkout-Token"] = token;
  });
  document.body.addEventListener("htmx:sendError", () => offline(true));
  document.body.addEventListener("htmx:afterRequest", (event) => event.detail.xhr.status && offline(false));
  const prove = async () => {
    const form = document.querySelector("[data-challenge]");
    if (form) (await import(form.dataset.proof)).prove(form);
  };
  document.addEventListener("DOMContentLoaded", prove);
  document.body.addEventListener("htmx:afterSwap", ({ target }) => {
    // What is read aloud is swapped beside the cards.
    if (target.id !== "cards") return;
    tell();
    prove();
    const wrong = document.querySelector("[aria-invalid]");
    if (wrong) wrong.focus();
  });
  document.getElementById("again").addEventListener("click", () => token ? load() : location.reload());

  // The check character of our own codes: the weighted sum of the others over GF(32).
  const isOurs = (code) => {
    const plain = code.replace(/O/g, "0").replace(/[IL]/g, "1");
    let sum = 0;
    for (let place = 0; place < 14; place++) {
      let value = ALPHABET.indexOf(plain[place]);
      if (value < 0) return false;
      for (let time = 0; time <= place; time++) value = value & 16 ? (value << 1) ^ 37 : value << 1;
      sum ^= value;
    }
    return ALPHABET[sum] === plain[14];
  };

  // Typing or pasting the last character is enough: the check runs by itself (S36). Where codes of
  // another shop may go on, a shorter one that can be whole waits for a pause.
  let checked = "", pause;
  const check = (field) => {
    clearTimeout(pause);
    const code = field.value.replace(/[^0-9a-z]/gi, "").toUpperCase(), isNew = code !== checked;
    checked = code;
    const fitting = formats.filter(({ kind, length }) => length >= code.length && kind.test(code));
    const goesOn = fitting.some(({ length }) => length > code.length);
    const isWhole = fitting.some((format) => format.length === code.length && !(format.isOurs && goesOn && !isOurs(code)));
    if (!isNew || !isWhole) return;
    if (goesOn) pause = setTimeout(() => field.form?.requestSubmit(), PAUSE);
    else field.form.requestSubmit();
  };
  document.body.addEventListener("submit", () => clearTimeout(pause));
  // The code applies itself, and the field is empty then: whoever presses Apply all the same is not
  // scolded, but led back to the field.
  document.addEventListener("submit", (event) => {
    const code = event.target.querySelector("#code");
    if (!code || code.value.trim()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    code.focus();
  }, true);
  document.body.addEventListener("input", ({ target }) => {
    if (target.id !== "code") return;
    // What was said of the code before is not said of the next.
    if (!document.querySelector("[data-challenge]")) {
      target.removeAttribute("aria-invalid");
      target.setAttribute("aria-describedby", "policy");
      document.getElementById("wrong")?.remove();
    }
    check(target);
  });
  document.addEventListener("DOMContentLoaded", () => {
    const typedBefore = document.querySelector("#code:not([aria-invalid])");
    if (typedBefore) check(typedBefore);
  });

  window.addEventListener("message", (event) => {
    if (event.source !== parent) return;
    if (event.data?.type === "giftweb:refresh") load();
    if (event.data?.type === "giftweb:theme") paint(event.data.theme);
  });
  new ResizeObserver(() => say({ type: "giftweb:size", height: Math.ceil(frame.getBoundingClientRect().height) }))
    .observe(frame);

  const isDrawn = document.getElementById("cards").dataset.currency !== undefined;
  const drawn = token ? load() : isDrawn && tell();
  // Not before the page is complete: htmx would wait for a beginning that is over. A deferred script
  // like this one always runs before that.
  if (!window.htmx) window.addEventListener("load", () => Promise.resolve(drawn).then(bring), { once: true });
})();
