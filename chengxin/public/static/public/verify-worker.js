/* Keeps the verifying page on the phone, so that it opens without a network.
 *
 * The door writes three lines above this: VERSION (a digest of all that follows), PAGES (the page in each language and
 * size) and FILES. A new VERSION makes this a new worker: it fetches everything, and only then takes the old one's
 * place. What is kept is never changed piece by piece, so a page always finds the files it was made with.
 *
 * The lists that codes are verified against are no business of this worker: the page fetches and keeps them itself.
 */
"use strict";

const PREFIX = "chengxin-verify-page-";
const KEEP = PREFIX + VERSION;

self.addEventListener("install", (event) => {
  const fetchAll = async () => {
    const cache = await caches.open(KEEP);
    // Files have their digest in their address, so what the browser holds already is right; pages do not.
    await cache.addAll([...PAGES.map((page) => new Request(page, { cache: "reload" })), ...FILES]);
    await self.skipWaiting();
  };
  event.waitUntil(fetchAll());
});

self.addEventListener("activate", (event) => {
  const tidy = async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== KEEP).map((name) => caches.delete(name)));
    await self.clients.claim();
  };
  event.waitUntil(tidy());
});

/* The kept page that an address asks for: its language and size, whatever else stands in the query. */
function pageOf(url) {
  const languages = PAGES.map((page) => new URL(page, url).searchParams.get("lang"));
  const asked = url.searchParams.get("lang");
  const large = url.searchParams.get("large") === "1" ? "1" : null;
  const lang = languages.includes(asked) ? asked : null;
  return PAGES.find((page) => {
    const query = new URL(page, url).searchParams;
    return query.get("lang") === lang && query.get("large") === large;
  });
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  const isPage = event.request.mode === "navigate" && url.pathname === "/verify";
  const wanted = isPage ? pageOf(url) : FILES.find((file) => file === url.pathname);
  if (!wanted) return;
  const answer = async () => {
    const cache = await caches.open(KEEP);
    // What was sent compressed says that it varies, and a kept answer knows nothing of that any more.
    return (await cache.match(wanted, { ignoreVary: true })) ?? fetch(event.request);
  };
  event.respondWith(answer());
});
