// The first screen: greets in one language after the other, and moves a little so that nothing burns in.
"use strict";

(() => {
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
    document.querySelector(".idea").style.translate = shifts[shift].map((pixels) => `${pixels}px`).join(" ");
  }, 180_000);

  // a fresh page now and then brings new hours, settings and versions
  setTimeout(() => location.replace("/"), 15 * 60_000);
})();
