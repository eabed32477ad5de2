// The window: Enter goes from the scan to the cash, change and counts are added up as one types. The server decides.
(() => {
  "use strict";

  const cents = (text) => {
    const plain = text.trim().replace(/^\$/, "").replace(/,/g, "");
    if (!/^\d*(\.\d{0,2})?$/.test(plain) || !/\d/.test(plain)) return null;
    const [whole, part] = plain.split(".");
    return Number(whole || 0) * 100 + Number((part || "").padEnd(2, "0"));
  };
  const dollars = (amount) =>
    (amount / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });

  // A scanner ends with Enter: where no cash is typed yet, that goes on to the cash.
  for (const scan of document.querySelectorAll("[data-scan]")) {
    scan.addEventListener("keydown", (event) => {
      const given = scan.form.elements[scan.dataset.scan];
      if (event.key !== "Enter" || !scan.value.trim() || !given || given.value.trim()) return;
      event.preventDefault();
      given.focus();
    });
  }

  const given = document.querySelector("[data-given]");
  const change = document.querySelector("[data-change]");
  if (given && change) {
    const show = () => {
      const typed = cents(given.value);
      const over = typed === null ? 0 : typed - Number(change.dataset.missing);
      change.textContent = dollars(Math.max(0, over));
    };
    given.addEventListener("input", show);
    if (given === document.activeElement) given.select();
  }

  // Only what this kind of tender asks for.
  for (const kind of document.querySelectorAll("[data-tender]")) {
    const show = () => {
      for (const part of kind.form.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== kind.value;
    };
    kind.addEventListener("change", show);
    show();
  }

  // What is typed into a count, and nothing else, is added up.
  for (const table of document.querySelectorAll("[data-pieces]")) {
    const total = table.querySelector("[data-pieces-total]");
    const add = () => {
      let sum = 0;
      for (const field of table.querySelectorAll("[data-cents]")) {
        const pieces = /^[\d,]+$/.test(field.value.trim()) ? Number(field.value.replace(/,/g, "")) : 0;
        const worth = pieces * Number(field.dataset.cents);
        table.querySelector(`[data-piece-sum="${field.id}"]`).textContent = field.value.trim() ? dollars(worth) : "";
        sum += worth;
      }
      total.textContent = dollars(sum);
    };
    table.addEventListener("input", add);
    add();
  }
})();
