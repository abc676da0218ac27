// Copies in a bucket of S3, or of what speaks its protocol. Bun's own client signs and lists; an object is sent in one PUT, so there is
// never half of one under its name.
import { CryptoHasher, S3Client } from "bun";
import { fail } from "../errors.ts";
import type { AbsPath } from "../model.ts";
import { codeOf, RollbackError } from "../rollback-error.ts";
import { openSink } from "../system/durable.ts";
import { checkpoint } from "../system/interrupt.ts";
import { chunksOf } from "../system/streams.ts";
import { type Copy, keyOf, parseKey } from "./address.ts";
import type { Access } from "./aws.ts";
import type { Destination, Local, Sent } from "./destination.ts";
import { PATIENCE, Passing, type Patience, patiently, unlessStalled } from "./patience.ts";

/** What S3 takes in one PUT: User Guide, "Uploading objects". */
const LARGEST_BYTES = 5 * 2 ** 30;
const SIGNED_FOR_SECONDS = 3600;
const PAGE = 1000;

type Method = "GET" | "PUT" | "HEAD" | "DELETE";

interface Bucket {
  client: S3Client;
  /** Empty, or ends in a slash. */
  prefix: string;
  shown: string;
  patience: Patience;
}

/** `prefix` is empty or ends in a slash. */
export function s3Destination(
  { bucket: name, prefix }: { bucket: string; prefix: string },
  { endpoint, ...access }: Access,
  patience: Patience = PATIENCE,
): Destination {
  const client = new S3Client({ ...access, bucket: name, ...(endpoint === undefined ? {} : { endpoint }) });
  const shown = `s3://${name}/${prefix}`.replace(/\/$/, "");
  const bucket: Bucket = { client, prefix, shown, patience };

  return {
    shown,
    list: (host) => copiesIn(bucket, host),
    async put(files, done) {
      for (const file of files) {
        await checkpoint("what was sent before stays");
        done(file, await putOne(bucket, file));
      }
    },
    get: (copy: Copy, to: AbsPath) =>
      ask(bucket, "GET", keyOf(copy), async (response, alive) => {
        if (response.status === 404) throw fail.noCopy(keyOf(copy), shown);
        const sink = openSink(to);
        try {
          await drain(response, alive, sink.take);
          sink.end();
        } catch (cause) {
          sink.discard();
          throw cause;
        }
      }),
  };
}

/** One request; what an answer other than 2xx means is said by `judge`. `use` reads the answer's body. */
function ask<T>(
  { client, prefix, shown, patience }: Bucket,
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
          if (response.ok || response.status === 404 || response.status === 412) return await use(response, alive);
        } catch (cause) {
          throw networkError(cause, shown);
        }
        throw await refusal(response, shown);
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

const hashOf = (bucket: Bucket, key: string) =>
  ask(bucket, "GET", key, async (response, alive) => {
    if (response.status === 404) throw fail.noCopy(key, bucket.shown);
    const hasher = new CryptoHasher("sha256");
    await drain(response, alive, (chunk) => hasher.update(chunk));
    return hasher.digest("hex");
  });

/** Throws `damaged` where something else stands there. */
async function isThere(bucket: Bucket, file: Local, md5: () => string): Promise<boolean> {
  const key = keyOf(file);
  const found = await head(bucket, key);
  if (found === null) return false;
  // The tag of what was sent in one PUT is its MD5, unless the bucket encrypts by a key of its own.
  const same = found.bytes === file.bytes && (found.etag === `"${md5()}"` || (await hashOf(bucket, key)) === file.hash);
  if (!same) throw fail.copyDiffers(key, bucket.shown);
  return true;
}

async function putOne(bucket: Bucket, file: Local): Promise<Sent> {
  const { shown } = bucket;
  const key = keyOf(file);
  if (file.bytes > LARGEST_BYTES) throw fail.copyTooLarge(key, shown);
  let sum: string | undefined;
  const md5 = () => {
    sum ??= md5Of(file.path);
    return sum;
  };
  if (await isThere(bucket, file, md5)) return "there";
  const status = await ask(bucket, "PUT", key, async ({ status: answered }) => answered, {
    headers: {
      "content-length": String(file.bytes),
      "content-type": "application/octet-stream",
      // The server checks the one, and holds to the other where it knows it.
      "content-md5": Buffer.from(md5(), "hex").toString("base64"),
      "if-none-match": "*",
    },
    body: (alive) => bodyOf(file.path, alive),
  });
  if (status === 404) throw fail.placeRefused(shown, meaningOf("NoSuchBucket"));
  if (status === 412) return (await isThere(bucket, file, md5)) ? "there" : putOne(bucket, file);
  if ((await hashOf(bucket, key)) !== file.hash) {
    await ask(bucket, "DELETE", key, async () => {});
    throw fail.copyDamaged(key, shown);
  }
  return "sent";
}

