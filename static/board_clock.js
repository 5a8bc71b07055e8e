// A clock for the board: in a tab that nobody looks at, browsers slow down the clock of the page itself.
"use strict";

setInterval(() => postMessage(""), 1_000);
