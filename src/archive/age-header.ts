// The header of a sealed archive (age-encryption.org/v1, "Header"): read up to a bound, before age's library reads it, which has none.
import { fail } from "../errors.ts";

/** Some thousand X25519 recipients, or a hundred post-quantum ones. */
export const HEADER_LIMIT_BYTES = 256 << 10;
const BEGINS = "age-encryption.org/v1\n";

/**
 * The types of a sealed stream's stanzas, each once, and the stream from its beginning. No types where it is not of age's format: that is
 * for the library to say. Throws `damaged` where the header is longer than any of ours.
 */
export async function sealedTo(
  sealed: ReadableStream<Uint8Array>,
  path: string,
): Promise<{ types: string[]; whole: ReadableStream<Uint8Array> }> {
  const reader = sealed.getReader();
  const parts: Uint8Array[] = [];
  let text = "";
  for (let ended = false; !ended && !/\n---.*\n/.test(text) && BEGINS.startsWith(text.slice(0, BEGINS.length)); ) {
    const { done, value } = await reader.read();
    ended = done;
    if (value === undefined) continue;
    parts.push(value.slice());
    text += new TextDecoder("latin1").decode(value.subarray(0, HEADER_LIMIT_BYTES + 1));
    if (text.length > HEADER_LIMIT_BYTES && !/\n---.*\n/.test(text.slice(0, HEADER_LIMIT_BYTES))) {
      await reader.cancel();
      throw fail.archiveBroken(path, `its age header is longer than ${HEADER_LIMIT_BYTES} bytes`);
    }
  }
  const [header = ""] = text.startsWith(BEGINS) ? text.split("\n---") : [];
  const types = [...header.matchAll(/^-> (\S{1,64})/gm)].flatMap(([, type]) => type ?? []);
  return {
    types: [...new Set(types)],
    whole: goingOn(
      parts,
      async () => (await reader.read()).value,
      () => reader.cancel(),
    ),
  };
}

function goingOn(
  parts: Uint8Array[],
  next: () => Promise<Uint8Array | undefined>,
  cancel: () => Promise<void>,
): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const part = parts.shift() ?? (await next());
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
    cancel,
  });
}

/** What a stanza that no identity of ours opens is sealed to, in words; null for one of age's own recipients, and for grease. */
export function foreignSeal(type: string): string | null {
  if (type === "X25519" || type === "mlkem768x25519" || type.endsWith("-grease")) return null;
  if (type === "scrypt") return "a passphrase";
  if (type === "ssh-ed25519" || type === "ssh-rsa") return "an ssh key";
  return `a plugin's recipient (${type})`;
}