/** Page by page, so that no more than one of them is held. */
async function* copiesIn({ client, prefix, shown, patience }: Bucket, host: string | null): AsyncGenerator<Copy> {
  let after: string | undefined;
  do {
    const options = {
      prefix: prefix + (host === null ? "" : `${host}/`),
      maxKeys: PAGE,
      ...(after === undefined ? {} : { startAfter: after }),
    };
    const page = await patiently(() => listed(client, options, shown, patience), patience).catch((cause) => {
      throw cause instanceof Passing ? fail.placeUnreachable(shown, cause.message) : cause;
    });
    const contents = page.contents ?? [];
    for (const { key, size } of contents) {
      const copy = parseKey(key.slice(prefix.length));
      if (copy !== null) yield { ...copy, bytes: size ?? null };
    }
    after = page.isTruncated ? contents.at(-1)?.key : undefined;
  } while (after !== undefined);
}

async function listed(client: S3Client, options: Bun.S3ListObjectsOptions, shown: string, { stallMs }: Patience) {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Passing("no answer came")), stallMs);
  try {
    return await Promise.race([client.list(options), late.promise]);
  } catch (cause) {
    if (cause instanceof Passing) throw cause;
    const code = codeOf(cause) ?? "";
    if (/^(SlowDown|InternalError|ServiceUnavailable|RequestTimeout|UnknownError)$/.test(code)) throw new Passing(code);
    if (/^(Connection|Failed|E[A-Z]+$)/.test(code)) throw new Passing(wordsFor(code));
    throw fail.placeRefused(shown, meaningOf(code));
  } finally {
    clearTimeout(timer);
  }
}

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

async function drain(response: Response, alive: () => void, take: (chunk: Uint8Array) => void): Promise<void> {
  const wanted = response.headers.get("content-length");
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    alive();
    await checkpoint("nothing half-loaded is left");
    bytes += chunk.length;
    take(chunk);
  }
  if (wanted !== null && Number(wanted) !== bytes) throw new Passing("the answer was cut off");
}

function md5Of(path: AbsPath): string {
  const hasher = new CryptoHasher("md5");
  for (const chunk of chunksOf(path)) hasher.update(chunk);
  return hasher.digest("hex");
}

/** What fetch throws: most of it may pass, a certificate that is not to be trusted does not. What is ours goes through. */
function networkError(cause: unknown, shown: string): unknown {
  const code = codeOf(cause);
  if (cause instanceof RollbackError || cause instanceof Passing || code === undefined) return cause;
  if (cause instanceof Error && cause.name === "NotWritten") return cause;
  return /CERT|SELF_SIGNED|ISSUER|HOSTNAME|TLS/.test(code)
    ? fail.placeRefused(shown, code)
    : new Passing(wordsFor(code));
}

const WORDS: Record<string, string> = {
  ENOTFOUND: "its name can't be found; is there a network?",
  ConnectionRefused: "it refuses connections",
  ECONNREFUSED: "it refuses connections",
  FailedToOpenSocket: "it can't be reached; is there a network?",
  ConnectionClosed: "the connection was cut",
  ECONNRESET: "the connection was cut",
  ConnectionTimeout: "it does not answer",
};
const wordsFor = (code: string): string => WORDS[code] ?? code;

/** An answer that is not success, as an error. */
async function refusal(response: Response, shown: string): Promise<Error> {
  const { status } = response;
  const text = await response.text().catch(() => "");
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? String(status);
  if (status >= 500 || status === 429 || code === "RequestTimeout")
    return new Passing(`it answers ${status} (${code})`);
  const skewMs = Date.parse(response.headers.get("date") ?? "") - Date.now();
  if (status === 403 && Math.abs(skewMs) > 5 * 60_000) return fail.clockOff(shown, Math.round(skewMs / 60_000));
  return fail.placeRefused(shown, meaningOf(code));
}

const ELSEWHERE = "the bucket is in another region: set `region`";
/** S3's own codes: API reference, "Error responses". An answer to HEAD has a number alone. */
const MEANINGS: Record<string, string> = {
  AccessDenied: "these keys may not do that",
  "403": "wrong keys, or they may not do that",
  InvalidAccessKeyId: "wrong keys",
  SignatureDoesNotMatch: "wrong keys",
  ExpiredToken: "the session is over: log in again",
  NoSuchBucket: "there is no such bucket",
  PermanentRedirect: ELSEWHERE,
  TemporaryRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  "301": ELSEWHERE,
  "307": ELSEWHERE,
};
const meaningOf = (code: string): string => (MEANINGS[code] === undefined ? code : `${code} (${MEANINGS[code]})`);
