// The back office: keys, and what is typed is kept. Every page works without it.
(() => {
  "use strict";

  const here = document.querySelector("[data-staff]");
  if (!here) return;
  const isField = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;
  // A page of the menu is reached by its keys also while its group is closed.
  const shown = (element) => element.getClientRects().length > 0 || element.closest("[data-menu]") !== null;

  // Keys. One letter, or two in a row ("g t"); never while somebody types.
  const SECOND_KEY_MS = 1200;
  let first = "";
  let firstAt = 0;
  const find = (keys) =>
    [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === keys && shown(each));
  const search = document.querySelector("[data-search]");
  const dialog = document.getElementById("keys");

  // What a link says, without the key that stands in it.
  const words = (link) => {
    const bare = link.cloneNode(true);
    for (const cap of bare.querySelectorAll("kbd")) cap.remove();
    return bare.textContent.trim();
  };

  const listKeys = () => {
    const list = dialog.querySelector("[data-keys-here]");
    list.replaceChildren();
    const add = (keys, text) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      for (const key of keys.split(" ")) {
        const cap = document.createElement("kbd");
        cap.textContent = key;
        term.append(cap, " ");
      }
      const about = document.createElement("dd");
      about.textContent = text;
      row.append(term, about);
      list.append(row);
    };
    if (search) add("/", here.dataset.saidSearch);
    add("Esc", here.dataset.saidLeave);
    add("?", here.dataset.saidKeys);
    for (const each of document.querySelectorAll("[data-key]")) {
      if (shown(each)) add(each.dataset.key, each.dataset.keyLabel || each.getAttribute("aria-label") || words(each));
    }
  };

  // A group of the menu closes by Esc, and when somebody goes elsewhere.
  const closeMenus = (but) => {
    for (const group of document.querySelectorAll("[data-menu][open]")) if (group !== but) group.open = false;
  };
  for (const kind of ["focusin", "pointerdown"]) {
    document.addEventListener(kind, (event) => closeMenus(event.target.closest("[data-menu]")));
  }

  document.addEventListener("keydown", (event) => {
    const group = event.key === "Escape" && event.target.closest("[data-menu][open]");
    if (group) {
      group.open = false;
      group.querySelector("summary").focus();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && isField(event.target)) {
      event.target.blur();
      return;
    }
    if (isField(event.target) || dialog.open || "keysOff" in here.dataset) return;
    if (event.key === "/" && search) {
      event.preventDefault();
      search.focus();
      search.select();
      return;
    }
    if (event.key === "?") {
      event.preventDefault();
      listKeys();
      dialog.showModal();
      return;
    }
    const pair = Date.now() - firstAt < SECOND_KEY_MS ? `${first} ${event.key}` : "";
    const found = (pair && find(pair)) || find(event.key);
    first = event.key;
    firstAt = Date.now();
    if (found) {
      event.preventDefault();
      first = "";
      found.click();
    }
  });

  const link = document.querySelector("[data-keys-list]");
  if (link) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      listKeys();
      dialog.showModal();
    });
  }

  // What is typed is kept on the server a few seconds later, and at once when the page is left.
  const PAUSE_MS = 3000;
  const keep = (form, leaving) => {
    const fields = new FormData(form);
    fields.set("csrf_token", here.dataset.keptToken);
    fields.set("kept-form-path", new URL(form.action).pathname);
    for (const password of form.querySelectorAll('input[type="password"]')) fields.delete(password.name);
    delete form.dataset.unkept;
    fetch(here.dataset.keptUrl, { method: "POST", body: fields, keepalive: leaving }).catch(() => {
      form.dataset.unkept = "";
    });
  };
  for (const form of document.querySelectorAll("form[data-keep]")) {
    let waiting = 0;
    form.addEventListener("input", () => {
      form.dataset.unkept = "";
      clearTimeout(waiting);
      waiting = setTimeout(() => keep(form, false), PAUSE_MS);
    });
    form.addEventListener("submit", () => {
      clearTimeout(waiting);
      delete form.dataset.unkept;
    });
  }
  const keepAll = () => {
    for (const form of document.querySelectorAll("form[data-unkept]")) keep(form, true);
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keepAll();
  });
  window.addEventListener("pagehide", keepAll);
  document.addEventListener("submit", (event) => {
    if (!event.target.hasAttribute("data-keep")) keepAll();
  });
})();
