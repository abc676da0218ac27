// What S3 and the line to it answer, as errors of ours.
import { fail } from "../errors.ts";
import { codeOf, RollbackError } from "../rollback-error.ts";
import { Passing } from "./patience.ts";

/** What fetch throws: most of it may pass, a certificate that is not to be trusted does not. What is ours goes through. */
export function networkError(cause: unknown, shown: string): unknown {
  const code = codeOf(cause);
  if (cause instanceof RollbackError || cause instanceof Passing || code === undefined) return cause;
  if (cause instanceof Error && cause.name === "NotWritten") return cause;
  return /CERT|SELF_SIGNED|ISSUER|HOSTNAME|TLS/.test(code)
    ? fail.placeRefused(shown, `${code} (its certificate can't be trusted)`)
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
  ETIMEDOUT: "it does not answer",
  EAI_AGAIN: "its name can't be looked up; is there a network?",
  ENETUNREACH: "it can't be reached; is there a network?",
  EHOSTUNREACH: "it can't be reached; is there a network?",
};
const wordsFor = (code: string): string => WORDS[code] ?? code;

const LONGEST_REFUSAL_BYTES = 64 << 10;

/** The first bytes of an answer's body, as text; what it says beyond them is of no use. */
async function beginningOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of response.body ?? []) {
      parts.push(part);
      bytes += part.length;
      if (bytes >= LONGEST_REFUSAL_BYTES) break;
    }
  } catch {
    // What came before the line was cut is enough.
  }
  return Buffer.concat(parts).toString("utf8", 0, LONGEST_REFUSAL_BYTES);
}

/** An answer that is not success, as an error. */
export async function refusal(response: Response, shown: string): Promise<Error> {
  const { status } = response;
  const text = await beginningOf(response);
  const code = /<Code>([\w.]{1,100})<\/Code>/.exec(text)?.[1] ?? String(status);
  if (status === 501) return fail.placeRefused(shown, meaningOf(code));
  if (status >= 500 || [408, 409, 429].includes(status) || code === "RequestTimeout")
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
  "400": "it does not say why; wrong region, session or key",
  RequestTimeTooSkewed: "this machine's clock is off",
  InvalidToken: "the session is not valid: log in again",
  TokenRefreshRequired: "the session is over: log in again",
  "KMS.DisabledException": "the key that the bucket encrypts with is disabled",
  "KMS.NotFoundException": "the key that the bucket encrypts with is gone",
  "KMS.KMSInvalidStateException": "the key that the bucket encrypts with can't be used",
  InvalidRequest: "the bucket demands something else, such as an object lock or its own encryption",
  InvalidBucketState: "the bucket's state does not allow it",
  AllAccessDisabled: "the account is disabled",
  NotImplemented: "it does not know this request",
  NoSuchBucket: "there is no such bucket",
  PermanentRedirect: ELSEWHERE,
  TemporaryRedirect: ELSEWHERE,
  AuthorizationHeaderMalformed: ELSEWHERE,
  IllegalLocationConstraintException: ELSEWHERE,
  IncorrectEndpoint: ELSEWHERE,
  "301": ELSEWHERE,
  "302": ELSEWHERE,
  "308": ELSEWHERE,
  "307": ELSEWHERE,
};
export const meaningOf = (code: string): string =>
  MEANINGS[code] === undefined ? code : `${code} (${MEANINGS[code]})`;
