// Sealing: the age format (age-encryption.org/v1) by its author's own library. Keys are texts; nothing here touches a disk.
import { fail } from "../errors.ts";

/** An age identity file's text: the secret keys in it, comments left out. Throws `usage` where there is none. */
export function secretKeys(text: string, path: string): string[] {
  const keys = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length === 0 || keys.some((key) => !/^AGE-SECRET-KEY-(PQ-)?1[0-9A-Z]+$/.test(key)))
    throw fail.badIdentity(path);
  return keys;
}

/** A new X25519 identity: the text of its file, and the recipient that seals to it. `createdAt` is UTC. */
export async function newIdentity(createdAt: string): Promise<{ text: string; recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  return { text: `# created: ${createdAt}\n# public key: ${recipient}\n${identity}\n`, recipient };
}

/** The recipients of an identity file's secret keys. */
export async function recipientsOf(text: string, path: string): Promise<string[]> {
  const { identityToRecipient } = await import("age-encryption");
  try {
    return await Promise.all(secretKeys(text, path).map((key) => identityToRecipient(key)));
  } catch {
    throw fail.badIdentity(path);
  }
}

/** The sealed form of a stream of bytes. Throws `usage` for a recipient that is none. */
export async function seal(
  plain: ReadableStream<Uint8Array>,
  recipients: string[],
): Promise<ReadableStream<Uint8Array>> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw fail.badRecipient(recipient);
    }
  }
  return encrypter.encrypt(plain);
}

/** The plain bytes of a sealed stream, binary or armored. Throws `not-found` where no key opens it, `damaged` where it was tampered with. */
export async function unseal(
  sealed: ReadableStream<Uint8Array>,
  keys: string[],
  path: string,
): Promise<ReadableStream<Uint8Array>> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const key of keys) decrypter.addIdentity(key);
  try {
    return await decrypter.decrypt(sealed);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw /no identity matched/i.test(message) ? fail.wrongIdentity(path) : fail.archiveBroken(path, message);
  }
}

/** Whether a file begins like the armored form, whatever blank lines or line ends it went through. */
export const isArmored = (begin: string): boolean => begin.trimStart().startsWith("-----BEGIN AGE ENCRYPTED FILE-----");

/** The binary form of an armored file. Throws `damaged` where it is none. */
export async function dearmor(text: string, path: string): Promise<ReadableStream<Uint8Array>> {
  const { armor } = await import("age-encryption");
  try {
    return new Blob([new Uint8Array(armor.decode(`${text.replace(/\r\n?/g, "\n").trim()}\n`))]).stream();
  } catch (cause) {
    throw fail.archiveBroken(path, cause instanceof Error ? cause.message : String(cause));
  }
}
