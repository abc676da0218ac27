// Whom a sealed stream is sealed to, read up to a bound; and what whole identity files and their lines are.
import { describe, expect, test } from "bun:test";
import { Encrypter, generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { foreignSeal, HEADER_LIMIT_BYTES, sealedTo } from "../../src/archive/age-header.ts";
import { recipientsOf, seal, secretKeys, unseal } from "../../src/archive/seal.ts";

const HEADER = "age-encryption.org/v1\n";
const stanza = (type: string) => `-> ${type} abc\n${"A".repeat(43)}\n`;
const MAC = `--- ${"A".repeat(43)}\n`;

/** In pieces of so many bytes. */
function streamed(bytes: Uint8Array | string, size: number): ReadableStream<Uint8Array> {
  const whole = new Uint8Array(Buffer.from(bytes));
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= whole.length) return controller.close();
      controller.enqueue(whole.subarray(at, at + size));
      at += size;
    },
  });
}
const textOf = async (stream: ReadableStream<Uint8Array>) => Buffer.from(await new Response(stream).bytes()).toString();
const refused = async (work: Promise<unknown>) =>
  work.then(
    () => null,
    (cause: { code: string; message: string }) => cause,
  );

describe("the header", () => {
  test.each([1, 7, 100_000])("is read in pieces of %d bytes, and all goes on from the beginning", async (size) => {
    const text = `${HEADER}${stanza("X25519")}${stanza("ssh-rsa")}${stanza("X25519")}${MAC}payload -> not a stanza\n`;
    const { types, whole } = await sealedTo(streamed(text, size), "x");
    expect(types).toEqual(["X25519", "ssh-rsa"]);
    expect(await textOf(whole)).toBe(text);
  });

  test("without an end is damage once it is longer than the bound; any other file is passed on", async () => {
    let given = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(Buffer.from(given === 0 ? HEADER + stanza("X25519") : stanza("X25519").repeat(100)));
        given++;
      },
    });
    expect(await refused(sealedTo(endless, "x"))).toMatchObject({ code: "damaged" });
    expect(given * 5_600).toBeLessThan(2 * HEADER_LIMIT_BYTES);
    const other = "PK\u0003\u0004 -> X25519 no\n";
    const { types, whole } = await sealedTo(streamed(other, 3), "x");
    expect([types, await textOf(whole)]).toEqual([[], other]);
  });

  test.each<[string, string | null]>([
    ["X25519", null],
    ["mlkem768x25519", null],
    ["fvAqm-grease", null],
    ["scrypt", "a passphrase"],
    ["ssh-ed25519", "an ssh key"],
    ["piv-p256", "a plugin's recipient (piv-p256)"],
  ])("a stanza of %s is sealed to %p", (type, words) => expect(foreignSeal(type)).toBe(words));
});

test("what is sealed to a passphrase alone is named, and nothing is asked", async () => {
  const encrypter = new Encrypter();
  encrypter.setScryptWorkFactor(2);
  encrypter.setPassphrase("hunter2");
  const sealed = await encrypter.encrypt("x");
  const keys = secretKeys(await generateX25519Identity(), "id.txt");
  const cause = await refused(unseal(streamed(sealed, 50), keys, "a.zip.age"));
  expect(cause).toMatchObject({ code: "not-found", message: expect.stringContaining("sealed to a passphrase") });
});

test("a post-quantum identity opens what is sealed to it; nothing is sealed to one, as Debian's age would not open it", async () => {
  const identity = await generateHybridIdentity();
  const recipient = await identityToRecipient(identity);
  expect(recipient).toStartWith("age1pq1");
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const sealed = await encrypter.encrypt("the bytes");
  expect(await textOf(await unseal(streamed(sealed, 1000), secretKeys(identity, "id.txt"), "x"))).toBe("the bytes");
  const [own = ""] = await recipientsOf(`${identity}\n`, "id.txt");
  expect(own).toBe(recipient);
  expect(await refused(seal(streamed("x", 1), [own]))).toMatchObject({
    code: "usage",
    message: expect.stringContaining("post-quantum"),
  });
});

test.each<[string, string, string]>([
  ["an identity locked by age", "age-encryption.org/v1\n-> scrypt abc 18\n", "locked with a passphrase"],
  ["one in armor", "\n-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n", "locked with a passphrase"],
  ["an ssh key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r\n", "an ssh key"],
  ["an older ssh key", "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", "an ssh key"],
  [
    "a plugin's",
    "# serial 1\nAGE-PLUGIN-YUBIKEY-1QGZQ5QZNGQKGQ\n",
    "line 2, is an identity of the plugin age-plugin-yubikey",
  ],
  ["half an ssh key", "ssh-ed25519 AAAAC3Nza me\n", "public half of an ssh key"],
  ["a recipient", `age1${"q".repeat(58)}\n`, "a recipient"],
])("%s is named as that, and nothing of it is repeated", async (_, text, words) => {
  const made = async () => recipientsOf(text, "id.txt");
  const cause = await refused(made());
  expect(cause).toMatchObject({ code: "usage", message: expect.stringContaining(words) });
  expect(String(cause)).not.toMatch(/QGZQ|AAAAC3|b3Bl|YWdl|qqq/);
});
