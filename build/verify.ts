// Checks the code signature inside a Mach-O by reading it field for field and hashing every page again.
//
// It shares the numbers of signature.ts with the signer but not its layout: the offsets below come from
// osfmk/kern/cs_blobs.h a second time, so that one mistake can't hide in both. What the kernel asks of a signature
// stands in bsd/kern/ubc_subr.c (cs_validate_codedirectory) and bsd/kern/mach_loader.c (load_code_signature).
import { BadMachO, hex, type MachO, parseMachO, viewOf } from "./macho.ts";
import {
  ALIGNMENT,
  EXECSEG_MAIN_BINARY,
  FLAG_ADHOC,
  HASH_SHA256,
  HASH_SIZE,
  MAGIC,
  PAGE_SIZE,
  pageHashes,
  SLOT,
  sha256,
  VERSION,
} from "./signature.ts";

/** A signature that holds: what it says, after all hashes were found right. */
export interface Verified {
  readonly identifier: string;
  readonly flags: number;
  readonly version: number;
  readonly pages: number;
  /** Bytes. */
  readonly pageSize: number;
  /** The first 20 bytes of the CodeDirectory's SHA-256 in hex: the name under which macOS knows this very binary. */
  readonly cdhash: string;
}

interface Directory extends Verified {
  readonly blob: DataView;
  readonly codeLimit: number;
  readonly hashOffset: number;
  readonly specialSlots: number;
}

type Blobs = ReadonlyMap<number, DataView>;

/** Any producer's embedded signature: its structure, its limits, its page hashes and the hashes of its other blobs. */
export function checkSignature(bytes: Uint8Array): Verified {
  const macho = parseMachO(bytes);
  checkPlace(macho, bytes.length);
  const blobs = readBlobs(bytes.subarray(macho.signature.offset, macho.signature.offset + macho.signature.size));
  const directory = readDirectory(needBlob(blobs, SLOT.codeDirectory, "CodeDirectory"));
  checkAgainstFile(directory, macho);
  checkPages(directory, bytes);
  checkSpecialSlots(directory, blobs);
  const { identifier, flags, version, pages, pageSize, cdhash } = directory;
  return { identifier, flags, version, pages, pageSize, cdhash };
}

/** Our own signature: all of checkSignature, and just what signAdHoc writes, under this identifier. */
export function verifyAdHoc(bytes: Uint8Array, identifier: string): Verified {
  const found = checkSignature(bytes);
  expect("identifier", found.identifier, identifier);
  expect("flags", hex(found.flags), hex(FLAG_ADHOC));
  expect("version", hex(found.version), hex(VERSION));
  expect("page size", found.pageSize, PAGE_SIZE);
  const { signature } = parseMachO(bytes);
  const raw = bytes.subarray(signature.offset, signature.offset + signature.size);
  const blobs = readBlobs(raw);
  const wanted = [SLOT.codeDirectory, SLOT.requirements, SLOT.cms];
  expect("blobs", [...blobs.keys()].join(), wanted.join());
  expect("requirements", hexOf(needBlob(blobs, SLOT.requirements, "requirements")), "fade0c010000000c00000000");
  expect("CMS wrapper", hexOf(needBlob(blobs, SLOT.cms, "CMS wrapper")), "fade0b0100000008");
  checkReserved(needBlob(blobs, SLOT.codeDirectory, "CodeDirectory"));
  const padding = raw.subarray(viewOf(raw).getUint32(4));
  if (padding.length >= ALIGNMENT || padding.some((byte) => byte !== 0)) {
    throw new BadMachO(`its signature is followed by ${padding.length} bytes that are not padding`);
  }
  return found;
}

function expect(what: string, found: string | number, wanted: string | number): void {
  if (found !== wanted) throw new BadMachO(`its signature's ${what} is ${found}, not ${wanted}`);
}

function checkPlace({ signature, linkedit }: MachO, length: number): void {
  const end = signature.offset + signature.size;
  expect("offset modulo 16", signature.offset % ALIGNMENT, 0);
  if (signature.offset < linkedit.fileoff) throw new BadMachO("its signature starts before __LINKEDIT");
  expect("end", end, linkedit.fileoff + linkedit.filesize);
  if (end < length) throw new BadMachO(`${length - end} bytes follow its signature`);
  if (linkedit.vmsize < linkedit.filesize) throw new BadMachO("its __LINKEDIT is smaller in memory than in the file");
}

