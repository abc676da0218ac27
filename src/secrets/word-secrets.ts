// The words of a command line, as ProgramArguments, `args` and `sh -c` hold them. Shown is what command lines are made of: programs,
// flags, paths, addresses, versions, numbers, plain names (`isPlainWord`). All else is masked, and so is what follows a flag that tells.
import { TELLING_WORD } from "./names.ts";
import { maskAssigned } from "./place-secrets.ts";
import {
  HIDDEN,
  hasAppPassword,
  hideTokens,
  isHarmless,
  isPath,
  isPlainUrl,
  isPlainWord,
  isSecretName,
  isToken,
} from "./secret.ts";

/** `strict` masks whatever is not plain; else only what a flag, a name or its form tells. */
export interface Manner {
  strict: boolean;
}

/** By program: the flags whose value is a secret, though their names do not say so. */
const FLAGS: [RegExp, string[]][] = [
  [/^(?:mysql|mariadb)/, ["-p"]],
  [/^curl$/, ["-u", "--user", "-U", "--proxy-user", "-b", "--cookie", "--oauth2-bearer", "-E", "--cert"]],
  [/^(?:wget|http|https|xh)$/, ["--user", "-a", "--http-user"]],
  [/^sshpass$/, ["-p"]],
  [/^redis-/, ["-a", "--pass"]],
  [/^ldap/, ["-w"]],
  [/^openssl$/, ["-k", "-K", "-pass", "-passin", "-passout", "-iv", "-S"]],
  [/^security$/, ["-w", "-p", "-P", "-k", "-X"]],
  [/^smbclient$/, ["-U", "--user"]],
  [/^(?:lftp|ncftp\w*)$/, ["-u", "-p"]],
  [/^(?:mongo\w*|docker|podman|az|cqlsh|snowsql|ftp|hdiutil|htpasswd|arangosh)$/, ["-p", "--password"]],
  [/^(?:sqlcmd|bcp|isql|tsql|zip|unzip|zipcloak|mosquitto_(?:pub|sub)|rar|unrar|7z\w*)$/, ["-P", "-p"]],
  [/^(?:psql|pg_\w+)$/, ["-W"]],
  [/^(?:docker|podman|nerdctl|finch)$/, ["-e", "--env", "--build-arg"]],
  [/^ssh-keygen$/, ["-N", "-P"]],
  [/^gh$/, ["-b", "--body"]],
];
/** By program and sub-command: the words that follow are values, from the one with this number on. */
const VALUES: [RegExp, RegExp, number][] = [
  [/^aws$/, /^configure set \S*(?:key|token)/, 3],
  [/^(?:npm|pnpm|yarn)$/, /^config set /, 3],
  [/^vault$/, /^login\b/, 1],
  [/^vault$/, /^kv (?:put|patch)/, 3],
  [/^launchctl$/, /^setenv\b/, 2],
  [/^networksetup$/, /^-setairport(?:network|password)/, 3],
  [/^wpa_passphrase$/, /^/, 1],
  [/^htpasswd$/, /^-\w*b/, 3],
  [
    /^(?:heroku|fly|flyctl|doppler|railway|netlify|vercel|wrangler|convex)$/,
    /^(?:config|secrets?|variables|env)[: ](?:set|put|add)/,
    2,
  ],
  [/^(?:heroku)$/, /^config:set/, 1],
  [/^pass$/, /^insert/, 2],
];
/** A bare word before a password: `rclone config create nas sftp pass X`. */
const BARE =
  /^(?:pass|password|passwd|passphrase|pw|pwd|api[-_]?key|passcode|\w+[-_](?:key|token|secret|password|pass))$/i;
const VARIABLES = new Set(["-e", "--env", "--build-arg"]);
/** Flags with which the next word is the body or a header of a request. */
const HEADERS = new Set(["-H", "--header", "--proxy-header"]);
const SHELLS = /^(?:ba|z|da|fi|k|c|tc)?sh$/;
const EVALUATES = /^(?:-c|-lc|-ic|-e|--eval|-p|--command|-ec|-exc)$/;
const CODE = /^(?:python[\d.]*|node|bun|deno|ruby|perl|php|osascript)$/;

