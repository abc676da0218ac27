// The one judge of what may be a secret: names that say so (names.ts), tokens of known form, words that chance made (chance.ts), and
// what a word has to be so that it is none. In doubt it is one. Whatever of a file's content is shown passes here, line-secrets.ts
// or word-secrets.ts first. Pure.
import { chanceIn } from "./chance.ts";
import { isSecretName, meaningsOf } from "./names.ts";

export { isSecretFile, isSecretName } from "./names.ts";

/** What stands where a secret stood; of one length, whatever it hides. */
export const HIDDEN = "‹hidden›";

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
    // Cloud, data and mail services, each by the beginning that it gives its tokens.
    "\\bdapi[0-9a-f]{32}|\\bLTAI\\w{16}|\\bATATT3\\w|\\bAKCp\\w{10}|\\bHRKU-|\\bNRAK-|\\bFLWSECK|\\bPMAK-|\\bBSA[\\w-]{24}",
    "\\b(?:npg|gsk|figd|glsa|glc|sbp|r8|pcsk|rubygems|sntry[su]|lsv2|e2b|pscale|dckr_pat|ntn|tfp|ops|secret)_[A-Za-z0-9]\\w{9}",
    "\\b(?:xai|tvly|pplx|tskey|pul|fc|key)-(?:\\w+-)?[A-Za-z0-9]{16}|\\bdp\\.(?:pt|st|ct)\\.\\w{8}|\\bhvs\\.[\\w-]{8}|\\bre_\\w{8}_\\w{8}",
    "\\bSK[0-9a-f]{32}\\b|\\bwaka_[0-9a-f]{8}-|\\bpat-(?:na|eu)\\d-[0-9a-f]{8}|\\bpat[A-Za-z0-9]{14}\\.[0-9a-f]{16}",
    "\\$(?:2[abxy]|[156y]|argon2\\w*)\\$[\\w./$=,+-]{16}", // hashes of passwords
    "\\b(?=[A-Z0-9-]*\\d)(?=[A-Z0-9-]*[A-Z])[A-Z0-9]{2,7}(?:-[A-Z0-9]{4,7}){3,}\\b(?!-)", // keys of licences
  ].join("|"),
);

