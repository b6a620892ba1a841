// The service worker: opens the app without a network.
//
// The server puts a line before this file: const release = {version, shell, room,
// roomName, files, assets}. A release is kept whole or not at all, in a cache of its own. The page
// of a release names only assets that hold their hash in their name, so page,
// WebAssembly and worker always fit together.
//
// It never touches anything but pages, assets and the few files of the shell: not
// the sockets, not the API, nothing that isn't a GET.
'use strict';

const prefix = 'maru-';
const cacheName = prefix + release.version;
const patience = 2000; // milliseconds that a page from the network may take

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));

// A new release waits until the page asks for it or all its tabs are closed.
self.addEventListener('message', (event) => {
  if (event.data && event.data.type === 'maru:update') event.waitUntil(self.skipWaiting());
});

// A click on a notification leads to its room in a window that is open already:
// the one that shows it, else one that is seen, else any.
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(openAt(event.notification.data.path));
});

async function openAt(path) {
  const windows = await self.clients.matchAll({ type: 'window' });
  const shown = await Promise.all(windows.map(pathOf));
  const target = windows[shown.indexOf(path)]
    || windows.find(({ visibilityState }) => visibilityState === 'visible') || windows[0];
  if (!target) {
    await self.clients.openWindow(path);
    return;
  }
  target.postMessage({ type: 'maru:open', path });
  await target.focus();
}

// pathOf asks a window what it shows: its url is the one that it was opened with.
// One that is asleep does not answer.
function pathOf(client) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(resolve, 500, '');
    client.postMessage({ type: 'maru:where' }, [port2]);
  });
}

// install fills the cache of this release. When any part fails, the browser throws
// this worker away, and the one before it goes on with its own cache.
async function install() {
  const cache = await caches.open(cacheName);
  try {
    await Promise.all([
      ...release.assets.map((url) => keepAsset(cache, url)),
      ...[release.shell, release.room, ...release.files].map((url) => keepFresh(cache, url)),
    ]);
  } catch (error) {
    await caches.delete(cacheName);
    throw error;
  }
}

// keepAsset takes an asset from an earlier release if it has the same name, for
// then it has the same content.
async function keepAsset(cache, url) {
  const known = await caches.match(url);
  if (known) {
    await cache.put(url, known);
    return;
  }
  await cache.put(url, whole(await fetch(url), url));
}

// keepFresh passes by the browser's cache, since the address stays the same from
// release to release. A page of another release would name other assets.
async function keepFresh(cache, url) {
  const response = whole(await fetch(new Request(url, { cache: 'reload' })), url);
  if ((url === release.shell || url === release.room) && response.headers.get('Maru-Version') !== release.version) {
    throw new Error(`${url} is of another release`);
  }
  await cache.put(url, response);
}

function whole(response, url) {
  if (response.status !== 200) throw new Error(`${url}: HTTP ${response.status}`);
  return response;
}

// activate runs only after install has kept everything; now the releases before it
// may go. Taking over the open page makes the first visit ready for offline.
async function activate() {
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== cacheName) await caches.delete(name);
  }
  await self.clients.claim();
}

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (url.pathname === '/' || url.pathname === '/connection' || url.pathname.startsWith('/r/')) event.respondWith(page(request));
  } else if (url.pathname.startsWith('/assets/') || release.files.includes(url.pathname)) {
    event.respondWith(asset(request));
  }
});

// page prefers the network, so that a person who is online has the newest release,
// and the room's own page. After two seconds, without a network, or when the
// server is down, the kept shell opens at once; it serves every address, since the
// program reads the room from the address itself.
async function page(request) {
  const cache = await caches.open(cacheName);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), patience);
  try {
    const response = await fetch(request, { signal: abort.signal });
    if (response.status < 500) return response;
    return await shell(cache, request) || response;
  } catch (error) {
    const kept = await shell(cache, request);
    if (kept) return kept;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

// shell returns the kept page for an address. That of a room is kept with another
// room's name in it, which stands in text and in attributes alone.
async function shell(cache, request) {
  const name = room(new URL(request.url).pathname);
  const kept = name && await cache.match(release.room);
  if (!kept) return cache.match(release.shell);
  const escaped = name.replace(/[&<>"'`=+]/g, (c) => `&#${c.charCodeAt(0)};`);
  const page = (await kept.text()).replaceAll(release.roomName, () => escaped);
  const headers = new Headers(kept.headers);
  for (const old of ['Content-Length', 'Content-Encoding']) headers.delete(old);
  return new Response(page, { status: 200, headers });
}

// room returns the name of the room that a path leads to, as it is written, "" if
// it leads to none or the program has to say what is wrong with it.
function room(path) {
  try {
    const name = path.startsWith('/r/') ? decodeURIComponent(path.slice(3)) : '';
    return name.length <= 80 && !/[\p{C}/]/u.test(name) ? name.trim() : '';
  } catch {
    return '';
  }
}

async function asset(request) {
  const cache = await caches.open(cacheName);
  return await cache.match(request, { ignoreVary: true }) || fetch(request);
}
