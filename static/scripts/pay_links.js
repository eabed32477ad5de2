// The clerk's screen of a link to pay turns when its state changes. Without it, the page has a button.
(() => {
  "use strict";

  const here = document.querySelector("[data-pay-link]");
  if (!here) return;
  const PAUSE_MS = 3000;
  const LONGEST_MS = 3 * 3600 * 1000;
  const began = Date.now();

  const ask = async () => {
    if (Date.now() - began > LONGEST_MS) return;
    if (!document.hidden) {
      try {
        const answer = await fetch(here.dataset.payLink, { headers: { Accept: "application/json" } });
        if (answer.ok && (await answer.json()).standing !== here.dataset.standing) {
          window.location.reload();
          return;
        }
      } catch {
        // The network is away for a moment; the next try comes.
      }
    }
    window.setTimeout(ask, PAUSE_MS);
  };
  window.setTimeout(ask, PAUSE_MS);
})();
