// The first screen: greets in one language after the other, and moves a little so that nothing burns in.
"use strict";

(() => {
  const idea = document.querySelector(".idea");
  const welcomes = [...document.querySelectorAll(".welcome > *")];
  let now = 0;
  setInterval(() => {
    welcomes[now].classList.remove("now");
    now = (now + 1) % welcomes.length;
    welcomes[now].classList.add("now");
  }, 6000);

  const shifts = [[0, 0], [8, 0], [8, 8], [0, 8], [-8, 8], [-8, 0], [-8, -8], [0, -8]];
  let shift = 0;
  setInterval(() => {
    shift = (shift + 1) % shifts.length;
    idea.style.translate = shifts[shift].map((pixels) => `${pixels}px`).join(" ");
  }, 180_000);

  // A fresh page now and then brings new hours, settings and versions; without a connection this one is better.
  async function refresh() {
    try {
      if ((await fetch("/healthz", { cache: "no-store" })).ok) location.replace("/");
    } catch { /* the next turn tries again */ }
  }
  setInterval(refresh, 15 * 60_000);

  // From here on a lost connection has a page of ours, in each language that is offered.
  const tags = [...document.querySelectorAll(".tongues a")].map((link) => link.hreflang);
  navigator.serviceWorker?.register(`/worker.js?languages=${tags.join(",")}`).catch(() => {});
})();
