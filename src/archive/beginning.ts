// What an archive's first bytes tell: its manifest stands right behind the top folder. For lists, which load no more than that; what is read
// so is shown, and nothing is restored from it.
import { constants, inflateRawSync } from "node:zlib";
import type { AbsPath, Manifest } from "../model.ts";
import { MANIFEST_LIMIT_BYTES, MANIFEST_NAME } from "../snapshot/manifest.ts";
import { parseManifest } from "../snapshot/manifest-read.ts";
import { type SecretKey, unseal } from "./seal.ts";
import { DEFLATED, LOCAL_BYTES, LOCAL_SIGNATURE } from "./zip/format.ts";

/** How many bytes of an archive are enough for a manifest of some thousand files. */
export const BEGINNING_BYTES = 256 << 10;

/** The manifest in an archive's first bytes; null where they do not hold all of it, or are not of an archive of ours. */
export async function manifestAtBeginning(bytes: Uint8Array, keys: SecretKey[] | null): Promise<Manifest | null> {
  const plain = keys === null ? bytes : await unsealedPart(bytes, keys);
  try {
    const text = plain === null ? null : manifestText(plain);
    return text === null ? null : parseManifest(text, MANIFEST_NAME as AbsPath);
  } catch {
    return null;
  }
}

/** As much as the whole chunks in it give (age-encryption.org/v1, payload: chunks of 64 KiB, each authenticated by itself). */
async function unsealedPart(bytes: Uint8Array, keys: SecretKey[]): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  try {
    const plain = await unseal(new Blob([new Uint8Array(bytes)]).stream(), keys, "");
    for await (const part of plain) parts.push(part);
  } catch {
    // It ends in the midst of a chunk.
  }
  return parts.length === 0 ? null : Buffer.concat(parts);
}

function manifestText(zip: Uint8Array): string | null {
  const view = new DataView(zip.buffer, zip.byteOffset, zip.byteLength);
  for (let at = 0; at + LOCAL_BYTES < zip.length; ) {
    if (view.getUint32(at, true) !== LOCAL_SIGNATURE) return null;
    const nameBytes = view.getUint16(at + 26, true);
    const begins = at + LOCAL_BYTES + nameBytes + view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(zip.subarray(at + LOCAL_BYTES, at + LOCAL_BYTES + nameBytes));
    if (name.endsWith(`/${MANIFEST_NAME}`)) {
      if (view.getUint16(at + 8, true) !== DEFLATED) return null;
      const options = { maxOutputLength: MANIFEST_LIMIT_BYTES, finishFlush: constants.Z_SYNC_FLUSH };
      return new TextDecoder().decode(inflateRawSync(zip.subarray(begins), options));
    }
    // The top folder, which has no data; its descriptor, if it has one, is found by the next signature.
    if (!name.endsWith("/")) return null;
    at = nextHeader(view, begins);
  }
  return null;
}

function nextHeader(view: DataView, from: number): number {
  for (let at = from; at + 4 <= view.byteLength && at <= from + 16; at++)
    if (view.getUint32(at, true) === LOCAL_SIGNATURE) return at;
  return view.byteLength;
}
