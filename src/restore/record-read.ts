// A restore's record read back: bytes that somebody else could have written.
import * as v from "valibot";
import { type AbsPath, type Digest, KINDS } from "../model.ts";
import { ifReadable, readText } from "../system/files.ts";
import { isRecordName, type RestoreRecord, recordAt } from "./record.ts";

const digest = v.custom<Digest>((value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value));
const Schema = v.object({
  autoBackup: v.nullable(v.string()),
  wrote: v.array(
    v.object({
      path: v.string(),
      name: v.string(),
      kind: v.picklist(KINDS),
      made: v.boolean(),
      hash: v.nullable(digest),
      mode: v.nullable(v.number()),
      link: v.nullable(v.string()),
      content: v.nullable(v.string()),
    }),
  ),
});

const LIMIT_BYTES = 1 << 30;

/** Null where there is none, or none that can be used. */
export function readRecord(inner: AbsPath, name: string): RestoreRecord | null {
  if (!isRecordName(name)) return null;
  try {
    const text = ifReadable(() => readText(recordAt(inner, name), LIMIT_BYTES, { noFollow: true }));
    const parsed = text === null ? null : v.safeParse(Schema, JSON.parse(text));
    return parsed?.success ? parsed.output : null;
  } catch (cause) {
    if (cause instanceof SyntaxError) return null;
    throw cause;
  }
}
