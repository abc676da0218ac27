// What is on this machine that a rollback.yaml could name: agents, venvs, assistants' settings, .mcp.json files, and files that look
// like credentials. Names alone are read, never a content.

import type { AbsPath } from "../model.ts";
import { below } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { entriesIn, exists, ifReadable, lookThrough } from "../system/files.ts";
import type { Anchors } from "./anchors.ts";

/** Paths as a config writes them: below the root as they are, below the home with `~/`. */
export interface Survey {
  /** File names in ~/Library/LaunchAgents. */
  agents: string[];
  /** Plists that launchd no longer loads: set aside beside the agents, or renamed. */
  retired: string[];
  /** What runs by itself on Linux: a user's systemd units, and what a desktop starts. */
  units: string[];
  configs: string[];
  /** Settings of assistants that write and run code. */
  assistants: string[];
  mcp: string[];
  /** In places where credentials are known to lie. */
  credentials: string[];
  venvs: string[];
  /** Files below the root whose names are those of credentials. */
  suspects: string[];
  /** Folders that could not be read, and whether the walk ended before its end. */
  unread: { path: AbsPath; reason: string }[];
  cutOff: boolean;
}

export interface SurveyLimits {
  /** Folders that are not entered. */
  never: AbsPath[];
  /** How many names are read below the root at most. */
  mostNames: number;
}

/** How deep below the root is looked, and how many names at most. */
const DEEPEST = 5;
export const MOST_NAMES = 50_000;
/** Never entered: what others made. */
const SHUT = new Set(["node_modules", ".git", "Library", ".Trash", ".cache", ".npm", "__pycache__", "site-packages"]);

const KNOWN_CONFIGS = [".mcp.json", "shared/secrets.py", "shared/paths.py"];
const KNOWN_CREDENTIALS = [
  ".google-ads/google-ads.yaml",
  ".aws/credentials",
  ".netrc",
  ".npmrc",
  ".pypirc",
  ".pgpass",
  ".git-credentials",
  ".clasprc.json",
  ".cargo/credentials.toml",
  ".codex/auth.json",
  ".config/gh/hosts.yml",
  ".config/gcloud/application_default_credentials.json",
  ".config/rclone/rclone.conf",
  ".docker/config.json",
  ".kube/config",
];
/** By their makers' manuals, below the home. */
const ASSISTANTS = [
  ".claude.json",
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".claude/CLAUDE.md",
  "Library/Application Support/Claude/claude_desktop_config.json",
  ".config/Claude/claude_desktop_config.json",
  ".codex/config.toml",
  ".gemini/settings.json",
  ".cursor/mcp.json",
  ".codeium/windsurf/mcp_config.json",
  ".copilot/mcp-config.json",
  ".continue/config.yaml",
  ".continue/config.json",
  ".aider.conf.yml",
  ".config/opencode/opencode.json",
  ".config/goose/config.yaml",
  ".config/zed/settings.json",
  ".config/Code/User/mcp.json",
  "Library/Application Support/Code/User/mcp.json",
];
/** The same below a project. */
const PROJECT_ASSISTANTS = [
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".cursor/mcp.json",
  ".vscode/mcp.json",
  ".gemini/settings.json",
  "opencode.json",
];
/** Of those, the ones in the form of .mcp.json. */
export const MCP_FORM = /(^|\/)(\.claude\.json|claude_desktop_config\.json|\.cursor\/mcp\.json|mcp_config\.json)$/;

const UNITS = [
  { folder: ".config/systemd/user", name: /\.(service|timer|path|socket)$/ },
  { folder: ".config/autostart", name: /\.desktop$/ },
];

/** By name alone: `credentials.json`, `my-token.yaml`, `service_account.json`, `.env`, `key.pem`. */
export const looksLikeCredential = (name: string): boolean =>
  /^\.env(\.|rc$|$)|\.env$/.test(name)
    ? !/\.(example|sample|template|dist)$/.test(name)
    : /\.(pem|p8|p12|pfx|jks|keystore|key)$/i.test(name) ||
      /^(credentials|\.netrc|\.npmrc|\.pypirc|\.pgpass|\.git-credentials|id_(rsa|dsa|ecdsa|ed25519)|auth\.json|google-ads\.ya?ml)$/.test(
        name,
      ) ||
      (!/^(tokenizer|special_tokens|added_tokens)/.test(name) &&
        /(credential|secret|token|oauth|service[-_.]?account|api[-_.]?key|authorized_user).*\.(json|ya?ml|toml|ini|txt|env|pickle|pkl)$/i.test(
          name,
        ));

