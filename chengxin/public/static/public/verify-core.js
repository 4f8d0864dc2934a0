/* 诚信码 verified by the browser's own crypto: token, keys, status list, verdict.
 *
 * The format and the order of the questions are those of docs/code-format.md; the tests run docs/code-vectors.json
 * through this file. No page, no network, no storage and no clock in here, and whatever it is given it does not throw:
 * hostile input is the ordinary case, and gets a verdict.
 */
"use strict";

const verifyCore = (() => {
  const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // each letter is written as the base32 digit of the same value
  const KINDS = { E: "subject", P: "place" };
  const FULL = 136;
  const SHORT = 20;
  const HEAD = 33; // what is signed; the signature follows
  const EPOCH = Date.UTC(2020, 0, 1);
  const HOUR = 3600_000;
  const DAY = 24 * HOUR;
  const LONGEST_TEXT = 2048;
  const LEAST_BITS = 131_072; // W3C Bitstring Status List: a shorter list would tell whom it is about
  const MOST_BYTES = 64 << 20; // a list unpacked: half a thousand million serials, and no bomb
  const LONGEST_STATUS = 8 << 20;
  const LONGEST_KEYS = 1 << 20;
  const MOST_KEYS = 1024; // as many as a token can number
  const BLANKS = /[\t-\r \u00a0\u200b\u3000\ufeff]+/g; // what copying adds
  const NUMBER = /^(?:0|[1-9]\d{0,3})$/; // a key's number, as `kid` writes it
  const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

  const EXITS = {
    active: 0,
    suspended: 3,
    revoked: 3,
    forged: 4,
    wrong_host: 4,
    unknown_key: 5,
    short: 5,
    stale: 5,
  };

  const ascii = (text) => new TextEncoder().encode(text);

  // ---- Base32 and base64url ------------------------------------------------------------------------------------

  const number = (text) => [...text].reduce((sum, letter) => sum * 32 + CROCKFORD.indexOf(letter), 0);

  /* The 64 bytes in 103 characters, or null where the three bits left over are not nought: the same signature could
   * be written in eight ways. */
  function signatureOf(text) {
    const bytes = new Uint8Array(64);
    let held = 0;
    let bits = 0;
    let at = 0;
    for (const letter of text) {
      held = (held << 5) | CROCKFORD.indexOf(letter);
      bits += 5;
      if (bits >= 8 && at < 64) {
        bits -= 8;
        bytes[at++] = held >> bits;
        held &= (1 << bits) - 1;
      }
    }
    return held === 0 ? bytes : null;
  }

  /* The bytes of a base64url text without padding, or null. */
  function unbase64(text) {
    if (typeof text !== "string" || text.length % 4 === 1 || !/^[A-Za-z0-9_-]*$/.test(text)) return null;
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = new Uint8Array(binary.length);
    for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
    return bytes;
  }

  /* What a JSON text says if it is an object, else null. Bytes must be UTF-8. */
  function parse(said) {
    try {
      const text = typeof said === "string" ? said : new TextDecoder("utf-8", { fatal: true }).decode(said);
      const found = JSON.parse(text);
      return isObject(found) ? found : null;
    } catch {
      return null;
    }
  }

  /* The same of a document, which may be taken apart already. */
  function documentOf(said, longest) {
    if (typeof said === "string") return said.length > longest ? null : parse(said);
    return isObject(said) ? said : null;
  }

  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

  const isNumber = (kid) => typeof kid === "string" && NUMBER.test(kid) && Number(kid) < MOST_KEYS;

  const isAscii = (text) => /^[\x00-\x7f]*$/.test(text);

  // ---- Ed25519 -------------------------------------------------------------------------------------------------

  async function isSigned(key, signature, data) {
    try {
      const usable = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, usable, signature, data);
    } catch {
      return false; // a key that is no point of the curve
    }
  }

  /* Whether this browser can do what is needed: the signature's algorithm, and unpacking. */
  async function isAble() {
    try {
      // The key of RFC 8032's first example: any browser that knows the algorithm takes it.
      const x = unbase64("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
      await crypto.subtle.importKey("raw", x, { name: "Ed25519" }, false, ["verify"]);
      return typeof DecompressionStream === "function";
    } catch {
      return false;
    }
  }

  // ---- The text and the token ----------------------------------------------------------------------------------

  /* What somebody scanned, typed or pasted: the token as it would have been printed, and what stood before `/C/`
   * (nothing where the text was the bare token). */
  function partsOf(text) {
    if (typeof text !== "string" || text.length > LONGEST_TEXT) return { token: "", before: "" };
    const bare = text.replace(BLANKS, "");
    const found = /^(.*?)\/[Cc]\/([^/?#]*)/s.exec(bare);
    const typed = (found ? found[2] : bare).replaceAll("-", "");
    // Capitals of ASCII only: elsewhere a dotless ı would become an I, and then a 1.
    const token = isAscii(typed) ? typed.toUpperCase().replace(/[IL]/g, "1").replaceAll("O", "0") : typed;
    return { token, before: found ? found[1] : "" };
  }

  /* Whether what stood before `/C/` is one of these addresses, with its scheme or without. Nothing at all is: a bare
   * token has no address that could be wrong. */
  function isOf(before, addresses) {
    const said = before.toLowerCase();
    const known = addresses.map((address) => address.toLowerCase());
    return isAscii(before) && (!before || known.some((one) => said === one || said === one.replace(/^.*?:\/\//, "")));
  }

  /* What a token says before anything is verified, or null if it is none. */
  function claimsOf(token) {
    if (![FULL, SHORT].includes(token.length) || [...token].some((letter) => !CROCKFORD.includes(letter))) return null;
    if (token.length === SHORT) return token[0] === "S" ? { short: true, serial: number(token.slice(1, 8)) } : null;
    const kind = KINDS[token[3]];
    if (token[0] !== "1" || !kind || token.slice(4, 22).includes("Z")) return null;
    return {
      short: false,
      key: number(token.slice(1, 3)),
      holder_kind: kind,
      holder: [...token.slice(4, 22)].map((letter) => USCC[CROCKFORD.indexOf(letter)]).join(""),
      serial: number(token.slice(22, 29)),
      issued_on: new Date(EPOCH + number(token.slice(29, 32)) * DAY).toISOString().slice(0, 10),
      placement: CROCKFORD.indexOf(token[32]),
    };
  }

  // ---- Keys ----------------------------------------------------------------------------------------------------

  /* The keys that may sign, the addresses that codes may carry, and the office; or null if this is no such document.
   * A key that is not ours to use (another algorithm, another purpose, not 32 bytes) is passed over. */
  function readKeys(said) {
    const found = documentOf(said, LONGEST_KEYS);
    if (!found || !Array.isArray(found.keys)) return null;
    const keys = new Map();
    for (const one of found.keys) {
      if (!isObject(one) || one.kty !== "OKP" || one.crv !== "Ed25519" || !isNumber(one.kid)) continue;
      if (![undefined, "Ed25519"].includes(one.alg) || ![undefined, "sig"].includes(one.use)) continue;
      const x = unbase64(one.x);
      if (x?.length === 32) keys.set(Number(one.kid), x);
    }
    const more = isObject(found.chengxin) ? found.chengxin : {};
    const urls = Array.isArray(more.code_urls) ? more.code_urls : [];
    return {
      keys,
      codeUrls: urls.filter((url) => typeof url === "string" && url).map((url) => url.replace(/\/+$/, "")),
      office: typeof more.office === "string" ? more.office : "",
    };
  }

  // ---- The status list -----------------------------------------------------------------------------------------

  /* A status document, its signature checked: `{from, until, revocation, suspension}`, or `{fault}` where it is worth
   * nothing: `unverifiable` (no key of ours signed it) or `malformed`. */
  async function readStatus(said, keys) {
    const found = documentOf(said, LONGEST_STATUS);
    if (!found) return { fault: "malformed" };
    const { protected: protectedPart, payload, signature } = found;
    const header = parse(unbase64(protectedPart) ?? "");
    const signed = unbase64(signature);
    if (!header || !signed || typeof payload !== "string") return { fault: "malformed" };
    // The header names the algorithm, we do not let it choose: one is right, and what it calls critical we don't know.
    const isOurs = header.alg === "Ed25519" && header.typ === "vc+jwt" && !("crit" in header);
    const key = isOurs && isNumber(header.kid) ? keys.keys.get(Number(header.kid)) : undefined;
    if (!key || !(await isSigned(key, signed, ascii(`${protectedPart}.${payload}`)))) return { fault: "unverifiable" };
    return readCredential(parse(unbase64(payload) ?? ""));
  }

  async function readCredential(claims) {
    const from = moment(claims?.validFrom);
    const until = moment(claims?.validUntil);
    const types = Array.isArray(claims?.type) ? claims.type : [];
    const subjects = Array.isArray(claims?.credentialSubject) ? claims.credentialSubject : [];
    if (from === null || until === null || !types.includes("BitstringStatusListCredential")) {
      return { fault: "malformed" };
    }
    const lists = {};
    for (const purpose of ["revocation", "suspension"]) {
      const [one, another] = subjects.filter((subject) => subject?.statusPurpose === purpose);
      if (another || one?.type !== "BitstringStatusList") return { fault: "malformed" };
      lists[purpose] = await unpack(one.encodedList);
      if (!lists[purpose] || lists[purpose].length * 8 < LEAST_BITS) return { fault: "malformed" };
    }
    return { from, until, ...lists };
  }

  /* Milliseconds of a time written as the list writes it, or null. */
  function moment(text) {
    const found = typeof text === "string" && TIME.test(text) ? Date.parse(text) : NaN;
    return Number.isNaN(found) ? null : found;
  }

  /* The bits of an encodedList, or null: `u`, then base64url of gzip. */
  async function unpack(encoded) {
    if (typeof encoded !== "string" || encoded[0] !== "u") return null;
    const zipped = unbase64(encoded.slice(1));
    if (!zipped) return null;
    const reader = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip")).getReader();
    const chunks = [];
    let length = 0;
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        length += value.length;
        if (length > MOST_BYTES) {
          await reader.cancel();
          return null;
        }
        chunks.push(value);
      }
    } catch {
      return null; // no gzip, cut short, or with something behind it
    }
    const bits = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      bits.set(chunk, at);
      at += chunk.length;
    }
    return bits;
  }

  // Serial 0 is the highest bit of the first byte.
  const isSet = (bits, serial) => (bits[Math.floor(serial / 8)] & (128 >> (serial % 8))) !== 0;

  /* Why a status list cannot say how a serial stands now, or "" if it can. */
  function faultOf(status, serial, now) {
    if (!status) return "none";
    if (status.fault) return status.fault;
    if (now >= status.until) return "expired";
    if (status.from - now > DAY) return "future";
    const ends = Math.min(status.revocation.length, status.suspension.length) * 8;
    return serial < ends ? "" : "beyond";
  }

  /* How old a list is: whole hours and whole days, never below nought. */
  function ageOf(status, now) {
    const passed = Math.max(now - status.from, 0);
    return { hours: Math.floor(passed / HOUR), days: Math.floor(passed / DAY) };
  }

  // ---- The verdict ---------------------------------------------------------------------------------------------

  /* What a text is, by the keys and the status list that are here and at a moment (milliseconds). The questions stand
   * in the order of docs/code-format.md. `status` is what readStatus gave, or null. */
  async function judge({ text, keys, status, now }) {
    const { token, before } = partsOf(text);
    const claims = claimsOf(token);
    const found = { state: "forged", serial: null, holder: null, age: null, fault: "", token, before };
    const say = (state, more = {}) => ({ ...found, ...more, state, exit: EXITS[state] });
    if (!claims) return say("forged");
    const isElsewhere = !isOf(before, keys.codeUrls);
    if (claims.short) return say(isElsewhere ? "wrong_host" : "short", { serial: claims.serial });
    const key = keys.keys.get(claims.key);
    if (!key) return say("unknown_key");
    const signature = signatureOf(token.slice(HEAD));
    if (!signature || !(await isSigned(key, signature, ascii(`chengxin/1/${token.slice(0, HEAD)}`)))) {
      return say("forged");
    }
    if (isElsewhere) return say("wrong_host", claims);
    const fault = faultOf(status, claims.serial, now);
    // A list that no key signed has no age either.
    const age = status && !status.fault ? ageOf(status, now) : null;
    if (fault) return say("stale", { ...claims, fault, age });
    if (isSet(status.revocation, claims.serial)) return say("revoked", { ...claims, age });
    if (isSet(status.suspension, claims.serial)) return say("suspended", { ...claims, age });
    return say("active", { ...claims, age });
  }

  /* Which of two status lists to keep: the newer one that can be trusted, never one from the future. */
  function newer(kept, come, now) {
    if (!come || come.fault || come.from - now > DAY) return kept;
    return kept && !kept.fault && kept.from > come.from ? kept : come;
  }

  /* A serial as it is printed: 0000-C1S. */
  function grouped(serial) {
    let text = "";
    for (let rest = serial; text.length < 7; rest = Math.floor(rest / 32)) text = CROCKFORD[rest % 32] + text;
    return `${text.slice(0, 4)}-${text.slice(4)}`;
  }

  return Object.freeze({ EXITS, ageOf, grouped, isAble, judge, newer, readKeys, readStatus });
})();
