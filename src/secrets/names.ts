// What a name says of the value that stands under it: that it is a secret, or that it is a number, a place, a level. Pure.

/** These say it wherever they stand in a name: `db_password`, `clientSecret`, `apikey`. */
const TELLING =
  /passw|passphrase|passcode|secret|token|credential|api[-_ ]?key|pgpass|access[-_ ]?key|private[-_ ]?key|oauth|authori[sz]ation|bearer|webhook|cookie|connection[-_ ]?string|jwt|stringdata|requirepass|masterauth/i;
/** These say it only as a whole part of one: `SSH_KEY`, not `keyboard`. */
const TELLING_PARTS = new Set(
  "key keys pass pwd pw tok auth pin otp totp salt dsn pat psk sid signature sign cert identity login creds cred apikey".split(
    " ",
  ),
);
/** With one of these before it a key opens nothing. */
const PLAIN_KEY =
  /(?:sort|order|primary|foreign|public|cache|partition|group|object|row|idempotency|index|hot|short|message|locale|dict|json)[-_ ]?keys?$/i;

/** The parts of a name: `clientSecret_V2` → client, secret, v, 2. */
export const partsOf = (name: string): string[] =>
  (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? []).map((part) => part.toLowerCase());

/** Whether what stands under this key, variable or flag is a secret by its name. */
export const isSecretName = (name: string): boolean =>
  !PLAIN_KEY.test(name) && (TELLING.test(name) || partsOf(name).some((part) => TELLING_PARTS.has(part)));

/** The first word of a text that tells of a secret by itself; `key` and `sign` do so only as names. */
export const TELLING_WORD = new RegExp(
  `(?<![\\w.-])[\\w.-]{0,40}?(?:${TELLING.source})[\\w-]*|\\b(?:pwd|psk|passwd|pass|pw|otp)\\b`,
  "i",
);

/** Whether every text in a file is to be hidden, by the file's own name or its folder's. */
export function isSecretFile(path: string): boolean {
  const [folder = "", name = ""] = path.split("/").slice(-2);
  return (
    [folder, name].some(isSecretName) ||
    /(^|\.)env(rc)?(\.|$)|netrc|pgpass|my\.cnf|htpasswd|id_(rsa|dsa|ecdsa|ed25519)|service[-_]?account/i.test(name) ||
    /\.(pem|key|p12|pfx|p8|age|gpg|asc|kdbx|jks|keystore)$/i.test(name)
  );
}

export type Meaning =
  | "number"
  | "path"
  | "url"
  | "host"
  | "level"
  | "stage"
  | "region"
  | "zone"
  | "model"
  | "version"
  | "id"
  | "commit"
  | "time";

const MEANINGS: Record<Meaning, string> = {
  number:
    "port ports timeout ttl interval limit max min count size length retries retry attempts seconds minutes hours days ms age rate budget " +
    "threshold concurrency workers threads width height depth temperature delay period offset page pages batch per num number total debug tokens",
  path: "file path dir directory folder root home log logs out output input cwd bin script config cache socket database db base prefix",
  url: "url uri endpoint base origin",
  host: "host hostname server domain address bind listen broker",
  level: "level loglevel verbosity",
  stage: "env environment stage mode tier profile",
  region: "region location zone",
  zone: "tz timezone",
  model: "model",
  version: "version tag release image",
  id: "id ids uuid guid",
  commit: "commit sha rev revision hash digest checksum integrity etag ref head",
  time: "date since until time schedule cron at start end from",
};
const MEANING_OF = new Map(
  Object.entries(MEANINGS).flatMap(([meaning, parts]) => parts.split(" ").map((part) => [part, meaning] as const)),
);
const AMOUNTS = new Set(
  "max min limit count size length ttl age rate total per num timeout interval budget days".split(" "),
);

/** What a name says that its value is. Names may say more than one thing: `base_url`. */
export function meaningsOf(name: string): Set<string> {
  const parts = partsOf(name);
  const last = parts.at(-1) ?? "";
  const found = new Set(
    [last, ...(/^\d+$/.test(last) ? [parts.at(-2) ?? ""] : [])].map((part) => MEANING_OF.get(part) ?? ""),
  );
  if (parts.some((part) => AMOUNTS.has(part))) found.add("number");
  if (/^base$|^root$/.test(last)) found.add("path");
  if (last === "base") found.add("url");
  return found;
}
