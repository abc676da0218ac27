// Secrets of many kinds, drawn anew from a seed. None of them opens anything.

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function draw(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export type Draw = () => number;
export const oneOf = <T>(random: Draw, list: readonly T[]): T => {
  const found = list[Math.floor(random() * list.length)];
  if (found === undefined) throw new Error("nothing to choose from");
  return found;
};
const of = (random: Draw, alphabet: string, length: number): string =>
  Array.from({ length }, () => oneOf(random, [...alphabet])).join("");

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER = UPPER.toLowerCase();
const DIGITS = "0123456789";
const BASE62 = UPPER + LOWER + DIGITS;
const HEX = "0123456789abcdef";
const BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

const bytes = (random: Draw, length: number): Buffer =>
  Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
/** A base64 text that ends in one or two `=`. */
const padded = (random: Draw): string => bytes(random, oneOf(random, [16, 19, 20, 31, 32, 34])).toString("base64");
const jwt = (random: Draw): string => {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: of(random, DIGITS, 10), iat: 1_700_000_000 + Math.floor(random() * 1e7) };
  return `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}.${bytes(random, 32).toString("base64url")}`;
};
const uuid = (random: Draw): string =>
  of(random, HEX, 32).replace(/(.{8})(.{4}).(.{3})(.{4})(.{12}).*/, "$1-$2-4$3-$4-$5");

/** Tokens that services give out: what chance made, or a form tells. */
export const STRONG: Record<string, (random: Draw) => string> = {
  "AWS key id": (random) => `AKIA${of(random, `${UPPER}234567`, 16)}`,
  "AWS secret": (random) => bytes(random, 30).toString("base64"),
  GitHub: (random) => oneOf(random, ["ghp_", "gho_", "ghs_"]) + of(random, BASE62, 36),
  "GitHub, fine-grained": (random) => `github_pat_${of(random, BASE62, 22)}_${of(random, BASE62, 59)}`,
  GitLab: (random) => `glpat-${of(random, BASE62, 20)}`,
  Slack: (random) => `xoxb-${of(random, DIGITS, 12)}-${of(random, DIGITS, 13)}-${of(random, BASE62, 24)}`,
  Stripe: (random) => `${oneOf(random, ["sk", "rk"])}_live_${of(random, BASE62, 24)}`,
  OpenAI: (random) => `sk-proj-${of(random, `${BASE62}_-`, 48)}`,
  Anthropic: (random) => `sk-ant-api03-${of(random, `${BASE62}_-`, 93)}AA`,
  "Google API": (random) => `AIza${of(random, `${BASE62}_-`, 35)}`,
  "Google OAuth": (random) => `GOCSPX-${of(random, `${BASE62}_-`, 28)}`,
  "Google refresh": (random) => `1//0${of(random, `${BASE62}_-`, 60)}`,
  SendGrid: (random) => `SG.${of(random, BASE62, 22)}.${of(random, BASE62, 43)}`,
  Telegram: (random) => `${of(random, "123456789", 10)}:${of(random, `${BASE62}_-`, 35)}`,
  npm: (random) => `npm_${of(random, BASE62, 36)}`,
  JWT: jwt,
  "age identity": (random) => `AGE-SECRET-KEY-1${of(random, BECH32, 58).toUpperCase()}`,
  "hex of 32": (random) => of(random, HEX, 32),
  "hex of 40": (random) => of(random, HEX, 40),
  "hex of 64": (random) => of(random, HEX, 64),
  "base64 with padding": padded,
  "base64url of 32 bytes": (random) => bytes(random, 32).toString("base64url"),
  "base64 of words": (random) =>
    Buffer.from(`${oneOf(random, ["alex", "svc", "admin"])}:${of(random, LOWER, 9)}${of(random, DIGITS, 4)}`).toString(
      "base64",
    ),
  "letters and digits, 20": (random) => of(random, BASE62, 20),
  "letters and digits, 32": (random) => of(random, BASE62, 32),
  "small letters and digits, 24": (random) => of(random, LOWER + DIGITS, 24),
  "base32 of 32": (random) => of(random, `${UPPER}234567`, 32),
  "small letters, 24": (random) => of(random, LOWER, 24),
  UUID: uuid,
  Neon: (random) => `npg_${of(random, BASE62, 12)}`,
  Atlassian: (random) => `ATATT3xFfGF0${of(random, `${BASE62}_-`, 60)}=${of(random, UPPER + DIGITS, 8)}`,
  HubSpot: (random) => `pat-na1-${uuid(random)}`,
  "key of a licence": (random) =>
    `A3-${["", "", "", ""].map(() => of(random, UPPER, 1) + of(random, DIGITS, 4)).join("-")}`,
  "Apple, for an app": (random) => [0, 1, 2, 3].map(() => of(random, LOWER, 4)).join("-"),
};

const WORDS = "summer winter tiger coffee monday dragon purple orange castle hunter falcon marble".split(" ");
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
/** What people choose: nothing but its place tells that it is a secret. */
export const WEAK: Record<string, (random: Draw) => string> = {
  "word and year": (random) => capital(oneOf(random, WORDS)) + of(random, "12", 1) + of(random, DIGITS, 3),
  "word, digits, mark": (random) => oneOf(random, WORDS) + of(random, DIGITS, 3) + oneOf(random, ["!", "#", "%", "*"]),
  "two words": (random) => `${oneOf(random, WORDS)}-${oneOf(random, WORDS)}-${of(random, LOWER, 5)}`,
  "like leet": (random) =>
    `${oneOf(random, WORDS).replace("e", "3").replace("a", "@").replace("o", "0")}${of(random, DIGITS, 2)}`,
  "one word": (random) => oneOf(random, WORDS) + oneOf(random, WORDS),
  "capitals inside": (random) => capital(oneOf(random, WORDS)) + capital(oneOf(random, WORDS)) + of(random, DIGITS, 1),
  "small letters": (random) => of(random, LOWER, 9),
  "like a path": (random) => `${oneOf(random, WORDS)}/${oneOf(random, WORDS)}${of(random, DIGITS, 2)}`,
  "like a variable": (random) => `$${oneOf(random, WORDS)}${of(random, DIGITS, 3)}`,
  "like a module": (random) => `${oneOf(random, WORDS)}.${oneOf(random, WORDS)}.${of(random, LOWER, 4)}`,
};
export const NUMBERS: Record<string, (random: Draw) => string> = {
  "6 digits": (random) => of(random, "123456789", 1) + of(random, DIGITS, 5),
  "8 digits": (random) => of(random, "123456789", 1) + of(random, DIGITS, 7),
  "12 digits": (random) => of(random, "123456789", 1) + of(random, DIGITS, 11),
};
