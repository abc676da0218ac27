// A secret value → the bytes in which it may stand in a file: as it is, escaped, coded. Pure.
import { codedBase64 } from "../secrets/known.ts";

/** How a value was written where it was found; `plain` is as it is. */
export type Written = "plain" | "escaped" | "URL-encoded" | "base64" | "hex" | "UTF-16";

export interface Form {
  written: Written;
  bytes: Uint8Array;
}

/** Of a longer value its beginning is looked for. */
const LONGEST_FORM_BYTES = 512;

const ESCAPES: ((value: string) => string)[] = [
  (value) => JSON.stringify(value).slice(1, -1),
  (value) => JSON.stringify(value).slice(1, -1).replaceAll("/", "\\/"),
  // As Go and Java write JSON.
  (value) => JSON.stringify(value).slice(1, -1).replace(/[<>&]/g, unicode),
  (value) =>
    JSON.stringify(value)
      .slice(1, -1)
      .replace(/[<>&='+]/g, unicode),
  (value) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"),
  (value) => value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  // As a shell wants it.
  (value) => value.replace(/[^\w@%+=:,./-]/g, "\\$&"),
  (value) => value.replaceAll("'", "'\\''"),
  (value) => value.replace(/["$`\\]/g, "\\$&"),
];
const unicode = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Every form once. */
export function formsOf(value: string): Form[] {
  const seen = new Set<string>();
  const forms: Form[] = [];
  const add = (written: Written, text: string | Buffer) => {
    const bytes = Buffer.from(text as string).subarray(0, LONGEST_FORM_BYTES);
    const key = bytes.toString("latin1");
    if (seen.has(key)) return;
    seen.add(key);
    forms.push({ written, bytes });
  };
  add("plain", value);
  for (const escaped of ESCAPES) add("escaped", escaped(value));
  const url = encodeURIComponent(value.toWellFormed());
  add("URL-encoded", url);
  add("URL-encoded", url.replaceAll("%20", "+"));
  add(
    "URL-encoded",
    url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  );
  for (const coded of codedBase64(value)) add("base64", coded);
  const wide = Buffer.from(value, "utf16le");
  add("UTF-16", wide);
  add("UTF-16", Buffer.from(wide).swap16());
  const hex = Buffer.from(value).toString("hex");
  add("hex", hex);
  add("hex", hex.toUpperCase());
  return forms;
}