/** What an expect script types. */
const SENDING = /(\bsend\s+(?:--\s+)?)"[^"]*"/g;
/** A text for a command's input: its mark, what stands before it, its lines. */
const HERE_TEXT = /^([^\n]*<<-?\s*(["']?)(\w+)\2[^\n]*\n)([\s\S]*?)(?=\n\s*\3\b)/gm;

const baseOf = (program: string): string => program.slice(program.lastIndexOf("/") + 1);

/** The words, each masked. The first is the program. */
export function maskWords(words: readonly string[], { strict }: Manner = { strict: true }): string[] {
  const program = baseOf(
    (words.find((word) => !/^(?:sudo|env|exec|nohup|time|caffeinate|\w+=.*)$/.test(baseOf(word))) ?? "").trim(),
  );
  const names = new Set([...words.slice(0, 4).map(baseOf), program]);
  const told = new Set(FLAGS.flatMap(([known, flags]) => ([...names].some((name) => known.test(name)) ? flags : [])));
  const line: Line = { words, told, program, strict, valuesFrom: valuesFrom(words, program) };
  return words.map((word, index) => maskOne(line, word, index));
}

/** The index from which on words are values of a sub-command that is known. */
function valuesFrom(words: readonly string[], program: string): number {
  const at = words.findIndex((word) => baseOf(word.trim()) === program);
  const rest = words.slice(at + 1);
  const found = VALUES.find(([known, sub]) => known.test(program) && sub.test(rest.join(" ")));
  return found === undefined ? Number.POSITIVE_INFINITY : at + 1 + found[2];
}

interface Line {
  words: readonly string[];
  /** What stands there or later, and is no flag, is a secret. */
  valuesFrom: number;
  /** Flags of this program whose value is a secret. */
  told: ReadonlySet<string>;
  program: string;
  strict: boolean;
}

const isFlag = (word: string): boolean => /^(?:--[A-Za-z]|-[A-Za-z]$)/.test(word);
/** `-su` before a value is `-s -u`. */
const lastShort = (flag: string): string => (/^-[A-Za-z]{2,4}$/.test(flag) ? `-${flag.at(-1)}` : flag);
const tells = (flag: string): boolean => flag.startsWith("-") && isSecretName(flag.replace(/^-+/, ""));

function maskOne(line: Line, word: string, index: number): string {
  const { words, told, program, strict } = line;
  const before = words[index - 1] ?? "";
  if (word === "") return word;
  if (word.length > 10_000) return HIDDEN;
  if (before.startsWith("-") && !before.includes("=")) {
    if (
      (told.has(before) && !VARIABLES.has(before)) ||
      (told.has(lastShort(before)) && !VARIABLES.has(lastShort(before)))
    )
      return isFlag(word) ? word : HIDDEN;
    if (/^(?:-u|-U|--user|--proxy-user)$/.test(before) && /[:%]/.test(word)) return HIDDEN;
    if (tells(before)) return isFlag(word) || isHarmless(before.replace(/^-+/, ""), word) ? word : HIDDEN;
    if (before === "-p" && !/^\d{2,5}(?::\d{2,5})?$|^\/\S*$/.test(word) && !SHELLS.test(program)) return HIDDEN;
    if (HEADERS.has(before)) return maskHeader(word);
    if (CODE.test(program) && EVALUATES.test(before)) return maskScript(word);
    if (program === "expect") return maskCommand(word.replace(SENDING, `$1"${HIDDEN}"`), { strict });
  } else if (BARE.test(before) && index > 1) return isFlag(word) ? word : HIDDEN;
  else if (before !== "" && isSecretName(before) && /^[A-Z_]{3,}$|^[a-z]+_[a-z_]+$/.test(before)) return HIDDEN;
  if (index >= line.valuesFrom && !word.startsWith("-")) {
    const [name = ""] = /^[A-Za-z_]\w{0,40}=(?!=*$)/.exec(word) ?? [];
    return (isToken(name) ? "" : name) + HIDDEN;
  }
  if (word.startsWith("-")) return maskFlag(line, word);
  if (/^(?:[a-z_]+=\S* )+[a-z_]+=\S*$/.test(word)) return maskPairs(word);
  const [, key = "", said = ""] = /^(\/?[A-Za-z][\w-]{0,40}):(?!\/\/)(\S+)$/.exec(word) ?? [];
  if (said !== "" && strict && isSecretName(key) && !isToken(key) && !isHarmless(key, said)) return `${key}:${HIDDEN}`;
  const [, variable = "", value = ""] = /^([A-Za-z_]\w{0,63})=(?!=)([\s\S]+)$/.exec(word) ?? [];
  if (variable !== "" && !isToken(variable) && !/^=*$/.test(value))
    return isHarmless(variable, value) ? word : `${variable}=${HIDDEN}`;
  if (hasAppPassword(word)) return HIDDEN;
  const [, scheme] = /^(?:[\w.-]+=)?[\w-]+:\s*(Bearer|Basic|Token|Digest)\s+\S/i.exec(word) ?? [];
  if (scheme !== undefined) return word.slice(0, word.indexOf(scheme) + scheme.length + 1) + HIDDEN;
  if (/\s/.test(word)) return maskCommand(word, { strict });
  return plain(word, strict, index === 0, before);
}

/** `host=db user=alex password=…`: a connection, as libpq and ODBC take it. */
const maskPairs = (text: string): string =>
  text.replace(/([A-Za-z_]+)=(\S*)/g, (whole, name: string, value: string) =>
    isSecretName(name) && !isHarmless(name, value) ? `${name}=${HIDDEN}` : whole,
  );

/** A program in another language, as `python3 -c` takes it. */
const maskScript = (text: string): string =>
  text
    .split("\n")
    .map((line) => hideTokens(maskAssigned(line, "code", false)))
    .join("\n");

/** One word that follows no flag that tells. */
function plain(word: string, strict: boolean, isProgram: boolean, before = ""): string {
  if (!strict) return hideTokens(word);
  if (isPlainWord(word) || isPlainUrl(word)) return word;
  if (before.startsWith("--") && isHarmless(before.slice(2), word)) return word;
  if (/^[a-z][a-z0-9+.-]{1,20}:\/\//i.test(word)) return maskUrl(word);
  if (isPath(word) || (isProgram && /^[\w./+-]{1,80}$/.test(word))) return hideTokens(word);
  // A path with a part that chance made.
  if (/^[~.]{0,2}\/[^\s=:@?&]*$/.test(word) && !/^\/\//.test(word))
    return word
      .split("/")
      .map((part) => (part === "" || (isPlainWord(part) && !isToken(part)) || isPath(`/tmp/${part}`) ? part : HIDDEN))
      .join("/");
  return HIDDEN;
}

/** A URL without user, values and fragment. */
function maskUrl(url: string): string {
  const [, scheme = "", user = "", rest = ""] = /^([a-z][a-z0-9+.-]*:\/\/)((?:[^/?#]*@)?)([\s\S]*)$/i.exec(url) ?? [];
  const [, place = "", query = ""] = /^([^?#]*)([\s\S]*)$/.exec(rest) ?? [];
  const parts = place
    .split("/")
    .map((part) => (part.length < 10 || isPlainWord(part) || !isToken(part) ? part : HIDDEN));
  const shown = hideTokens(`${scheme}${parts.join("/")}`);
  const values = query.replace(/=[^&#]+/g, `=${HIDDEN}`).replace(/#[\s\S]+/, `#${HIDDEN}`);
  return (
    scheme +
    (user === "" ? "" : `${HIDDEN}@`) +
    shown.slice(scheme.length) +
    hideTokens(values.replace(/^\?([^=&]+)$/, `?${HIDDEN}`))
  );
}

function maskHeader(text: string): string {
  const [, name = "", value = ""] = /^([\w-]+):\s*([\s\S]*)$/.exec(text) ?? [];
  if (name === "") return isPlainWord(text) ? text : HIDDEN;
  return !isSecretName(name) && isHarmless(name, value) ? text : `${name}: ${HIDDEN}`;
}

/** A word that begins with `-`: a flag, with or without its value. */
function maskFlag({ told, program, strict }: Line, word: string): string {
  const [, flag = "", value = ""] = /^(--?[A-Za-z][\w.-]*=)([\s\S]*)$/.exec(word) ?? [];
  if (flag !== "" && !/^=*$/.test(value)) {
    const name = flag.replace(/^-+|=$/g, "");
    if (isToken(name)) return HIDDEN;
    if (isHarmless(name, value)) return word;
    if (told.has(flag.slice(0, -1)) || isSecretName(name)) return flag + HIDDEN;
    if (HEADERS.has(flag.slice(0, -1))) return flag + maskHeader(value);
    if (/^(?:user|proxy-user|u)$/.test(name) && /[:%]/.test(value)) return flag + HIDDEN;
    const [, variable = "", inner = ""] = /^([A-Za-z_]\w*)=(?==*[^=])([\s\S]+)$/.exec(value) ?? [];
    if (variable !== "" && !isToken(variable))
      return flag + (isHarmless(variable, inner) ? value : `${variable}=${HIDDEN}`);
    return flag + (/\s/.test(value) ? maskCommand(value, { strict }) : plain(value, strict, false));
  }
  if (/^--[A-Za-z][A-Za-z0-9-]*$/.test(word)) return hideTokens(word);
  const short = word.slice(0, 2);
  if (
    word.length > 2 &&
    told.has(short) &&
    !VARIABLES.has(short) &&
    !(/^-p\d+$/.test(word) && /^(?:docker|ssh)/.test(program))
  ) {
    const isLong = /^-[a-z]{2,8}$/.test(word) && (told.has(word) || /^-(?:pass\w*|port|print\d?|path)$/.test(word));
    return isLong ? word : short + HIDDEN;
  }
  if (/^-u[^\s:]+:\S/.test(word)) return `-u${HIDDEN}`;
  if (!strict) return hideTokens(word);
  if (/^-{1,2}$|^-[A-Za-z]{1,4}$|^-[A-Za-z]?\d{1,5}$|^-[A-Za-z]=?\d{1,4}[kKmMgG]?$|^[+-]\d[\w:]{0,10}$/.test(word))
    return word;
  if (/^-[a-z]+(?:[-_][a-z]+)*$/.test(word) && !/^-p/.test(word) && isPlainWord(word.slice(1))) return word;
  if (
    /^-(?:path|print0?|prune|port|profile|platform|project|progress|preset|pix_fmt|print|perm|passwordfile)$/.test(word)
  )
    return word;
  const attached = word.slice(2);
  return /^-[A-Za-z]/.test(word) && (isPath(attached) || isPlainUrl(attached)) && !/^-p/i.test(word)
    ? word
    : word.slice(0, 2) + HIDDEN;
}

/** What takes a secret from its input, or a file that is called one. */
const readsSecret = (to: string): boolean =>
  /\bsudo\b|--(?:password|pass|token|secret|passphrase)-?\w*-stdin|--password-stdin|\bchpasswd\b|\bpasswd\b|-stdin\b|--with-token|^\s*pass insert|passphrase-fd/.test(
    to,
  ) || /^>{1,2}\s*\S*(?:token|secret|passw|credential|netrc|pgpass|\.env|\.key)/i.test(to);

interface Piece {
  /** Where it begins and ends in the text, its quotes counted. */
  start: number;
  end: number;
  /** Without quotes. */
  value: string;
}

/** A text as a shell reads it, its secrets masked. Commands are told apart at `;`, `|`, `&` and the ends of lines. */
export function maskCommand(whole: string, manner: Manner): string {
  const text = whole.includes("<<")
    ? whole.replace(HERE_TEXT, (all, head: string) =>
        TELLING_WORD.test(head) || isSecretName(head) ? head + HIDDEN : all,
      )
    : whole;
  let shown = "";
  let at = 0;
  for (const { pieces, pipesTo } of commandsOf(text)) {
    const values = pieces.map(({ value }) => value);
    const masked =
      readsSecret(pipesTo) && /^(?:echo|printf|cat)$/.test(values[0] ?? "")
        ? values.map((value, index) => (index === 0 ? value : HIDDEN))
        : maskPieces(values, manner);
    for (const [index, { start, end, value }] of pieces.entries()) {
      const raw = text.slice(start, end);
      const now = masked[index] ?? HIDDEN;
      const quote = /^(["'])[\s\S]*\1$/.exec(raw)?.[1] ?? "";
      shown += text.slice(at, start) + (now === value ? raw : quote + now + quote);
      at = end;
    }
  }
  return shown + text.slice(at);
}

/** The words of one command. A shell's own text inside it is read as one. */
function maskPieces(values: string[], manner: Manner): string[] {
  if (!/^(?:export|declare|local|set|setenv|typeset|readonly)$/.test(values[0] ?? "")) return maskWords(values, manner);
  // `set -gx NAME VALUE`, `export NAME=VALUE`.
  const name = values.findIndex((value, index) => index > 0 && /^[A-Za-z_]\w*$/.test(value));
  return maskWords(values, manner).map((word, index) =>
    name > 0 && index > name && !isHarmless(values[name] ?? "", values[index] ?? "") ? HIDDEN : word,
  );
}

function* commandsOf(text: string): Generator<{ pieces: Piece[]; pipesTo: string }> {
  let pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (/\s/.test(char) && char !== "\n") {
      at++;
      continue;
    }
    if (/[;|&()<>\n]/.test(char)) {
      const [operator = char] = /^(?:[0-9]?[<>&|;]{1,3}|[()\n])/.exec(text.slice(at, at + 4)) ?? [];
      at += operator.length;
      if (/>/.test(operator) && pieces.length > 0) {
        const to = /^\s*\S*/.exec(text.slice(at))?.[0] ?? "";
        yield { pieces, pipesTo: operator + to };
        pieces = [];
        continue;
      }
      if (/[<>]/.test(operator)) continue;
      if (pieces.length > 0) yield { pieces, pipesTo: operator === "|" ? text.slice(at) : "" };
      pieces = [];
      continue;
    }
    const piece = pieceAt(text, at);
    pieces.push(piece);
    at = piece.end;
  }
  if (pieces.length > 0) yield { pieces, pipesTo: "" };
}

/** One word from `start` on: up to a blank or an operator outside quotes. */
function pieceAt(text: string, start: number): Piece {
  let at = start;
  let value = "";
  let quote = "";
  for (; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote === "" && /[\s;|&()<>]/.test(char)) break;
    if (char === "\\" && quote !== "'" && at + 1 < text.length) value += text.charAt(++at);
    else if (quote === "" && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = "";
    else value += char;
  }
  return { start, end: Math.max(at, start + 1), value };
}
