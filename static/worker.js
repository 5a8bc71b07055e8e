// Keeps one page per language, and the files that draw it, for when the server cannot be reached: the screen
// then says so in the person's own language, and never shows the browser's own page. Nobody's answers are kept.
"use strict";

const KEPT = "no-connection";
const tags = new URL(self.location).searchParams.get("languages").split(",");
const address = (tag) => `/${tag}/offline`;

async function keep(tag) {
  const kept = await caches.open(KEPT);
  // without cookies: a page of nobody's visit
  const page = await fetch(address(tag), { credentials: "omit" });
  if (!page.ok) return;
  const files = (await page.clone().text()).match(/\/static\/[^"]+/g) ?? [];
  await kept.put(address(tag), page);
  await kept.addAll([...new Set(files)]);
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(caches.delete(KEPT).then(() => Promise.all(tags.map(keep))));
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname } = new URL(request.url);
  if (request.mode === "navigate") {
    const own = address(pathname.split("/")[1]);
    event.respondWith(fetch(request).catch(async () => (await kept(own)) ?? (await kept(address(tags[0]))) ?? Response.error()));
  } else if (pathname.startsWith("/static/")) {
    event.respondWith(fetch(request).catch(async () => (await kept(request)) ?? Response.error()));
  }
});

async function kept(what) {
  return (await caches.open(KEPT)).match(what);
}
