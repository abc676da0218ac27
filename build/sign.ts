// Signs a thin 64-bit Mach-O ad hoc, in place of the signature that it has.
import { alignUp, BadMachO, type Cpu, FIELD, type MachO, parseMachO, viewOf } from "./macho.ts";
import { ALIGNMENT, encodeSignature, pageHashes, signatureSize } from "./signature.ts";

/** Memory pages in bytes, to which a segment's size in memory is rounded. */
const VM_PAGE: Record<Cpu, number> = { arm64: 0x4000, x64: 0x1000 };

/**
 * A copy of `bytes` whose last part is an ad-hoc signature with this identifier (ASCII, no spaces). Throws BadMachO
 * where the file has no place for one: it must have an LC_CODE_SIGNATURE whose bytes end __LINKEDIT and the file.
 */
export function signAdHoc(bytes: Uint8Array, identifier: string): Uint8Array {
  if (!/^[\w.-]+$/.test(identifier)) throw new BadMachO(`the identifier ${JSON.stringify(identifier)} can't be used`);
  const macho = parseMachO(bytes);
  mustBeLast(macho, bytes.length);
  const codeLimit = alignUp(macho.signature.offset, ALIGNMENT);
  const size = alignUp(signatureSize(identifier, codeLimit), ALIGNMENT);
  if (codeLimit + size > 0xffffffff) throw new BadMachO("it is too large: a signature's offset has 32 bits");
  const signed = new Uint8Array(codeLimit + size);
  signed.set(bytes.subarray(0, macho.signature.offset));
  writeSizes(signed, macho, codeLimit, size);
  const facts = { identifier, codeLimit, execBase: macho.text.fileoff, execLimit: macho.text.filesize };
  // Only now: the load commands that were just written lie in the first page.
  signed.set(encodeSignature(facts, pageHashes(signed, codeLimit)), codeLimit);
  return signed;
}

function mustBeLast({ linkedit, signature }: MachO, length: number): void {
  const end = signature.offset + signature.size;
  if (signature.offset < linkedit.fileoff) throw new BadMachO("its signature starts before __LINKEDIT");
  if (end !== linkedit.fileoff + linkedit.filesize) throw new BadMachO("its signature does not end __LINKEDIT");
  if (end !== length) throw new BadMachO(`its signature ends at ${end}, but the file at ${length}`);
}

function writeSizes(bytes: Uint8Array, { cpu, linkedit, signature }: MachO, offset: number, size: number): void {
  const view = viewOf(bytes);
  const filesize = offset + size - linkedit.fileoff;
  view.setUint32(signature.command + FIELD.dataoff, offset, true);
  view.setUint32(signature.command + FIELD.datasize, size, true);
  view.setBigUint64(linkedit.command + FIELD.filesize, BigInt(filesize), true);
  view.setBigUint64(linkedit.command + FIELD.vmsize, BigInt(alignUp(filesize, VM_PAGE[cpu])), true);
}
