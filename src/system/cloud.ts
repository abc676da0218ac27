// Whether a folder lies where a cloud uploads it.
import type { AbsPath, Env } from "../model.ts";
import { below, isWithin } from "../paths.ts";
import { ifReadable, linkTarget, resolved } from "./files.ts";
import { childEnvironment, run, which } from "./process.ts";

const LIMIT_MS = 2000;
/** The folders of a home that macOS moves into iCloud Drive where the user wants that. */
const MOVED = ["Desktop", "Documents"];

/**
 * The cloud's name and folder that a path lies in, links followed; null where there is none, or nobody can tell. `Desktop` and `Documents`
 * are iCloud's where iCloud Drive links to them, or where macOS marked them (`com.apple.icloud.desktop`).
 */
export async function cloudAround(path: AbsPath, home: AbsPath, env: Env): Promise<string | null> {
  const at = ifReadable(() => resolved(path)) ?? path;
  const own = ifReadable(() => resolved(home)) ?? home;
  const drive = below(own, "Library/Mobile Documents");
  if (isWithin(at, drive)) return "iCloud Drive (~/Library/Mobile Documents)";
  if (isWithin(at, below(own, "Library/CloudStorage"))) return "a cloud's folder (~/Library/CloudStorage)";
  for (const name of MOVED) {
    const folder = below(own, name);
    if (!isWithin(at, folder)) continue;
    const isLinked = ifReadable(() => linkTarget(below(drive, "com~apple~CloudDocs", name))) !== null;
    if (isLinked || (await isMarked(folder, env))) return `iCloud Drive, which has ~/${name}`;
  }
  return null;
}

async function isMarked(folder: AbsPath, env: Env): Promise<boolean> {
  const program = which("xattr", env);
  if (program === null) return false;
  const ran = await run([program, folder], { env: childEnvironment(env), timeoutMs: LIMIT_MS });
  return /^com\.apple\.icloud\.desktop$/m.test(ran?.stdout ?? "");
}
