// A visit ends by itself: after a while without a touch the screen asks, counts down, and forgets.
// Time is measured by performance.now(), which no change of the clock moves.
"use strict";

(() => {
  const body = document.body;
  const dialog = document.getElementById("still-here");
  const finish = document.getElementById("finish");
  const alive = document.getElementById("alive");
  const FLOOR = 20; // seconds: no setting makes it shorter
  const SHOW_SECONDS = 30; // the number is shown for the last half minute only
  let stretch = Number(body.dataset.stretch) || 1;
  const idle = () => Math.max(FLOOR, Number(body.dataset.idle)) * 1000 * stretch;
  const countdown = () => Math.max(FLOOR, Number(body.dataset.countdown)) * 1000 * stretch;

  let touchedAt = performance.now();
  let toldAt = performance.now();
  let over = false;

  // Back from the browser's memory is somebody else's page until the server says otherwise.
  window.addEventListener("pageshow", (event) => {
    const [navigation] = performance.getEntriesByType("navigation");
    if (event.persisted) {
      body.classList.add("gone");
      for (const form of document.forms) form.reset();
      location.reload();
    } else if (["back_forward", "reload"].includes(navigation?.type)
      && !("live" in body.dataset) && !body.classList.contains("attract")) {
      body.classList.add("gone");
      location.replace("/");
    }
  });
  window.addEventListener("pagehide", () => {
    for (const form of document.forms) form.reset();
  });

  function tell(more) {
    toldAt = performance.now();
    const said = new URLSearchParams(new FormData(alive));
    if (more) said.set("more", "1");
    fetch(alive.action, { method: "POST", body: said, keepalive: true }).catch(() => {});
  }

  function touched() {
    if (over || dialog?.open) return; // the open question is answered by its own buttons
    touchedAt = performance.now();
    // the server hears of it now and then, so that slow writing does not look like nobody
    if (touchedAt - toldAt > 60_000) tell();
  }

  // Any touch is a yes, wherever it falls; only "finish" is not.
  function answered(event) {
    if (event.target.closest("form")) return;
    const more = event.target.closest(".stay") !== null;
    if (more) stretch = 2;
    dialog.close();
    touched();
    tell(more);
    document.querySelector(".box")?.focus({ preventScroll: true });
  }

  function count() {
    const left = Math.max(0, countdown() - (performance.now() - touchedAt - idle()));
    dialog.querySelector(".left-over").style.strokeDasharray = `${(left / countdown()) * 100} 100`;
    const seconds = Math.ceil(left / 1000);
    const shown = dialog.querySelector(".seconds");
    shown.hidden = seconds > SHOW_SECONDS;
    dialog.querySelector(".face").hidden = !shown.hidden;
    if (!shown.hidden) shown.textContent = String(seconds);
    if (left <= 0) end();
  }

  // What was on the screen goes at once, whether or not the server can be reached.
  async function end(form = finish) {
    if (over) return;
    over = true;
    const said = new URLSearchParams(new FormData(form));
    // who touched "finish" herself may be asked something, and "leave now" leads elsewhere: the server says where
    const redirect = said.has("how") || said.has("leave") ? "follow" : "manual";
    const lost = document.getElementById("no-connection"); // words of ours only
    for (const part of [...body.children]) if (part !== lost) part.remove();
    for (const words of lost?.querySelectorAll("p") ?? []) words.hidden = true;
    for (;;) {
      try {
        const signal = AbortSignal.timeout(8_000);
        const answer = await fetch(finish.action, { method: "POST", body: said, redirect, keepalive: true, signal });
        location.replace(answer.ok ? answer.url : "/");
        return;
      } catch {
        if (lost && !lost.open) lost.showModal();
        await new Promise((resolve) => setTimeout(resolve, 10_000));
      }
    }
  }

  // Who touches "finish" is done, whether or not there is a connection.
  document.addEventListener("submit", (event) => {
    if (event.target.action !== finish.action) return;
    event.preventDefault();
    event.stopPropagation();
    end(event.target);
  }, { capture: true });

  for (const kind of ["pointerdown", "keydown", "input", "wheel"]) {
    document.addEventListener(kind, touched, { passive: true, capture: true });
  }
  dialog?.addEventListener("click", answered);
  dialog?.addEventListener("cancel", (event) => {
    event.preventDefault();
    answered(event);
  });
  // Who writes on a keyboard of her own and does not look up is here too.
  dialog?.addEventListener("keydown", (event) => {
    if (event.key.length === 1 && event.key !== " ") answered(event);
  });

  // Somebody waits, and not for herself: nothing is asked, and a question that stands already is taken back.
  document.addEventListener("still-waiting", () => {
    touchedAt = performance.now();
    if (dialog?.open) dialog.close();
  });

  setInterval(() => {
    if (over) return;
    const quiet = performance.now() - touchedAt;
    if (quiet < idle()) return;
    if (!dialog) {
      if ("live" in body.dataset) end(); // the first screen has nothing to ask, only text size and colours to forget
      return;
    }
    if (!dialog.open) dialog.showModal();
    count();
  }, 250);
})();
