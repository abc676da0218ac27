import type { AbsPath } from "../model.ts";
import { isWithin } from "../paths.ts";

/** The name by which a credential found by pattern is shown, as the original tool made it; `root/…` and `/…` are ours. */
export function credentialName(path: AbsPath, { home, root }: { home: AbsPath; root: AbsPath }): string {
  const servers = `${root}/infrastructure/mcp-servers`;
  if (isWithin(path, servers)) return `mcp${path.slice(servers.length)}`;
  if (isWithin(path, root)) return `root${path.slice(root.length)}`;
  return isWithin(path, home) ? `~${path.slice(home.length)}` : path;
}
