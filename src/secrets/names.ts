// What a name says of the value that stands under it: that it is a secret, or that it is a number, a place, a level. Pure.

/** These say it wherever they stand in a name: `db_password`, `clientSecret`, `apikey`. */
const TELLING =
  /passw|passphrase|passcode|kennwort|contrase[nñ]a|mot[-_ ]de[-_ ]passe|wachtwoord|l[oö]senord|парол|secret|token|credential|api[-_ ]?key|pgpass|access[-_ ]?key|private[-_ ]?key|oauth|authori[sz]ation|bearer|webhook|cookie|connection[-_ ]?string|jwt|stringdata|requirepass|masterauth/i;
/** These say it only as a whole part of one: `SSH_KEY`, not `keyboard`. */
const TELLING_PARTS = new Set(
  "key keys pass pwd pw mdp senha clave tok auth pin otp totp salt dsn pat psk sid signature sign cert identity login creds cred apikey".split(
    " ",
  ),
);
/** With one of these before it a key opens nothing. */
const PLAIN_KEY =
  /(?:sort|order|primary|foreign|public|cache|partition|group|object|row|idempotency|index|hot|short|shortcut|message|locale|dict|json)[-_ ]?keys?$/i;

/** Who logs in, and where: no password. */
const PLAIN_LOGIN = /login[-_ ]?(?:customer|url|uri|page|path|shell|window|id|user|name|hint)/i;

/** The parts of a name: `clientSecret_V2` → client, secret, v, 2. */
export const partsOf = (name: string): string[] =>
  (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? []).map((part) => part.toLowerCase());

/** `MAILPASS`, `dbpwd`, `sshkey`: a telling part with another word before it. */
const TELLING_END =
  /(?<!by|com|encom|tres|over|under|sur|tres|em|ty)pass$|pwd$|(?<!mon|hot|tur|don|whis|joc|hoc|mic|smo|dar|key)key$/;

/** Whether what stands under this key, variable or flag is a secret by its name. */
export const isSecretName = (name: string): boolean =>
  !PLAIN_KEY.test(name) &&
  !(PLAIN_LOGIN.test(name) && !TELLING.test(name)) &&
  (TELLING.test(name) || partsOf(name).some((part) => TELLING_PARTS.has(part) || TELLING_END.test(part)));

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
    /(^|\.)env(rc)?(\.|$)|netrc|pgpass|my\.cnf|curlrc|s3cfg|msmtprc|fetchmailrc|git-credentials|rclone\.conf|htpasswd|id_(rsa|dsa|ecdsa|ed25519)|service[-_]?account/i.test(
      name,
    ) ||
    /\.(pem|key|p12|pfx|p8|age|gpg|asc|kdbx|jks|keystore)$/i.test(name)
  );
}

export type Meaning =
  | "number"
  | "port"
  | "mail"
  | "manner"
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
    "timeout ttl interval limit max min count size length retries retry attempts seconds minutes hours days ms age rate budget " +
    "threshold concurrency workers threads width height depth temperature delay period offset page pages batch per num number total debug tokens",
  port: "port ports",
  path: "file path dir directory folder root home log logs out output input cwd bin script config cache socket database db base prefix",
  url: "url uri endpoint base origin issuer audience",
  mail: "mail email from to sender recipient reply cc bcc",
  manner: "type method mode scheme provider alg algorithm grant",
  host: "host hostname server domain address bind listen broker",
  level: "level loglevel verbosity",
  stage: "env environment stage mode tier profile",
  region: "region location zone",
  zone: "tz timezone",
  model: "model",
  version: "version tag release image",
  id: "id ids uuid guid",
  commit: "commit sha rev revision hash digest checksum integrity etag ref head md sha",
  time: "date since until time schedule cron at start end from",
};
const MEANING_OF = new Map(
  Object.entries(MEANINGS).flatMap(([meaning, parts]) => parts.split(" ").map((part) => [part, meaning] as const)),
);
/** `PGPORT`, `dbhost`, `logfile`: what a name ends in. */
const MEANING_AT_END = /(?:port|host|path|dir|file|url|uri|root|level|home)$/;
const AMOUNTS = new Set(
  "max min limit count size length ttl age rate total per num timeout interval budget days".split(" "),
);

/** What a name says that its value is. Names may say more than one thing: `base_url`. */
export function meaningsOf(name: string): Set<string> {
  const parts = partsOf(name);
  const last = parts.at(-1) ?? "";
  const end = MEANING_AT_END.exec(last)?.[0] ?? "";
  const found = new Set(
    [last, end, ...(/^\d+$/.test(last) ? [parts.at(-2) ?? ""] : [])].map((part) => MEANING_OF.get(part) ?? ""),
  );
  // A list of tokens; how many there are, a longer name says.
  if (name === last && last === "tokens") found.delete("number");
  if (parts.some((part) => AMOUNTS.has(part))) found.add("number");
  if (/^base$|^root$/.test(last)) found.add("path");
  if (last === "base") found.add("url");
  return found;
}
