// A proof of work in place of a wait: finds the number that the server's challenge asks for, a few
// milliseconds at a time, and sends the form again with it. Loaded only when there is a challenge.
const K = new Uint32Array(64), START = new Uint32Array(8);
for (let prime = 2, found = 0; found < 64; prime++) {
  let isPrime = true;
  for (let factor = 2; factor * factor <= prime; factor++) if (prime % factor === 0) isPrime = false;
  if (!isPrime) continue;
  const bits = (root) => ((root - Math.floor(root)) * 2 ** 32) >>> 0;
  if (found < 8) START[found] = bits(Math.sqrt(prime));
  K[found++] = bits(Math.cbrt(prime));
}

const turn = (word, by) => (word >>> by) | (word << (32 - by));
const w = new Uint32Array(64), block = new Uint8Array(64), words = new DataView(block.buffer);

// How the SHA-256 of the first bytes of block, at most 55, begins: 32 bits.
const hash = (length) => {
  block.fill(0, length);
  block[length] = 0x80;
  words.setUint32(60, length * 8);
  for (let i = 0; i < 16; i++) w[i] = words.getUint32(i * 4);
  for (let i = 16; i < 64; i++) {
    const a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + w[i - 7] + (turn(a, 7) ^ turn(a, 18) ^ (a >>> 3)) + (turn(b, 17) ^ turn(b, 19) ^ (b >>> 10));
  }
  let a = START[0], b = START[1], c = START[2], d = START[3];
  let e = START[4], f = START[5], g = START[6], h = START[7];
  for (let i = 0; i < 64; i++) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0;
    d = c; c = b; b = a; a = (one + two) | 0;
  }
  return (START[0] + a) >>> 0;
};

const put = (text, at) => {
  for (let i = 0; i < text.length; i++) block[at + i] = text.charCodeAt(i);
  return at + text.length;
};

export const solve = async (challenge) => {
  const [bits, , , seal] = challenge.split(".");
  for (let number = 0; ; ) {
    for (const end = performance.now() + 12; performance.now() < end; ) {
      for (const last = number + 200; number < last; number++) {
        put(seal, 0);
        if (hash(put(String(number), seal.length)) >>> (32 - bits) === 0) return `${challenge}:${number}`;
      }
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
};

// A challenge in answer to a proof is taken up again, but not without end.
let inARow = 0;

export const prove = async (form) => {
  if (inARow >= 3) return void (inARow = 0);
  const note = form.querySelector("[data-proof-note]");
  if (note) note.textContent = note.dataset.proofNote;
  const proof = await solve(form.dataset.challenge);
  if (!form.isConnected) return;
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "proof", value: proof });
  form.append(field);
  inARow += 1;
  setTimeout(() => { inARow = 0; }, 10000);
  form.requestSubmit();
};
