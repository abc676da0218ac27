// A Mach-O of a few pages, made from literals: a header, __TEXT, __LINKEDIT and LC_CODE_SIGNATURE.

export const TEXT_SIZE = 0x2000;
/** Where the old signature stands: no multiple of 16, so that a signer has to move it. */
export const OLD_SIGNATURE = TEXT_SIZE + 0x105;
const OLD_SIZE = 0x23;

/** Offsets of the load commands in the file. */
export const TEXT = 32;
export const LINKEDIT = TEXT + 72;
export const SIGNATURE = LINKEDIT + 72;

export function tinyMachO(cpu: "arm64" | "x64" = "arm64"): Uint8Array {
  const bytes = new Uint8Array(OLD_SIGNATURE + OLD_SIZE);
  const view = new DataView(bytes.buffer);
  const put = (at: number, ...values: number[]) => {
    for (const [index, value] of values.entries()) view.setUint32(at + index * 4, value, true);
  };
  for (let at = SIGNATURE + 16; at < OLD_SIGNATURE; at++) bytes[at] = (at * 31) & 0xff;
  put(0, 0xfeedfacf, cpu === "arm64" ? 0x0100000c : 0x01000007, 0, 2, 3, 72 + 72 + 16, 0x85, 0);
  segment(bytes, put, TEXT, "__TEXT", { fileoff: 0, filesize: TEXT_SIZE });
  segment(bytes, put, LINKEDIT, "__LINKEDIT", { fileoff: TEXT_SIZE, filesize: 0x105 + OLD_SIZE });
  put(SIGNATURE, 0x1d, 16, OLD_SIGNATURE, OLD_SIZE);
  return bytes;
}

function segment(
  bytes: Uint8Array,
  put: (at: number, ...values: number[]) => void,
  at: number,
  name: string,
  { fileoff, filesize }: { readonly fileoff: number; readonly filesize: number },
): void {
  put(at, 0x19, 72);
  bytes.set(new TextEncoder().encode(name), at + 8);
  put(at + 24, fileoff, 1); // vmaddr: 4 GiB and on
  put(at + 32, 0x4000, 0); // vmsize
  put(at + 40, fileoff, 0);
  put(at + 48, filesize, 0);
}
