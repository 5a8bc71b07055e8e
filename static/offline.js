// On the page without a connection: begin again as soon as the server answers.
"use strict";

setInterval(async () => {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(4_000) });
    if (answer.ok) location.replace("/");
  } catch {
    // still away
  }
}, 5_000);
