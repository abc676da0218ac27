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
export type Sent = "sent" | "there" | "replaced";

/** What the sender says meanwhile, and decides. */
export interface Sending {
  /** Told of each archive once it is there whole and was read back. */
  done(file: Local, sent: Sent): void;
  /** Whether other bytes that stand under its key are of no use and may give way. */
  mayReplace(copy: Copy): Promise<boolean>;
  /** A remark for the user. */
  say(message: string): void;
}

/** Where the bytes of a copy go. */
export interface Taking {
  take(bytes: Uint8Array): void;
  /** What was taken is not all: it comes again from the start. */
  restart(): void;
}

export interface Destination {
  /** The address as it may be shown. */
  shown: string;
  /** The copies whose keys begin so (empty: all), in no order, as they come. Throws where the place can't be had. */
  list(beginning: string): AsyncIterable<Copy>;
  /** Brings archives there. Throws `damaged` where other bytes stand under a key that may not be replaced; what was done before that stands. */
  put(files: Local[], sending: Sending): Promise<void>;
  /** Hands over a copy's bytes. Throws `not-found` where it is gone. */
  get(copy: Copy, to: Taking): Promise<void>;
  /** The first bytes of a copy, `most` of them at most; null where the place can't give a part of one. */
  begin(copy: Copy, most: number): Promise<Uint8Array | null>;
  /**
   * Looks at the place once for all that `work` asks of it; the copies that it names to `expect` come in one answer. Undefined where each
   * question costs no more than that.
   */
  inOneLook?<T>(work: (expect: (copies: Copy[]) => Promise<void>) => Promise<T>): Promise<T>;
  /** Of a folder: the id in its mark, null where it has none. `make` makes one. Undefined for what can't be mistaken for another place. */
  mark?: { read(): string | null; make(): string };
}

/** The same for any place. */
export const inOneLook = <T>(
  { inOneLook }: Destination,
  work: (expect: (copies: Copy[]) => Promise<void>) => Promise<T>,
): Promise<T> => (inOneLook === undefined ? work(async () => {}) : inOneLook(work));
