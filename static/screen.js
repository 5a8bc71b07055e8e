// What the screen itself needs: how large a millimetre is, one touch that shows at once, and no second one.
"use strict";

(() => {
  const root = document.documentElement;

  // Staff know the diagonal of the screen; without it the style sheet's guess for this shape holds.
  const inches = Number(root.dataset.inches);
  if (inches > 0) {
    const across = Math.hypot(window.screen.width, window.screen.height);
    root.style.setProperty("--mm", `${across / (inches * 25.4)}px`);
  }

  // Text size and colours change where they are touched, so that nothing written is lost by a new page.
  const steps = { text: ["100", "140", "200"], theme: ["paper", "strong", "night"] };
  document.querySelector("form.display")?.addEventListener("submit", (event) => {
    const change = event.submitter?.dataset.changes;
    if (!change) return;
    event.preventDefault();
    const all = steps[change];
    root.dataset[change] = all[(all.indexOf(root.dataset[change]) + 1) % all.length];
    const body = new URLSearchParams(new FormData(event.target, event.submitter));
    fetch(event.target.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
    document.body.dataset.live = ""; // there is something to forget now, on the first screen too
    offerMore();
  });

  // What does not fit is reached by a large button, not by a bar that nobody finds.
  const idea = document.querySelector(".idea");
  const more = document.querySelector(".more");
  function offerMore() {
    if (!idea || !more) return;
    if (document.activeElement !== more) more.hidden = true; // it takes room itself, but must not lose the focus
    const below = idea.scrollHeight - idea.clientHeight - idea.scrollTop;
    more.hidden = below < 8;
  }
  more?.addEventListener("click", () => {
    idea.scrollBy({ top: idea.clientHeight * 0.7 });
    offerMore();
  });
  idea?.addEventListener("scroll", offerMore, { passive: true });
  window.addEventListener("resize", offerMore);
  document.fonts.ready.then(offerMore);
  offerMore();

  // Nothing that a browser offers besides the page: no menu, no dragging, no zoom by two fingers.
  for (const kind of ["contextmenu", "dragstart", "gesturestart"]) {
    document.addEventListener(kind, (event) => event.preventDefault());
  }
  document.addEventListener("wheel", (event) => { if (event.ctrlKey) event.preventDefault(); }, { passive: false });
  document.addEventListener("pointerdown", (event) => root.classList.toggle("hide-pointer", event.pointerType === "touch"));
  document.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") root.classList.remove("hide-pointer"); });

  // A page with an error begins at its words; a question with a box begins in the box.
  const wrong = document.getElementById("problem");
  if (wrong) wrong.focus();
  const box = document.querySelector(".box");
  if (box) {
    box.focus();
    const written = box.value; // set anew, the caret stands behind it: who comes back writes on at the end
    box.value = "";
    box.value = written;
  }

  navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") navigator.wakeLock?.request("screen").catch(() => {});
  });
})();
