// Copies in a bucket of S3, or of what speaks its protocol. Bun's own client signs and lists; an object is sent in one PUT, so there is
// never half of one under its name.
import { CryptoHasher, S3Client } from "bun";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { checkpoint } from "../system/interrupt.ts";
import { chunksOf } from "../system/streams.ts";
import { keyOf, parseKey } from "./address.ts";
import type { Access } from "./aws.ts";
import type { Destination, Local, Sending, Sent } from "./destination.ts";
import { PATIENCE, Passing, type Patience, patiently, unlessStalled } from "./patience.ts";
import { type Listing, objectsIn, reasonByList } from "./s3-list.ts";
import { meaningOf, networkError, refusal } from "./s3-words.ts";

/** What S3 takes in one PUT: User Guide, "Uploading objects". */
const LARGEST_BYTES = 5 * 2 ** 30;
const SIGNED_FOR_SECONDS = 3600;

type Method = "GET" | "PUT" | "HEAD" | "DELETE";

interface Bucket {
  client: S3Client;
  /** Empty, or ends in a slash. */
  prefix: string;
  shown: string;
  patience: Patience;
  listing: Listing;
}

/** `prefix` is empty or ends in a slash. */
export function s3Destination(
  { bucket: name, prefix }: { bucket: string; prefix: string },
  access: Access,
  patience: Patience = PATIENCE,
): Destination {
  const { endpoint, ...keys } = access;
  const client = new S3Client({ ...keys, bucket: name, ...(endpoint === undefined ? {} : { endpoint }) });
  const shown = `s3://${name}/${prefix}`.replace(/\/$/, "");
  // The address of any object tells that of its bucket.
  const [base = ""] = client.presign("x", { expiresIn: 1 }).split("/x?");
  const bucket: Bucket = { client, prefix, shown, patience, listing: { access, base, shown, patience } };

  return {
    shown,
    async *list(beginning) {
      for await (const { key, bytes } of objectsIn(bucket.listing, prefix + beginning)) {
        const copy = parseKey(key.slice(prefix.length));
        if (copy !== null) yield { ...copy, bytes };
      }
    },
    async put(files, sending) {
      for (const file of files) {
        await checkpoint("what was sent before stays");
        sending.done(file, await putOne(bucket, file, sending));
      }
    },
    get: (copy, { take, restart }) =>
      ask(bucket, "GET", keyOf(copy), async (response, alive) => {
        if (response.status === 404) throw fail.noCopy(keyOf(copy), shown);
        restart();
        await drain(response, alive, copy.bytes ?? LARGEST_BYTES, shown, take);
      }),
    begin: (copy, most) => beginningOf(bucket, keyOf(copy), most),
  };
}

/** A part of an object. A server that does not know ranges sends all of it: then no more than the part is read. */
function beginningOf(bucket: Bucket, key: string, most: number): Promise<Uint8Array> {
  const headers = { range: `bytes=0-${most - 1}` };
  return ask(
    bucket,
    "GET",
    key,
    async (response, alive) => {
      if (response.status === 404) throw fail.noCopy(key, bucket.shown);
      const parts: Uint8Array[] = [];
      let bytes = 0;
      for await (const part of response.body ?? []) {
        alive();
        parts.push(part);
        bytes += part.length;
        if (bytes >= most) break;
      }
      return Buffer.concat(parts).subarray(0, most);
    },
    { headers },
  );
}

/** Absent, not as the condition demands, and a condition that the server does not know: answers that are not errors yet. */
const USABLE = new Set([404, 412, 501]);

/** One request; what an answer other than 2xx means is said by `judge`. `use` reads the answer's body. */
function ask<T>(
  { client, prefix, shown, patience, listing }: Bucket,
  method: Method,
  key: string,
  use: (response: Response, alive: () => void) => Promise<T>,
  options: { headers?: Record<string, string>; body?: (alive: () => void) => ReadableStream<Uint8Array> } = {},
): Promise<T> {
  return patiently(
    () =>
      unlessStalled(patience, async (signal, alive) => {
        const { headers = {}, body } = options;
        let response: Response;
        try {
          response = await fetch(client.presign(prefix + key, { method, expiresIn: SIGNED_FOR_SECONDS }), {
            method,
            signal,
            headers,
            // S3 answers so where the bucket is elsewhere; what is signed for one place is not good for another.
            redirect: "manual",
            ...(body === undefined ? {} : { body: body(alive) }),
          });
          if (response.ok || USABLE.has(response.status)) return await use(response, alive);
        } catch (cause) {
          throw networkError(cause, shown);
        }
        const refused = await refusal(response, shown);
        if (method !== "HEAD" || refused instanceof Passing) throw refused;
        throw (await reasonByList(listing, prefix + key)) ?? refused;
      }),
    patience,
  ).catch((cause) => {
    throw cause instanceof Passing ? fail.placeUnreachable(shown, cause.message) : cause;
  });
}

