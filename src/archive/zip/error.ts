// What can be wrong with an archive, or with what shall become one.

import { Said } from "../../rollback-error.ts";
/**
 * - `broken`: no archive of ours, cut off, damaged, or of a kind that is not read (zip64, encrypted, other methods);
 * - `unsafe`: it could make its reader write where it should not, write one file over another, or fill the disk;
 * - `too-large`: more than the format can hold (writing only);
 * - `changed`: a file was not the same from its first byte to its last (writing only).
 */
export type ZipErrorCode = "broken" | "unsafe" | "too-large" | "changed";

/** One sentence without the archive's own name, which the caller knows; text from the archive in it is quoted, safe for a terminal. */
export class ZipError extends Said {
  override readonly name = "ZipError";
  readonly code: ZipErrorCode;
  constructor(code: ZipErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export const broken = (message: string, cause?: unknown): ZipError => new ZipError("broken", message, { cause });
export const unsafe = (message: string): ZipError => new ZipError("unsafe", message);

const LONGEST = 200;

/** A name in quotes, shortened, with everything that could steer a terminal or turn the text round escaped. */
export function quoted(name: string): string {
  const short = name.length > LONGEST ? `${name.slice(0, LONGEST)}…` : name;
  return JSON.stringify(short).replace(
    /[\p{C}\u2028\u2029]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
