// The secrets of one line, by where they stand in it: behind a name that tells, in a text beside it, in a command, in a sentence. Pure.
import { TELLING_WORD } from "./names.ts";
import { HIDDEN, hideTokens, isClearPath, isHarmless, isPlainUrl, isSecretName, isSpoken } from "./secret.ts";

/** How to read a line. In code a value is a literal; in settings it goes to the end of the line; prose has sentences, a table has rows. */
export type Tongue = "code" | "settings" | "shell" | "prose" | "table";

/** By the file's name; without one it may be anything, and is read as settings. */
export function tongueOf(name: string, first: string): Tongue {
  if (
    /\.(?:py|pyi|m?[jt]sx?|cjs|rb|go|rs|java|kts?|swift|php|lua|p[lm]|cc?|cpp|h|cs|scala|r|jl|mm?|exs?|dart)$/i.test(
      name,
    )
  )
    return "code";
  if (
    /\.(?:ba|z|fi)?sh$|(?:^|\/)(?:Dockerfile|Makefile|Containerfile|Justfile)[^/]*$|\.mk$/i.test(name) ||
    /^#!.*sh\b/.test(first)
  )
    return "shell";
  if (/\.(?:md|rst|adoc)$/i.test(name)) return "prose";
  return /\.[ct]sv$/i.test(name) ? "table" : "settings";
}

