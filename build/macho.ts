// Reads what a signature depends on out of a Mach-O: the segments __TEXT and __LINKEDIT, and LC_CODE_SIGNATURE.
//
// Source of the layout: Apple's <mach-o/loader.h> (mach_header_64, segment_command_64, linkedit_data_command) and
// <mach/machine.h>. All numbers are little-endian, all offsets count bytes from the start of the file.

/** A Mach-O, or its signature, is not as it must be. The message is one sentence without the file's name. */
export class BadMachO extends Error {
  override readonly name = "BadMachO";
}

/** A segment's place in the file and its size in memory, in bytes. `command` is the offset of its load command. */
export interface Segment {
  readonly command: number;
  readonly vmsize: number;
  readonly fileoff: number;
  readonly filesize: number;
}

/** The bytes that LC_CODE_SIGNATURE points to. `command` is the offset of that load command. */
export interface SignatureRange {
  readonly command: number;
  readonly offset: number;
  readonly size: number;
}

export interface MachO {
  readonly cpu: Cpu;
  readonly text: Segment;
  readonly linkedit: Segment;
  readonly signature: SignatureRange;
}

export type Cpu = "arm64" | "x64";

const MH_MAGIC_64 = 0xfeedfacf;
const FAT_MAGICS = [0xcafebabe, 0xcafebabf]; // big-endian on disk
const CPUS = new Map<number, Cpu>([
  [0x01000007, "x64"],
  [0x0100000c, "arm64"],
]);
const MH_EXECUTE = 2;
const LC_SEGMENT_64 = 0x19;
const LC_CODE_SIGNATURE = 0x1d;
const HEADER_SIZE = 32;
const SEGMENT_SIZE = 72;

/** Offsets inside a load command, for the signer, which writes these fields. */
export const FIELD = { vmsize: 32, filesize: 48, dataoff: 8, datasize: 12 } as const;

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Parses a thin 64-bit executable; throws BadMachO where it is none, is cut off, or has no signature. */
export function parseMachO(bytes: Uint8Array): MachO {
  const view = viewOf(bytes);
  const cpu = readHeader(view);
  const segments = new Map<string, Segment>();
  const signatures: SignatureRange[] = [];
  for (const command of loadCommands(view)) {
    if (command.type === LC_SEGMENT_64) {
      const [name, segment] = readSegment(view, command);
      if (segments.has(name)) throw new BadMachO(`it has two segments named ${name}`);
      segments.set(name, segment);
    }
    if (command.type === LC_CODE_SIGNATURE) signatures.push(readSignatureRange(view, command));
  }
  const [signature, second] = signatures;
  if (!signature) throw new BadMachO("it has no LC_CODE_SIGNATURE");
  if (second) throw new BadMachO("it has more than one LC_CODE_SIGNATURE");
  return { cpu, text: need(segments, "__TEXT"), linkedit: need(segments, "__LINKEDIT"), signature };
}

function need(segments: ReadonlyMap<string, Segment>, name: string): Segment {
  const segment = segments.get(name);
  if (!segment) throw new BadMachO(`it has no segment ${name}`);
  return segment;
}

function readHeader(view: DataView): Cpu {
  if (view.byteLength < HEADER_SIZE) throw new BadMachO(`it is cut off: ${view.byteLength} bytes hold no header`);
  if (FAT_MAGICS.includes(view.getUint32(0))) throw new BadMachO("it is a universal binary, not a thin one");
  if (view.getUint32(0, true) !== MH_MAGIC_64) throw new BadMachO("it is not a 64-bit Mach-O");
  const cpu = CPUS.get(view.getUint32(4, true));
  if (!cpu) throw new BadMachO(`its CPU type is unknown: ${hex(view.getUint32(4, true))}`);
  const type = view.getUint32(12, true);
  if (type !== MH_EXECUTE) throw new BadMachO(`it is not an executable: its file type is ${type}`);
  return cpu;
}

interface LoadCommand {
  readonly type: number;
  readonly offset: number;
  readonly size: number;
}

function* loadCommands(view: DataView): Generator<LoadCommand> {
  const count = view.getUint32(16, true);
  const end = HEADER_SIZE + view.getUint32(20, true);
  if (end > view.byteLength) throw new BadMachO(`it is cut off: its load commands end at ${end}`);
  let offset = HEADER_SIZE;
  for (let index = 0; index < count; index++) {
    const size = offset + 8 <= end ? view.getUint32(offset + 4, true) : 0;
    if (size < 8 || size % 8 !== 0 || offset + size > end) throw new BadMachO(`load command ${index} is malformed`);
    yield { type: view.getUint32(offset, true), offset, size };
    offset += size;
  }
  if (offset !== end) throw new BadMachO(`its load commands end at ${offset}, but the header says ${end}`);
}

function readSegment(view: DataView, { offset, size }: LoadCommand): [string, Segment] {
  if (size < SEGMENT_SIZE) throw new BadMachO(`the segment command at ${offset} is too short`);
  const raw = new Uint8Array(view.buffer, view.byteOffset + offset + 8, 16);
  const name = new TextDecoder("latin1").decode(raw).replace(/\0.*$/s, "");
  const segment = {
    command: offset,
    vmsize: readU64(view, offset + FIELD.vmsize),
    fileoff: readU64(view, offset + 40),
    filesize: readU64(view, offset + FIELD.filesize),
  };
  const end = segment.fileoff + segment.filesize;
  if (end > view.byteLength) {
    throw new BadMachO(`it is cut off: ${name} ends at ${end}, the file at ${view.byteLength}`);
  }
  return [name, segment];
}

function readSignatureRange(view: DataView, { offset, size }: LoadCommand): SignatureRange {
  if (size !== 16) throw new BadMachO(`its LC_CODE_SIGNATURE has ${size} bytes, not 16`);
  return {
    command: offset,
    offset: view.getUint32(offset + FIELD.dataoff, true),
    size: view.getUint32(offset + FIELD.datasize, true),
  };
}

/** A number of 64 bits; past 2^53 it is not a size or offset that any file has. */
function readU64(view: DataView, offset: number): number {
  const value = view.getBigUint64(offset, true);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new BadMachO(`the number at ${offset} is too large`);
  return Number(value);
}

export function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

/** The next multiple of `unit` at or above `value`. */
export function alignUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
