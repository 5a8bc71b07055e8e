/* The on-screen keyboard: types into the fields marked data-keyboard.

   The page works without this file: the device's own keyboard then comes. Nothing that is typed is kept here,
   save what "clear all" took away, until the next letter and never longer than the page. */
(() => {
  "use strict";

  const section = document.querySelector("section.keyboard");
  const fields = [...document.querySelectorAll("[data-keyboard]")];
  if (!section || !fields.length) return;

  const root = document.documentElement;
  const pages = [...section.querySelectorAll(".keyboard-page")];
  const clusters = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const TONES = /[\u0300\u0301\u0303\u0309\u0323]/g;
  const FLASH = 150; // ms that a touched key stays dark, so that it is seen beneath a finger
  const SLACK = 6; // px around a key that still count as on it: a finger rolls when it lifts

  let field = fields.includes(document.activeElement) ? document.activeElement : fields[0];
  let page = pages[0].dataset.page; // the face that is shown
  let chosen = ""; // the order that the person asked for, on this page only
  let group = 1; // which part of the letters is shown where not all fit
  let flipped = false; // the capitals key was touched: the next letter is of the other case
  let cleared = null; // what "clear all" took away
  let writing = false; // an input event of our own is under way
  let last = { key: null, at: -Infinity };

  /* ---- What is typed ---- */

  function place() {
    return [field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length];
  }

  function replace(text, from, to, inputType) {
    const longest = field.maxLength < 0 ? Infinity : field.maxLength;
    if (field.readOnly || field.disabled || field.value.length - (to - from) + text.length > longest) return false;
    writing = true;
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType, data: text || null }));
    writing = false;
    if (field.selectionStart === field.value.length) { // scripts have to bring the caret into sight themselves
      field.scrollLeft = field.scrollWidth * (getComputedStyle(field).direction === "rtl" ? -1 : 1);
      field.scrollTop = field.scrollHeight;
    }
    return true;
  }

  function write(text) {
    const at = field.value.indexOf("@");
    // A whole ending takes the place of an ending that is already there.
    const [from, to] = text.length > 1 && text[0] === "@"
      ? [at < 0 ? field.value.length : at, field.value.length]
      : place();
    if (replace(text, from, to, "insertText")) flipped = false;
  }

  function lastCluster(text) {
    let found = "";
    for (const { segment } of clusters.segment(text)) found = segment;
    return found;
  }

  function remove() {
    let [from, to] = place();
    if (from === to) from -= lastCluster(field.value.slice(0, from)).length;
    if (from !== to) replace("", from, to, "deleteContentBackward");
  }

  /* A tone goes on the letter before the caret; the same tone again takes it off. */
  function tone(mark) {
    const [from, to] = place();
    const letter = from === to ? lastCluster(field.value.slice(0, from)) : "";
    const marks = letter.normalize("NFD");
    const bare = marks.replace(TONES, "");
    const made = (marks.includes(mark) ? bare : bare + mark).normalize("NFC");
    if (letter && [...made].length === 1) replace(made, from - letter.length, to, "insertText");
  }

  function clear() {
    if (cleared) {
      const before = cleared;
      cleared = null;
      field = before.field;
      if (replace(before.value, 0, field.value.length, "historyUndo")) field.setSelectionRange(before.at, before.at);
    } else if (field.value) {
      const before = { field, value: field.value, at: place()[0] };
      if (replace("", 0, field.value.length, "deleteContent")) cleared = before;
    }
  }

  /* ---- Capitals ---- */

  function startsWithCapital() {
    const before = field.value.slice(0, place()[0]);
    if (section.dataset.capitals === "words") return /(^|[\s-])$/u.test(before);
    if (section.dataset.capitals === "sentences") return /(^|[.!?؟]\s+)$/u.test(before);
    return false;
  }

  function drawState() {
    const capital = startsWithCapital() !== flipped;
    if (section.dataset.case !== (capital ? "upper" : "lower")) {
      section.dataset.case = capital ? "upper" : "lower";
      for (const key of section.querySelectorAll("[data-capital]")) {
        key.textContent = capital ? key.dataset.capital : key.dataset.key;
      }
      for (const key of section.querySelectorAll('[data-does="capitals"]')) key.setAttribute("aria-pressed", capital);
    }
    const undo = Boolean(cleared);
    if (section.hasAttribute("data-undo") === undo) return;
    section.toggleAttribute("data-undo", undo);
    for (const key of section.querySelectorAll('[data-does="clear"]')) {
      key.setAttribute("aria-label", undo ? key.dataset.undo : key.dataset.clear);
    }
  }

  /* ---- Which page is shown, and how its keys are laid out ---- */

  /* In px. The box is what the page gives, not what the keys of the moment make of it. */
  function measures() {
    section.style.blockSize = "";
    section.style.contain = "size";
    const box = section.clientHeight;
    section.style.contain = "";
    const style = getComputedStyle(section);
    const mm = parseFloat(style.getPropertyValue("--mm"));
    const inches = parseFloat(root.dataset.inches) || Math.hypot(screen.width, screen.height) / mm / 25.4;
    const gap = Math.max(8, 2.54 * mm);
    const tallest = parseFloat(style.getPropertyValue("--key-tall"));
    const padding = parseFloat(style.paddingBlockStart) + parseFloat(style.paddingBlockEnd);
    // A page that takes its height from the keys has none to give: then five rows, or a fair share of the screen.
    const share = Math.min(5 * tallest + 4 * gap + padding, 0.38 * innerHeight);
    return {
      mm, gap, tallest, padding,
      least: Math.max(60, 12.7 * mm), // below this nobody should have to aim
      good: Math.max(60, 15 * mm),
      wanted: Math.max(60, (inches >= 15 ? 20 : 12.7) * mm),
      across: section.clientWidth - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd),
      down: (box > 2 * padding + 60 ? box : share) - padding,
    };
  }

  function keySize(columns, rows, size) {
    const across = (size.across - size.gap * (columns - 1)) / columns;
    const down = (size.down - size.gap * (rows - 1)) / rows;
    return { across, down: Math.min(down, size.tallest) };
  }

  function span(key) {
    return Number(key.dataset.span || 1);
  }

  /* Sets the control keys after so many letters, row by row, and stretches them until no row has a hole. */
  function pack(letters, controls, columns) {
    const wide = new Map(controls.map((key) => [key, span(key)]));
    let rows = Math.max(1, Math.ceil(letters / columns));
    let used = letters - (rows - 1) * columns;
    let row = [];
    const stretch = () => {
      const first = (key) => ({ space: 0, delete: 1, clear: 2 })[key.dataset.does] ?? 3;
      const willing = row.toSorted((one, two) => first(one) - first(two));
      for (let turn = 0; willing.length && used < columns; turn += 1, used += 1) {
        const key = willing[turn % willing.length];
        wide.set(key, wide.get(key) + 1);
      }
    };
    for (const key of controls) {
      if (used + span(key) > columns) {
        stretch();
        [rows, used, row] = [rows + 1, 0, []];
      }
      row.push(key);
      used += span(key);
    }
    stretch();
    return { rows, wide, alone: row.length === 1 };
  }

  /* Of all numbers of columns, the one whose keys have the longest short side; of those the widest. */
  function columnsFor(letters, controls, size) {
    let best = { score: -Infinity };
    for (let columns = 5; columns <= 12; columns += 1) {
      const { rows, alone } = pack(letters, controls, columns);
      const { across, down } = keySize(columns, rows, size);
      const side = Math.round(Math.min(across, down));
      const score = side - (alone ? 8 : 0); // one key across the whole of the last row looks like a mistake
      if (score >= best.score) best = { columns, side, score };
    }
    return best;
  }

  function typewriterFits(of, size) {
    const letters = of.dataset.columns / 2;
    const rows = Math.ceil([...of.children].reduce((sum, key) => sum + span(key), 0) / of.dataset.columns);
    const { across, down } = keySize(letters, rows, size);
    return { possible: across >= size.least && down >= size.least, good: across >= size.good && down >= size.least };
  }

  function flow(of, size, orderKey) {
    const keys = [...of.querySelectorAll(".key")];
    const groups = Math.max(...keys.map((key) => Number(key.dataset.group || 1)));
    const without = (...does) => keys.filter((key) => !key.dataset.group && !does.includes(key.dataset.does));
    const hidden = orderKey ? "" : "order";
    let controls = without(hidden, "more");
    const inGroup = (number) => keys.filter((key) => Number(key.dataset.group) === number);

    let letters = keys.filter((key) => key.dataset.group);
    let best = columnsFor(letters.length, controls, size);
    if (groups > 1 && best.side < size.wanted) {
      controls = without(hidden);
      group = group > groups ? 1 : group;
      letters = inGroup(group);
      const longest = Math.max(...Array.from({ length: groups }, (_, index) => inGroup(index + 1).length));
      best = columnsFor(longest, controls, size); // of the longest, so that no part jumps
    }

    const { wide } = pack(letters.length, controls, best.columns);
    of.style.gridTemplateColumns = `repeat(${best.columns}, minmax(0, 1fr))`;
    for (const key of keys) {
      key.hidden = !letters.includes(key) && !wide.has(key);
      key.style.gridColumnEnd = `span ${wide.get(key) ?? 1}`;
    }
  }

  function arrange() {
    const faces = pages.filter((one) => one.dataset.page === page);
    const size = measures();
    let face = faces[0];
    let possible = false;
    if (faces.length > 1) {
      const typewriter = faces.find((one) => one.dataset.arranged === "typewriter");
      const fits = typewriterFits(typewriter, size);
      const wish = chosen || { qwerty: "typewriter", abc: "alphabet" }[section.dataset.order] || "";
      possible = fits.possible;
      const order = wish && fits.possible ? wish : fits.good ? "typewriter" : "alphabet";
      face = faces.find((one) => one.dataset.arranged === order);
    }
    if (!face.dataset.columns) flow(face, size, possible);
    for (const one of pages) one.hidden = one !== face;
    // A box that is too low for keys of a size to aim at has to grow: keys never shrink below that.
    const style = getComputedStyle(face);
    const rows = style.gridTemplateRows.split(" ").length;
    const least = rows * parseFloat(style.getPropertyValue("--key-least")) + (rows - 1) * size.gap;
    section.style.blockSize = `${Math.floor(Math.max(size.down, least) + size.padding)}px`;
    return face;
  }

  /* Shows another page; who came with the Tab key keeps a place there. */
  function turn() {
    const within = section.contains(document.activeElement);
    const face = arrange();
    if (within && !document.activeElement.checkVisibility()) face.querySelector(".key:not([hidden])").focus();
  }

  /* ---- What a key does ---- */

  function strike(key, at) {
    const pause = root.hasAttribute("data-slow-hands") ? 600 : 150;
    // A bounce after a change of page hits another key on the same spot: that is refused too.
    const turned = last.key && ["page", "more", "order"].includes(last.key.dataset.does);
    if (at - last.at < pause && (key === last.key || turned)) return;
    last = { key, at };

    const { does } = key.dataset;
    const capital = section.dataset.case === "upper" && key.dataset.capital;
    if (does !== "clear" && does !== "capitals") cleared = null;
    if (does === "write" || does === "space") write(capital || key.dataset.key);
    else if (does === "tone") tone(key.dataset.key);
    else if (does === "delete") remove();
    else if (does === "clear") clear();
    else if (does === "capitals") flipped = !flipped;
    else if (does === "order") chosen = key.closest(".keyboard-page").dataset.arranged === "typewriter"
      ? "alphabet" : "typewriter";
    else if (does === "more") group += 1;
    else if (does === "page") {
      page = key.dataset.key;
      group = 1;
    }
    if (["page", "more", "order"].includes(does)) turn();
    drawState();
  }

  /* ---- Fingers, mice, switches ---- */

  const held = new Map(); // pointer id → key
  let touched = false; // the next click comes from a finger that was answered already

  function on(key, event) {
    const box = key.getBoundingClientRect();
    return event.clientX >= box.left - SLACK && event.clientX <= box.right + SLACK
      && event.clientY >= box.top - SLACK && event.clientY <= box.bottom + SLACK;
  }

  function release(key) {
    setTimeout(() => key.removeAttribute("data-pressed"), FLASH);
  }

  function keyOf(event) {
    return event.target instanceof Element ? event.target.closest(".key") : null;
  }

  section.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the field keeps the focus and its caret
    const key = keyOf(event);
    if (!key || event.button > 0) return;
    touched = true;
    held.set(event.pointerId, key);
    key.setAttribute("data-pressed", "");
  });
  section.addEventListener("mousedown", (event) => event.preventDefault());
  section.addEventListener("contextmenu", (event) => event.preventDefault());

  document.addEventListener("pointermove", (event) => {
    const key = held.get(event.pointerId);
    if (key) key.toggleAttribute("data-pressed", on(key, event));
  });

  document.addEventListener("pointerup", (event) => {
    const key = held.get(event.pointerId);
    if (!key) return;
    held.delete(event.pointerId);
    release(key);
    if (!on(key, event)) {
      touched = false;
      return;
    }
    if (document.activeElement !== field) field.focus({ preventScroll: true });
    strike(key, event.timeStamp);
  });

  document.addEventListener("pointercancel", (event) => {
    const key = held.get(event.pointerId);
    if (!key) return;
    held.delete(event.pointerId);
    touched = false;
    release(key);
  });

  /* Enter, Space, a switch or a screen reader: a click without a finger before it. */
  section.addEventListener("click", (event) => {
    const answered = touched && event.detail > 0;
    touched = false;
    const key = keyOf(event);
    if (key && !answered) strike(key, event.timeStamp);
  });
  section.addEventListener("keydown", (event) => {
    if (event.repeat && (event.key === "Enter" || event.key === " ")) event.preventDefault();
  });

  /* ---- The fields ---- */

  for (const one of fields) {
    one.inputMode = "none"; // the device's own keyboard stays away
    // Browsers hide the caret of these types from scripts; the server checks what was typed in any case.
    if (one.type === "email" || one.type === "number") one.type = "text";
    one.addEventListener("keydown", (event) => {
      if (event.repeat && event.key.length === 1 && !event.ctrlKey && !event.metaKey) event.preventDefault();
    });
    one.addEventListener("focus", () => {
      field = one;
      flipped = false;
      drawState();
    });
    one.addEventListener("input", () => {
      if (!writing) {
        cleared = null;
        flipped = false;
      }
      drawState();
    });
  }
  document.addEventListener("selectionchange", drawState);
  addEventListener("pagehide", () => {
    cleared = null;
  });

  for (const one of pages) {
    if (one.dataset.columns) one.style.gridTemplateColumns = `repeat(${one.dataset.columns}, minmax(0, 1fr))`;
    for (const key of one.children) {
      key.style.gridColumnEnd = `span ${key.dataset.span || 1}`;
      key.style.gridRowEnd = `span ${key.dataset.down || 1}`;
    }
  }
  section.hidden = false;
  drawState();

  let seen = "";
  const room = () => `${section.parentElement.clientWidth} ${section.parentElement.clientHeight} ${root.dataset.text}`;
  new ResizeObserver(() => {
    if (room() === seen) return;
    turn();
    seen = room(); // a change that we made ourselves calls for no other
  }).observe(section.parentElement);
  arrange();
  seen = room();
})();
