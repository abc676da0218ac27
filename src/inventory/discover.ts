// Config → what is there to capture: plists, configs, and credentials by every route. A file stands once, with all its routes.
import type { Config } from "../config.ts";
import type { AbsPath, Found, Inventory, Kind, Skipped } from "../model.ts";
import { isWithin, nameOf } from "../paths.ts";
import { reasonOf } from "../rollback-error.ts";
import { look, lookThrough, readText } from "../system/files.ts";
import { credentialName } from "./credential-name.ts";
import { type McpPath, mcpPaths } from "./mcp.ts";
import { expand } from "./patterns.ts";
import { anchored, neverCaptured, type Places } from "./places.ts";

const MCP_LIMIT_BYTES = 16 << 20;

/** Looks for everything the config names. What can't be looked at is in `skipped`; nothing is read but the .mcp.json files. */
export async function discover(config: Config, places: Places): Promise<Inventory> {
  const found = new Map<AbsPath, Found>();
  const skipped: Skipped[] = [];
  const warnings: string[] = [];
  const never = neverCaptured(places);

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

  const addPatterns = async (patterns: string[], kind: Kind) => {
    for (const pattern of patterns) {
      const { paths, failures } = await expand(pattern, places, "files");
      skipped.push(...failures);
      for (const path of paths) {
        const name = kind === "credential" ? credentialName(path, places) : nameOf(path);
        add(path, kind, name, pattern, path === anchored(pattern, places));
      }
    }
  };
  await addPatterns(config.plists, "plist");
  await addPatterns(config.configs, "config");
  await addPatterns(config.credentials.files, "credential");

  for (const pattern of config.credentials.mcp) {
    const { paths, failures } = await expand(pattern, places, "files");
    skipped.push(...failures);
    for (const file of paths) {
      const routes = readRoutes(file);
      if ("reason" in routes) {
        skipped.push({ path: file, reason: routes.reason });
        continue;
      }
      for (const { key, path: written } of routes.paths) {
        const path = anchored(written, places);
        const route = `${pattern}: ${key}`;
        try {
          if (lookThrough(path)?.isFile() !== true && look(path)?.isSymbolicLink() !== true) continue;
        } catch (cause) {
          skipped.push({ path, reason: `named by ${route}, but can't be looked at: ${reasonOf(cause)}` });
          continue;
        }
        add(path, "credential", `oauth/${nameOf(path)}`, route, true);
        if (found.has(path) && !isWithin(path, places.home) && !isWithin(path, places.root))
          warnings.push(`${path} lies outside the home and the root: restoring it will want --allow`);
      }
    }
  }
  return { found: [...found.values()], skipped, warnings };
}

function readRoutes(file: AbsPath): { paths: McpPath[] } | { reason: string } {
  try {
    const paths = mcpPaths(readText(file, MCP_LIMIT_BYTES));
    return paths === null
      ? { reason: "is not the JSON of an .mcp.json: the credential files it may name were not looked for" }
      : { paths };
  } catch (cause) {
    return { reason: `could not be read for the credential files it names: ${reasonOf(cause)}` };
  }
}