/** What stands under a key, or null. */
const head = (bucket: Bucket, key: string) =>
  ask(bucket, "HEAD", key, async (response) =>
    response.status === 404
      ? null
      : { bytes: Number(response.headers.get("content-length")), etag: response.headers.get("etag") ?? "" },
  );

/** `bytes` are the most that are read: what is larger is another. */
const hashOf = (bucket: Bucket, key: string, bytes: number) =>
  ask(bucket, "GET", key, async (response, alive) => {
    if (response.status === 404) throw fail.noCopy(key, bucket.shown);
    const hasher = new CryptoHasher("sha256");
    await drain(response, alive, bytes, bucket.shown, (chunk) => hasher.update(chunk));
    return hasher.digest("hex");
  });

/** What stands under a key, and its tag. Throws `damaged` where it is something else that may be of use. */
async function standingThere(
  bucket: Bucket,
  file: Local,
  md5: () => string,
  sending: Sending,
): Promise<{ what: "nothing" | "same" } | { what: "useless"; etag: string }> {
  const key = keyOf(file);
  const found = await head(bucket, key);
  if (found === null) return { what: "nothing" };
  const { bytes, etag } = found;
  // The tag of what was sent in one PUT is its MD5, unless the bucket encrypts by a key of its own.
  const same = bytes === file.bytes && (etag === `"${md5()}"` || (await hashOf(bucket, key, bytes)) === file.hash);
  if (same) return { what: "same" };
  if (await sending.mayReplace({ ...file, bytes })) return { what: "useless", etag };
  throw fail.copyDiffers(key, bucket.shown);
}

async function putOne(bucket: Bucket, file: Local, sending: Sending): Promise<Sent> {
  const { shown } = bucket;
  const key = keyOf(file);
  if (file.bytes > LARGEST_BYTES) throw fail.copyTooLarge(key, shown);
  let sum: string | undefined;
  const md5 = () => {
    sum ??= md5Of(file.path);
    return sum;
  };
  const standing = await standingThere(bucket, file, md5, sending);
  if (standing.what === "same") return "there";
  const condition: Record<string, string> =
    standing.what === "useless" ? { "if-match": standing.etag } : { "if-none-match": "*" };
  let status = await send(bucket, file, md5(), condition);
  if (status === 501) {
    // It was read before and will be read afterwards; only who sends at the same moment is not noticed.
    sending.say(`${shown} knows no conditional writes: two Macs that push one key at once are not noticed there`);
    status = await send(bucket, file, md5(), {});
  }
  if (status === 404) throw fail.placeRefused(shown, meaningOf("NoSuchBucket"));
  if (status === 501) throw fail.placeRefused(shown, meaningOf("NotImplemented"));
  if (status === 412)
    return (await standingThere(bucket, file, md5, sending)).what === "same" ? "there" : putOne(bucket, file, sending);
  if ((await hashOf(bucket, key, file.bytes)) !== file.hash) {
    await ask(bucket, "DELETE", key, async () => {});
    throw fail.copyDamaged(key, shown);
  }
  return standing.what === "useless" ? "replaced" : "sent";
}

/** The answer's status. */
const send = (bucket: Bucket, file: Local, md5: string, condition: Record<string, string>): Promise<number> =>
  ask(bucket, "PUT", keyOf(file), async ({ status }) => status, {
    headers: {
      "content-length": String(file.bytes),
      "content-type": "application/octet-stream",
      // The server checks the one, and holds to the other where it knows it.
      "content-md5": Buffer.from(md5, "hex").toString("base64"),
      ...condition,
    },
    body: (alive) => bodyOf(file.path, alive),
  });

/** A file's bytes as they are asked for. */
function bodyOf(path: AbsPath, alive: () => void): ReadableStream<Uint8Array> {
  const chunks = chunksOf(path);
  return new ReadableStream({
    async pull(controller) {
      alive();
      await checkpoint("nothing half-sent is left");
      const next = chunks.next();
      if (next.done) controller.close();
      else controller.enqueue(next.value.slice());
    },
    cancel: () => void chunks.return(),
  });
}

/** Hands over a body of at most `most` bytes. */
async function drain(
  response: Response,
  alive: () => void,
  most: number,
  shown: string,
  take: (chunk: Uint8Array) => void,
): Promise<void> {
  const wanted = response.headers.get("content-length");
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    alive();
    await checkpoint("nothing half-loaded is left");
    bytes += chunk.length;
    if (bytes > most) throw fail.placeRefused(shown, `it sends more than the ${most} bytes that it named`);
    take(chunk);
  }
  if (wanted !== null && Number(wanted) !== bytes) throw new Passing("the answer was cut off");
}

function md5Of(path: AbsPath): string {
  const hasher = new CryptoHasher("md5");
  for (const chunk of chunksOf(path)) hasher.update(chunk);
  return hasher.digest("hex");
}