/** Looks below the root and at the usual places of the home. Follows no link to a folder; what can't be read is told. */
export function survey({ home, root, store }: Anchors, { never, mostNames }: SurveyLimits): Survey {
  const found: Survey = {
    agents: [],
    retired: [],
    units: [],
    configs: KNOWN_CONFIGS.filter((path) => isFile(below(root, path))),
    assistants: [
      ...ASSISTANTS.filter((path) => isFile(below(home, path))).map((path) => `~/${path}`),
      ...PROJECT_ASSISTANTS.filter((path) => isFile(below(root, path))),
    ],
    mcp: isFile(below(home, ".mcp.json")) ? ["~/.mcp.json"] : [],
    credentials: KNOWN_CREDENTIALS.filter((path) => isFile(below(home, path))).map((path) => `~/${path}`),
    venvs: [],
    suspects: [],
    unread: [],
    cutOff: false,
  };
  const names = (folder: AbsPath) => {
    try {
      return entriesIn(folder);
    } catch (cause) {
      found.unread.push({ path: folder, reason: reasonOf(cause) });
      return [];
    }
  };
  lookAtAgents(home, found, names);
  lookAtHome(home, found, names);
  for (const { folder, name } of UNITS)
    for (const entry of names(below(home, folder)))
      if (entry.isFile() && name.test(entry.name)) found.units.push(`~/${folder}/${entry.name}`);
  walkRoot(root, new Set([store, ...never]), mostNames, found, names);
  for (const list of [found.credentials, found.mcp, found.venvs, found.suspects, found.units, found.retired])
    list.sort();
  found.credentials = [...new Set(found.credentials)];
  return found;
}

type Names = (folder: AbsPath) => ReturnType<typeof entriesIn>;

/** `x.plist.disabled`, `x.plist.bak`, `x.disabled.plist`: what somebody renamed so that launchd leaves it alone. */
const SET_ASIDE = /\.plist[._-]?[\w.-]+$|\.(disabled|off|old|bak|retired)\.plist$/i;

function lookAtAgents(home: AbsPath, found: Survey, names: Names): void {
  const library = below(home, "Library");
  const folder = "Library/LaunchAgents";
  for (const entry of names(below(home, folder))) {
    if (entry.name.startsWith(".")) continue;
    const inside = `~/${folder}/${entry.name}`;
    if (entry.isDirectory()) found.retired.push(...plistsIn(inside, names(below(home, folder, entry.name))));
    else if (SET_ASIDE.test(entry.name)) found.retired.push(inside);
    else if (entry.name.endsWith(".plist")) found.agents.push(entry.name);
  }
  found.agents.sort();
  for (const { name } of names(library))
    if (/^LaunchAgents./i.test(name) && ifReadable(() => lookThrough(below(library, name))?.isDirectory()))
      found.retired.push(...plistsIn(`~/Library/${name}`, names(below(library, name))));
}

const plistsIn = (folder: string, entries: ReturnType<Names>): string[] =>
  entries.flatMap((entry) =>
    entry.isFile() && /\.plist\b/.test(entry.name) && !entry.name.startsWith(".") ? [`${folder}/${entry.name}`] : [],
  );

/** Credential-like names right in the home, in its hidden folders, and two deep in ~/.config. */
function lookAtHome(home: AbsPath, found: Survey, names: Names): void {
  const take = (folder: string, entry: ReturnType<Names>[number]) => {
    const path = `${folder}${entry.name}`;
    if (looksLikeCredential(entry.name) && isFile(below(home, path))) found.credentials.push(`~/${path}`);
  };
  for (const entry of names(home)) {
    take("", entry);
    if (!entry.isDirectory() || !entry.name.startsWith(".") || SHUT.has(entry.name) || entry.name === ".ssh") continue;
    for (const inner of names(below(home, entry.name))) {
      take(`${entry.name}/`, inner);
      if (entry.name === ".config" && inner.isDirectory() && inner.name !== "rollback")
        for (const deepest of names(below(home, entry.name, inner.name))) take(`.config/${inner.name}/`, deepest);
    }
  }
}

/** Folder by folder, the shallow ones first: what is cut off is the deepest. */
function walkRoot(root: AbsPath, shut: ReadonlySet<string>, mostNames: number, found: Survey, names: Names): void {
  let left = mostNames;
  let level: AbsPath[] = [root];
  for (let depth = 0; depth < DEEPEST; depth++) {
    const deeper: AbsPath[] = [];
    for (const folder of level) {
      const entries = left > 0 ? names(folder) : [];
      found.cutOff ||= left <= 0;
      left -= entries.length;
      const inside = folder === root ? "" : `${folder.slice(root.length + 1)}/`;
      if (inside !== "" && entries.some(({ name }) => name === "pyvenv.cfg")) {
        found.venvs.push(inside.slice(0, -1));
        continue;
      }
      for (const entry of entries) {
        const path = below(folder, entry.name);
        if (shut.has(path)) continue;
        if (entry.isDirectory() && !SHUT.has(entry.name)) deeper.push(path);
        if (entry.name === ".mcp.json" && isFile(path)) found.mcp.push(`${inside}${entry.name}`);
        else if (looksLikeCredential(entry.name) && isFile(path)) found.suspects.push(`${inside}${entry.name}`);
      }
    }
    level = deeper;
  }
}

/** A regular file, or a link to one. */
const isFile = (path: AbsPath): boolean =>
  ifReadable(() => exists(path) && lookThrough(path)?.isFile() === true) ?? false;
