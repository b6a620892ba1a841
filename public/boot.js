// Loads the program, and keeps what a person does before it runs.
//
// The page already shows its frame when this starts. It hands over to go-app,
// whose client calls the functions named goapp… below. Nothing here knows rooms
// or messages. It works in the head of the page as well as deferred.
'use strict';

(() => {
  const html = document.documentElement;

  // The texts stand in the page: they can't come from the program, which is what
  // is missing when they are needed.
  const say = (key) => {
    const words = JSON.parse(document.getElementById('words').textContent);
    return (words[html.lang] || words.ko)[key];
  };

  // --- Preferences, before anything is painted ---

  // stored reads what the program keeps. A browser that refuses storage throws
  // even when the storage is only named.
  function stored(storage, key) {
    try {
      return window[storage].getItem(key) || '';
    } catch {
      return '';
    }
  }
  // look makes the page look as it was chosen, or as the system does. Other values
  // than these are not kept by us.
  const paper = { light: '#fbf8f2', dark: '#171613' };
  function look() {
    const chosen = (name, ...known) => {
      const value = stored('localStorage', `maru.${name}`);
      if (known.includes(value)) html.dataset[name] = value;
      else delete html.dataset[name];
      return html.dataset[name];
    };
    const theme = chosen('theme', 'light', 'dark');
    chosen('size', 's', 'l', 'xl');
    chosen('motion', 'less');
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) {
      meta.content = paper[theme || (meta.media.includes('dark') ? 'dark' : 'light')];
    }
  }
  look();
  const lang = stored('localStorage', 'maru.lang');
  if (lang === 'ko' || lang === 'en') html.lang = lang;
  // Who has a name in this tab, or is in the room already on this device, goes
  // straight into the room, and sees its frame.
  function room() {
    try {
      return location.pathname.startsWith('/r/') ? decodeURIComponent(location.pathname.slice(3)) : '';
    } catch {
      return '';
    }
  }
  const member = () => stored('localStorage', 'maru.member').split('\n').some((line) => line.split('\t')[0] === room());
  if (stored('sessionStorage', 'maru.name') || (room() && member())) html.dataset.known = 'true';

  // --- What go-app's client expects of a page ---

  let registration = null;
  const environment = {
    GOAPP_VERSION: html.dataset.version || '',
    GOAPP_STATIC_RESOURCES_URL: '',
    GOAPP_ROOT_PREFIX: '',
    GOAPP_INTERNAL_URLS: '[]',
  };
  // show has the program go to an address; one that comes before it runs waits.
  function show(url) {
    const to = new URL(url, location.href);
    if (to.origin === location.origin) window.dispatchEvent(new CustomEvent('maru:open', { detail: to.pathname + to.search }));
  }
  // A second start of the installed app comes here, rather than to another window.
  if ('launchQueue' in window) {
    let first = true; // the start of this window itself
    launchQueue.setConsumer(({ targetURL }) => {
      if (!first && targetURL) show(targetURL);
      first = false;
    });
  }
  const tagOf = (path) => `maru:${path}`;

  const installed = () => navigator.standalone === true || matchMedia('(display-mode: standalone)').matches;

  Object.assign(window, {
    maruInstall: null, // the browser's offer to install, until it is taken
    maruPending: { submit: false }, // whether a person has already pressed the button
    maruComposing: false, // whether an input method is at work in a field of the frame

    goappNav() {},
    goappUpdatedBeforeWasmLoaded: false,
    goappOnUpdate() { window.goappUpdatedBeforeWasmLoaded = true; },
    goappAppInstallChangedBeforeWasmLoaded: false,
    goappOnAppInstallChange() { window.goappAppInstallChangedBeforeWasmLoaded = true; },
    goappGetenv: (key) => environment[key],
    goappTryUpdate() { if (registration) registration.update().catch(() => {}); },
    goappIsAppInstalled: installed,
    goappIsAppInstallable: () => !installed() && window.maruInstall !== null,
    goappIsAppleBrowser: () => /iP(hone|ad|od)/.test(navigator.userAgent) ||
      (/\bMacintosh\b/.test(navigator.userAgent) && (navigator.maxTouchPoints > 1 || !/Chrome|Edg|OPR|Firefox/.test(navigator.userAgent))),
    async goappShowInstallPrompt() {
      const offer = window.maruInstall;
      if (!offer) return;
      offer.prompt();
      await offer.userChoice;
      installChanged(null); // an offer can be made once
    },
    goappKeepBodyClean: () => () => {},
    goappNewNotification(json) {
      const { title, ...options } = JSON.parse(json);
      if (registration) registration.showNotification(title, options);
    },
    goappSubscribePushNotifications: async () => '',

    maruLook: look,

    // maruNotify shows one notification a room, and the same message once, however
    // many tabs are open.
    async maruNotify(title, body, path, key) {
      if (!registration) return;
      await navigator.locks.request('maru.notify', async () => {
        const tag = tagOf(path);
        const shown = await registration.getNotifications({ tag });
        if (shown.some(({ data }) => data?.key === key)) return;
        const icon = document.querySelector('link[rel="apple-touch-icon"]')?.href;
        await registration.showNotification(title, { body, tag, icon, renotify: true, data: { path, key }, lang: html.lang });
      }).catch(() => {}); // permission may have been taken back
    },
    async maruNotified(path) {
      const shown = registration ? await registration.getNotifications({ tag: tagOf(path) }) : [];
      for (const notification of shown) notification.close();
    },

    // maruForget takes away all that this browser keeps of us.
    async maruForget() {
      const quietly = (task) => Promise.resolve().then(task).catch(() => {}); // what can't be read holds nothing
      await quietly(() => localStorage.clear());
      await quietly(() => sessionStorage.clear());
      document.cookie = 'maru-lang=; Path=/; Max-Age=0';
      await quietly(async () => { for (const name of await caches.keys()) await caches.delete(name); });
      // A database that is open goes when this page does.
      await quietly(async () => { for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name); });
      await quietly(async () => { for (const worker of await navigator.serviceWorker.getRegistrations()) await worker.unregister(); });
      location.replace('/');
    },

    // maruUpdate changes to the release that waits, if one does, and reloads.
    maruUpdate() {
      const waiting = registration && registration.waiting;
      if (!waiting) {
        location.reload();
        return;
      }
      navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
      waiting.postMessage({ type: 'maru:update' });
    },
  });

  function installChanged(offer) {
    window.maruInstall = offer;
    window.goappOnAppInstallChange();
    window.dispatchEvent(new Event('maru:installable'));
  }
  window.addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // the page has a quiet button of its own
    installChanged(event);
  });
  window.addEventListener('appinstalled', () => installChanged(null));

  // --- What a person does before the program runs ---

  // hold listens on the elements that the server sent. go-app puts its own in
  // their place, so these listeners end with them.
  function hold() {
    const form = document.getElementById('join');
    const composer = document.getElementById('composer');
    const send = document.getElementById('send');
    const submit = (event) => {
      event.preventDefault();
      window.maruPending.submit = true;
      html.dataset.pending = 'true';
    };
    if (form) form.addEventListener('submit', submit);
    if (send) send.addEventListener('click', submit);
    if (composer) composer.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.shiftKey) return;
      if (event.isComposing || event.keyCode === 229) return; // the input method owns this key
      if (matchMedia('(hover: none) and (pointer: coarse)').matches) return; // there Enter breaks the line
      submit(event);
    });
  }

  // Replacing a field would cut a composition off, so the program waits for its end.
  document.addEventListener('compositionstart', () => { window.maruComposing = true; });
  document.addEventListener('compositionend', () => { window.maruComposing = false; });

  // --- Loading ---

  // complain shows what went wrong, and a button to try again.
  function complain(message) {
    removeLoader();
    const loader = document.createElement('div');
    loader.id = 'app-wasm-loader';
    loader.className = 'failed';
    const label = document.createElement('span');
    label.id = 'app-wasm-loader-label';
    label.setAttribute('role', 'alert');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'link';
    button.style.pointerEvents = 'auto'; // the progress line lets clicks through
    button.textContent = say('again');
    button.addEventListener('click', () => location.reload());
    label.append(message + ' ', button);
    loader.append(label);
    document.body.append(loader);
  }

  function removeLoader() {
    const loader = document.getElementById('app-wasm-loader');
    if (loader) loader.remove();
  }

  // count shows how much of the program has arrived. It reads a clone, so that
  // the browser compiles the answer itself, as it comes.
  async function count(response, size) {
    const progress = document.getElementById('progress');
    if (!progress || !response.body || !(size > 0)) return;
    progress.max = size;
    const reader = response.body.getReader();
    for (let loaded = 0; ;) {
      const { done, value } = await reader.read();
      if (done) return;
      loaded += value.byteLength;
      progress.value = Math.min(loaded, size);
    }
  }

  async function instantiate(response, imports) {
    if ((response.headers.get('Content-Type') || '').startsWith('application/wasm')) {
      return WebAssembly.instantiateStreaming(response, imports);
    }
    // Something between us and the server has changed the type.
    return WebAssembly.instantiate(await response.arrayBuffer(), imports);
  }

  async function load() {
    let response;
    try {
      response = await fetch(html.dataset.wasm);
    } catch {
      complain(`${say('failed')} ${say('offline')}`);
      return;
    }
    if (!response.ok) {
      complain(`${say('failed')} ${say('status').replace('{0}', response.status)}`);
      return;
    }
    count(response.clone(), Number(html.dataset.wasmSize)).catch(() => {}); // the other branch tells of a broken answer
    const go = new Go();
    let program;
    try {
      program = await instantiate(response, go.importObject);
    } catch (error) {
      console.error(error);
      complain(`${say('failed')} ${navigator.onLine ? '' : say('offline')}`);
      return;
    }
    removeLoader();
    go.run(program.instance).then(() => complain(say('stopped')));
  }

  // --- The service worker, which makes the next start possible without a network ---

  async function keep() {
    if (!('serviceWorker' in navigator)) return;
    navigator.serviceWorker.addEventListener('message', ({ data }) => {
      if (data?.type === 'maru:open') show(data.path);
    });
    const announce = () => {
      // Without a controller this is the first visit: nothing is being replaced.
      if (!registration.waiting || !navigator.serviceWorker.controller) return;
      window.goappOnUpdate();
      window.dispatchEvent(new Event('maru:update'));
    };
    try {
      registration = await navigator.serviceWorker.register('/worker.js', { updateViaCache: 'none' });
    } catch (error) {
      console.warn('the app will not open offline:', error.message);
      return;
    }
    announce();
    registration.addEventListener('updatefound', () => {
      registration.installing.addEventListener('statechange', announce);
    });
  }

  async function start() {
    hold();
    if (typeof WebAssembly !== 'object' || !WebAssembly.instantiateStreaming || typeof Go !== 'function') {
      complain(say('unsupported'));
      return;
    }
    // The worker comes after the program, so that it doesn't compete for the line
    // and finds what it keeps in the browser's cache.
    await load();
    await keep();
  }
  if (document.readyState === 'loading') {
    document.addEventListener('DOMContentLoaded', start);
  } else {
    start();
  }
})();
