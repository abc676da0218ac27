// A survey → the text of a rollback.yaml that captures it, with comments that say why. Pure.
import { literal } from "./coverage.ts";
import { MCP_FORM, type Survey } from "./survey.ts";

/** Whose installers bring their agents back: proposed, but as comments. */
const VENDORS =
  /^(com\.(apple|google|adobe|microsoft|dropbox|docker|spotify|oracle|jetbrains|teamviewer|valvesoftware|rollback)|us\.zoom|org\.mozilla|com\.github\.domt4)\./;
export const isVendors = (plist: string): boolean => VENDORS.test(plist);

/** Whether there is anything that a rollback.yaml could name. */
export const holdsAnything = (survey: Survey): boolean =>
  survey.agents.some((plist) => !isVendors(plist)) ||
  [...configsOf(survey), ...survey.credentials, ...survey.suspects, ...survey.venvs].length > 0;

export const configsOf = ({ configs, mcp, assistants, units, retired }: Survey): string[] => [
  ...new Set([...configs, ...mcp, ...assistants, ...units, ...retired]),
];

/** `recipients` are this machine's age recipients, if it has an identity. */
export function draftConfig(survey: Survey, recipients: string[]): string {
  const agents = agentPatterns(survey.agents);
  const own = agents.filter(({ vendor }) => !vendor);
  const others = agents.filter(({ vendor }) => vendor);
  const row = ({ pattern, count }: AgentPattern) =>
    `${scalar(pattern)}  # ${count === 1 ? "1 agent" : `${count} agents`}`;
  return [
    "# What rollback captures on this machine, and how. `rollback create` takes a snapshot of it; `rollback help config` explains every key.",
    "# Paths are below this file's folder, ~/ is the home, * and {a,b} are wildcards. A line that begins with # is off.",
    "version: 1",
    "",
    `# LaunchAgents, by the beginning of their labels.`,
    ...list("plists", own.map(row), [
      ...(others.length === 0 ? [] : ["Other vendors' agents: their installers bring them back."]),
      ...others.map((item) => `- ${row(item)}`),
    ]),
    "",
    "# Small files that the agents and assistants need, stored as they are.",
    ...list("configs", configsOf(survey).map(literal).map(scalar)),
    "",
    "# Secrets: stored readable by you alone, never shown, and never handed to git but sealed.",
    "credentials:",
    ...list("files", [...survey.credentials.map(literal), ...patternsOf(survey.suspects)].map(scalar)).map(
      (line) => `  ${line}`,
    ),
    "  # Files in the form of .mcp.json: the credential files that their servers' variables name are captured, too.",
    ...list(
      "mcp",
      [...survey.mcp, ...survey.assistants.filter((path) => MCP_FORM.test(path))].map(literal).map(scalar),
    ).map((line) => `  ${line}`),
    "",
    "# Python environments: their versions are noted and checked, their files are not captured.",
    ...list("venvs", patternsOf(survey.venvs).map(scalar)),
    "",
    "# Whom `pack --seal` and `push` seal to; without this, this machine's own identity (rollback key new).",
    ...(recipients.length === 0
      ? ['# seal: {recipients: ["age1…"]}']
      : ["# seal:", "#   recipients:", ...recipients.map((recipient) => `#     - ${recipient}`)]),
    "",
    "# Where `push` copies sealed snapshots; with `auto: true` the daily job does it.",
    "# copies:",
    "#   usb: {to: /Volumes/USB/rollback}",
    "#   cloud: {to: s3://BUCKET/PREFIX, region: eu-central-1, auto: true}",
    "",
    "# Everything else keeps its default: snapshots, never, schedule, retention, health.",
    "",
  ].join("\n");
}

function list(key: string, items: string[], comments: string[] = []): string[] {
  if (items.length === 0 && comments.length === 0) return [`${key}: []`];
  const off = comments.map((text) => `  # ${text}`);
  return items.length === 0 ? [`${key}: []`, ...off] : [`${key}:`, ...items.map((item) => `  - ${item}`), ...off];
}

interface AgentPattern {
  pattern: string;
  count: number;
  vendor: boolean;
}

/** Agents by the first two parts of their labels; one that stands alone by its whole name. */
function agentPatterns(files: string[]): AgentPattern[] {
  const groups = new Map<string, string[]>();
  for (const file of files) {
    const [first = "", second = "", third] = file.replace(/\.plist$/, "").split(".");
    const group =
      third === undefined || second === "" || isSpecial(`${first}.${second}`) ? file : `${first}.${second}.`;
    groups.set(group, [...(groups.get(group) ?? []), file]);
  }
  return [...groups].map(([group, [only = "", ...more]]) => ({
    pattern: more.length === 0 ? `~/Library/LaunchAgents/${only}` : `~/Library/LaunchAgents/${group}*.plist`,
    count: more.length + 1,
    vendor: isVendors(only),
  }));
}

/** Paths that differ in the folder above their last part alone become one pattern. */
function patternsOf(paths: string[]): string[] {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const parts = path.split("/");
    const shape = parts.length < 2 || isSpecial(path) ? path : parts.with(-2, "*").join("/");
    groups.set(shape, [...(groups.get(shape) ?? []), path]);
  }
  return [...groups].map(([shape, [only = "", ...more]]) => (more.length === 0 ? literal(only) : shape));
}

const isSpecial = (text: string): boolean => /[*?[\]{}()!+@|\\^$"]/.test(text);

/** A YAML scalar: plain where that is safe beyond doubt, else in JSON's quotes, which are YAML's as well (YAML 1.2, 7.3.1). */
const scalar = (text: string): string => (/^[A-Za-z.][\w./-]*[/.][\w./-]*\w$/.test(text) ? text : JSON.stringify(text));