/** What holds together: up to a blank, a quote, a bracket or another mark that no token holds. */
const WORD = /[^\s"'`<>,;(){}[\]|\\]{8,}/g;
/** `NAME=` or `--name=` before a value, which is more than the `=` at the end of base64. */
const ASSIGNED = /^(-{0,2}[A-Za-z_][\w.-]{0,63}=)(?==*[^=])([\s\S]+)$/;
const UUID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;
/** As a part of a path by itself, or a file's name. */
const WHOLE_UUID = /(?<=\/)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}(?=[/.]|$)/gi;
const HEX =
  /(?<![A-Za-z0-9])(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{16,}(?![A-Za-z0-9])|(?<![A-Za-z0-9])(?=[0-9A-F]*\d)(?=\d*[A-F])[0-9A-F]{16,}(?![A-Za-z0-9])/;
/** A hash that is made to be published. */
const CHECKSUM = /(?:sha(?:1|256|384|512)|md5)[-:=@][0-9a-zA-Z+/]{32,}={0,2}/g;
const TIMESTAMP = /\d{4}-\d\d-\d\dT\d\d:[\d:.]{2,16}(?:Z|[+-]\d\d:?\d\d)?/g;
const OPEN_URL =
  /^https:\/\/(?:docs|drive|sheets|calendar|console\.cloud)\.google\.com\/|^https:\/\/(?:www\.)?(?:github\.com|gitlab\.com|notion\.so|figma\.com|youtube\.com|linear\.app)\//;
const PLACE =
  /^(?:file:\/\/)?(?:~|\.{1,2}|\$HOME|\$\{HOME\}|\/(?:Users|home|usr|opt|var|tmp|private|etc|Library|Applications|bin|sbin|Volumes|System|dev|root|srv|mnt|app|data|run))(?:\/|$)/;

/** A line with its tokens, random words, and the names and passwords in URLs masked. Says nothing about names: see line-secrets.ts. */
export function hideTokens(line: string): string {
  if (line.length < 8) return line;
  const masked = line.includes("://")
    ? line
        .replace(
          /(?<![\w+.-])([a-z][a-z0-9+.-]{0,30}:\/\/)(?:[^\s"'<>/]{0,512}|[^\s"'<>@]{0,512}:[^\s"'<>@]{0,512})@/gi,
          `$1${HIDDEN}@`,
        )
        .replace(/(:\/\/[^\s"'<>?#]{1,200}?\/(?:web)?hooks?\/)[^\s"'<>?#]+/gi, `$1${HIDDEN}`)
    : line;
  return hideFours(masked)
    .replace(/((?:^|\s)-u\s*)[^\s:]+:\S+/g, `$1${HIDDEN}`)
    .replace(WORD, (word) => {
      if (!isToken(word)) return word;
      const [, name = "", value = ""] = ASSIGNED.exec(word) ?? [];
      return name !== "" && value !== "" && !isToken(name) ? name + HIDDEN : HIDDEN;
    });
}

/** The same as Apple writes it: four by four, joined. */
const JOINED_FOURS = /(?<![\w-])[a-z]{4}(?:-[a-z]{4}){3}(?![\w-])/g;
const hasJoinedFours = (text: string): boolean => text.replace(JOINED_FOURS, hideJoined) !== text;
const hideJoined = (run: string): string =>
  run.split("-").filter((word) => !FOUR_LETTERS.has(word)).length >= 3 ? HIDDEN : run;
const FOURS = /\b[a-z]{4}(?: [a-z]{4}){3,}\b/g;
const FOUR_LETTERS = new Set(
  (
    "also back been best both call code come copy data date days does done down each edit even ever file find from full give gets good have " +
    "here hour into just keep kept last less like line list live long look made make many mode more most move much must name need next " +
    "note once only open over page pass past path plan read real runs same save says seen send sent sets show side size some stay such sync take " +
    "task tell test text than that them then they this time told type used user very view wait want week well went were what when will " +
    "with word work year your zone"
  ).split(" "),
);
/** Sixteen small letters by fours, most of them no words: as Google writes passwords for apps. */
export const hasAppPassword = (text: string): boolean => hideFours(text) !== text;
export const hideFours = (text: string): string =>
  text.replace(JOINED_FOURS, hideJoined).replace(FOURS, (run) => {
    const words = run.split(" ");
    const isOdd = (start: number): boolean =>
      start >= 0 && words.slice(start, start + 4).filter((word) => !FOUR_LETTERS.has(word)).length >= 3;
    const last = words.length - 4;
    return words
      .map((word, at) => ([at - 3, at - 2, at - 1, at].some((start) => start <= last && isOdd(start)) ? HIDDEN : word))
      .join(" ");
  });

/** Whether a word without blanks is a token by its form, or holds what looks like chance. */
export function isToken(text: string): boolean {
  if (text.length < 8) return false;
  if (TOKENS.test(text) || hasJoinedFours(text)) return true;
  if (OPEN_URL.test(text)) return /[?&#][\w-]*=[^&]*\w{20}/.test(text);
  const word = text.replace(TIMESTAMP, "").replace(CHECKSUM, "");
  const isPath = PLACE.test(word) || /^[a-z][a-z+.-]*:\/\//.test(word);
  if (!isPath) return looksRandom(word);
  const [place = "", query = ""] = word.split("?", 2);
  // In a path each part is judged by itself: a folder's short random name opens nothing.
  return (
    looksRandom(query) ||
    place
      .replace(WHOLE_UUID, "")
      .split(/[/:=&._-]/)
      .some(looksRandom)
  );
}

/** Shorter ones are not judged: too few letters for chance to show. */
const SHORTEST_RANDOM = 12;
const CHANCE_BITS = 8;
/** People seldom write twenty signs without a mark between them. */
const CHANCE_BITS_LONG = 4.5;

/** Whether a word looks like chance. */
function looksRandom(word: string): boolean {
  if (word.length < SHORTEST_RANDOM || /^[\d\W_]+$/.test(word)) return false;
  if (isMixed(word)) return true;
  if (word.length > 512) return !/[ .]/.test(word) || isRandom(word.slice(0, 512));
  if (HEX.test(word) || word.search(UUID) >= 0) return true;
  return isRandom(word);
}

/** Letters of both cases, digits, and marks among them that no place, pattern or time has there: as programs make passwords. */
function isMixed(word: string): boolean {
  if (word.length > 64 || !/[a-z]/.test(word) || !/[A-Z]/.test(word) || !/\d/.test(word)) return false;
  if (/:\/\/|[/\\|]|^\$/.test(word)) return false;
  const marks = word.replace(/%[A-Za-z]|\$\{?\w+\}?/g, "").match(/(?<=[\w.:;-])[!#$%^&*?~@+](?=.)/g) ?? [];
  return marks.length >= 2 && new Set(word).size >= 9;
}

function isRandom(word: string): boolean {
  const signs = word.replace(/[^A-Za-z0-9]/g, "").length;
  if (signs < SHORTEST_RANDOM) return false;
  const bits = chanceIn(word);
  if (bits > CHANCE_BITS || (bits > CHANCE_BITS_LONG && /[A-Za-z0-9]{20}/.test(word))) return true;
  // Base64 that ends in `=`, and what mixes letters and digits without a pause.
  if (/^[A-Za-z0-9+/]{14,}={1,2}$/.test(word)) return true;
  const [longest = ""] = (word.match(/[A-Za-z0-9]{16,}/g) ?? []).sort((a, b) => b.length - a.length);
  return longest !== "" && (longest.match(/\d+/g) ?? []).length >= 3 && bits > 3;
}

// What is no secret by its form. Each is a thing that people write into commands and settings.
const NUMBER = /^[+-]?\d{1,5}(?:\.\d{1,6})?%?$/;
const AMOUNT = /^[+-]?\d{1,9}(?:[._]\d{1,6})*(?:ms|s|m|h|d|w|[kmgt]i?b?|%)?$/i;
const TRUTH = /^(?:true|false|yes|no|on|off|null|none|nil|auto|enabled|disabled|[01])$/i;
const LEVEL = /^(?:trace|debug|info|notice|warn|warning|error|critical|fatal|silent|quiet|verbose|off|all|[0-9])$/i;
const STAGE =
  /^(?:prod|production|stag(?:e|ing)|dev|development|tests?|testing|local|ci|qa|live|sandbox|preview|release|default|daily|weekly|monthly|hourly|fast|slow|full|incremental|auto|manual|normal|safe|dry-run|readonly)$/i;
const REGION =
  /^(?:us|eu|ap|sa|ca|me|af|il|cn|europe|asia|northamerica|southamerica|australia)-[a-z]+-?\d[a-z]?$|^global$/;
const ZONE =
  /^(?:UTC|GMT|[A-Z]{3,4}|(?:Africa|America|Antarctica|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Za-z_/-]{3,30}|Etc\/[\w+-]+)$/;
const LOCALE = /^(?:C|POSIX|[a-z]{2}(?:_[A-Z]{2})?)(?:\.UTF-?8)?$/i;
const MODEL =
  /^(?:[a-z]+\/)?(?:claude|gpt|chatgpt|o\d|gemini|gemma|llama|mi[sx]tral|qwen|deepseek|command|text-embedding|whisper|dall-e|grok|phi|sonnet|haiku|opus|bert|xlm|voyage|nomic)[\w.:/-]{0,50}$/i;
const VERSION =
  /^[v^~=<>]{0,3}\d{1,5}(?:\.(?:\d{1,6}|x|\*)){1,3}(?:[-+.]?(?:alpha|beta|rc|dev|post|pre|next|canary|snapshot|slim|alpine|a|b)[.-]?\d{0,8})*$/i;
const TAG =
  /^(?:latest|stable|edge|nightly|main|master|alpine|slim|bookworm|bullseye|lts|next|beta|canary|v?\d{1,4}(?:\.\d{1,4}){0,3}(?:-[a-z]{2,12}\d{0,4}(?:\.\d{1,4})?)*)$/i;
const DATE =
  /^\d{4}-\d\d(?:-\d\d)?(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$|^\d\d?:\d\d(?::\d\d)?$|^\d{1,2}(?:am|pm)$/i;
const CRON =
  /^(?:[\d*/,-]{1,20}|[A-Z]{3}(?:-[A-Z]{3})?)(?:\s+(?:[\d*?/,#L-]{1,20}|[A-Z]{3}(?:-[A-Z]{3})?)){4,5}$|^@(?:daily|hourly|weekly|monthly|reboot)$|^\*(?:\/\d{1,2})?$/i;
const HOST =
  /^(?:localhost|(?:\d{1,3}\.){3}\d{1,3}|\[?::1\]?|(?:[a-z0-9](?:[a-z0-9-]{0,40}[a-z0-9])?\.)+(?:com|org|net|io|dev|app|local|lan|internal|localdomain|home|test|example|ai|co|de|uk|fr|nl|ch|at|eu|us|edu|gov|info|me|cloud|tech))(?::\d{1,5})?$/i;
const MAIL = /^[a-z][a-z.+-]{1,30}@(?:[a-z0-9-]{1,30}\.)+[a-z]{2,10}$/i;
const EXTENSION =
  /\.(?:py|m?[jt]sx?|cjs|sh|bash|zsh|fish|rb|pl|php|go|rs|json[c5l]?|ya?ml|toml|ini|conf|cfg|txt|md|log|[ct]sv|sql|db|sqlite3?|plist|xml|html?|css|jar|zip|gz|tgz|tar|bz2|xz|pid|sock|lock|pem|key|crt|cert|env|app|dylib|so|age|gguf|bin|pdf|png|jpe?g)$/i;
const DOCUMENT =
  /^(?:1[A-Za-z0-9_-]{32}|1[A-Za-z0-9_-]{43}|0B[A-Za-z0-9_-]{20,40}|\d{1,20}|\d{3}-\d{3}-\d{4}|UA-\d+-\d+|G-[A-Z0-9]{10}|properties\/\d+|customers\/\d+|(?:dummy)?(?:[a-z]{2,12}[-_]){1,3}\d{1,12})$/;
const COMMIT = /^(?:[0-9a-f]{7,40}|[0-9a-f]{64}|[0-9a-f]{128}|(?:refs\/)?[\w./-]{1,40}|(?:sha\d+|md5)[-:].+)$/i;

/** A word of letters that somebody could say. */
export const isSpoken = (word: string): boolean =>
  word.length <= 3 || (word.length <= 24 && /^[A-Za-zÀ-ÿ]+$/.test(word) && chanceIn(word) < 6);

/** Words of small letters, joined by marks: a sub-command, a module, a job's name. */
const isPlainName = (word: string): boolean =>
  word.length <= 48 && /^[a-z]+(?:[-_.:][a-z]+)*(?:[-_.]v\d{1,2})?$/.test(word) && word.split(/[-_.:]/).every(isSpoken);

/** `.name` and `.items[]` of jq, `+%Y-%m-%d` of date. */
const isFilter = (word: string): boolean =>
  (/^\.[a-z]+(?:[._][a-z]+)*(?:\[\d{0,3}\])?$/.test(word) && word.split(/[._[\]]/).every(isSpoken)) ||
  /^\+?(?:%[A-Za-z][-_:./T]?)+$/.test(word);

/** Whether a text can only be a path: where a secret is awaited, `coffee/lucky94` is none. */
export const isClearPath = (text: string): boolean =>
  (PLACE.test(text) || EXTENSION.test(text) || /^\$\{?\w+\}?\//.test(text)) && isPath(text);

/** `$TOKEN`, `${token}`, `$pw`: what stands for a value that is elsewhere. */
const isReference = (text: string): boolean => /^\$(?:\{[A-Za-z_]\w*\}|[A-Z_][A-Z0-9_]*|[a-z_]+)$/.test(text);

/** Whether a text is nothing but the path of a file or folder, each part of it what people name things. */
export function isPath(text: string): boolean {
  const looksSo =
    PLACE.test(text) || EXTENSION.test(text) || /^[\w@.-]+(?:\/[\w@.+-]+)+\/?$/.test(text) || /^\/[\w.-]+$/.test(text);
  if (!looksSo || /[\s:=?&"'\\`;|<>]/.test(text)) return false;
  if (isToken(text)) return false;
  return PLACE.test(text) || text.split("/").every((part) => !isRandom(part) || part.search(UUID) === 0);
}

/** Whether a text is a path that begins where a Mac's paths begin: under any name that is no secret. */
const isPlace = (text: string): boolean => PLACE.test(text) && text.length > 3 && isPath(text);

/** `a:b:c`, each of them a place. */
const arePlaces = (text: string): boolean =>
  text.split(":").every((part) => isPlace(part) || /^\$\{?\w+\}?$/.test(part));

/** Whether a URL names a place and nothing more: no user, no query's values, no fragment, no part that chance made. */
export function isPlainUrl(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]{1,20}:\/\/[^\s@]+$/i.test(text) || TOKENS.test(text)) return false;
  const [address = "", query] = text.split(/[?#]/, 2);
  if ((query !== undefined && /=./.test(query)) || /\/(?:web)?hooks?\/./i.test(address)) return false;
  if (OPEN_URL.test(address)) return true;
  return !isToken(address) && address.split(/[/.:]+/).every((part) => part.length < 10 || !isRandom(part));
}

/** A package with its version, an image with its tag, a requirement. */
function isPackage(word: string): boolean {
  const [, name = "", version = ""] =
    /^(@?[a-z0-9][\w.-]*(?:\/[\w.-]+){0,4}(?:\[[\w,-]+\])?)(?:@|[=~<>!]=|:)?((?<=[@=:]).*)?$/i.exec(word) ?? [];
  if (name === "" || looksRandom(name) || !/[a-z]{2}/i.test(name)) return false;
  if (version === "") return /^@[a-z]/.test(word) || (/\//.test(word) && isPath(word));
  return (
    version.split(",").every((one) => VERSION.test(one.replace(/^[=~<>!]+/, "")) || TAG.test(one)) ||
    /^sha256:/.test(version)
  );
}

/** Whether a word is one of the things that command lines are made of, and that are no secret. */
export function isPlainWord(word: string): boolean {
  if (word === "" || /^[^\w]{1,4}$/.test(word) || (word.length <= 3 && !/^\d{3}$/.test(word))) return true;
  if (TOKENS.test(word)) return false;
  return (
    NUMBER.test(word) ||
    TRUTH.test(word) ||
    LEVEL.test(word) ||
    DATE.test(word) ||
    CRON.test(word) ||
    VERSION.test(word) ||
    isPlainName(word) ||
    isFilter(word) ||
    (/^[A-Z]?[a-z]{1,11}$|^[A-Z]{2,12}$/.test(word) && isSpoken(word)) ||
    isPlace(word) ||
    isPath(word) ||
    isPlainUrl(word) ||
    HOST.test(word) ||
    MAIL.test(word) ||
    REGION.test(word) ||
    ZONE.test(word) ||
    (MODEL.test(word) && !isToken(word)) ||
    isPackage(word) ||
    isReference(word) ||
    /^\$\{?[@*#?!0-9]\}?$/.test(word)
  );
}

const FORMS: Record<string, (value: string) => boolean> = {
  number: (value) => AMOUNT.test(value),
  port: (value) => /^\d{1,5}$/.test(value),
  path: (value) => isPath(value),
  url: isPlainUrl,
  host: (value) => HOST.test(value),
  level: (value) => LEVEL.test(value),
  stage: (value) => STAGE.test(value),
  region: (value) => REGION.test(value),
  zone: (value) => ZONE.test(value) || LOCALE.test(value),
  model: (value) => MODEL.test(value) && !TOKENS.test(value) && !HEX.test(value),
  version: (value) => VERSION.test(value) || isPackage(value),
  id: (value) => DOCUMENT.test(value) && !TOKENS.test(value),
  commit: (value) => COMMIT.test(value) && !TOKENS.test(value),
  time: (value) => DATE.test(value) || CRON.test(value),
  mail: (value) => MAIL.test(value),
  manner: (value) => MANNER.test(value),
};
/** How somebody is let in, and how that is signed. */
const MANNER =
  /^(?:none|basic|bearer|digest|oauth2?|oidc|saml|ldap|jwt|mtls|plain|login|service_account|authorized_user|client_credentials|authorization_code|refresh_token|api_?key|password|token|[HREP]S\d{3}|EdDSA|ed25519|aes-\d{3}-\w{3}|sha-?\d{1,3})$/i;

const isProgram = (value: string): boolean => /^[a-z]{2,12}$/.test(value) || isPath(value);

/** A place in whose folders' names are blanks, as a Mac has them: `/Users/a/Library/Application Support/x`. */
const isSpacedPlace = (text: string): boolean =>
  / /.test(text) &&
  PLACE.test(text) &&
  !/[:=?&"'\\`;|<>$]| [-@+]/.test(text) &&
  text.split(/[ /]/).every((part) => part === "" || isPath(`/tmp/${part}`)) &&
  !text.split("/").some((part) => / /.test(part) && !part.split(" ").every((word) => /^[A-Z(&]|\.\w+$/.test(word)));

/** Variables whose values are words of the system. */
const SYSTEM: Record<string, (value: string) => boolean> = {
  PATH: arePlaces,
  PYTHONPATH: arePlaces,
  NODE_PATH: arePlaces,
  LANG: (value) => LOCALE.test(value),
  LANGUAGE: (value) => LOCALE.test(value),
  USER: isSpoken,
  LOGNAME: isSpoken,
  TERM: (value) => /^[a-z]{2,10}(?:-[a-z0-9]{2,10}){0,2}$/.test(value),
  EDITOR: isProgram,
  VISUAL: isProgram,
  PAGER: isProgram,
  BROWSER: isProgram,
};

/** Whether a value is what its name says that it is, and so no secret: `PORT=8080`, `TOKEN_FILE=~/a.json`, `max_tokens: 4096`. */
export function isHarmless(name: string, value: string): boolean {
  if (value === "" || TRUTH.test(value) || isPlace(value) || isReference(value) || isSpacedPlace(value)) return true;
  if (SYSTEM[name]?.(value) === true || (/^LC_[A-Z]+$/.test(name) && LOCALE.test(value))) return true;
  const says = [...meaningsOf(name)].some((meaning) => FORMS[meaning]?.(value) === true);
  if (!isSecretName(name)) return says || isHarmlessHeader(name, value);
  // A secret's name is overruled by numbers, places and addresses alone.
  const meanings = meaningsOf(name);
  if (meanings.has("number") && /^\d{1,6}$|^\d{1,6}000$|^\d*\.\d{1,4}$|^\d{1,6}(?:ms|s|m|h|d)$/.test(value))
    return true;
  // Whoever knows the address of a webhook may call it.
  if (/hook/i.test(name) && /^[a-z]+:\/\/[^/]+\/./i.test(value)) return false;
  if (meanings.has("manner") && MANNER.test(value)) return true;
  return (meanings.has("path") && isClearPath(value)) || (meanings.has("url") && isPlainUrl(value));
}

const HEADERS = new Set(
  "accept content-type content-length user-agent host accept-encoding accept-language".split(" "),
);
const isHarmlessHeader = (name: string, value: string): boolean => HEADERS.has(name.toLowerCase()) && !isToken(value);
