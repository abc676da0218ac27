// The one judge of what may be a secret: names that say so, tokens of known shape, words that look like chance. In doubt it is one.
// Whatever of a file's content is to be shown passes through here, line-secrets.ts or word-secrets.ts first. Pure.

/** What stands where a secret stood; of one length, whatever it hides. */
export const HIDDEN = "‹hidden›";

/** These say it wherever they stand in a name: `db_password`, `clientSecret`, `apikey`. */
const TELLING =
  /passw|passphrase|passcode|secret|token|credential|api[-_ ]?key|pgpass|access[-_ ]?key|private[-_ ]?key|oauth|authori[sz]ation|bearer|webhook|cookie|connection[-_ ]?string|jwt/i;
/** These say it only as a whole part of one: `SSH_KEY`, not `keyboard`. */
const TELLING_PARTS = new Set(
  "key keys pass pwd pw tok auth pin otp totp salt dsn pat psk sid signature sign cert identity login".split(" "),
);

/** The parts of a name: `clientSecret_V2` → client, secret, v, 2. */
const partsOf = (name: string): string[] => name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+/g) ?? [];

/** Whether what stands under this key, variable or flag is a secret by its name. */
export const isSecretName = (name: string): boolean =>
  TELLING.test(name) || partsOf(name).some((part) => TELLING_PARTS.has(part.toLowerCase()));