/** Where a program's own environment is written. */
const VARIABLE =
  /((?:process\.env|os\.environ|\bENV|\benviron|\$env|import\.meta\.env)\s*(?:\.|:|\[\s*["'])([A-Za-z_]\w*)(?:["']\s*\])?\s*(?:\|\|=|\?\?=|=)(?!=)\s*)([^;]+)|((?:environ\.setdefault|putenv|[sS]etenv|setProperty)\(\s*["']([A-Za-z_]\w*)["']\s*,\s*)([^)]+)|(\b(?:Environment|SetEnv)\s*=\s*"?([A-Za-z_]\w*)=)([^"\n]+)|(^\s*(?:ENV|ARG|export|declare\s+-\w+|typeset\s+-\w+|set\s+-\w*x\w*|setenv)\s+([A-Za-z_]\w*)(?:\s*=\s*|\s+))(.+)/g;
const VARIABLE_TEXT =
  /\b(?:env|environment|(?:\w+_)?headers|environ)["']?\s*(?:\|?=|:|\.update\()\s*\(?\s*\{|process\.env\s*,|environ\.update\(/i;
const LITERAL = /([bBfFrRuU]{0,2})("""|'''|"|'|`)((?:\\.|(?!\2)[\s\S])*)(\2|$)/g;

/** A line whose secrets stand behind names; with `told`, whatever literal it holds is one. */
export function maskAssigned(line: string, tongue: Tongue, told: boolean): string {
  // In code `export` makes a name known elsewhere.
  const open = line.replace(VARIABLE, (whole: string, ...groups) =>
    tongue === "code" && /^\s*export\b/.test(whole) ? whole : maskVariable(whole, ...groups.slice(0, 12)),
  );
  if (tongue === "code") return maskCode(maskSpoken(open), told);
  return maskSettings(open, tongue);
}

/** A text in a line of code that tells a password in words: `"Login with password: …"`. */
const maskSpoken = (line: string): string =>
  line.replace(SPOKEN, (whole, head: string, value: string) =>
    /^(?:[{%<[("'`‹]|\$[{(])/.test(value) || isClearPath(value) || COMMON.has(value.toLowerCase())
      ? whole
      : head + HIDDEN,
  );
const SPOKEN =
  /(["'`][^"'`]*\b(?:password|passwort|kennwort|passphrase|passcode|pwd|api[ _-]?key|secret|token)(?:\s+(?:is|was)\s+|\s*[:=]\s*))([^\s"'`,;]+)/gi;

function maskVariable(whole: string, ...groups: (string | undefined)[]): string {
  for (let at = 0; at < 12; at += 3) {
    const [head, name, value] = [groups[at], groups[at + 1], groups[at + 2]];
    if (head === undefined || name === undefined || value === undefined) continue;
    const [, quote = "", inner = ""] = /^\s*(["'`]?)([\s\S]*?)\1\s*[;,]?\s*$/.exec(value) ?? [];
    if (
      isHarmless(name, inner) ||
      (quote === "" &&
        /[.[(]/.test(head) &&
        /^[a-z]\w*(?:\.\w+)*(?:\(.*\))?;?$/.test(value.trim()) &&
        !/^\s*(?:ENV|ARG|export|declare|typeset|set|setenv)/.test(head))
    )
      return whole;
    return head + HIDDEN;
  }
  return HIDDEN;
}

/** Code: literals beside a name that tells. Identifiers and calls are shown. */
function maskCode(line: string, told: boolean): string {
  const [code, comment] = splitComment(line);
  const rest = comment === "" ? "" : maskProse(comment);
  const outside = code.replace(LITERAL, (whole, _p, _q, inner: string) =>
    isSecretName(inner) && inner.length < 40 && /^[\w-]+$/.test(inner) ? whole : '""',
  );
  const tells = told || tellsInCode(outside) || VARIABLE_TEXT.test(code) || LOGIN.test(code);
  if (!tells) return code + rest;
  let afterName = told;
  let key = "";
  const masked = code.replace(
    LITERAL,
    (whole: string, prefix: string, quote: string, inner: string, end: string, at: number) => {
      const behind = code.slice(at + whole.length);
      const ahead = code.slice(0, at);
      const isKey = /^\s*(?::|=>)/.test(behind) && /(?:^|[{,[(])\s*$/.test(ahead) && /^[\w.-]{1,64}$/.test(inner);
      if (isKey) {
        afterName = isSecretName(inner);
        key = inner;
        return whole;
      }
      if (isNameOf(inner, ahead, behind)) return whole;
      if (/^[A-Z][A-Z0-9_]+$/.test(inner) && /[\w\])][[(]\s*$/.test(ahead)) {
        afterName = true;
        return whole;
      }
      if (isSecretName(inner) && /^[\w-]+$/.test(inner) && /^\s*,/.test(behind) && /[([,]\s*$/.test(ahead)) {
        afterName = true;
        return whole;
      }
      const direct = afterName;
      const named = key;
      afterName = told;
      key = "";
      if (!direct && named !== "" && isHarmless(named, inner)) return whole;
      if (inner === "" || (!direct && isOpenLiteral(inner, ahead, behind)) || isClearPath(inner)) return whole;
      return prefix + quote + HIDDEN + end;
    },
  );
  return maskNumbers(masked, told) + rest;
}

/** `config["api_key"]`, `os.getenv("TOKEN")`: a literal that names what is elsewhere; `"Password: "` asks for it. */
const isNameOf = (inner: string, ahead: string, behind: string): boolean => {
  if (/^[A-Z][A-Za-z ]{2,30}[:?] ?$/.test(inner)) return true;
  if (!isSecretName(inner) || !/^[A-Za-z]+(?:[_-][A-Za-z]+)*$/.test(inner)) return false;
  if (/[\w\])]\[\s*$/.test(ahead)) return /^\s*\]/.test(behind);
  return (
    /\b(?:get|getenv|pop|has|read|load|fetch|find|getitem|get_?[a-z]+)\(\s*$/i.test(ahead) && /^\s*[),]/.test(behind)
  );
};

/** A call that takes a name and a password. */
const LOGIN = /\b(?:login|log_in|sign_in|signIn|authenticate|basic_?auth|BasicAuth)\(\s*[^()]*["'`]/;

/** A name in code that tells, where a literal may be its value. */
function tellsInCode(code: string): boolean {
  const names = code.matchAll(/(["']?)\b([A-Za-z_$][\w-]*)\1(\]?\s*(?::\s*[\w[\], .|]*=|:=|=>|===?|!==?|[:=(,]))?/g);
  for (const [, quote = "", name = "", operator = ""] of names) {
    if (!isSecretName(name)) continue;
    if (/^(?:keys?|sign|login|identity|cert)$/i.test(name) && !/^\]?\s*[:=]\s*$/.test(operator)) continue;
    if (TELLING_WORD.test(name) || quote !== "" || operator !== "") return true;
  }
  return false;
}

/** A literal that is no secret even beside one: a path, an address, a sentence, a subscript. */
function isOpenLiteral(inner: string, before: string, behind: string): boolean {
  if (isClearPath(inner) || isPlainUrl(inner)) return true;
  if (/[\w\])]\[\s*$/.test(before) && /^\s*\]/.test(behind) && /^[\w-]+$/.test(inner)) return true;
  const words = inner.split(/\s+/).filter((word) => word !== "");
  if (/^\s*(?:Bearer|Basic|Token|Digest)\s/.test(inner)) return false;
  return (
    words.length >= 2 &&
    words.every((word) => isSpoken(word.replace(/^\W+|\W+$/g, "")) || /^\{[\w.]*\}[.,:]?$/.test(word))
  );
}

/** `PIN = 1234`; a number under a name that says that it is one was shown before. */
function maskNumbers(code: string, told: boolean): string {
  return code.replace(
    /\b([A-Za-z_]\w*)(\s*(?::\s*\w+\s*)?(?::=|===?|[:=])\s*)(\d{2,})\b/g,
    (whole, name: string, operator: string, number: string) =>
      (isSecretName(name) || (told && name === "")) && !isHarmless(name, number) ? name + operator + HIDDEN : whole,
  );
}

function splitComment(line: string): [string, string] {
  const plain = line.replace(LITERAL, (whole) => "x".repeat(whole.length));
  const at = plain.search(/(?:^|\s)(?:#|\/\/)\s/);
  return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at)];
}

/** SQL and PowerShell: `IDENTIFIED BY '…'`, `ConvertTo-SecureString "…"`. */
const TOLD_BY_WORDS =
  /(\bIDENTIFIED\s+(?:WITH\s+\w+\s+)?BY\s+|\bSecureString\s+(?:-String\s+)?)(["'])(?:\\.|(?!\2)[\s\S])*\2/gi;

const PAIR = /(["']?)([A-Za-z_][\w.-]{0,63})\1(\s{0,8}(?::=|=>|==|[?+]=|[:=])\s{0,8}|\s+)/g;

/** Settings: from a name that tells to the end of the line. */
function maskSettings(line: string, tongue: Tongue): string {
  // A requirement: `tiktoken==0.7.0`.
  if (
    /^\s*[\w.-]+(?:\[[\w,-]+\])?\s*[=~<>!]=\s*\d[\w.]*(?:\s*,\s*[=~<>!]{1,2}\s*\d[\w.]*)*\s*$/.test(line) &&
    /\d\.\d/.test(line)
  )
    return line;
  const spoken = line.replace(TOLD_BY_WORDS, `$1$2${HIDDEN}$2`);
  if (spoken !== line) return spoken;
  if (/^\s*environment\s*=\s*[A-Za-z_]\w*=/i.test(line))
    return line.replace(
      /\b([A-Za-z_]\w*)=("[^"]*"|'[^']*'|[^\s,"']+)(?=,|\s*$)/g,
      (whole, name: string, value: string) =>
        isHarmless(name, value.replace(/^["']|["']$/g, "")) ? whole : `${name}=${HIDDEN}`,
    );
  if (/^\s*user\s+\S+\s.*[>]\S/.test(line)) return line.replace(/(\s[>#])\S+/g, `$1${HIDDEN}`);
  const tag = /<([\w.-]+)(?:\s[^>]*)?>([^<]+)<\/\1>/.exec(line);
  if (tag?.[1] !== undefined && isSecretName(tag[1])) return line.replace(/>[^<]+</, `>${HIDDEN}<`);
  if (
    /<\w+[^>]*\s(?:key|name|id)\s*=\s*"([^"]*)"/.test(line) &&
    isSecretName(/\s(?:key|name|id)\s*=\s*"([^"]*)"/.exec(line)?.[1] ?? "")
  )
    return line.replace(/(\svalue\s*=\s*)"[^"]*"/g, `$1"${HIDDEN}"`).replace(/>[^<]+</, `>${HIDDEN}<`);
  if (VARIABLE_TEXT.test(line))
    return line.replace(
      /(["']?)\b([\w.-]+)\1(\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,}"'{]+)/g,
      (whole, quote: string, name: string, operator: string, value: string) =>
        /(?:^|_)(?:env|environment|headers)$/i.test(name) || isHarmless(name, value.replace(/^["']|["']$/g, ""))
          ? whole
          : `${quote}${name}${quote}${operator}${HIDDEN}`,
    );
  for (const match of line.matchAll(PAIR)) {
    const [whole, , name = "", operator = ""] = match;
    const isBlank = /^\s+$/.test(operator);
    if (!isSecretName(name) || name.startsWith("-")) continue;
    if (
      isBlank &&
      (tongue === "shell" ||
        !TELLING_WORD.test(name) ||
        (/\s$/.test(line.slice(0, match.index).trimStart()) === false && match.index > line.search(/\S/)))
    )
      continue;
    const value = line.slice(match.index + whole.length);
    const [first = ""] = /^\S+/.exec(value) ?? [];
    if (isHarmless(name, first.replace(/^["']|["'],?$/g, "")) || value === "") continue;
    if (isBlank) return line.slice(0, match.index + whole.length) + maskSentence(value, true);
    return line.slice(0, match.index + whole.length) + keptQuote(value);
  }
  return TELLING_WORD.test(line) ? maskProse(line) : line;
}

/** What goes on behind a quoted value in a shell is shown again: `PASSWORD='…' ./run.sh`. */
function keptQuote(value: string): string {
  return /^[\s\S]*$/.test(value) ? HIDDEN : value;
}

const COMMON = new Set(
  (
    "1password bitwarden vault night morning evening weeks minute minutes hours days month months daily weekly env config system user users server client " +
    "access account accounts login page mail email google apple github script agent agents job jobs log logs folder put make change changed create created " +
    "update updated delete deleted add added remove removed reset renew renewed rotate check checked test tested copy open first last next more most other " +
    "a an and are as at be been before by can did do does each every everybody expired expires file files fine for from gets goes had has have here if " +
    "in into is it its kept key keychain keys lives may missing must needed never new no not now of off old on once one only or our out read refresh " +
    "refreshed required rotated rotation set should so stays store stored than that the then there these they this to today too two used was we were what " +
    "when where which who will with would you your again against after all also always an hour day week manager name names value values"
  ).split(" "),
);

/** A sentence: behind a word that tells, what is no word, and what follows `is`, `:` or `=`. */
export function maskProse(whole: string): string {
  const line = whole.replace(NAMED_IN_PROSE, (all, head: string, value: string) =>
    isSaid(value) ? all : head + HIDDEN,
  );
  const found = TELLING_WORD.exec(line);
  if (found === null) return line;
  const end = found.index + found[0].length;
  const url = /\S*:\/\/\S*/.exec(line);
  if (url !== null && found.index >= url.index && end <= url.index + url[0].length && !/[?&=]/.test(url[0]))
    return line;
  return line.slice(0, end) + maskSentence(line.slice(end), false);
}

/** `key = …`, `PIN 4711`: names that tell only beside a value. */
const NAMED_IN_PROSE =
  /(\b(?:[\w-]*key|pin|otp|tan|login|auth|salt|psk|code)\b["'`*)\]]{0,3}\s*[:=]\s*["'`]?|\b(?:key|pin|otp|tan|psk)\s+(?=\S*\d)|\b(?:pin|otp|tan|psk|(?:wlan|wi-?fi|wpa2?)[ -]key)\s+)([^\s"'`,;|]+)/gi;
/** A word of a sentence, a small number, a place. */
const isSaid = (value: string): boolean => {
  const plain = value.replace(/[.:!?)]+$/, "");
  return (
    plain === "" ||
    COMMON.has(plain.toLowerCase()) ||
    /^[a-z]{1,8}$/.test(plain) ||
    /^\d{1,3}$/.test(plain) ||
    isClearPath(plain) ||
    isPlainUrl(plain) ||
    /^(?:[{<%[(]|\$[{(])/.test(plain)
  );
};

function maskSentence(text: string, direct: boolean): string {
  let told = direct;
  let first = true;
  return text.replace(/[^\s|]+|\|/g, (word) => {
    const isFirst = first;
    first = false;
    if (
      /^(?:is|was|are|be|to|=+>?|:=?|->?>?|→|\||\/)$/i.test(word) ||
      (isFirst && /^["'`)\]*_]*[:=]+[*_]*$/.test(word))
    ) {
      told = true;
      return word;
    }
    if (isFirst && /^["'`)\]*_]{0,3}[:=]\S/.test(word)) return word.charAt(0) + HIDDEN;
    const plain = word.replace(/^[^\w]+|[^\w]+$/g, "");
    if (plain === "" || COMMON.has(plain.toLowerCase())) return word;
    if (isClearPath(plain) || isPlainUrl(plain)) return word;
    const wasTold = told || isFirst;
    if (/^[A-Za-z]+$/.test(plain) && isSpoken(plain) && !(wasTold && !/^[A-Z]?[a-z]{1,7}$/.test(plain))) {
      if (!wasTold) return word;
    } else if (!wasTold && /^\W*[\w.-]*\(/.test(word)) return hideTokens(word);
    else if (!wasTold && /^\d{1,3}$/.test(plain)) return word;
    if (wasTold && direct === false && isFirst && /^[a-z]+s?$/.test(plain) && plain.length <= 6) return word;
    return HIDDEN;
  });
}

/** A row of a table: the columns whose heading tells, and what follows a name that does. */
export function maskRow(line: string, isFirst: boolean, columns: number[]): string {
  const mark = ["\t", ",", ";"].find((one) => line.includes(one)) ?? ",";
  const fields = line.split(mark);
  const clean = (field: string): string => field.trim().replace(/^"|"$/g, "");
  if (isFirst) columns.push(...fields.flatMap((field, index) => (isSecretName(clean(field)) ? [index] : [])));
  if (isFirst && fields.every((field) => /^[A-Za-z][\w -]*$/.test(clean(field)))) return hideTokens(line);
  let told = false;
  return fields
    .map((field, index) => {
      const hides = told || columns.includes(index);
      told ||= isSecretName(clean(field)) && /^[\w-]+$/.test(clean(field));
      return hides && clean(field) !== "" && !isHarmless("", clean(field)) ? HIDDEN : hideTokens(field);
    })
    .join(mark);
}
