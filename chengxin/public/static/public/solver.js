// Solves a challenge of the search: finds the counter whose SHA-256 begins as it should. Runs as a worker.
// Of our own, not crypto.subtle: that one is missing where a page comes over plain HTTP (a trial in a hall's own
// network), and its way in and out takes ten times as long as one block of SHA-256.
"use strict";

const K = new Int32Array(64);
const FIRST = new Int32Array(8);

// The constants are the fractions of the roots of the first primes (FIPS 180-4, 4.2.2 and 5.3.3).
(function () {
  let found = 0;
  for (let n = 2; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    const cube = Math.cbrt(n), square = Math.sqrt(n);
    K[found] = (cube - Math.floor(cube)) * 4294967296;
    if (found < 8) FIRST[found] = (square - Math.floor(square)) * 4294967296;
    found++;
  }
})();

const W = new Int32Array(64);
const H = new Int32Array(8);

// One block: 16 words of `block` in, 8 words of H out.
function hash(block) {
  W.set(block);
  for (let i = 16; i < 64; i++) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let a = FIRST[0], b = FIRST[1], c = FIRST[2], d = FIRST[3], e = FIRST[4], f = FIRST[5], g = FIRST[6], h = FIRST[7];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  H[0] = FIRST[0] + a; H[1] = FIRST[1] + b; H[2] = FIRST[2] + c; H[3] = FIRST[3] + d;
  H[4] = FIRST[4] + e; H[5] = FIRST[5] + f; H[6] = FIRST[6] + g; H[7] = FIRST[7] + h;
}

function words(hex) {
  const out = [];
  for (let i = 0; i < hex.length; i += 8) out.push(parseInt(hex.slice(i, i + 8), 16) | 0);
  return out;
}

// salt (16 bytes), nonce (16 bytes), counter (4 bytes, big-endian): 36 bytes with their padding are one block.
function solve(parameters, limit) {
  const block = new Int32Array(16);
  block.set(words(parameters.salt), 0);
  block.set(words(parameters.nonce), 4);
  block[9] = 0x80000000 | 0;
  block[15] = 288;
  const wanted = words(parameters.keyPrefix);
  for (let counter = 0; counter < limit; counter++) {
    block[8] = counter;
    hash(block);
    if (H[0] === wanted[0] && H[1] === wanted[1] && H[2] === wanted[2] && H[3] === wanted[3]) {
      let derived = "";
      for (let i = 0; i < 8; i++) derived += (H[i] >>> 0).toString(16).padStart(8, "0");
      return { counter: counter, derivedKey: derived };
    }
  }
  return null;
}

onmessage = function (event) {
  postMessage(solve(event.data.parameters, 1000000));
};
