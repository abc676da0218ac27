// The names and numbers of an embedded code signature, and the writer's side of its layout.
//
// Sources: Apple's xnu, osfmk/kern/cs_blobs.h (CS_SuperBlob, CS_BlobIndex, CS_CodeDirectory, CS_GenericBlob) and the
// comments of Go's cmd/internal/codesign and LLVM's lld/MachO/SyntheticSections.cpp, which write the same.
// All numbers inside the signature are big-endian; offsets count bytes from the start of the blob that holds them.

export const MAGIC = {
  requirements: 0xfade0c01,
  codeDirectory: 0xfade0c02,
  embedded: 0xfade0cc0,
  cmsWrapper: 0xfade0b01,
} as const;

export const SLOT = { codeDirectory: 0, requirements: 2, cms: 0x10000 } as const;

/** CS_ADHOC alone: no linker-signed mark, which codesign and some updaters treat as "not really signed". */
export const FLAG_ADHOC = 0x2;
/** The version whose header ends with the executable segment; macOS 10.15 and later read it. */
export const VERSION = 0x20400;
export const HASH_SHA256 = 2;
export const HASH_SIZE = 32;
/** Pages of 4 KiB on both CPUs, as lld and Go write them; codesign writes 16 KiB ones for arm64. Both are read. */
export const PAGE_BITS = 12;
export const PAGE_SIZE = 1 << PAGE_BITS;
/** CS_EXECSEG_MAIN_BINARY: __TEXT belongs to a main program, not to a library. */
export const EXECSEG_MAIN_BINARY = 1n;
/** Bytes of a CodeDirectory before its identifier, at VERSION. */
export const HEADER_SIZE = 88;
/** Where the kernel and codesign look for the signature: offsets that are multiples of this. */
export const ALIGNMENT = 16;
/** What codesign writes for an ad-hoc program: hashes of Info.plist (none, so zeros) and of the requirements. */
export const SPECIAL_SLOTS = 2;

const BLOBS = 3;
const SUPER_HEADER = 12 + BLOBS * 8;
const REQUIREMENTS_SIZE = 12;
const CMS_SIZE = 8;

/** The facts that a signature is made of. */
export interface Signed {
  readonly identifier: string;
  /** Bytes of the file that are covered: all before the signature. */
  readonly codeLimit: number;
  /** __TEXT's place in the file, in bytes. */
  readonly execBase: number;
  readonly execLimit: number;
}

export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(Bun.CryptoHasher.hash("sha256", bytes).buffer);
}

/** The hash of each page. The last page ends at the limit and is not padded. */
export function pageHashes(bytes: Uint8Array, codeLimit: number, pageSize = PAGE_SIZE): Uint8Array[] {
  const hashes: Uint8Array[] = [];
  for (let start = 0; start < codeLimit; start += pageSize) {
    hashes.push(sha256(bytes.subarray(start, Math.min(start + pageSize, codeLimit))));
  }
  return hashes;
}

/** Bytes of the signature over `codeLimit` bytes, before padding. */
export function signatureSize(identifier: string, codeLimit: number): number {
  return SUPER_HEADER + directorySize(identifier, codeLimit) + REQUIREMENTS_SIZE + CMS_SIZE;
}

function directorySize(identifier: string, codeLimit: number): number {
  return hashOffset(identifier) + Math.ceil(codeLimit / PAGE_SIZE) * HASH_SIZE;
}

function hashOffset(identifier: string): number {
  return HEADER_SIZE + identifier.length + 1 + SPECIAL_SLOTS * HASH_SIZE;
}

/** The signature as `codesign -s -` lays it out: CodeDirectory, empty requirements, empty CMS wrapper. */
export function encodeSignature(signed: Signed, hashes: readonly Uint8Array[]): Uint8Array {
  const directory = directorySize(signed.identifier, signed.codeLimit);
  const requirements = new Writer(REQUIREMENTS_SIZE).u32(MAGIC.requirements, REQUIREMENTS_SIZE, 0).bytes;
  const writer = new Writer(signatureSize(signed.identifier, signed.codeLimit));
  writer.u32(MAGIC.embedded, writer.bytes.length, BLOBS);
  writer.u32(SLOT.codeDirectory, SUPER_HEADER);
  writer.u32(SLOT.requirements, SUPER_HEADER + directory);
  writer.u32(SLOT.cms, SUPER_HEADER + directory + REQUIREMENTS_SIZE);
  writeDirectoryHeader(writer, signed, directory, hashes.length);
  writer.raw(new TextEncoder().encode(`${signed.identifier}\0`));
  // Special slots stand before the pages' hashes in reverse order: slot 2, then slot 1.
  writer.raw(sha256(requirements)).raw(new Uint8Array(HASH_SIZE));
  for (const hash of hashes) writer.raw(hash);
  writer.raw(requirements).u32(MAGIC.cmsWrapper, CMS_SIZE);
  return writer.bytes;
}

function writeDirectoryHeader(writer: Writer, signed: Signed, length: number, pages: number): void {
  writer.u32(MAGIC.codeDirectory, length, VERSION, FLAG_ADHOC);
  writer.u32(hashOffset(signed.identifier), HEADER_SIZE, SPECIAL_SLOTS, pages, signed.codeLimit);
  writer.raw(Uint8Array.of(HASH_SIZE, HASH_SHA256, 0, PAGE_BITS));
  writer.u32(0, 0, 0, 0); // spare2, scatterOffset, teamOffset, spare3
  writer.u64(0n); // codeLimit64, for files past 4 GiB
  writer.u64(BigInt(signed.execBase), BigInt(signed.execLimit), EXECSEG_MAIN_BINARY);
}

/** Writes big-endian numbers one after the other. */
class Writer {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  u32(...values: readonly number[]): this {
    for (const value of values) {
      this.#view.setUint32(this.#at, value);
      this.#at += 4;
    }
    return this;
  }

  u64(...values: readonly bigint[]): this {
    for (const value of values) {
      this.#view.setBigUint64(this.#at, value);
      this.#at += 8;
    }
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.bytes.set(bytes, this.#at);
    this.#at += bytes.length;
    return this;
  }
}
