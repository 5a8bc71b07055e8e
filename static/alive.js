// A paired screen that nobody touches tells the server that it is there; put to rest, it shows that at once.
"use strict";

setInterval(async () => {
  try {
    const answer = await fetch("/device/alive", { cache: "no-store" });
    if (answer.status === 403) location.reload();
  } catch {
    // staff see that it is missing; the screen itself has its own page for that
  }
}, 60_000);
