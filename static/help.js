// A screen that waits: asks every two seconds whether anything is new, shows it, and lets it be heard. No
// connection is held for it; one that is lost is said, and comes back by itself.
"use strict";

(() => {
  const live = document.querySelector(".live");
  if (!live) return;
  const EVERY = 2_000;
  const PATIENCE = 8_000;
  const LEFT_ALONE = 600_000; // without a connection for so long a screen is asked again who is there
  const lost = document.querySelector(".no-news");
  let heardAt = performance.now();
  let failed = 0;
  let talking = null;
  const part = () => document.getElementById("state");

  // Somebody is about to come: nobody is asked whether she is still there.
  function stay() {
    if ("stays" in (part()?.dataset ?? {}) && performance.now() - heardAt < LEFT_ALONE) {
      document.dispatchEvent(new Event("still-waiting"));
    }
  }

  async function look() {
    if (!part()) return; // somebody has left, and the screen is cleared
    stay();
    try {
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await fetch(`${live.dataset.poll}?seen=${part().dataset.seen}`, { cache: "no-store", redirect: "manual", signal });
      if (answer.status === 205) {
        location.reload(); // this visit is over, or asks for nobody
        return;
      }
      const text = await answer.text();
      if (answer.status === 200 && part()) show(text);
      if (answer.status >= 500) throw new Error("the server is busy");
      heardAt = performance.now();
      failed = 0;
    } catch {
      failed += 1;
    }
    if (lost.hidden !== failed < 2) {
      lost.hidden = failed < 2;
      window.dispatchEvent(new Event("resize"));
    }
    setTimeout(look, EVERY);
  }

  function show(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("state");
    if (!fresh) return;
    const old = part();
    const news = fresh.dataset.news !== old.dataset.news;
    const focused = old.contains(document.activeElement) ? document.activeElement.value : "";
    old.replaceWith(document.adoptNode(fresh));
    if (focused) fresh.querySelector(`button[value="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    window.dispatchEvent(new Event("resize"));
    offer();
    if (!news) return;
    document.dispatchEvent(new Event("still-waiting")); // no question stands before what she waits for
    if (live.dataset.sound === "off") return;
    chime();
    if (live.dataset.sound === "speech") speak(700);
  }

  // Two soft notes, half a second: staff have answered.
  function chime() {
    const sound = new AudioContext();
    for (const [pitch, begins] of [[660, 0], [880, .22]]) {
      const note = sound.createOscillator();
      const loudness = sound.createGain();
      const from = sound.currentTime + begins;
      note.frequency.value = pitch;
      loudness.gain.setValueAtTime(0, from);
      loudness.gain.linearRampToValueAtTime(.25, from + .02);
      loudness.gain.exponentialRampToValueAtTime(.001, from + .3);
      note.connect(loudness).connect(sound.destination);
      note.start(from);
      note.stop(from + .32);
    }
    setTimeout(() => sound.close(), 1_000);
  }

  // What somebody has recorded of the page, one after the other. Any touch ends it.
  function speak(after = 0) {
    quiet();
    const clips = (part()?.dataset.clips ?? "").split(" ").filter(Boolean);
    const voice = talking = new Audio();
    const next = () => {
      if (talking !== voice || !clips.length) return;
      voice.src = clips.shift();
      voice.play().catch(() => {});
    };
    voice.addEventListener("ended", next);
    setTimeout(next, after);
  }

  function quiet() {
    talking?.pause();
    talking = null;
  }

  // Only what can be heard is offered, and only what would change something.
  function offer() {
    const can = { speech: Boolean(part()?.dataset.clips), chime: live.dataset.sound === "off", off: live.dataset.sound !== "off" };
    for (const button of document.querySelectorAll(".sounds button")) button.hidden = !can[button.value];
  }

  for (const kind of ["pointerdown", "keydown", "submit"]) {
    document.addEventListener(kind, quiet, { passive: true, capture: true });
  }
  document.addEventListener("submit", (event) => {
    const { target, submitter } = event;
    if (!target.matches(".sounds")) return;
    event.preventDefault();
    const chosen = submitter.value;
    live.dataset.sound = chosen;
    const body = new URLSearchParams(new FormData(target, submitter));
    fetch(target.action, { method: "POST", body, redirect: "manual", keepalive: true }).catch(() => {});
    offer();
    if (chosen === "chime") chime();
    if (chosen === "speech") speak();
  }, { capture: true });

  offer();
  setTimeout(look, EVERY);
})();
