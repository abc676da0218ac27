// Bytes → text and back, in the file's own encoding. Pure.
import { type Doc, Unreadable } from "./node.ts";

/** UTF-8 with or without a mark, UTF-16 with one, and Latin-1 where the declaration says so. */
export function decodeXml(bytes: Uint8Array): Pick<Doc, "text" | "encode"> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const [first, second] = buffer;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
    const swapped = first === 0xfe;
    if (buffer.length % 2 === 1) throw new Unreadable();
    const turn = (data: Buffer) => (swapped ? Buffer.from(data).swap16() : data);
    return {
      text: turn(buffer).toString("utf16le").slice(1),
      encode: (text) => turn(Buffer.from(`\ufeff${text}`, "utf16le")),
    };
  }
  const declared = /^<\?xml[^>]*?encoding\s*=\s*["']([\w-]+)["']/.exec(buffer.toString("latin1", 0, 200))?.[1];
  if (declared !== undefined && /^(iso-8859-1|latin-?1)$/i.test(declared))
    return {
      text: buffer.toString("latin1"),
      encode: (text) => (/[^\0-\xff]/.test(text) ? null : Buffer.from(text, "latin1")),
    };
  return decodeUtf8(bytes);
}

/** A text in UTF-8; its byte order mark stays apart. Throws Unreadable for anything else. */
export function decodeUtf8(bytes: Uint8Array): Pick<Doc, "text" | "encode"> {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const mark = text.startsWith("\ufeff") ? "\ufeff" : "";
    return { text: text.slice(mark.length), encode: (changed) => new TextEncoder().encode(mark + changed) };
  } catch {
    throw new Unreadable();
  }
}
