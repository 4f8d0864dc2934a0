/* The page that verifies a code without a network: ways in, the lists it keeps, and the verdict.
 *
 * It speaks no language of its own: every sentence stands in the page, in data attributes and templates. Nothing that
 * is verified leaves the phone; the only things ever fetched are the keys, the status list and the QR decoder.
 */
"use strict";

(() => {
  const LISTS = "chengxin-verify-lists";
  const KEYS = "/.well-known/chengxin/keys.json";
  const STATUS = "/.well-known/chengxin/status.json";
  const PATIENCE = 20_000; // milliseconds for one list
  const OFTEN = 600_000; // after this, a list that is used or come back to is looked for anew: its `ttl`
  const AGAIN = 30_000; // when to try once more where nobody answered: a browser does not always know that it can again
  const LOOK_EVERY = 150; // milliseconds between two looks of the camera
  const LOOK_SIDE = 720; // pixels: some ten for each module of a full code
  const PICTURE_SIDES = [1200, 800, 1800, 560, 2600]; // a photograph is tried at several sizes
  const LARGER = 2; // a small picture is tried enlarged: smooth edges say more than few pixels
  const PICTURE_BYTES = 30_000_000;
  const PLAIN_CODE = /^(?:[0-9A-Z]{20}|[0-9A-Z]{136})$/;
  const LONGEST_ASKED = 300; // as long as the field of the front page

  const at = (id) => document.getElementById(id);
  const main = at("main");
  const result = at("result");
  const said = at("said");
  const code = at("code");
  const words = main.dataset;
  const language = document.documentElement.lang;

  let keys = null; // as verifyCore.readKeys gives them
  let status = null; // as verifyCore.readStatus gives it
  let shown = null; // the text whose verdict is on the page
  let syncing = null;
  let syncedAt = 0;
  let again = 0; // the timer of the next try

  // ---- Words ---------------------------------------------------------------------------------------------------

  function ageInWords({ hours, days }) {
    if (hours < 1) return words.now;
    const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });
    return days < 1 ? relative.format(-hours, "hour") : relative.format(-days, "day");
  }

  const dayInWords = (day) =>
    new Intl.DateTimeFormat(language === "en" ? "en-GB" : language, { dateStyle: "long", timeZone: "UTC" }).format(
      new Date(`${day}T00:00:00Z`),
    );

  const uscc = (text) => `${text.slice(0, 2)} ${text.slice(2, 8)} ${text.slice(8, 17)} ${text.slice(17)}`;

  function tell(message) {
    said.textContent = message;
    said.hidden = !message;
  }

  function showAge() {
    const usable = status && !status.fault;
    at("age").textContent = usable
      ? words.age.replace("{age}", ageInWords(verifyCore.ageOf(status, Date.now())))
      : words.none;
  }

  // ---- What is kept --------------------------------------------------------------------------------------------

  /* The text kept under an address, or null. Kept as the server sent it, and verified anew each time it is read. */
  async function kept(address) {
    try {
      const found = await (await caches.open(LISTS)).match(address);
      return found ? await found.text() : null;
    } catch {
      return null; // a private window may keep nothing: then what was fetched serves until it is closed
    }
  }

  async function keep(address, text) {
    try {
      await (await caches.open(LISTS)).put(address, new Response(text));
    } catch {
      // a private window, or a full phone
    }
  }

  async function recall() {
    keys = verifyCore.readKeys(await kept(KEYS));
    const text = keys && (await kept(STATUS));
    status = text ? await verifyCore.readStatus(text, keys) : null;
  }

  async function fetched(address) {
    const answer = await fetch(address, { cache: "no-cache", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    return answer.text();
  }

  /* Fetch keys and status list, and keep what is right. Returns which of the page's sentences says how it went. */
  async function fetchLists() {
    const [keysText, statusText] = await Promise.all([KEYS, STATUS].map((one) => fetched(one).catch(() => null)));
    if (keysText === null) return "unreached";
    const newKeys = verifyCore.readKeys(keysText);
    if (!newKeys) return "refused";
    await keep(KEYS, keysText);
    const come = statusText === null ? null : await verifyCore.readStatus(statusText, newKeys);
    // What is here was signed with keys that may have been revoked since.
    const old = await kept(STATUS);
    const before = old ? await verifyCore.readStatus(old, newKeys) : null;
    const best = verifyCore.newer(before, come, Date.now());
    if (come && best === come) await keep(STATUS, statusText);
    keys = newKeys;
    status = best;
    if (!come) return "unreached";
    if (come.fault) return "refused";
    return best === come ? "updated" : "older";
  }

  /* One at a time; whoever asks meanwhile waits for the one under way. */
  function sync() {
    clearTimeout(again);
    syncing ??= (async () => {
      at("update").setAttribute("aria-disabled", "true");
      at("news").textContent = words.busy;
      const went = await fetchLists();
      if (went === "updated") syncedAt = Date.now();
      if (went === "unreached") again = setTimeout(() => document.hidden || sync(), AGAIN);
      at("news").textContent = words[went];
      at("update").removeAttribute("aria-disabled");
      showAge();
      // The list may know more of the code on the page than the one it was judged by.
      if (shown !== null) await verify(shown, { isAsked: false });
    })().finally(() => {
      syncing = null;
    });
    return syncing;
  }

  // ---- The verdict ---------------------------------------------------------------------------------------------

  async function verify(text, { isAsked }) {
    if (!keys) {
      shown = text;
      show(at("t-unready"), null, isAsked);
      if (isAsked && navigator.onLine) sync();
      return;
    }
    const found = await verifyCore.judge({ text, keys, status, now: Date.now() });
    shown = text;
    show(at(`t-${found.state}`), found, isAsked);
    // A key or a serial that may be newer than our lists, or lists that may be: look again, if there is a network.
    const isOld = Date.now() - syncedAt > OFTEN;
    if (isAsked && navigator.onLine && (isOld || ["unknown_key", "stale"].includes(found.state))) sync();
  }

  /* Put a template on the page with what was found in its places; a place for which there is nothing goes away. */
  function show(template, found, isAsked) {
    const panel = template.content.cloneNode(true);
    if (found) fill(panel, found);
    // The same verdict once more is no news to a screen reader.
    const held = document.createElement("div");
    held.append(panel);
    if (!isAsked && held.innerHTML === result.innerHTML) return;
    const wasThere = result.contains(document.activeElement);
    result.replaceChildren(...held.childNodes);
    if (isAsked || wasThere) result.querySelector("h2").focus();
    if (isAsked) {
      tell("");
      result.scrollIntoView({ block: "start" });
    }
  }

  function fill(panel, found) {
    const online = new URL(`/C/${found.token}`, location.origin);
    online.search = new URL(location.href).search;
    const where = at("placements").content.querySelector(`[data-number="${found.placement}"]`);
    const texts = {
      serial: found.serial === null ? "" : verifyCore.grouped(found.serial),
      age: found.age ? words.age.replace("{age}", ageInWords(found.age)) : "",
      uscc: found.holder_kind === "subject" ? uscc(found.holder) : "",
      place: found.holder_kind === "place" ? found.holder : "",
      placement: where ? where.textContent : "",
      issued: found.issued_on ? dayInWords(found.issued_on) : "",
      before: found.before.toLowerCase(), // capital I and small l are alike, i and l are not
      right: keys.codeUrls[0]?.toLowerCase() ?? "",
    };
    for (const slot of panel.querySelectorAll("[data-slot]")) {
      const text = texts[slot.dataset.slot];
      if (text) slot.textContent = text;
      else (slot.closest("[data-with]") ?? slot).remove();
    }
    for (const line of panel.querySelectorAll("[data-fault]")) {
      if (line.dataset.fault !== found.fault) line.remove();
    }
    for (const link of panel.querySelectorAll("[data-online]")) link.href = online.pathname + online.search;
    for (const link of panel.querySelectorAll("[data-ask]")) {
      // What the form of this page would ask for without a script: the front page knows codes that others issued.
      const ask = new URL("/", location.origin);
      ask.search = online.search;
      ask.searchParams.set("code", shown.trim().slice(0, LONGEST_ASKED));
      link.href = ask.pathname + ask.search;
    }
    if (!PLAIN_CODE.test(found.token)) return; // of a stranger's text nothing goes into an address of ours
    for (const link of panel.querySelectorAll("[data-fake]")) {
      const fake = new URL(link.href, location.origin);
      fake.searchParams.set("code", found.token);
      link.href = fake.pathname + fake.search;
    }
  }

  // ---- Reading QR codes ----------------------------------------------------------------------------------------

  let decoder = null;

  /* A function from a canvas to the text of the QR code on it, or "": the browser's own where it has one, else jsQR. */
  function theDecoder() {
    decoder ??= (async () => (await ownDecoder()) ?? (await fetchedDecoder()))().catch((trouble) => {
      decoder = null; // next time there may be a network
      throw trouble;
    });
    return decoder;
  }

  async function ownDecoder() {
    if (!("BarcodeDetector" in window)) return null;
    const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
    if (!formats.includes("qr_code")) return null;
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    return async (canvas) => (await detector.detect(canvas).catch(() => []))[0]?.rawValue ?? "";
  }

  function fetchedDecoder() {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = words.decoder;
      script.onerror = () => {
        script.remove();
        reject(new Error("no decoder"));
      };
      script.onload = () =>
        resolve(async (canvas, isHard) => {
          const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const inversionAttempts = isHard ? "attemptBoth" : "dontInvert";
          return jsQR(data, width, height, { inversionAttempts })?.data ?? "";
        });
      document.head.append(script);
    });
  }

  /* The middle of a picture, so wide and so high, on a canvas no longer than `side`. */
  function drawn(source, { from, width, height, side }) {
    const scale = side / Math.max(width, height);
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(Math.round(width * scale), 1);
    canvas.height = Math.max(Math.round(height * scale), 1);
    const [left, top] = [(from.width - width) / 2, (from.height - height) / 2];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(source, left, top, width, height, 0, 0, canvas.width, canvas.height);
    return canvas;
  }

  // ---- A picture -----------------------------------------------------------------------------------------------

  async function readPicture(file) {
    if (file.size > PICTURE_BYTES) return tell(words.large);
    tell(words.looking);
    let picture;
    try {
      picture = await createImageBitmap(file);
    } catch {
      return tell(words.nopicture);
    }
    try {
      const decode = await theDecoder();
      const { width, height } = picture;
      const sides = new Set(PICTURE_SIDES.map((side) => Math.min(side, LARGER * Math.max(width, height))));
      for (const side of sides) {
        const text = await decode(drawn(picture, { from: picture, width, height, side }), true);
        if (text) return await verify(text, { isAsked: true });
        await new Promise((go) => setTimeout(go)); // let the page breathe
      }
      return tell(words.nocode);
    } catch {
      return tell(words.nodecoder);
    } finally {
      picture.close();
    }
  }

  // ---- The camera ----------------------------------------------------------------------------------------------

  const viewer = at("viewer");
  const video = at("video");
  let stream = null;

  async function startCamera() {
    if (stream) return;
    tell(words.opening);
    let decode;
    try {
      decode = await theDecoder();
    } catch {
      return tell(words.nodecoder);
    }
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 1280 } },
      });
      video.srcObject = stream;
      viewer.hidden = false;
      await video.play();
    } catch (trouble) {
      stopCamera();
      return tell(trouble.name === "NotAllowedError" ? words.forbidden : words.nocamera);
    }
    tell(words.aim);
    const [track] = stream.getVideoTracks();
    track.addEventListener("ended", stopCamera);
    at("torch").hidden = !track.getCapabilities?.().torch;
    at("stop").focus();
    look(stream, decode);
  }

  /* Look through the camera again and again, until it is stopped or a code is found. */
  async function look(mine, decode) {
    while (stream === mine) {
      const from = { width: video.videoWidth, height: video.videoHeight };
      if (from.width) {
        // A square, as the page shows it.
        const edge = Math.min(from.width, from.height);
        const canvas = drawn(video, { from, width: edge, height: edge, side: Math.min(LOOK_SIDE, edge) });
        const text = await decode(canvas, false).catch(() => "");
        if (text && stream === mine) {
          stopCamera();
          await verify(text, { isAsked: true });
          return;
        }
      }
      await new Promise((go) => setTimeout(go, LOOK_EVERY));
    }
  }

  function stopCamera() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
    viewer.hidden = true;
    at("torch").setAttribute("aria-pressed", "false");
    tell("");
  }

  async function turnTorch() {
    const isOn = at("torch").getAttribute("aria-pressed") !== "true";
    try {
      await stream?.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: isOn }] });
      at("torch").setAttribute("aria-pressed", String(isOn));
    } catch {
      at("torch").hidden = true; // it said it could
    }
  }

  // ---- The page ------------------------------------------------------------------------------------------------

  function listen() {
    at("form").addEventListener("submit", (event) => {
      event.preventDefault();
      verify(code.value, { isAsked: true });
    });
    at("camera").addEventListener("click", startCamera);
    at("stop").addEventListener("click", () => {
      stopCamera();
      at("camera").focus();
    });
    at("torch").addEventListener("click", turnTorch);
    at("pick").addEventListener("click", () => at("picture").click());
    at("picture").addEventListener("change", async () => {
      const [file] = at("picture").files;
      if (file) await readPicture(file);
      at("picture").value = ""; // the same file may be chosen once more
    });
    at("update").addEventListener("click", sync);
    window.addEventListener("online", sync);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) stopCamera();
      else {
        showAge();
        if (Date.now() - syncedAt > OFTEN) sync();
      }
    });
  }

  function keepThisPage() {
    // Not before the page is done: what is kept for later must not slow down what is looked at now.
    const register = () => navigator.serviceWorker.register("/verify-worker.js", { scope: "/verify" }).catch(() => {});
    if (document.readyState === "complete") register();
    else window.addEventListener("load", register);
  }

  async function begin() {
    if (!window.isSecureContext) {
      at("insecure").hidden = false;
      return;
    }
    if (!(await verifyCore.isAble())) {
      at("old").hidden = false;
      return;
    }
    await recall();
    listen();
    at("camera").hidden = !navigator.mediaDevices?.getUserMedia;
    for (const part of document.querySelectorAll("[data-able]")) part.hidden = false;
    showAge();
    keepThisPage();
    await sync();
  }

  begin();
})();
