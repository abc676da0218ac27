// Sealing: the age format (age-encryption.org/v1) by its author's own library. Keys are texts; nothing here touches a disk.
import { fail } from "../errors.ts";
import { foreignSeal, sealedTo } from "./age-header.ts";

/** A line of an identity file. Whether it is a key, its check sum tells when it is used. A plugin's is kept, to be named. */
export interface SecretKey {
  key: string;
  path: string;
  /** The first is 1. */
  line: number;
}

/** What whole files are that look like identities, and are opened by age alone. */
const FOREIGN_FILES: [RegExp, string][] = [
  [/^age-encryption\.org\/v1\n|^-----BEGIN AGE ENCRYPTED FILE-----/, "an identity locked with a passphrase"],
  [/^-----BEGIN [A-Z ]*PRIVATE KEY-----/, "an ssh key"],
];

/** What a line is that is no secret key of age's own; null for all that may be one. */
function foreignLine(line: string): string | null {
  const [, plugin] = /^AGE-PLUGIN-([A-Z0-9.+_]+)-1/i.exec(line) ?? [];
  if (plugin !== undefined) return `an identity of the plugin age-plugin-${plugin.toLowerCase()}`;
  if (/^ssh-(ed25519|rsa) /.test(line)) return "the public half of an ssh key";
  return /^age1[a-z0-9]+$/.test(line) ? "a recipient, which seals and opens nothing" : null;
}

/** The error for a line that is not a key. It repeats nothing of it. */
function badLine({ key, path, line }: SecretKey): Error {
  const foreign = foreignLine(key);
  return foreign === null ? fail.badKey(path, line) : fail.foreignIdentity(`${path}, line ${line},`, foreign);
}

/** An age identity file's text: the secret keys in it, comments left out. Throws `usage` where there is none. */
export function secretKeys(text: string, path: string): SecretKey[] {
  const [, whole] = FOREIGN_FILES.find(([form]) => form.test(text.trimStart())) ?? [];
  if (whole !== undefined) throw fail.foreignIdentity(path, whole);
  const keys = text
    .split("\n")
    .map((line, index) => ({ key: line.trim(), path, line: index + 1 }))
    .filter(({ key }) => key !== "" && !key.startsWith("#"));
  if (keys.length === 0) throw fail.badIdentity(path);
  return keys;
}

/** A new X25519 identity: the text of its file, and the recipient that seals to it. `createdAt` is UTC. */
export async function newIdentity(createdAt: string): Promise<{ text: string; recipient: string }> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  return { text: `# created: ${createdAt}\n# public key: ${recipient}\n${identity}\n`, recipient };
}

/** The recipients of an identity file's secret keys: of every one, so that nothing is sealed to fewer than its owner believes. */
export async function recipientsOf(text: string, path: string): Promise<string[]> {
  const { identityToRecipient } = await import("age-encryption");
  const recipientOf = (one: SecretKey) =>
    identityToRecipient(one.key).catch(() => {
      throw badLine(one);
    });
  return Promise.all(secretKeys(text, path).map(recipientOf));
}

/** Opens the one file that it saw being sealed, so that this can be read back where no identity is at hand. It never leaves the process. */
export interface Witness {
  unwrapFileKey(): Uint8Array | null;
}

/** What age of 2021 and later opens without a plugin: an X25519 recipient (age-encryption.org/v1). */
const PLAIN_RECIPIENT = /^age1[02-9ac-hj-np-z]{58}$/;

/** Why a recipient that age may know is not sealed to; null for one that is. */
function whyNotSealedTo(recipient: string): string | null {
  if (PLAIN_RECIPIENT.test(recipient)) return null;
  if (/^age1(pq|tagpq)1/.test(recipient)) return "is post-quantum, which the age of Debian stable does not open yet";
  if (/^age1[a-z0-9.+-]+1/.test(recipient)) return "is a plugin's, and without that plugin nobody could open it";
  if (/^ssh-/.test(recipient)) return "is an ssh key";
  return "is not an age recipient";
}

/**
 * The sealed form of a stream of bytes, and a witness that opens just that. Throws `usage` for a recipient that is none, or one that not
 * every age opens.
 */
export async function seal(
  plain: ReadableStream<Uint8Array>,
  recipients: string[],
): Promise<{ sealed: ReadableStream<Uint8Array>; witness: Witness }> {
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    const why = whyNotSealedTo(recipient);
    if (why !== null) throw fail.badRecipient(recipient, why);
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw fail.badRecipient(recipient, "is not an age recipient");
    }
  }
  let seen: Uint8Array | null = null;
  encrypter.addRecipient({
    wrapFileKey(key) {
      seen = key.slice();
      return [];
    },
  });
  return { sealed: await encrypter.encrypt(plain), witness: { unwrapFileKey: () => seen } };
}

/**
 * The plain bytes of a sealed stream. A line that is not a key counts only where no other key opens it: then it is named, and `usage`
 * thrown. Throws `not-found` where all are keys and none opens it, `damaged` where it was tampered with. No message of the
 * library is passed on: it may repeat a key.
 */
export async function unseal(
  sealed: ReadableStream<Uint8Array>,
  keys: SecretKey[] | Witness,
  path: string,
): Promise<ReadableStream<Uint8Array>> {
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  if (!Array.isArray(keys)) decrypter.addIdentity(keys);
  const isBad = ({ key }: SecretKey): boolean => {
    try {
      decrypter.addIdentity(key);
      return false;
    } catch {
      return true;
    }
  };
  const [bad] = Array.isArray(keys) ? keys.filter(isBad) : [];
  const { types, whole } = await sealedTo(sealed, path);
  try {
    return await decrypter.decrypt(whole);
  } catch (cause) {
    const matchesNone = cause instanceof Error && /no identity matched/i.test(cause.message);
    if (!matchesNone) throw fail.archiveBroken(path, "its seal does not hold");
    const foreign = types.map(foreignSeal).filter((words) => words !== null);
    const isForeignAlone =
      foreign.length > 0 && types.every((type) => foreignSeal(type) !== null || /-grease$/.test(type));
    if (isForeignAlone) throw fail.sealedOtherwise(path, foreign.join(" and "));
    throw bad === undefined ? fail.wrongIdentity(path) : badLine(bad);
  }
}

/** Whether a file begins like the armored form, whatever blank lines or line ends it went through. */
export const isArmored = (begin: string): boolean => begin.trimStart().startsWith("-----BEGIN AGE ENCRYPTED FILE-----");

/** The binary form of an armored file. Throws `damaged` where it is none. */
export async function dearmor(text: string, path: string): Promise<ReadableStream<Uint8Array>> {
  const { armor } = await import("age-encryption");
  try {
    return new Blob([new Uint8Array(armor.decode(`${text.replace(/\r\n?/g, "\n").trim()}\n`))]).stream();
  } catch {
    throw fail.archiveBroken(path, "its armor is cut or changed");
  }
}
