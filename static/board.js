// The live board: it sounds when somebody begins to wait and at each alarm (one waits too long, a booked time
// has come), shows in its title how many wait, and says since when there is no connection. The asking itself
// is done by htmx.
"use strict";

(() => {
  const poll = document.getElementById("poll");
  const lost = document.getElementById("lost");
  const sound = document.getElementById("sound");
  const SLOW = 1_500; // milliseconds without asking: the browser has put the page to sleep
  const PATIENCE = 3_000; // one answer that does not come is no news

  // How many wait -------------------------------------------------------------------------------------------

  const now = () => {
    const { count, alarms } = document.getElementById("live").dataset;
    return { count: Number(count), alarms: new Set(alarms.split(" ").filter(Boolean)) };
  };
  let before = now();

  function look() {
    const { count, alarms } = now();
    document.title = `${count ? `(${count}) ` : ""}${poll.dataset.title}`;
    if ([...alarms].some((alarm) => !before.alarms.has(alarm))) play([880, 660, 880, 660]);
    else if (count && !before.count) play([660, 880]);
    before = { count, alarms };
  }

  // Sound: no browser lets a page sound before it has been touched ------------------------------------------

  const speaker = new AudioContext();
  let wanted = true;

  function play(tones) {
    if (!wanted || speaker.state !== "running") return;
    tones.forEach((pitch, number) => {
      const begins = speaker.currentTime + number * 0.28;
      const tone = new OscillatorNode(speaker, { type: "triangle", frequency: pitch });
      const volume = new GainNode(speaker, { gain: 0 });
      volume.gain.linearRampToValueAtTime(0, begins);
      volume.gain.linearRampToValueAtTime(0.5, begins + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.001, begins + 0.26);
      tone.connect(volume).connect(speaker.destination);
      tone.start(begins);
      tone.stop(begins + 0.27);
    });
    sound.dataset.played = String(Number(sound.dataset.played || 0) + 1);
  }

  function show() {
    sound.setAttribute("aria-pressed", String(wanted && speaker.state === "running"));
  }

  sound.hidden = false;
  speaker.addEventListener("statechange", show);
  show();
  sound.addEventListener("click", async () => {
    wanted = sound.getAttribute("aria-pressed") !== "true";
    await speaker.resume();
    show();
    play([880]);
  });
  for (const kind of ["pointerdown", "keydown"]) {
    document.addEventListener(kind, (event) => {
      if (!event.target.closest?.("#sound")) speaker.resume();
    }, { capture: true });
  }

  // Connection ----------------------------------------------------------------------------------------------

  let lostAt = null;

  function missed() {
    lostAt ??= { moment: new Date(), at: performance.now() };
    if (performance.now() - lostAt.at < PATIENCE) return;
    const time = lost.querySelector("time");
    time.textContent = [lostAt.moment.getHours(), lostAt.moment.getMinutes()]
      .map((part) => String(part).padStart(2, "0")).join(":");
    lost.hidden = false;
  }

  function reached() {
    lostAt = null;
    lost.hidden = true;
  }

  document.addEventListener("htmx:after:request", (event) => {
    const { response } = event.detail.ctx;
    if (response.status < 500) reached();
    else missed();
  });
  document.addEventListener("htmx:error", (event) => {
    missed();
    // who touches a button is told at once
    if (event.target.matches?.("form")) {
      lostAt.at -= PATIENCE;
      missed();
    }
  });
  // what had the focus may be gone: then its row keeps it
  let row = null;
  document.addEventListener("htmx:before:swap", () => {
    row = document.activeElement?.closest?.(".waits li")?.id;
  });
  document.addEventListener("htmx:after:swap", () => {
    look();
    if (row && document.activeElement === document.body) {
      document.getElementById(`open-${row}`)?.focus({ preventScroll: true });
    }
  });
  // what was touched and refused is shown as the page that says why
  document.addEventListener("htmx:response:error", (event) => {
    const form = event.target;
    if (form.matches?.("form") && event.detail.ctx.response.status !== 409) form.submit();
  });

  // A clock that goes on while nobody looks at the page -------------------------------------------------------

  let askedAt = performance.now();
  document.addEventListener("htmx:before:request", () => { askedAt = performance.now(); });
  new Worker(poll.dataset.clock).addEventListener("message", () => {
    if (performance.now() - askedAt > SLOW) htmx.trigger(poll, "tick");
  });
})();
