// What a script makes smoother. Every page works without it.
(() => {
  "use strict";

  document.documentElement.classList.add("has-script");

  // After a refused form, start reading at the list of what to mend.
  const summary = document.querySelector("[data-focus-on-load]");
  if (summary) summary.focus();

  // A second press within a few seconds is a slip, not a second payment. (The server refuses it too.)
  const PAUSE_MS = 5000;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-once")) return;
    const sentAt = Number(form.dataset.sentAt || 0);
    if (Date.now() - sentAt < PAUSE_MS) {
      event.preventDefault();
      return;
    }
    form.dataset.sentAt = String(Date.now());
  });

  // A page brought back by the back button may send again at once.
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent-at]")) delete form.dataset.sentAt;
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) window.print();
  });
})();
