// Suggestions while somebody types into the search box: a combobox with a list (WAI-ARIA), by arrow keys and Enter.
// Without it the form shows the same as a page.
(() => {
  "use strict";

  const box = document.querySelector("[data-suggest]");
  if (!box || !box.dataset.suggest) return;
  const form = box.form;
  const PAUSE_MS = 200;
  const SETTLED_MS = 1200;
  const SHORTEST = 2;
  const LONGEST_DIGITS = 11;

  const list = document.createElement("ul");
  list.id = "suggestions";
  list.className = "suggestions";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", box.dataset.saidList);
  list.hidden = true;
  const said = document.createElement("div");
  said.className = "sr-only";
  said.setAttribute("role", "status");
  const warning = document.createElement("p");
  warning.className = "usa-error-message";
  warning.id = "search-warning";
  warning.setAttribute("role", "alert");
  warning.hidden = true;
  form.append(list, said);
  form.after(warning);
  box.setAttribute("role", "combobox");
  box.setAttribute("aria-autocomplete", "list");
  box.setAttribute("aria-expanded", "false");
  box.setAttribute("aria-controls", list.id);

  let asking = 0;
  let settling = 0;
  let request = null;
  let marked = -1;
  let recorded = "";
  const options = () => [...list.children];

  const close = () => {
    list.hidden = true;
    marked = -1;
    box.setAttribute("aria-expanded", "false");
    box.removeAttribute("aria-activedescendant");
  };

  const mark = (place) => {
    const all = options();
    marked = (place + all.length) % all.length;
    all.forEach((each, at) => each.setAttribute("aria-selected", String(at === marked)));
    box.setAttribute("aria-activedescendant", all[marked].id);
    all[marked].scrollIntoView({ block: "nearest" });
  };

  const part = (text, css) => {
    const span = document.createElement("span");
    span.textContent = text;
    if (css) span.className = css;
    return span;
  };

  const show = (found) => {
    list.replaceChildren();
    found.options.forEach((each, at) => {
      const option = document.createElement("li");
      option.id = `suggestion-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.url = each.url;
      const kind = each.status ? `${each.kind}, ${each.status}` : each.kind;
      const who = each.address ? `${each.holder}, ${each.address}` : each.holder;
      option.append(part(each.number, "suggestions__number"), " ", part(who), " ", part(kind));
      list.append(option);
    });
    marked = -1;
    box.removeAttribute("aria-activedescendant");
    list.hidden = found.options.length === 0;
    box.setAttribute("aria-expanded", String(!list.hidden));
    said.textContent = found.said;
  };

  const ask = async (typed, settled) => {
    if (request) request.abort();
    request = new AbortController();
    const url = new URL(box.dataset.suggest, location.href);
    url.searchParams.set("q", typed);
    if (settled) url.searchParams.set("settled", "1");
    try {
      const answer = await fetch(url, { signal: request.signal, headers: { Accept: "application/json" } });
      if (!(answer.headers.get("Content-Type") || "").includes("json")) return;
      const found = await answer.json();
      if (box.value.trim() === typed && document.activeElement === box) show(found);
    } catch {
      // A newer question, or no answer: the form itself still works.
    }
  };

  // A search is written down once: when the typing has stopped, or when a suggestion is taken.
  const record = (typed) => {
    if (recorded === typed || typed.length < SHORTEST) return;
    recorded = typed;
    const url = new URL(box.dataset.suggest, location.href);
    url.searchParams.set("q", typed);
    url.searchParams.set("settled", "1");
    fetch(url, { keepalive: true }).catch(() => {});
  };

  // What may become a card number is not asked about while it is typed, and what looks like one (ISO/IEC 7812) does
  // not leave the browser.
  const isLongNumber = (text) => /^[\d\s\-./]+$/.test(text) && text.replace(/\D/g, "").length > LONGEST_DIGITS;
  const looksLikeCard = (text) => {
    const digits = text.replace(/[\s\-./]/g, "");
    if (!/^\d{13,19}$/.test(digits)) return false;
    const sum = [...digits].reverse().reduce((all, digit, place) => {
      const value = Number(digit) * (place % 2 ? 2 : 1);
      return all + (value > 9 ? value - 9 : value);
    }, 0);
    return sum % 10 === 0;
  };

  const refuse = () => {
    warning.textContent = box.dataset.saidCard;
    warning.hidden = false;
    box.value = "";
    close();
  };

  box.addEventListener("input", () => {
    clearTimeout(asking);
    clearTimeout(settling);
    warning.hidden = true;
    const typed = box.value.trim();
    if (typed.length < SHORTEST || isLongNumber(typed)) {
      if (request) request.abort();
      close();
      said.textContent = "";
      if (looksLikeCard(typed)) asking = setTimeout(refuse, PAUSE_MS * 2);
      return;
    }
    asking = setTimeout(() => ask(typed, false), PAUSE_MS);
    settling = setTimeout(() => record(typed), SETTLED_MS);
  });

  box.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return;
      event.preventDefault();
      mark(event.key === "ArrowDown" ? marked + 1 : (marked < 0 ? 0 : marked) - 1);
    } else if (event.key === "Enter" && !list.hidden && marked >= 0) {
      event.preventDefault();
      take(options()[marked]);
    } else if (event.key === "Escape" && !list.hidden) {
      // The first Esc closes the list and leaves the words; the next one leaves the field (staff.js).
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });

  const take = (option) => {
    clearTimeout(settling);
    record(box.value.trim());
    location.assign(option.dataset.url);
  };

  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest('[role="option"]');
    if (option) take(option);
  });
  box.addEventListener("blur", close);
  form.addEventListener("submit", (event) => {
    clearTimeout(asking);
    clearTimeout(settling);
    if (looksLikeCard(box.value.trim())) {
      event.preventDefault();
      refuse();
    }
  });
})();
