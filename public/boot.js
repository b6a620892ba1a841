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

  // A start of the installed app goes on where one was, and sees the frame of that room.
  const query = new URLSearchParams(location.search);
  if (location.pathname === '/' && (query.has('src') || query.has('recent'))) {
    const last = stored('localStorage', 'maru.member').split('\n')[0].split('\t')[0];
    if (last) return location.replace(`/r/${encodeURIComponent(last)}`); // this page goes
  }

  // A keyboard that lies over the page, as that of iOS does, would cover the composer: the
  // page ends above it. A page that is zoomed in is lower too, but covered by nothing.
  const seen = window.visualViewport;
  const fit = () => {
    const covered = seen.scale === 1 && innerHeight - seen.height > 100;
    if (covered) html.style.setProperty('--high', `${seen.height}px`);
    else html.style.removeProperty('--high');
    if (covered && seen.offsetTop > 0) scrollTo(0, 0); // it was scrolled up, to show the field
  };
  seen?.addEventListener('resize', fit);

  // The program is what everything waits for. The page has hinted at it; now the style is
  // there, so it need not wait for the rest of the page.
  const download = fetch(html.dataset.wasm);
  download.catch(() => {}); // load tells of it

  // --- What go-app's client expects of a page ---

  let registration = null;
  // A later visit has a worker before this page has registered it anew.
  const registered = async () => registration || navigator.serviceWorker?.getRegistration();
  const environment = {
    GOAPP_VERSION: html.dataset.version || '',
    GOAPP_STATIC_RESOURCES_URL: '',
    GOAPP_ROOT_PREFIX: '',
    GOAPP_INTERNAL_URLS: '[]',
  };
  // show has the program go to an address; one that comes before it runs waits.
  function show(url) {
    const to = new URL(url, location.href);
    if (to.origin !== location.origin) return;
    window.maruOpen = to.pathname + to.search + to.hash;
    window.dispatchEvent(new Event('maru:open'));
  }
  // A click on a notification comes by the worker, which looks for the window that
  // shows its room.
  navigator.serviceWorker?.addEventListener('message', ({ data, ports }) => {
    if (data?.type === 'maru:open') show(data.path);
    if (data?.type === 'maru:where') ports[0].postMessage(location.pathname);
  });
  // A second start of the installed app comes here, rather than to another window.
  if ('launchQueue' in window) {
    // The first may be the start of this window itself; it is not told of to a page that
    // another one has led to.
    const opened = location.href;
    const again = performance.getEntriesByType('navigation')[0]?.type === 'reload';
    let first = true;
    launchQueue.setConsumer(({ targetURL }) => {
      if (targetURL && !(first && (again || targetURL === opened))) show(targetURL);
      first = false;
    });
  }
  const looking = (path) => `maru.looking ${path}`;
  let looked = () => {};
  const tagOf = (path) => `maru:${path}`;

  // A database that is open goes when this page does.
  const forgetRooms = async () => { for (const { name } of await indexedDB.databases()) indexedDB.deleteDatabase(name); };

  const installed = () => navigator.standalone === true || matchMedia('(display-mode: standalone)').matches;

  Object.assign(window, {
    maruInstall: null, // the browser's offer to install, until it is taken
    maruPending: { submit: false, texts: [] }, // whether a person has already pressed the button, and what was to be sent
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
    // many tabs are open; and none while one of them has the room before the person.
    async maruNotify(title, body, path, key) {
      const registration = await registered();
      if (!registration) return;
      await navigator.locks.request('maru.notify', async () => {
        const { held } = await navigator.locks.query();
        if (held.some(({ name }) => name === looking(path))) return;
        const tag = tagOf(path);
        // A browser that does not answer must not keep the lock from all tabs for ever.
        const shown = await Promise.race([registration.getNotifications({ tag }), new Promise((resolve) => { setTimeout(resolve, 1000, []); })]);
        if (shown.some(({ data }) => data?.key === key)) return;
        const icon = document.querySelector('link[rel="apple-touch-icon"]')?.href;
        await registration.showNotification(title, { body, tag, icon, renotify: true, data: { path, key }, lang: html.lang });
      }).catch(() => {}); // permission may have been taken back
    },
    // maruLooking says which rooms the person has before them in this window, by their
    // paths. Until it is said anew, or the window is gone, no other one tells of them.
    maruLooking(paths) {
      looked();
      const over = new Promise((resolve) => { looked = resolve; });
      for (const path of paths) navigator.locks?.request(looking(path), { mode: 'shared' }, () => over).catch(() => {});
    },
    async maruNotified(path) {
      const registration = await registered();
      const shown = registration ? await registration.getNotifications({ tag: tagOf(path) }) : [];
      for (const notification of shown) notification.close();
    },

    maruForgetRooms: () => forgetRooms().catch(() => {}),

    // maruForget takes away all that this browser keeps of us.
    async maruForget() {
      const quietly = (task) => Promise.resolve().then(task).catch(() => {}); // what can't be read holds nothing
      await quietly(() => localStorage.clear());
      await quietly(() => sessionStorage.clear());
      document.cookie = 'maru-lang=; Path=/; Max-Age=0';
      await quietly(async () => { for (const name of await caches.keys()) await caches.delete(name); });
      await quietly(forgetRooms);
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

  // early tells that something was done in the frame that the server sent, from its
  // first paint on. go-app puts its own in the frame's place.
  let frame = null; // once it is whole
  const early = (event) => (frame || document.getElementById('maru'))?.contains(event.target);
  const submit = (event) => {
    event.preventDefault();
    window.maruPending.submit = true;
    html.dataset.pending = 'true';
  };
  const draftKey = () => `maru.draft.${room()}`;
  // The draft stands there before anything is typed: from the field's first focus on, or
  // once the page is whole. From then on the field is the person's.
  let drafted = false;
  const fill = () => {
    const field = document.getElementById('composer');
    if (drafted || !field) return;
    drafted = true;
    if (html.dataset.known && !field.value) field.value = stored('localStorage', draftKey());
  };
  document.addEventListener('focusin', (event) => {
    if (event.target.id === 'composer' && early(event)) fill();
  });
  // send puts what stands in the composer aside, to be sent, and shows it on its way.
  // Until then it is the room's draft, so that a reload doesn't lose it.
  const send = (event) => {
    submit(event);
    const field = document.getElementById('composer');
    if (!field.value.trim()) return;
    drafted = true; // also where the browser itself has put something back
    window.maruPending.texts.push(field.value);
    const [line, words] = ['msg more pending', 'text'].map((name) => Object.assign(document.createElement('div'), { className: name }));
    words.textContent = field.value;
    line.append(document.createElement('time'), words);
    document.querySelector('.frame-room .log')?.append(line);
    field.value = '';
    try { localStorage.setItem(draftKey(), window.maruPending.texts.join('\n')); } catch { /* it is still sent */ }
  };
  document.addEventListener('submit', (event) => {
    if (early(event)) submit(event);
  });
  document.addEventListener('click', (event) => {
    if (early(event) && event.target.closest('#send')) send(event);
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.target.id !== 'composer' || !early(event)) return;
    if (event.isComposing || event.keyCode === 229) return; // the input method owns this key
    const breaks = stored('localStorage', 'maru.enter') || matchMedia('(hover: none) and (pointer: coarse)').matches;
    if (breaks && !event.ctrlKey && !event.metaKey) return;
    send(event);
  });

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
      response = await download;
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
    frame = document.getElementById('maru');
    fill();
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
