// A new screen waits until staff have typed its code: it asks now and then, and opens the next page by itself.
"use strict";

(() => {
  const waiting = document.querySelector("[data-waiting]");
  const every = (Number(waiting.dataset.every) || 3) * 1000;
  setInterval(async () => {
    try {
      const answer = await fetch(waiting.dataset.waiting, { cache: "no-store" });
      if (answer.status === 200) location.reload();
    } catch {
      // without a connection there is nothing to do but ask again
    }
  }, every);
})();
