// Bytes → text and back, in the file's own encoding. Pure.
import { type Doc, type Place, Unreadable } from "./node.ts";

type Decoded = Pick<Doc, "text" | "encode">;

/**
 * UTF-8 with or without a mark, UTF-16 with one, and what else the declaration names. A mark counts for more than the declaration, which
 * must be the first thing of the file: so it is for plutil.
 */
export function decodeXml(bytes: Uint8Array): Decoded {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const [first, second, third] = buffer;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return decodeUtf16(buffer, first === 0xfe);
  if (first === 0 || second === 0)
    throw new Unreadable("this may be UTF-16 without its mark: save it as UTF-8", { line: 1, column: 1 });
  const hasMark = first === 0xef && second === 0xbb && third === 0xbf;
  const declared = /^<\?xml[^>]*?encoding=["']([^"'>]+)["']/.exec(buffer.toString("latin1", 0, 200))?.[1];
  if (hasMark || declared === undefined || /^utf-?8$/i.test(declared)) return decodeUtf8(bytes);
  if (/^(iso-8859-1|latin-?1)$/i.test(declared))
    return {
      text: buffer.toString("latin1"),
      encode: (text) => (/[^\0-\xff]/.test(text) ? null : Buffer.from(text, "latin1")),
    };
  return decodeDeclared(buffer, declared);
}

function decodeUtf16(buffer: Buffer, swapped: boolean): Decoded {
  if (buffer.length % 2 === 1) throw new Unreadable("half a character is missing at the end: it is cut off in UTF-16");
  const turn = (data: Buffer) => (swapped ? Buffer.from(data).swap16() : data);
  return {
    text: turn(buffer).toString("utf16le").slice(1),
    encode: (text) => turn(Buffer.from(`\ufeff${text}`, "utf16le")),
  };
}

/** Another encoding of one byte a character; it is read, and can't be written. */
function decodeDeclared(buffer: Buffer, declared: string): Decoded {
  const start = { line: 1, column: 1 };
  if (/^(us-)?ascii$/i.test(declared)) {
    const { text } = decodeUtf8(buffer);
    const other = /[^\0-\x7f]/.exec(text);
    if (other === null)
      return { text, encode: (changed) => (/[^\0-\x7f]/.test(changed) ? null : Buffer.from(changed)) };
    throw new Unreadable("it says that it is ASCII, and here it is not: declare UTF-8", placeIn(text, other.index));
  }
  try {
    if (/^(utf-|ucs-)/i.test(declared)) throw new Unreadable();
    const text = new TextDecoder(declared as Bun.Encoding, { fatal: true }).decode(buffer);
    return { text, encode: () => null };
  } catch {
    throw new Unreadable("it is not in the encoding that it declares: save it as UTF-8, and declare that", start);
  }
}

/** A text in UTF-8; its byte order mark stays apart. Throws Unreadable, with the place, for anything else. */
export function decodeUtf8(bytes: Uint8Array): Decoded {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
    return { text: text.slice(mark.length), encode: (changed) => new TextEncoder().encode(mark + changed) };
  } catch {
    throw notUtf8(bytes);
  }
}

function notUtf8(bytes: Uint8Array): Unreadable {
  // Read with a stand-in for each wrong byte and written again, the first difference is the first wrong byte.
  const again = new TextEncoder().encode(new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes));
  const first = bytes.findIndex((byte, index) => byte !== again[index]);
  const before = new TextDecoder().decode(bytes.subarray(0, first));
  const byte = (bytes[first] ?? 0).toString(16).toUpperCase().padStart(2, "0");
  const what = `the byte 0x${byte} is not UTF-8: save the file as UTF-8, or declare its encoding`;
  return new Unreadable(what, placeIn(before, before.length));
}

/** Line and column of an index into a text. */
export function placeIn(text: string, index: number): Place {
  const lines = text.slice(0, index).split(/\r\n|\r|\n/);
  return { line: lines.length, column: [...(lines.at(-1) ?? "")].length + 1 };
}
