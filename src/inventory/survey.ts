// What is on this machine that a rollback.yaml could name: agents, venvs, .mcp.json files, and files that look like credentials.
// Names alone are read, never a content.

import type { AbsPath } from "../model.ts";
import { below } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { entriesIn, exists, ifReadable, look } from "../system/files.ts";
import type { Places } from "./places.ts";

/** Paths as a config writes them: below the root as they are, below the home with `~/`. */
export interface Survey {
  /** File names in ~/Library/LaunchAgents. */
  agents: string[];
  configs: string[];
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

/** How deep below the root is looked, and how many names at most. */
const DEEPEST = 5;
const MOST_NAMES = 50_000;
/** Never entered: what no config can reach, and what others made. */
const SHUT = new Set(["node_modules", ".git", "Library", ".Trash", ".cache", "__pycache__", "site-packages"]);

const KNOWN_CONFIGS = [".mcp.json", "shared/secrets.py", "shared/paths.py"];
const KNOWN_CREDENTIALS = [
  ".google-ads/google-ads.yaml",
  ".aws/credentials",
  ".netrc",
  ".npmrc",
  ".pypirc",
  ".clasprc.json",
  ".config/gh/hosts.yml",
  ".config/gcloud/application_default_credentials.json",
  ".docker/config.json",
  ".kube/config",
];
const BELOW_CONFIG = /credentials|oauth|token|^client_secret/;

/** By name alone: `credentials.json`, `my-token.yaml`, `service_account.json`, `.env`, `key.pem`. */
export const looksLikeCredential = (name: string): boolean =>
  /^\.env(\.|$)/.test(name)
    ? !/\.(example|sample|template)$/.test(name)
    : /\.(pem|p12|pfx|key)$/i.test(name) ||
      /(credential|secret|token|oauth|service[-_.]?account|api[-_.]?key).*\.(json|ya?ml|toml|ini|txt|env)$/i.test(name);

/** Looks below the root and at the usual places of the home. Follows no link; what can't be read is told. */
export function survey({ home, root, store }: Places): Survey {
  const found: Survey = {
    agents: [],
    configs: KNOWN_CONFIGS.filter((path) => isFile(below(root, path))),
    mcp: [],
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
  found.agents = names(below(home, "Library/LaunchAgents"))
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".plist") && !name.startsWith("."))
    .sort();
  for (const app of names(below(home, ".config")))
    if (app.isDirectory())
      for (const { name } of names(below(home, ".config", app.name)))
        if (name.endsWith(".json") && BELOW_CONFIG.test(name)) found.credentials.push(`~/.config/${app.name}/${name}`);
  const shut = new Set<AbsPath>([store, below(root, "clients"), below(root, "data")]);
  let left = MOST_NAMES;
  // Folder by folder, the shallow ones first: what is cut off is the deepest.
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
        if (entry.isDirectory() && !SHUT.has(entry.name) && !shut.has(path)) deeper.push(path);
        if (!entry.isFile()) continue;
        if (entry.name === ".mcp.json") found.mcp.push(`${inside}${entry.name}`);
        else if (looksLikeCredential(entry.name)) found.suspects.push(`${inside}${entry.name}`);
      }
    }
    level = deeper;
  }
  for (const list of [found.credentials, found.mcp, found.venvs, found.suspects]) list.sort();
  found.credentials = [...new Set(found.credentials)];
  return found;
}

const isFile = (path: AbsPath): boolean =>
  ifReadable(() => exists(path) && look(path)?.isDirectory() === false) ?? false;
