// The search for many texts at once finds what a search for each of them would.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { searchFor } from "../../src/leaks/search.ts";
import { isSecretValue } from "../../src/secrets/worth.ts";

test("as a search for each text by itself, overlaps and ends counted", () => {
  const sign = fc.constantFrom(97, 98);
  const text = fc.uint8Array({ minLength: 12, maxLength: 16 }).map((bytes) => bytes.map((byte) => 97 + (byte & 1)));
  fc.assert(
    fc.property(
      fc.array(text, { maxLength: 6 }),
      fc.array(
        fc.oneof(
          sign.map((one) => [one]),
          text.map((one) => [...one]),
        ),
        { maxLength: 9 },
      ),
      (texts, parts) => {
        const bytes = Uint8Array.from([...parts.flat(), ...(texts[0] ?? [])]);
        const found = searchFor(texts.map((one, what) => ({ bytes: one, what }))).in(bytes);
        const expected = texts.flatMap((one, what) => {
          const offsets: { what: number; offset: number }[] = [];
          for (let at = Buffer.from(bytes).indexOf(one); at >= 0; at = Buffer.from(bytes).indexOf(one, at + 1))
            offsets.push({ what, offset: at });
          return offsets;
        });
        const order = (list: { what: number; offset: number }[]) =>
          list.map(({ what, offset }) => `${offset} ${what}`).sort();
        expect(order(found)).toEqual(order(expected));
      },
    ),
  );
});

test("a text shorter than twelve bytes is not sought", () => {
  const search = searchFor([{ bytes: Buffer.from("elevenbytes"), what: 1 }]);
  expect(search.size).toBe(0);
  expect(search.in(Buffer.from("elevenbytes elevenbytes"))).toEqual([]);
});

test.each([
  ["API_KEY", "sk-ant-api03-abcdefgHIJKL123"],
  ["PASSWORD", "correct horse battery staple"],
  ["PASSWORD", "Sommer2026Urlaub"],
  ["MODE", "kx9Pq2Lm7Rt4Vw8Yb3Nc6"],
  ["DATABASE", "postgres://user:Passw0rd@db.example.com:5432/x"],
  ["TOKEN", "0123456789abcdef0123456789abcdef"],
  ["", "Tr0ub4dor&3!xyz"],
])("%s=%s is worth to be looked for", (name, value) => expect(isSecretValue(value, name)).toBe(true));

test.each([
  ["PROJECT", "petes-brain-123456"],
  ["TITLE", "Weekly Report for Pete"],
  ["token_type", "authorized_user"],
  ["auth_uri", "https://accounts.google.com/o/oauth2/auth"],
  ["TOKEN_FILE", "/Users/pete/x/3f2b1a90-aaaa-bbbb-cccc-1234567890ab/token.json"],
  ["commit", "0123456789abcdef0123456789abcdef01234567"],
  ["API_KEY", "your-api-key-here"],
  ["PASSWORD", "************"],
  ["EMAIL", "drive@petes-brain.iam.gserviceaccount.com"],
  ["expiry", "2026-01-01T00:00:00.123456Z"],
  ["PASSWORD", "short"],
])("%s=%s is not", (name, value) => expect(isSecretValue(value, name)).toBe(false));
