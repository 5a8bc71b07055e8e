// Before a page is left, ask whether the server is there. If it is not, the page stays with all that
// was written in it, and says so; after a minute it apologises and forgets. A page on which somebody waits for
// an answer is not left for that: what it shows is still true, and it goes on trying.
"use strict";

(() => {
  const dialog = document.getElementById("no-connection");
  if (!dialog) return;
  const PATIENCE = 60_000;
  const AGAIN = 5_000;
  const waits = document.querySelector(".live") !== null;
  const unsure = dialog.querySelector(".unsure");
  let waiting = false;

  async function reached() {
    try {
      const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(8_000) });
      return answer.ok;
    } catch {
      return false;
    }
  }

  async function then(pressed, go) {
    if (waiting) return;
    waiting = true;
    pressed?.setAttribute("aria-busy", "true");
    const since = performance.now();
    while (!(await reached())) {
      if (!dialog.open) dialog.showModal();
      if (performance.now() - since <= PATIENCE) {
        document.dispatchEvent(new Event("still-waiting")); // nobody has left: the screen itself is the reason
      } else if (waits) {
        if (unsure) unsure.hidden = false;
      } else {
        sorry();
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    }
    if (!document.querySelector("main")) return; // somebody has left meanwhile, and the screen is cleared
    dialog.close();
    if (unsure) unsure.hidden = true;
    pressed?.removeAttribute("aria-busy");
    waiting = false;
    go();
  }

  // What is sent once and for all carries a key that counts once: when its answer is lost it is sent again,
  // and the page at the same address knows what became of it.
  let sent = false;
  async function send(form, pressed) {
    waiting = sent = true;
    const body = new URLSearchParams(new FormData(form));
    try {
      const signal = AbortSignal.timeout(15_000);
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual", signal });
      if (answer.type === "opaqueredirect") location.replace(form.action);
      else submit(form, pressed); // refused: the page that says why is for the person to read
    } catch {
      waiting = false;
      then(pressed, () => send(form, pressed));
    }
  }

  function submit(form, pressed) {
    if (!form.isConnected) { // news came meanwhile, and a newer part of the page stands in its place
      form.hidden = true;
      document.body.append(form);
    }
    form.dataset.reached = "true";
    form.requestSubmit(pressed);
    delete form.dataset.reached;
    waiting = true; // sent once, however often it is touched; a page that does not come may be tried again
    setTimeout(() => { waiting = false; }, 8_000);
  }

  async function sorry() {
    for (const form of document.forms) form.reset();
    document.querySelector(".idea")?.replaceChildren();
    for (const words of dialog.querySelectorAll("p")) {
      // whether what was sent has arrived nobody can say now, so that is not said either
      words.hidden = !words.classList.contains(sent ? "unsure" : "sorry");
    }
    do {
      document.dispatchEvent(new Event("still-waiting")); // nothing is asked over an apology
      await new Promise((resolve) => setTimeout(resolve, AGAIN));
    } while (!(await reached()));
    location.replace("/");
  }

  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || event.target.dataset.reached) return;
    event.preventDefault();
    const { target, submitter } = event;
    const go = "once" in target.dataset ? send : submit;
    then(submitter, () => go(target, submitter));
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented) return;
    event.preventDefault();
    then(link, () => location.assign(link.href));
  });
})();
