// rollback.yaml: text → a checked Config. The text may come from anyone, so every key and type is checked and no key can name a command.
import type { BaseIssue } from "valibot";
import type { Document, LineCounter } from "yaml";
import { readPlainConfig } from "./config-plain.ts";
import { fail } from "./errors.ts";

/** How long or how many snapshots of one category stay; restic's words and meanings. */
export interface Retention {
  "keep-within"?: string | undefined;
  "keep-last"?: number | undefined;
  "keep-daily"?: number | undefined;
  "keep-weekly"?: number | undefined;
  "keep-monthly"?: number | undefined;
}

/** What to protect. Paths are patterns as the user wrote them: relative to the root, or `~/…` below the home, or absolute. */
export interface Config {
  snapshots: string;
  plists: string[];
  configs: string[];
  credentials: { files: string[]; mcp: string[] };
  venvs: string[];
  /** Folders below which nothing is captured whatever a pattern says. */
  never: string[];
  /** Whom `--seal` seals to; empty means this machine's own identity. */
  seal: { recipients: string[] };
  /** The daily job: its launchd label, and the local time of day. */
  schedule: { label: string; at: string };
  retention: Record<string, Retention>;
  health: { "max-age": string; "max-size": string; "min-free": string; "max-loss": string };
  /** Where copies go, by a name. */
  copies: Record<string, CopyPlace>;
  /** Which lists of paths somebody wrote himself: what one of those names by its whole path should be there. */
  own: PathList[];
}

export type PathList = "plists" | "configs" | "credentials.files" | "credentials.mcp";

export interface CopyPlace {
  /** A folder, `s3://BUCKET/PREFIX`, `git:REMOTE` or `git:.`; checked where it is used. */
  to: string;
  endpoint?: string | undefined;
  region?: string | undefined;
  /** Whether the daily job pushes there. */
  auto?: boolean | undefined;
}

export const CONFIG_NAME = "rollback.yaml";
export const DEFAULT_STORE = "infrastructure/rollback-snapshots";

export const DEFAULTS: Config = {
  snapshots: DEFAULT_STORE,
  plists: ["~/Library/LaunchAgents/*petesbrain*.plist"],
  configs: [".mcp.json", "shared/secrets.py", "shared/paths.py"],
  credentials: {
    files: [
      "infrastructure/mcp-servers/*/{*credentials*,*oauth*,*token*,client_secret*,*service-account*}.json",
      "infrastructure/mcp-servers/*/.env",
      ".env",
      "shared/{*credentials*,*oauth*,*token*}.json",
      "shared/*/{*credentials*,*oauth*,*token*}.json",
      "shared/credentials/*",
      "~/.google-ads/google-ads.yaml",
      "~/.config/*/{*credentials*,*oauth*,*token*,client_secret*}.json",
    ],
    mcp: [".mcp.json"],
  },
  venvs: ["venv-google", "infrastructure/mcp-servers/*/.venv", "agents/*/.venv", "shared/*/.venv"],
  never: ["clients", "data"],
  seal: { recipients: [] },
  schedule: { label: "com.rollback.snapshot", at: "08:00" },
  retention: {
    "auto-daily": { "keep-within": "7d", "keep-last": 7 },
    "auto-change": { "keep-within": "7d", "keep-last": 20 },
    "auto-backup": { "keep-within": "30d", "keep-last": 10 },
  },
  health: { "max-age": "26h", "max-size": "1GiB", "min-free": "1GiB", "max-loss": "20%" },
  copies: {},
  own: [],
};

/** Restores make auto-backups by themselves, so their rule holds also where somebody wrote rules for his own categories alone. */
const OF_RESTORES = { "auto-backup": DEFAULTS.retention["auto-backup"] ?? {} };

/**
 * Parses rollback.yaml; a key that is not there keeps its default. Throws a usage error with file, line and key for broken
 * YAML, an unknown key or a wrong type.
 */
export async function parseConfig(text: string, file: string): Promise<Config> {
  return withDefaults((await readPlainly(text)) ?? (await readWholly(text, file)));
}

type Given = Extract<ReturnType<typeof import("./config-shape.ts").check>, { success: true }>["output"];

/** What stands in a plain file that is sound; null where the YAML package has to read it. */
async function readPlainly(text: string): Promise<Given | null> {
  const value = readPlainConfig(text);
  if (value === undefined) return null;
  const { check } = await import("./config-shape.ts");
  const checked = check(value);
  if (!checked.success) return null;
  for (const name of checked.output.seal?.recipients ?? []) if (!(await isRecipient(name))) return null;
  return checked.output;
}

/** What any file holds that is sound; throws with the line of what is not. */
async function readWholly(text: string, file: string): Promise<Given> {
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const broken = document.errors[0];
  if (broken !== undefined) throw fail.configInvalid(file, lines.linePos(broken.pos[0]).line, brokenYaml(broken.code));
  let value: unknown;
  try {
    value = document.toJS() ?? {};
  } catch {
    throw fail.configInvalid(
      file,
      await lineOfAlias(document, lines),
      "an alias names no anchor, or unfolds to too much",
    );
  }
  if (Array.isArray(value)) throw fail.configInvalid(file, 1, "expected keys, got a list");
  const { check } = await import("./config-shape.ts");
  const checked = check(value);
  if (!checked.success) {
    const issue = checked.issues[0];
    const keys = issue.path?.map((item) => String(item.key)) ?? [];
    throw fail.configInvalid(file, await lineOf(document, lines, keys), describe(issue, keys.join(".")));
  }
  const given = checked.output;
  for (const [index, name] of (given.seal?.recipients ?? []).entries())
    if (!(await isRecipient(name)))
      throw fail.configInvalid(
        file,
        await lineOf(document, lines, ["seal", "recipients", String(index)]),
        `key \`seal.recipients.${index}\`: this is not an age recipient (age1…)`,
      );
  return given;
}