/** The blobs by slot, each cut to its own length. Offsets and lengths that leave the signature are refused. */
function readBlobs(raw: Uint8Array): Blobs {
  const view = viewOf(raw);
  if (raw.length < 12 || view.getUint32(0) !== MAGIC.embedded) throw new BadMachO("its signature is not a SuperBlob");
  const length = view.getUint32(4);
  const count = view.getUint32(8);
  if (length > raw.length || 12 + count * 8 > length) throw new BadMachO("its signature's SuperBlob is cut off");
  const blobs = new Map<number, DataView>();
  for (let index = 0; index < count; index++) {
    const slot = view.getUint32(12 + index * 8);
    const offset = view.getUint32(16 + index * 8);
    const size = offset + 8 <= length ? view.getUint32(offset + 4) : 0;
    if (size < 8 || offset < 12 + count * 8 || offset + size > length) {
      throw new BadMachO(`its signature's blob in slot ${hex(slot)} leaves the signature`);
    }
    if (blobs.has(slot)) throw new BadMachO(`its signature has two blobs in slot ${hex(slot)}`);
    blobs.set(slot, new DataView(view.buffer, view.byteOffset + offset, size));
  }
  return blobs;
}

function needBlob(blobs: Blobs, slot: number, name: string): DataView {
  const blob = blobs.get(slot);
  if (!blob) throw new BadMachO(`its signature has no ${name}`);
  return blob;
}

function readDirectory(blob: DataView): Directory {
  if (blob.byteLength < 88 || blob.getUint32(0) !== MAGIC.codeDirectory) {
    throw new BadMachO("its signature's CodeDirectory is malformed");
  }
  const version = blob.getUint32(8);
  if (version < VERSION) throw new BadMachO(`its signature's version ${hex(version)} is too old`);
  const hashOffset = blob.getUint32(16);
  const specialSlots = blob.getUint32(24);
  const pages = blob.getUint32(28);
  expect("hash size", blob.getUint8(36), HASH_SIZE);
  expect("hash type", blob.getUint8(37), HASH_SHA256);
  const pageSize = 2 ** blob.getUint8(39);
  if (pageSize !== 0x1000 && pageSize !== 0x4000) throw new BadMachO(`its signature's page size is ${pageSize}`);
  const identOffset = blob.getUint32(20);
  const firstHash = hashOffset - specialSlots * HASH_SIZE;
  if (identOffset < 88 || identOffset >= firstHash || hashOffset + pages * HASH_SIZE > blob.byteLength) {
    throw new BadMachO("its signature's hashes or identifier leave the CodeDirectory");
  }
  return {
    blob,
    identifier: readIdentifier(blob, identOffset, firstHash),
    flags: blob.getUint32(12),
    version,
    pages,
    pageSize,
    cdhash: Buffer.from(sha256(bytesOf(blob))).toString("hex", 0, 20),
    codeLimit: blob.getUint32(32),
    hashOffset,
    specialSlots,
  };
}

function readIdentifier(blob: DataView, start: number, limit: number): string {
  const bytes = bytesOf(blob).subarray(start, limit);
  const end = bytes.indexOf(0);
  if (end < 1) throw new BadMachO("its signature's identifier is empty or has no end");
  return new TextDecoder("latin1").decode(bytes.subarray(0, end));
}

function checkAgainstFile({ blob, codeLimit, pages, pageSize }: Directory, { signature, text }: MachO): void {
  expect("code limit", codeLimit, signature.offset);
  expect("number of pages", pages, Math.ceil(codeLimit / pageSize));
  expect("executable segment's base", blob.getBigUint64(64).toString(), String(text.fileoff));
  expect("executable segment's limit", blob.getBigUint64(72).toString(), String(text.filesize));
  expect("executable segment's flags", blob.getBigUint64(80).toString(), EXECSEG_MAIN_BINARY.toString());
}

function checkPages({ blob, hashOffset, codeLimit, pageSize }: Directory, bytes: Uint8Array): void {
  const stored = bytesOf(blob).subarray(hashOffset);
  const wrong = pageHashes(bytes, codeLimit, pageSize).flatMap((hash, page) =>
    Buffer.compare(hash, stored.subarray(page * HASH_SIZE, (page + 1) * HASH_SIZE)) === 0 ? [] : [page],
  );
  if (wrong.length > 0) {
    throw new BadMachO(`${wrong.length} of its pages do not match their hashes; the first is page ${wrong[0]}`);
  }
}

/** Slot N's hash stands N places before the pages' hashes: that of the blob in slot N, or zeros where there is none. */
function checkSpecialSlots({ blob, hashOffset, specialSlots }: Directory, blobs: Blobs): void {
  for (let slot = 1; slot <= specialSlots; slot++) {
    const start = hashOffset - slot * HASH_SIZE;
    const stored = bytesOf(blob).subarray(start, start + HASH_SIZE);
    const held = blobs.get(slot);
    const wanted = held ? sha256(bytesOf(held)) : new Uint8Array(HASH_SIZE);
    if (Buffer.compare(stored, wanted) !== 0) throw new BadMachO(`its signature's special slot ${slot} does not match`);
  }
}

/** What signAdHoc leaves zero; most readers ignore it. */
function checkReserved(blob: DataView): void {
  expect("special slots", blob.getUint32(24), 2);
  expect("platform", blob.getUint8(38), 0);
  for (const offset of [40, 44, 48, 52, 56, 60]) expect(`field at ${offset}`, blob.getUint32(offset), 0);
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

function hexOf(view: DataView): string {
  return Buffer.from(bytesOf(view)).toString("hex");
}
