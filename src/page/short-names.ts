// Files by the shortest name that still tells them apart: agents without `.plist` and without what most of them begin with. Pure.
import type { PageFile } from "./model.ts";

export interface ShortNames {
  of(path: string, name: string): string;
  /** What agents are shown without, such as `com.petesbrain.`; empty where most of them do not share one. */
  prefix: string;
}

/** A beginning is dropped where more than half of the agents, and at least three, share it. */
const FEWEST = 3;

export function shortNames(files: readonly PageFile[]): ShortNames {
  const agents = files.filter(({ kind }) => kind === "plist").map(({ name }) => name);
  const prefix = sharedBy(agents);
  const first = (name: string) => {
    const bare = name.endsWith(".plist") ? name.slice(0, -".plist".length) : name;
    return bare.startsWith(prefix) && bare.length > prefix.length ? bare.slice(prefix.length) : bare;
  };
  const tally = new Map<string, number>();
  for (const { name, kind } of files) {
    const short = kind === "plist" ? first(name) : name;
    tally.set(short, (tally.get(short) ?? 0) + 1);
  }
  const names = new Map(
    files.map(({ path, name, kind }) => {
      const short = kind === "plist" ? first(name) : name;
      if (tally.get(short) === 1) return [path, short];
      // Of two that are called the same, the folder tells.
      return [path, name.includes("/") ? name : path.split("/").slice(-2).join("/")];
    }),
  );
  return { of: (path, name) => names.get(path) ?? name, prefix };
}

/** The longest beginning up to a dot that most of the names share. */
function sharedBy(names: readonly string[]): string {
  const tally = new Map<string, number>();
  for (const name of names) {
    const parts = name.replace(/\.plist$/, "").split(".");
    for (let count = 1; count < parts.length; count++) {
      const beginning = `${parts.slice(0, count).join(".")}.`;
      tally.set(beginning, (tally.get(beginning) ?? 0) + 1);
    }
  }
  const shared = [...tally].filter(([, count]) => count >= FEWEST && 2 * count > names.length);
  return shared.reduce((longest, [one]) => (one.length > longest.length ? one : longest), "");
}
