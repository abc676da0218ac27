// The captured files as guard looks at them, before its command and after it: are they there, readable, not emptied, of sound form?
import { isPython, pythonProblems } from "../inventory/python-syntax.ts";
import { agentOf } from "../launchd/agent.ts";
import { judgePlist, malformedWords } from "../launchd/judge.ts";
import { NOT_A_DICTIONARY } from "../launchd/problems.ts";
import type { AbsPath, Env, Kind } from "../model.ts";
import { nameOf } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { stateOfContent } from "../snapshot/loss.ts";
import { factsOf, kindOf, linkTarget, look, lookThrough, readBytes } from "../system/files.ts";

const LIMIT_BYTES = 16 << 20;

export interface Watched {
  path: AbsPath;
  kind: Kind;
}

export type Seen =
  | { state: "absent" }
  | { state: "strange"; what: string }
  | {
      state: "file";
      link: string | null;
      mode: number;
      /** Nothing but white space and comments, or a JSON or YAML document that holds nothing. */
      isEmpty: boolean;
      form: Form | null;
      /** What is wrong with its form, without its content; null where it is sound or has none. */
      problem: string | null;
    };

/** The forms that are looked into. */
export type Form = "plist" | "JSON" | "YAML" | "Python";

/** Every file by its path. Python is asked once for all, and only read, never run; without a python nobody judges those. */
export async function lookAtFiles(files: readonly Watched[], env: Env): Promise<Map<AbsPath, Seen>> {
  const seen = new Map<AbsPath, Seen>();
  for (const file of files) seen.set(file.path, await lookAtFile(file));
  const python = files.filter(({ path }) => isPython(path) && seen.get(path)?.state === "file");
  const problems = await pythonProblems(
    python.map(({ path }) => path),
    env,
  );
  for (const { path } of python) {
    const one = seen.get(path);
    if (one?.state === "file" && problems !== null)
      seen.set(path, { ...one, form: "Python", problem: problems.get(path) ?? null });
  }
  return seen;
}

async function lookAtFile({ path, kind }: Watched): Promise<Seen> {
  try {
    const own = look(path);
    if (own === null) return { state: "absent" };
    const stats = lookThrough(path);
    if (stats === null) return { state: "strange", what: "is a link that leads nowhere" };
    if (!stats.isFile()) return { state: "strange", what: `is ${kindOf(stats)}` };
    const bytes = stats.size > LIMIT_BYTES ? null : readBytes(path, LIMIT_BYTES);
    const link = own.isSymbolicLink() ? linkTarget(path) : null;
    const content = bytes === null ? UNJUDGED : await judge(bytes, path, kind);
    return { state: "file", link, mode: factsOf(stats).mode, ...content };
  } catch (cause) {
    return { state: "strange", what: `can't be read: ${reasonOf(cause)}` };
  }
}

const UNJUDGED = { isEmpty: false, form: null, problem: null };

function formOf(path: string, kind: Kind): Exclude<Form, "Python"> | null {
  if (kind === "plist") return "plist";
  if (path.endsWith(".json")) return "JSON";
  return /\.ya?ml$/.test(path) ? "YAML" : null;
}

/** What counts as a loss for `create` and `health` counts here; and more, since it is known what ran in between. */
async function judge(bytes: Uint8Array, path: string, kind: Kind) {
  const form = formOf(path, kind);
  const state = await stateOfContent(bytes, path, kind);
  if (state === "empty") return { isEmpty: true, form, problem: null };
  if (form === "plist") return { isEmpty: false, form, problem: plistProblem(bytes) };
  if (state === "unparsable") return { isEmpty: false, form, problem: "is not JSON" };
  if (form === "JSON" || form === null) return { isEmpty: false, form, problem: null };
  const { problem, value } = await readYaml(new TextDecoder().decode(bytes));
  return { isEmpty: problem === null && holdsNothing(value), form, problem };
}

function plistProblem(bytes: Uint8Array): string | null {
  const judged = judgePlist(bytes);
  if (!judged.ok) return malformedWords(judged);
  const agent = agentOf(judged.value);
  if (agent === null) return NOT_A_DICTIONARY;
  if (agent.label === null) return "has no Label";
  return agent.program === null ? "has no program" : null;
}

async function readYaml(text: string): Promise<{ problem: string | null; value: unknown }> {
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text, { logLevel: "silent" });
  if (!Array.isArray(documents)) return { problem: null, value: null };
  const line = documents.flatMap(({ errors }) => errors)[0]?.linePos?.[0].line;
  const isBroken = documents.some(({ errors }) => errors.length > 0);
  if (isBroken) return { problem: `is not YAML${line === undefined ? "" : ` (line ${line})`}`, value: null };
  return { problem: null, value: documents.map(({ contents }) => contents).find((contents) => contents !== null) };
}

/** `{}`, `[]` and null, of a YAML document. */
function holdsNothing(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  if (typeof value !== "object") return false;
  if ("items" in value && Array.isArray(value.items)) return value.items.length === 0;
  return "range" in value ? false : Object.keys(value).length === 0;
}

const OTHERS = 0o077;

/** `is malformed now: line 3 …` */
const nowIs = (problem: string): string => problem.replace(/^[^:]*/, (verb) => `${verb} now`);

/** What is wrong with one file now that was right before, in words that begin with a verb; null where nothing is. */
export function whatBroke(before: Seen, after: Seen, kind: Kind): string | null {
  if (before.state !== "file") return null;
  if (after.state === "absent") return "is gone";
  if (after.state === "strange") return `${after.what} now`;
  if (before.link === null && after.link !== null) return `is a link now, to ${after.link}`;
  if (!before.isEmpty && after.isEmpty) return "was emptied";
  if (before.problem === null && after.problem !== null) return nowIs(after.problem);
  const wider = after.mode & ~before.mode & OTHERS;
  if (kind === "credential" && wider !== 0)
    return `can be read by others now (mode ${octal(after.mode)}, was ${octal(before.mode)})`;
  return null;
}

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");

/** What is wrong with a file that was not there before. */
export function whatIsWrong(seen: Seen): string | null {
  if (seen.state === "strange") return seen.what;
  return seen.state === "file" ? seen.problem : null;
}

/** Whether a file is one of those that a user named as allowed to go: by its path, its name or a pattern. */
export function isNamed(path: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) =>
    [path, nameOf(path)].some((text) => text === pattern || new Bun.Glob(pattern).match(text)),
  );
}
