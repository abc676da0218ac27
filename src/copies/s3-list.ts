// The list of a bucket's objects, page by page, with bounds: ListObjectsV2 of the S3 API reference. The request is signed by aws4fetch, as
// Bun's own list follows redirects and takes the keys along.
import { fail } from "../errors.ts";
import type { Access } from "./aws.ts";
import { Passing, type Patience, patiently, unlessStalled } from "./patience.ts";
import { networkError, refusal } from "./s3-words.ts";

const PAGE = 1000;
/** A thousand keys of 1,024 bytes, each byte escaped, with what stands around them, are less. */
const LONGEST_PAGE_BYTES = 16 << 20;

export interface Listing {
  access: Access;
  /** The bucket's own address, without a slash at its end. */
  base: string;
  shown: string;
  patience: Patience;
}

interface Row {
  key: string;
  bytes: number;
}

/** Every object whose key begins so. */
export async function* objectsIn(listing: Listing, beginning: string): AsyncGenerator<Row> {
  for (let after = ""; ; ) {
    const { rows, more } = await page(listing, beginning, after, PAGE);
    yield* rows;
    const last = rows.at(-1)?.key;
    if (!more) return;
    if (last === undefined || last <= after) throw fail.placeRefused(listing.shown, "its list does not go on");
    after = last;
  }
}

/** Asks for a list only to hear why something else was refused: the answer to a HEAD has no words. Null where this is not refused. */
export async function reasonByList(listing: Listing, key: string): Promise<Error | null> {
  try {
    await page(listing, key, "", 1);
    return null;
  } catch (cause) {
    if (cause instanceof Error) return cause;
    throw cause;
  }
}

function page(
  listing: Listing,
  beginning: string,
  after: string,
  most: number,
): Promise<{ rows: Row[]; more: boolean }> {
  const { access, base, shown, patience } = listing;
  const query = new URLSearchParams({
    "list-type": "2",
    "encoding-type": "url",
    "max-keys": String(most),
    prefix: beginning,
    ...(after === "" ? {} : { "start-after": after }),
  });
  // A space is %20 to whoever signs.
  const url = `${base}/?${query.toString().replaceAll("+", "%20")}`;
  return patiently(
    () =>
      unlessStalled(patience, async (signal, alive) => {
        let response: Response;
        try {
          response = await fetch(url, { headers: await signed(url, access), signal, redirect: "manual" });
          if (response.ok) return parsePage(await boundedText(response, shown, alive));
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

async function signed(url: string, { accessKeyId, secretAccessKey, sessionToken, region }: Access): Promise<Headers> {
  const { AwsV4Signer } = await import("aws4fetch");
  const session = sessionToken === "" ? {} : { sessionToken };
  const signer = new AwsV4Signer({ url, accessKeyId, secretAccessKey, ...session, region, service: "s3" });
  return (await signer.sign()).headers;
}

async function boundedText(response: Response, shown: string, alive: () => void): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    alive();
    bytes += part.length;
    if (bytes > LONGEST_PAGE_BYTES) throw fail.placeRefused(shown, "its list is longer than a list can be");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

/** What a page says, by its tags alone: keys come percent-encoded, so no entity stands in them. */
function parsePage(text: string): { rows: Row[]; more: boolean } {
  const rows: Row[] = [];
  for (const [, content = ""] of text.matchAll(/<Contents>(.*?)<\/Contents>/gs)) {
    const [, key] = /<Key>([^<]*)<\/Key>/.exec(content) ?? [];
    const [, size] = /<Size>(\d{1,15})<\/Size>/.exec(content) ?? [];
    if (key !== undefined && size !== undefined) rows.push({ key: plain(key), bytes: Number(size) });
  }
  return { rows, more: /<IsTruncated>\s*true\s*</.test(text) };
}

function plain(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", "%20"));
  } catch {
    return key;
  }
}