function withDefaults(given: Given): Config {
  return {
    snapshots: given.snapshots ?? DEFAULTS.snapshots,
    plists: given.plists ?? DEFAULTS.plists,
    configs: given.configs ?? DEFAULTS.configs,
    credentials: {
      files: given.credentials?.files ?? DEFAULTS.credentials.files,
      mcp: given.credentials?.mcp ?? DEFAULTS.credentials.mcp,
    },
    venvs: given.venvs ?? DEFAULTS.venvs,
    never: given.never ?? DEFAULTS.never,
    seal: { recipients: given.seal?.recipients ?? DEFAULTS.seal.recipients },
    schedule: {
      label: given.schedule?.label ?? DEFAULTS.schedule.label,
      at: given.schedule?.at ?? DEFAULTS.schedule.at,
    },
    retention: given.retention === undefined ? DEFAULTS.retention : { ...OF_RESTORES, ...given.retention },
    health: {
      "max-age": given.health?.["max-age"] ?? DEFAULTS.health["max-age"],
      "max-size": given.health?.["max-size"] ?? DEFAULTS.health["max-size"],
      "min-free": given.health?.["min-free"] ?? DEFAULTS.health["min-free"],
      "max-loss": given.health?.["max-loss"] ?? DEFAULTS.health["max-loss"],
    },
    copies: given.copies ?? DEFAULTS.copies,
    own: ownLists(given),
  };
}

const ownLists = ({ plists, configs, credentials }: Given): PathList[] => [
  ...(plists === undefined ? [] : ["plists" as const]),
  ...(configs === undefined ? [] : ["configs" as const]),
  ...(credentials?.files === undefined ? [] : ["credentials.files" as const]),
  ...(credentials?.mcp === undefined ? [] : ["credentials.mcp" as const]),
];

const PLAIN: Record<string, string> = {
  Array: "a list",
  Object: "a map of keys",
  string: "a text",
  number: "a number",
};

/** By the parser's own codes. Its messages repeat words of the file, which may hold a secret in the wrong place. */
function brokenYaml(code: string): string {
  switch (code) {
    case "DUPLICATE_KEY":
      return "a key stands twice";
    case "TAB_AS_INDENT":
      return "a tab is no indentation: write spaces";
    case "BAD_INDENT":
      return "the indentation does not fit the lines above";
    case "MISSING_CHAR":
      return "a quote, a bracket, a comma or a colon is missing";
    case "BAD_SCALAR_START":
      return "a value can't begin with this character: put it in quotes";
    case "BAD_DQ_ESCAPE":
      return "a backslash in double quotes stands before the wrong character: use single quotes";
    case "MULTIPLE_DOCS":
      return "there is more than one document (---)";
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
      return "an alias is written wrong: put a value that begins with * in quotes";
    default:
      return "this is not YAML";
  }
}

/** A key that nobody would take for a secret. */
const PLAIN_KEY = /^[a-z_][a-z_-]{0,29}\d{0,2}$/;
const shownKey = (key: string): string =>
  key.split(".").every((part) => PLAIN_KEY.test(part) || /^\d+$/.test(part)) ? ` \`${key}\`` : " (not shown)";

function describe(issue: BaseIssue<unknown>, key: string): string {
  if (issue.type === "strict_object" && issue.expected === "never") return `unknown key${shownKey(key)}`;
  const wanted = issue.expected === null ? issue.message : `expected ${PLAIN[issue.expected] ?? issue.expected}`;
  return key === "" ? wanted : `key${shownKey(key)}: ${issue.kind === "validation" ? issue.message : wanted}`;
}

/** The 1-based line on which the innermost known key of this path stands. */
async function lineOf(document: Document, lines: LineCounter, keys: string[]): Promise<number> {
  const { isMap, isNode, isScalar, isSeq } = await import("yaml");
  let node: unknown = document.contents;
  let offset = 0;
  for (const key of keys) {
    if (isSeq(node)) node = node.items[Number(key)];
    else if (isMap(node)) {
      const pair = node.items.find(({ key: name }) => isScalar(name) && String(name.value) === key);
      if (isScalar(pair?.key) && pair.key.range) offset = pair.key.range[0];
      node = pair?.value;
    } else break;
    if (isNode(node) && isSeq(node) === false && isMap(node) === false && node.range) offset = node.range[0];
  }
  return lines.linePos(offset).line;
}

/** The line of the first alias that leads to nothing. */
async function lineOfAlias(document: Document, lines: LineCounter): Promise<number> {
  const { visit } = await import("yaml");
  let offset = 0;
  visit(document, {
    Alias(_, node) {
      if (node.resolve(document) !== undefined) return undefined;
      offset = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return lines.linePos(offset).line;
}

/** Whether age itself takes it: a recipient ends in a checksum. */
async function isRecipient(text: string): Promise<boolean> {
  const { Encrypter } = await import("age-encryption");
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}
