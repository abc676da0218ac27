// Many texts sought in bytes in one pass, by Wu and Manber's method: it looks at every tenth place or so, and compares where the first
// twelve bytes of one may end. Pure.

export interface Found<T> {
  what: T;
  /** Of its first byte. */
  offset: number;
}

/** Bytes of the shortest text that is sought in many files. */
const SHORTEST_BYTES = 12;
const BLOCK = 4;
const BITS = 18;

interface Needle<T> {
  bytes: Uint8Array;
  what: T;
}

export interface Search<T> {
  /** How many texts are sought. */
  size: number;
  /** Bytes of the longest. */
  longest: number;
  /** Every place where one stands, also where they overlap. */
  in(bytes: Uint8Array): Found<T>[];
}

/** Texts of less than `shortest` bytes are not sought; the longer the shortest one, the wider its steps. At least 4. */
export function searchFor<T>(texts: Iterable<{ bytes: Uint8Array; what: T }>, shortest = SHORTEST_BYTES): Search<T> {
  const most = shortest - BLOCK + 1;
  const shifts = new Uint8Array(1 << BITS).fill(most);
  const buckets = new Map<number, Needle<T>[]>();
  let longest = 0;
  let size = 0;
  for (const needle of texts) {
    const { bytes } = needle;
    if (bytes.length < shortest) continue;
    longest = Math.max(longest, bytes.length);
    size++;
    for (let at = 0; at < most; at++) {
      const hash = hashAt(bytes, at);
      shifts[hash] = Math.min(shifts[hash] ?? most, most - 1 - at);
    }
    const last = hashAt(bytes, most - 1);
    const bucket = buckets.get(last);
    if (bucket === undefined) buckets.set(last, [needle]);
    else bucket.push(needle);
  }
  return {
    size,
    longest,
    in(bytes) {
      const found: Found<T>[] = [];
      if (size === 0) return found;
      for (let at = most - 1; at + BLOCK <= bytes.length; ) {
        const hash = hashAt(bytes, at);
        const shift = shifts[hash] ?? most;
        if (shift > 0) {
          at += shift;
          continue;
        }
        const offset = at - (most - 1);
        for (const needle of buckets.get(hash) ?? [])
          if (standsAt(needle.bytes, bytes, offset)) found.push({ what: needle.what, offset });
        at++;
      }
      return found;
    },
  };
}

/** Of the four bytes at `at`. */
function hashAt(bytes: Uint8Array, at: number): number {
  const block =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return Math.imul(block, 0x9e3779b1) >>> (32 - BITS);
}

function standsAt(needle: Uint8Array, bytes: Uint8Array, offset: number): boolean {
  if (offset + needle.length > bytes.length) return false;
  for (let at = 0; at < needle.length; at++) if (needle[at] !== bytes[offset + at]) return false;
  return true;
}
