// A text by its lines with every secret in them masked, before any of them is compared or shown. A line is judged together with
// those around it: a value may go on for many lines, and a view of lines must not show its inside. In doubt a line is hidden.
import {
  BEGINS,
  indentOf,
  isLastOfBase64,
  type Open,
  openAfter,
  PEM_BEGIN,
  PEM_END,
  threeQuotes,
} from "./open-values.ts";
import { maskAssigned, maskProse, maskRow, type Tongue, tongueOf } from "./place-secrets.ts";
import { HIDDEN, hideFours, hideTokens, isClearPath, isHarmless, isPath, isSecretName, isToken } from "./secret.ts";
import { maskCommand } from "./word-secrets.ts";

/** A key and its operator at the beginning of a line: `export API_KEY=`, `"token": `, `self.key = `. */
const ASSIGNMENT =
  /^(\s*(?:-\s+)?(?:(?:export|set|const|let|var|readonly|local|ENV|ARG)\s+)?["']?([A-Za-z_][\w.-]{0,63})["']?\s*(?::=|=>|[:=](?!=)))(\s*)([\s\S]*)$/;
/** Nobody reads a longer one, and judging it would cost more than it tells. */
const LONGEST_LINE = 10_000;
/** What names things and holds no value of its own. */
const IMPORT = /^\s*(?:from\s+[\w.]+\s+)?import\s+[\w.,*\s()]+$|^\s*import\s.*\sfrom\s+["'][\w./@-]+["'];?\s*$/;
const SECTION = /^\s*\[{1,2}\s*["']?([\w .:/-]+?)["']?\s*\]{1,2}\s*$/;
/** `variable "db_password" {`, as Terraform has it. */
const BLOCK = /^\s*(?:variable|output|secret|resource\s+"[^"]*")\s+"([^"]+)"\s*\{\s*$/;
const NAMING_LINE = /^\W*(?:[\w-]+>|name\s*[:=]\s*)?["']?([A-Za-z][\w -]{1,40})["']?(?:<\/[\w-]+>)?\s*[:=]?\s*$/;
const VARIABLE_BLOCK =
  /(?:["']?\b(?:env|environment|environ|env_vars|(?:\w+_?)?headers)["']?\s*(?:\|?=|:)|environ\.update\()\s*\{?\s*\(?\s*$|environ\.update\(\s*\{?\s*$/i;

/** A line of a script, or of a file that holds one, in which a program is given a secret. */
const COMMANDS =
  /\b(?:mysql\w*|mariadb\w*|curl|wget|sshpass|redis-cli|ldap\w+|openssl|security|smbclient|lftp|docker|podman|psql|sudo|mongo\w*|env|export|declare|setx?|typeset|zip|htpasswd|mosquitto_\w+)\s|\s--?[\w-]{0,40}(?:pass|token|key|secret|auth|pwd|pat|psk|cred)[\w-]*[\s=]/i;

/** Lines below a heading that says what they are. */
interface Area {
  kind: "secrets" | "variables";
  /** Ends with the next section, or where a block is closed at this depth of indentation. */
  until: "section" | number;
}

interface State {
  inKey: boolean;
  /** The three quotes of a text that began on an earlier line. */
  around: string | null;
  value: (Open & { indent: number; literals: boolean }) | null;
  area: Area | null;
  /** The line before is nothing but a name that tells. */
  named: boolean;
  /** The columns of a table that hold secrets. */
  columns: number[];
}

/**
 * The same lines, safe to show. With `secretFile` every value is hidden and only keys remain; the file's name says which language its
 * lines are in. Lines keep their number and order, so that a comparison of the originals can be shown in these.
 */
export function maskLines(lines: string[], secretFile: boolean, fileName = ""): string[] {
  const tongue = tongueOf(fileName, lines[0] ?? "");
  const state: State = { inKey: false, around: null, value: null, area: null, named: false, columns: [] };
  const masked: string[] = [];
  for (const [index, line] of lines.entries()) {
    const before = state.around;
    state.around = threeQuotes(openAfter(line, { depth: 0, quote: before, waits: false }).quote);
    if (inPrivateKey(line, state)) {
      masked.push(HIDDEN);
      continue;
    }
    if (PEM_END.test(line)) hideBodyBefore(masked, lines);
    masked.push(
      maskOpen(line, state) ?? maskLine(line, { masked, state, before, tongue, secretFile, next: lines[index + 1] }),
    );
  }
  return masked;
}

/** A text of any number of lines with its secrets masked. */
export const maskText = (text: string): string =>
  text.includes("\n") ? maskLines(text.split("\n"), false).join("\n") : (maskLines([text], false)[0] ?? "");

/** One value by itself. What is nothing but a path is no secret for a name in it. */
export function maskValue(text: string): string {
  if (text.length < 4) return text;
  return isPath(text) || /^(~|\.{1,2})?\/[^\s:=@?&"'\\]*$/.test(text) ? hideTokens(text) : maskText(text);
}

function inPrivateKey(line: string, state: State): boolean {
  if (!state.inKey && !PEM_BEGIN.test(line)) return false;
  state.inKey = PEM_BEGIN.test(line.slice(Math.max(0, line.lastIndexOf("-----END")))) || !PEM_END.test(line);
  return true;
}

/** The body of a key of which the beginning is missing. */
function hideBodyBefore(masked: string[], lines: string[]): void {
  for (let at = masked.length - 1; at >= 0 && /^\s*[A-Za-z0-9+/=]+\s*$/.test(lines[at] ?? ""); at--)
    masked[at] = HIDDEN;
}

/** A line inside a value that began above it; null where it is none. */
function maskOpen(line: string, state: State): string | null {
  const { value } = state;
  if (value === null) return null;
  const isBlank = /^\s*$/.test(line);
  const isOpen = value.depth > 0 || value.quote !== null;
  const begins = BEGINS.test(line) && !/^\s*[\w.+/-]+=+\s*$/.test(line);
  const goesOn = isOpen || (value.waits && (isBlank || !begins)) || (indentOf(line) > value.indent && !value.literals);
  if (!goesOn && !(isBlank && value.waits)) {
    if (!isBlank) state.value = null;
    return isBlank ? "" : null;
  }
  const inText = value.quote !== null;
  state.value = { ...value, ...openAfter(line, value), waits: value.waits && (isBlank || !isOpen) };
  if (isBlank) return "";
  return value.literals && !inText && value.depth > 0 ? maskAssigned(line, "code", true) : HIDDEN;
}

interface At {
  masked: string[];
  state: State;
  before: string | null;
  tongue: Tongue;
  secretFile: boolean;
  next: string | undefined;
}

function maskLine(line: string, at: At): string {
  const { state, tongue, secretFile, masked } = at;
  if (/^\s*$/.test(line)) return "";
  if (line.length > LONGEST_LINE) return HIDDEN;
  const wasNamed = state.named;
  state.named = isNaming(line, tongue);
  const section = SECTION.exec(line)?.[1];
  if (section !== undefined && tongue !== "code") {
    state.area = areaOf(section);
    return hideTokens(line);
  }
  if (IMPORT.test(line)) return hideTokens(line);
  if (tongue === "prose" && /^\s*\|.*\|\s*$/.test(line)) return maskTableRow(line, state, at.next);
  if (tongue === "prose") state.columns = [];
  const block = BLOCK.exec(line)?.[1];
  if (block !== undefined && isSecretName(block)) {
    state.area = { kind: "secrets", until: indentOf(line) };
    return hideTokens(line);
  }
  if (secretFile) return maskWholly(line, at);
  if (tongue === "table") return maskRow(line, masked.length === 0, state.columns);
  if (wasNamed && !state.named)
    return /^(\s*<([\w-]+)>)[\s\S]*(<\/\2>\s*)$/.test(line)
      ? line.replace(/>[\s\S]*</, `>${HIDDEN}<`)
      : maskNamed(line);
  if (state.area !== null) {
    const inArea = maskInArea(line, at, state.area);
    if (inArea !== null) return inArea;
  }
  if (VARIABLE_BLOCK.test(line)) state.area = { kind: "variables", until: indentOf(line) };
  if (isLastOfBase64(line, masked.at(-1))) return HIDDEN;
  const [, head = "", name = "", gap = "", rest = ""] = ASSIGNMENT.exec(line) ?? [];
  if (name !== "" && isSecretName(name) && !isToken(name) && tongue !== "prose")
    return maskValueOf(line, { head, name, gap, rest }, at);
  if (name !== "" && bare(rest) !== "" && !isSecretName(name) && isHarmless(name, bare(rest))) return line;
  return maskElsewhere(line, at);
}

/** A row of a table in Markdown. Below a heading that tells, its column is hidden; `| API key | … |` has the name beside the value. */
function maskTableRow(line: string, state: State, next = ""): string {
  const cells = line.split("|");
  const isHeading = /^\s*\|?[\s:|]*-[\s:|-]*$/.test(next);
  const tells = (cell: string): boolean => isSecretName(cell.trim().replace(/^[*_`]+|[*_`]+$/g, ""));
  if (isHeading) {
    state.columns = cells.flatMap((cell, index) => (tells(cell) ? [index] : []));
    return hideTokens(line);
  }
  if (state.columns.length === 0) return hideTokens(maskProse(line));
  return cells
    .map((cell, index) => (state.columns.includes(index) && !/^[\s:-]*$/.test(cell) ? ` ${HIDDEN} ` : hideTokens(cell)))
    .join("|");
}

/** A line that is nothing but a name that tells: its value stands on the next one. */
function isNaming(line: string, tongue: Tongue): boolean {
  const name = NAMING_LINE.exec(line)?.[1]?.trim();
  if (name === undefined || !isSecretName(name) || tongue === "code") return false;
  return /^[A-Za-z][\w-]*$/.test(name) || (/[:=]\s*$/.test(line) && name.split(" ").length <= 3);
}

const maskNamed = (line: string): string => {
  const [, head = ""] = /^(\s*(?:value\s*[:=]\s*|<[\w-]+>)?)/.exec(line) ?? [];
  return head + HIDDEN;
};

function areaOf(section: string): Area | null {
  const last = section.split(/[.:/]/).at(-1)?.trim() ?? "";
  if (/^(?:env|environment|variables|headers)$/i.test(last)) return { kind: "variables", until: "section" };
  return /secret|credential|token|password|^keys$|api[-_]?key/i.test(last)
    ? { kind: "secrets", until: "section" }
    : null;
}

/** A line of a block of variables or secrets; null where the block has ended. */
function maskInArea(line: string, at: At, area: Area): string | null {
  const isClosing = /^\s*[)\]}]/.test(line);
  if (typeof area.until === "number" && (indentOf(line) <= area.until || isClosing)) {
    at.state.area = null;
    return isClosing && /^\s*[)\]}]+[,;]?\s*$/.test(line) ? line : null;
  }
  if (/^\s*(?:#|\/\/|;)/.test(line)) return maskProse(line);
  const [, head = "", name = "", gap = "", rest = ""] = ASSIGNMENT.exec(line) ?? [];
  if (name === "" || isToken(name)) return HIDDEN;
  const value = bare(rest);
  if (area.kind === "variables" && isHarmless(name, value)) return line;
  if (rest === "" || /^[{[(]\s*$/.test(rest)) return line;
  at.state.value = { ...openAfter(line, CLOSED), indent: indentOf(line), literals: false };
  return head + gap + HIDDEN;
}

const CLOSED: Open = { depth: 0, quote: null, waits: false };
/** A value without its quotes and what ends it. */
const bare = (text: string): string => /^\s*(["'`]?)([\s\S]*?)\1\s*[,;]?\s*(?:#.*)?$/.exec(text)?.[2] ?? text;

/** A line of a file of secrets: its key, at the most. */
function maskWholly(line: string, at: At): string {
  const [, head = "", name = "", gap = "", rest = ""] = ASSIGNMENT.exec(line) ?? [];
  if (/^\s*(?:async\s+)?(?:def|class|function)\s+\w+[^"'`=]*$/.test(line)) return HIDDEN;
  const isKey =
    name !== "" && !isToken(name) && !(/=$/.test(head) && /^=*\s*$/.test(rest) && /^\s*[\w+/-]{16,}=+\s*$/.test(line));
  openBehind(line, at, { hasKey: name !== "", rest, literals: false });
  if (
    isKey &&
    isHarmless(name, bare(rest)) &&
    !isSecretName(name) &&
    /^\w+_(?:LEVEL|PORT|HOST|TZ|DEBUG)$|^(?:PORT|DEBUG|TZ|HOST)$/.test(name)
  )
    return line;
  return isKey ? head + gap + (rest === "" ? "" : HIDDEN) : HIDDEN;
}

/** What is open behind a line whose value is hidden. */
function openBehind(
  line: string,
  at: At,
  { hasKey, rest, literals }: { hasKey: boolean; rest: string; literals: boolean },
): void {
  const { before, state } = at;
  // Three quotes behind an operator begin a text, whatever stood before.
  const ends = before !== null && !/[=:(,[{+]\s*\w{0,2}("""|''')/.test(line);
  const open = openAfter(line, ends && line.includes(before) ? { ...CLOSED, quote: before } : CLOSED);
  const isWord = /^\s*[\w-]+\s*$/.test(line) && !/^\s*pass\s*$/.test(line);
  const waits = open.waits || (hasKey ? rest === "" : isWord);
  state.value = { ...open, waits, indent: indentOf(line), literals: literals && open.quote === null };
}

/** A line that begins with a key that tells. */
function maskValueOf(
  line: string,
  { head, name, gap, rest }: { head: string; name: string; gap: string; rest: string },
  at: At,
): string {
  if (isHarmless(name, bare(rest)) && rest !== "") return hideTokens(line);
  const inCode = at.tongue === "code";
  if (inCode && namesFiles(name, rest)) return hideTokens(line);
  if (inCode) {
    const shown = maskAssigned(head + gap + rest, "code", true);
    const open = openAfter(line, CLOSED);
    if (open.quote !== null || open.depth > 0 || open.waits)
      openBehind(line, at, { hasKey: true, rest, literals: true });
    return open.quote !== null && !shown.includes(HIDDEN) ? head + gap + HIDDEN : shown;
  }
  openBehind(line, at, { hasKey: true, rest, literals: false });
  return head + gap + (rest === "" ? "" : HIDDEN);
}

/** `SECRETS_DIR = ROOT / "secrets"`: what a name calls a file or a folder, and each of its texts is called like one. */
const namesFiles = (name: string, value: string): boolean =>
  /(?:path|dir|file|folder|directory)$/i.test(name) &&
  [...value.matchAll(/(["'`])((?:(?!\1).)*)\1/g)].every(
    ([, , text = ""]) => /^\.?[a-z]+(?:[-_][a-z]+)*(?:\.[a-z]{2,8})?$/.test(text) || isClearPath(text),
  );

/** A line that begins with no key that tells: whatever else in it does. */
function maskElsewhere(whole: string, at: At): string {
  const line = hideFours(whole);
  const { tongue } = at;
  const isComment = /^\s*(?:#(?!!)|\/\/|\/\*|;|--\s|\*|<!--|>)/.test(line);
  if (tongue === "prose" || isComment) return hideTokens(maskProse(line));
  const commanded = tongue !== "code" && COMMANDS.test(line) ? maskCommand(line, { strict: false }) : line;
  const shown = maskAssigned(commanded, tongue, false);
  const open = shown === line ? CLOSED : openAfter(line, CLOSED);
  // A text or a bracket that the secret's own place has opened.
  if (open.quote !== null || open.waits) openBehind(line, at, { hasKey: true, rest: "x", literals: tongue === "code" });
  return hideTokens(shown);
}
