// Config → what is there to capture: plists, configs, and credentials by every route. A file stands once, with all its routes.
import type { Config, PathList } from "../config.ts";
import type { AbsPath, Found, Inventory, Kind, Malformed, Skipped } from "../model.ts";
import { nameOf } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { look, lookThrough, readText } from "../system/files.ts";
import { asSpelled } from "../system/naming.ts";
import { type Anchors, anchored, neverCaptured } from "./anchors.ts";
import { credentialName } from "./credential-name.ts";
import { type McpPaths, mcpPaths } from "./mcp.ts";
import { expand } from "./patterns.ts";

/** What a value that is a path, and no secret, ends in. */
const FILE_NAME = /\.(json|ya?ml|pem|p12|key|txt|toml|ini|env)$/i;
const MCP_LIMIT_BYTES = 16 << 20;

/**
 * Looks for everything the config names. What can't be looked at is in `skipped`, an .mcp.json that can't be understood in `malformed`;
 * nothing is read but these.
 */
export async function discover(config: Config, anchors: Anchors): Promise<Inventory> {
  const found = new Map<AbsPath, Found>();
  const skipped: Skipped[] = [];
  const malformed: Malformed[] = [];
  const warnings: string[] = [];
  const never = neverCaptured(anchors, config.never);

  const add = (path: AbsPath, kind: Kind, name: string, route: string, named: boolean): void => {
    const known = found.get(path);
    if (known !== undefined) {
      if (kind === "credential" && !known.foundBy.includes(route)) known.foundBy.push(route);
      return;
    }
    const why = never(path);
    if (why === null) found.set(path, { path, kind, name, foundBy: [route] });
    else if (named) warnings.push(`${path} ${why}: not captured`);
  };

  const expandOf = async (pattern: string, list: PathList) => {
    const { paths, failures, plain, literal } = await expand(pattern, anchors, "files");
    skipped.push(...failures);
    if (plain && paths.length + failures.length === 0 && config.own.includes(list))
      warnings.push(`${literal} is not there; rollback.yaml names it under \`${list}\``);
    return { paths, literal };
  };
  const addPatterns = async (patterns: string[], kind: Kind, list: PathList) => {
    for (const pattern of patterns) {
      const { paths, literal } = await expandOf(pattern, list);
      for (const path of paths) {
        const name = kind === "credential" ? credentialName(path, anchors) : nameOf(path);
        add(path, kind, name, pattern, path === literal);
      }
    }
  };
  await addPatterns(config.plists, "plist", "plists");
  await addPatterns(config.configs, "config", "configs");
  await addPatterns(config.credentials.files, "credential", "credentials.files");

  for (const pattern of config.credentials.mcp) {
    for (const file of (await expandOf(pattern, "credentials.mcp")).paths) {
      const routes = await readRoutes(file);
      if ("reason" in routes) {
        skipped.push({ path: file, reason: routes.reason });
        continue;
      }
      if (routes.problem !== null) malformed.push({ path: file, reason: routes.problem, pattern });
      for (const { key, path: written } of routes.paths) {
        const path = asSpelled(anchored(written, anchors));
        const route = `${pattern}: ${key}`;
        try {
          const there = lookThrough(path);
          // The value is not shown: what begins like a path may be a secret.
          if (there === null && look(path) === null && FILE_NAME.test(path)) {
            warnings.push(`${key} of ${file} names a file that is not there`);
            continue;
          }
          if (there?.isFile() !== true && look(path)?.isSymbolicLink() !== true) continue;
        } catch (cause) {
          skipped.push({ path, reason: `named by ${route}, but can't be looked at: ${reasonOf(cause)}` });
          continue;
        }
        add(path, "credential", `oauth/${nameOf(path)}`, route, true);
      }
    }
  }
  return { found: [...found.values()], skipped, malformed, warnings };
}

async function readRoutes(file: AbsPath): Promise<McpPaths | { reason: string }> {
  try {
    return await mcpPaths(readText(file, MCP_LIMIT_BYTES));
  } catch (cause) {
    if (cause instanceof RangeError) return { paths: [], problem: "is larger than 16 MiB" };
    return { reason: `could not be read for the credential files it names: ${reasonOf(cause)}` };
  }
}
