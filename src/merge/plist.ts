// A property list of either form. Pure.
import { isBinaryPlist, readBinary } from "./binary-plist.ts";
import type { Doc } from "./node.ts";
import { readXml } from "./xml-plist.ts";

/** A key may stand twice in it. Throws Unreadable, which says what is wrong. */
export const readPlist = (bytes: Uint8Array): Doc => (isBinaryPlist(bytes) ? readBinary(bytes) : readXml(bytes));