/** Whether a line that holds this word anywhere may tell a secret: `token` does, `key` stands in every other program. */
export const tellsSecret = (text: string): boolean =>
  TELLING.test(text) || /environ\w*\s*[[(]|putenv|setenv/i.test(text);

/** Whether every text in a file is to be hidden, by the file's own name or its folder's. */
export function isSecretFile(path: string): boolean {
  const [folder = "", name = ""] = path.split("/").slice(-2);
  return (
    [folder, name].some(isSecretName) ||
    /(^|\.)env(rc)?(\.|$)|netrc|pgpass|my\.cnf|htpasswd|id_(rsa|dsa|ecdsa|ed25519)|service[-_]?account/i.test(name) ||
    /\.(pem|key|p12|pfx|p8|age|gpg|asc|kdbx|jks|keystore)$/i.test(name)
  );
}

const HARMLESS_VARIABLES = new Set(
  (
    "PATH HOME LANG LANGUAGE TZ USER LOGNAME SHELL TERM TMPDIR PWD EDITOR PAGER PYTHONPATH PYTHONUNBUFFERED PYTHONIOENCODING " +
    "PYTHONDONTWRITEBYTECODE VIRTUAL_ENV NODE_ENV NODE_PATH NO_COLOR"
  ).split(" "),
);
const HARMLESS_HEADERS = new Set(
  "accept content-type content-length user-agent host accept-encoding accept-language".split(" "),
);
/** Environment variables and HTTP headers whose values are evidently no secret; of all others the name alone is told. */
export const isHarmlessVariable = (name: string): boolean =>
  HARMLESS_VARIABLES.has(name) || HARMLESS_HEADERS.has(name.toLowerCase()) || /^LC_[A-Z]+$/.test(name);

/** Beginnings and forms of tokens, by who gives them out. */
const TOKENS = new RegExp(
  [
    "(?:AKIA|ASIA|AGPA|AROA|AIDA|ANPA|ANVA)[A-Z0-9]{12}", // AWS
    "gh[a-z]_[A-Za-z0-9]{10}|github_pat_|glpat-|gldt-", // GitHub, GitLab
    "xox[a-z]-|xapp-\\d|hooks\\.slack\\.com/|discord(?:app)?\\.com/api/webhooks", // Slack, Discord
    "AIza[\\w-]{10}|ya29\\.|GOCSPX-|\\b1//0\\w", // Google
    "\\bsk-[\\w-]{8}|\\bsess-\\w{8}", // OpenAI, Anthropic
    "\\b(?:sk|rk|pk)_(?:live|test)_|\\bwhsec_", // Stripe
    "\\beyJ[\\w-]{6}", // JSON Web Tokens, and any JSON in base64
    "AGE-(?:SECRET-KEY|PLUGIN)-", // age
    "\\bnpm_\\w{10}|\\bpypi-\\w{8}|\\bhf_\\w{10}|\\bSG\\.[\\w-]{8}|\\bdop_v1_|\\bshp[a-z]{2}_|\\blin_api_|\\bsq0\\w{3}-|\\bEAA[A-Za-z0-9]{12}",
    "\\b\\d{8,10}:[\\w-]{30}", // Telegram
  ].join("|"),
);

/** What holds together: up to a blank, a quote, a bracket or another mark that no token holds. */
const WORD = /[^\s"'`<>,;(){}[\]|\\]+/g;
/** `NAME=` or `--name=` before a value. */
const ASSIGNED = /^(-{0,2}[A-Za-z_][\w.-]{0,63}=)([\s\S]+)$/;

/** A line with its tokens, random words, and the names and passwords in URLs masked. Says nothing about names: see line-secrets.ts. */
export function hideTokens(line: string): string {
  return (
    line
      .replace(/(?<![\w+.-])([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s"'<>]{0,512}@/gi, `$1${HIDDEN}@`)
      .replace(/((?:^|\s)-u\s*)[^\s:]+:\S+/g, `$1${HIDDEN}`)
      // As Google writes passwords for apps.
      .replace(/\b[a-z]{4}(?: [a-z]{4}){3}\b/g, HIDDEN)
      .replace(WORD, (word) => {
        if (!isToken(word)) return word;
        const [, name = "", value = ""] = ASSIGNED.exec(word) ?? [];
        return name !== "" && value.replace(/=+$/, "") !== "" && !isToken(name) ? name + HIDDEN : HIDDEN;
      })
  );
}

/** Whether a word without blanks is a token by its form, or holds what looks like chance. */
export function isToken(text: string): boolean {
  if (TOKENS.test(text)) return true;
  const word = text.replace(/\d{4}-\d\d-\d\dT\d\d:[\d:.]{2,16}(Z|[+-]\d\d:?\d\d)?/g, "");
  // In a path each part is judged by itself; in base64 a slash stands anywhere.
  const isPath = /^([~.$]{0,2}\/|file:|https?:)/.test(word) || /[/=:][~.$]?\/\w/.test(word);
  return (isPath ? word.split(/[/:=?&.]/) : [word, ...word.split(/[:=?&.]/)]).some(looksRandom);
}

const SHORTEST_RANDOM = 16;

/**
 * Whether a word looks like chance. Words that people make fall into parts of some letters each, at capitals, digits and marks;
 * chance falls into more and shorter ones, or into letters that nobody can speak.
 */
export function looksRandom(word: string): boolean {
  const letters = word.replace(/[^A-Za-z0-9]/g, "");
  if (letters.length < SHORTEST_RANDOM || /^\d+$/.test(letters)) return false;
  if (letters.length > 512) return !/[ .]/.test(word);
  // Hexadecimal, base32, letters with digits in several places, and letters with too few vowels for a word.
  if (letters === word && /\d/.test(word) && (/^[0-9a-f]+$/i.test(word) || /^[A-Z2-7]+$/.test(word))) return true;
  if (letters === word && (word.match(/\d+/g) ?? []).length >= 2 && /[a-z]/i.test(word)) return true;
  if (/^[a-z]+$/.test(word) && (word.match(/[aeiou]/g) ?? []).length < 0.3 * word.length) return true;
  const parts = partsOf(word).length;
  const perPart = letters.length / parts;
  if (/\d/.test(letters) ? perPart < 3.6 : perPart < 3.4) return true;
  if (/[A-Za-z0-9]{20}/.test(word) && /\d/.test(letters) && perPart < 4.5) return true;
  return /[bcdfghjklmnpqrstvwxz]{7}/i.test(word) || /[a-z]{20}|[A-Z]{20}|[A-Za-z0-9]{40}/.test(word);
}
