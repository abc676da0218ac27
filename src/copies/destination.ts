// What every destination can do. Which one an address means: open.ts.
import type { AbsPath, Digest } from "../model.ts";
import type { Copy } from "./address.ts";

/** An archive of ours that is to be copied. */
export interface Local extends Copy {
  path: AbsPath;
  bytes: number;
  hash: Digest;
}

/** `there`: the very bytes were there already. */
export type Sent = "sent" | "there";

export interface Destination {
  /** The address as it may be shown. */
  shown: string;
  /** The copies of one host, or with null of all, in no order, as they come. Throws where the place can't be had. */
  list(host: string | null): AsyncIterable<Copy>;
  /**
   * Brings archives there. `done` is told of each once it is there whole and was read back. Throws `damaged` where other bytes stand
   * under a key, and never replaces them; what was done before that stands.
   */
  put(files: Local[], done: (file: Local, sent: Sent) => void): Promise<void>;
  /** Writes a copy's bytes to a new file, not flushed; removes it again where that fails. Throws `not-found` where it is gone. */
  get(copy: Copy, to: AbsPath): Promise<void>;
}
