// A pattern whose wildcards each stay within one name, walked folder by folder. Nearly every pattern is one, and a glob library takes
// longer to start than the walk takes to end.
import type { AbsPath } from "../model.ts";
import { below } from "../paths.ts";
import { entriesIn, leadsToFolder, look } from "../system/files.ts";
import { ignoresCase, spelledIn } from "../system/naming.ts";

/** One part of a path: the very name, or what names look like. */
type Name = string | RegExp;

const PLAIN = /^(?:[^*?{}[\]()!\\|^$"]|\*(?!\*)|\{[^{},"]+(?:,[^{},"]+)+\})+$/;
const SIGNS: Record<string, string> = { "*": "[^/]*", "{": "(?:", ",": "|", "}": ")" };

/** The pattern name by name. Null where it holds more than `*` and `{a,b}` within names: fast-glob's grammar is for those. */
export function plainNames(pattern: string): Name[] | null {
  const names: Name[] = [];
  for (const text of pattern.split("/")) {
    if (text === "" || text === "." || text === ".." || !PLAIN.test(text) || /\{[^}]*\.\.[^}]*\}/.test(text))
      return null;
    const source = text.replace(/[*{}]|,(?=[^{]*\})|[.+]/g, (sign) => SIGNS[sign] ?? `\\${sign}`);
    names.push(/[*{]/.test(text) ? new RegExp(`^${source.normalize("NFC")}$`) : text);
  }
  return names;
}

/** What matches below `folder`: links to folders are entered, and no order is kept. `failed` hears of each folder that can't be read. */
export function walk(
  folder: AbsPath,
  [name, ...rest]: Name[],
  want: "files" | "folders",
  failed: (folder: AbsPath, cause: unknown) => void,
): AbsPath[] {
  if (name === undefined) return [];
  const deeper = (path: AbsPath) => walk(path, rest, want, failed);
  const isLast = rest.length === 0;
  if (typeof name === "string" && !isLast) return deeper(spelledIn(folder, name));
  try {
    if (typeof name === "string") {
      const path = spelledIn(folder, name);
      const stats = look(path);
      return stats !== null && leadsToFolder(path, stats) === (want === "folders") ? [path] : [];
    }
    const fits = matcher(name, folder);
    return entriesIn(folder)
      .filter((entry) => fits(entry.name))
      .flatMap((entry) => {
        const path = below(folder, entry.name);
        const isFolder = leadsToFolder(path, entry);
        if (!isLast) return isFolder ? deeper(path) : [];
        return isFolder === (want === "folders") ? [path] : [];
      });
  } catch (cause) {
    failed(folder, cause);
    return [];
  }
}

/** The file system is asked about case only where that decides. */
function matcher(name: RegExp, folder: AbsPath): (text: string) => boolean {
  const loose = new RegExp(name.source, "i");
  return (text) => {
    const composed = text.normalize("NFC");
    return name.test(composed) || (loose.test(composed) && ignoresCase(folder));
  };
}
