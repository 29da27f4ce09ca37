// What the desk adds to htmx: the panel dialog, toasts, keys, search as you type, copying.
// Every page works without this file; it only saves a page jump or a reach for the mouse.
"use strict";
(() => {
  const root = document.documentElement;
  const find = (selector, within = document) => within.querySelector(selector);
  const panel = find("#panel");
  const toasts = find("#toasts");
  root.classList.add("has-script");

  // A panel that is a page of its own posts plainly: there is no page behind it to redraw.
  for (const form of document.querySelectorAll("main .panel form[hx-target='#panel']")) form.removeAttribute("hx-post");

  // Focus stays where it was when what it stood on is drawn again: on the same control, or else on
  // the nearest of the parts that it stood in. Nothing scrolls for it.
  const placeOf = (node) => {
    const around = [];
    for (let each = node; each; each = each.parentElement) if (each.id) around.push(each.id);
    return { node, around };
  };
  const isLike = (node, other) =>
    node.hasAttribute("hx-get")
      ? node.getAttribute("hx-get") === other.getAttribute("hx-get")
      : node.name === other.name && node.textContent === other.textContent;
  const comeBack = ({ node, around }) => {
    const part = around.map((id) => document.getElementById(id)).find((each) => each) || find("#main");
    const like = [...part.querySelectorAll(node.tagName)].find((other) => isLike(node, other));
    const goal = node.isConnected ? node : like || part;
    if (goal === part && goal.tabIndex < 0) goal.tabIndex = -1;
    goal.focus({ preventScroll: true });
  };
  const stood = new WeakMap(); // request -> where the focus was when it was made
  document.addEventListener("htmx:beforeRequest", ({ detail }) => {
    if (document.activeElement !== document.body) stood.set(detail.xhr, placeOf(document.activeElement));
  });
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    // What stands in the first field is only a proposal: who types replaces it.
    if (detail.target === panel && document.activeElement.matches("input")) document.activeElement.select();
    if (document.activeElement !== document.body || !stood.has(detail.xhr)) return;
    const within = find("dialog[open]");
    const wrong = find("[aria-invalid=true]", detail.elt);
    if (wrong) wrong.focus();
    else if (within) find("h2", within)?.focus();
    else comeBack(stood.get(detail.xhr));
  });

  // The panel: whatever htmx puts into it opens it. A request from inside that succeeds and lands
  // elsewhere closes it; an error from inside stays inside, so that nothing typed is lost.
  let opener = null;
  const landed = new WeakSet(); // requests whose answer went into the panel
  const restore = () => {
    if (opener) comeBack(opener);
    toasts.append(...panel.querySelectorAll(".toast"));
    panel.replaceChildren();
  };
  panel?.addEventListener("close", restore);
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    const within = detail.requestConfig.elt.closest("#panel");
    if (within && detail.isError && detail.target.id === "problem") detail.target = find(".problem", within) || within;
    if (panel?.contains(detail.target)) landed.add(detail.xhr);
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target !== panel || panel.open) return;
    opener = placeOf(detail.requestConfig.elt);
    panel.showModal();
    // Its title names the dialog; who opened it wants the first field.
    if (!find("[autofocus]", panel)) find(".input", panel)?.focus();
  });
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const { elt, successful, xhr } = detail;
    if (panel?.open && successful && panel.contains(elt) && !landed.has(xhr)) panel.close();
  });

  // Toasts: {"toast": {"text": "Sent.", "undo": "/address"}} in HX-Trigger, or just a text.
  const token = () => find("[name=csrf_token]")?.value;
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  const toast = (text, undo, link) => {
    const line = document.createElement("div");
    const words = document.createElement("bdi");
    words.textContent = text;
    line.className = "toast";
    line.append(words);
    const undone = () => {
      find("#main").focus({ preventScroll: true });
      line.remove();
      htmx.ajax("POST", undo, { target: "#main", swap: "none", values: { csrf_token: token() } });
    };
    if (link) {
      const leads = document.createElement("a");
      leads.href = link.href;
      leads.textContent = link.text;
      line.append(leads);
    }
    if (undo) line.append(button(toasts.dataset.undo, undone));
    // The latest news takes the place of older news; what can be undone stays for its time.
    for (const old of document.querySelectorAll(".toast:not([data-undo], :focus-within)")) old.remove();
    line.toggleAttribute("data-undo", Boolean(undo));
    line.append(button(toasts.dataset.close, () => line.remove()));
    // Behind an open dialog nothing is seen or read aloud: then the toast stands in the dialog.
    (find("dialog[open] .problem") || toasts).append(line);
    const leave = () => (line.matches(":hover, :focus-within") ? setTimeout(leave, 2000) : line.remove());
    setTimeout(leave, 8000);
  };
  document.addEventListener("toast", ({ detail }) => toast(detail.text ?? detail.value, detail.undo, detail.link));
  for (const event of ["htmx:sendError", "htmx:timeout"]) {
    document.addEventListener(event, () => toast(toasts.dataset.offline));
  }

  document.addEventListener("click", (event) => {
    const close = event.target.closest("dialog [data-close]");
    const copy = event.target.closest("[data-copy]");
    if (close) {
      event.preventDefault();
      close.closest("dialog").close();
    }
    if (event.target.closest("[data-print]")) print();
    if (copy) {
      navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent);
      toast(toasts.dataset.copied);
    }
  });

  // Search as you type, after the WAI-ARIA combobox with a listbox.
  const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
  const mark = (input, option) => {
    for (const each of listOf(input).children) each.setAttribute("aria-selected", String(each === option));
    if (option) {
      input.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  };
  const show = (input, open) => {
    input.setAttribute("aria-expanded", String(open));
    input.parentElement.classList.toggle("is-open", open);
    if (!open) mark(input, null);
  };
  const choose = (input, option) => {
    input.value = option.dataset.value;
    const name = document.getElementById(input.dataset.names || "");
    if (name && (!name.value || name.value === name.dataset.filled)) name.dataset.filled = name.value = find("bdi", option).textContent;
    show(input, false);
    input.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const comboboxOf = (node) => find("[role=combobox]", node.closest("[data-combobox]") || document.createElement("i"));
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.role !== "listbox") return;
    const input = comboboxOf(detail.target);
    if (input === document.activeElement) show(input, detail.target.childElementCount > 0);
  });
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[data-combobox] [role=option]");
    if (option) {
      event.preventDefault();
      choose(comboboxOf(option), option);
    }
  });
  document.addEventListener("focusout", ({ target }) => {
    if (target.matches("[data-combobox] [role=combobox]")) show(target, false);
  });
  const comboboxKey = (event, input) => {
    const found = [...listOf(input).querySelectorAll("[role=option]")];
    const at = found.findIndex((option) => option.id === input.getAttribute("aria-activedescendant"));
    const open = input.getAttribute("aria-expanded") === "true";
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      show(input, true);
      mark(input, found[at < 0 ? (step > 0 ? 0 : found.length - 1) : (at + step + found.length) % found.length]);
    } else if (event.key === "Enter" && open && at >= 0) choose(input, found[at]);
    else if (event.key === "Escape" && open) show(input, false);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  // Keys: ? lists them, and a switch there turns them off for good.
  const help = find("#shortcuts");
  const wanted = find("#shortcuts-on");
  if (wanted) {
    wanted.checked = localStorage.getItem("shortcuts") !== "off";
    wanted.addEventListener("change", () => localStorage.setItem("shortcuts", wanted.checked ? "on" : "off"));
  }
  let before = "";
  const press = (key) => {
    if (before === "g") return find(`.side-menu [data-key="${key}"]`);
    if (key === "/") return [...document.querySelectorAll("[data-everywhere], [data-search]")].find((field) => field.checkVisibility());
    const everywhere = { f: "#main [data-search]", n: "[data-new], .page-actions a.button-primary" }[key];
    return find(everywhere || `#main [data-shortcut="${CSS.escape(key)}"]`);
  };
  document.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target.matches("a[role=button]")) {
      // A button is pressed with the space bar too, also one that is a link without script.
      event.preventDefault();
      return event.target.click();
    }
    if (event.target.matches("[data-combobox] [role=combobox]")) return comboboxKey(event, event.target);
    const typing = event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || find("dialog[open]")) return;
    if (event.key === "?" && help) return help.showModal();
    if (wanted && !wanted.checked) return;
    const goal = press(event.key);
    before = event.key;
    if (!goal) return;
    event.preventDefault();
    before = "";
    if (goal.matches("input, textarea")) goal.focus();
    else goal.click();
  });
})();
