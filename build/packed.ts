// A binary as a download: compressed, in the forms that a machine opens with what it has.
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { constants, gzip, zstdCompress } from "node:zlib";

/** More takes minutes and wins a hundredth. */
const LEVEL = 9;

/**
 * Writes `<path>.zst` and `<path>.gz`, and returns the names' endings. Neither holds a name, a time or a system: the same bytes come out
 * whoever compresses them with the same Bun.
 */
export async function writePacked(path: string): Promise<string[]> {
  const bytes = readFileSync(path);
  const [zst, gz] = await Promise.all([
    promisify(zstdCompress)(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } }),
    promisify(gzip)(bytes, { level: LEVEL }),
  ]);
  // RFC 1952: bytes 4 to 7 are the time, byte 9 is the system; 255 is unknown.
  gz.fill(0, 4, 8);
  gz[9] = 255;
  writeFileSync(`${path}.zst`, zst);
  writeFileSync(`${path}.gz`, gz);
  return [".zst", ".gz"];
}
