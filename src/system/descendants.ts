// A process and what it started, as the system's table of processes has them. A process group would be simpler, but what has our terminal
// shares ours.
import { readdirSync, readFileSync } from "node:fs";
import { ifReadable } from "./files.ts";

interface Entry {
  pid: number;
  parent: number;
  /** When it began, in whatever form: a pid that was given again has another one. */
  began: string;
}

/** Pids, each with when its process began. */
export type Processes = ReadonlyMap<number, string>;

/** A process, what it started, and so on, parents first, as far as every parent still lives. Empty where the table can't be read. */
export function withDescendants(pid: number): Processes {
  const table = tableOfAll();
  const found = new Map<number, string>();
  const queue = table.filter((entry) => entry.pid === pid);
  for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
    const { pid: parent, began } = entry;
    if (found.has(parent)) continue;
    found.set(parent, began);
    queue.push(...table.filter((other) => other.parent === parent));
  }
  return found;
}

/** Those of them that are there still, in their order. */
export function stillThere(processes: Processes): number[] {
  if (processes.size === 0) return [];
  const now = new Map(tableOfAll().map(({ pid, began }) => [pid, began]));
  return [...processes].flatMap(([pid, began]) => (now.get(pid) === began ? [pid] : []));
}

const tableOfAll = (): Entry[] => fromProc() ?? fromPs();

/** proc(5): the name stands in parentheses and may hold some; field 4 is the parent, field 22 the start. Null where there is no /proc. */
function fromProc(): Entry[] | null {
  const names = ifReadable(() => readdirSync("/proc"))?.filter((name) => /^\d+$/.test(name)) ?? [];
  if (names.length === 0) return null;
  return names.flatMap((name) => {
    const text = ifReadable(() => readFileSync(`/proc/${name}/stat`, "latin1"));
    if (text === null) return [];
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    // What has ended and waits for its parent to notice is nobody any more.
    if (fields[0] === "Z") return [];
    return [{ pid: Number(name), parent: Number(fields[1]), began: fields[19] ?? "" }];
  });
}

function fromPs(): Entry[] {
  // One by one: what follows a `=` may be taken for a heading (ps(1)).
  const columns = ["pid=", "ppid=", "lstart="].flatMap((column) => ["-o", column]);
  const ran = Bun.spawnSync(["/bin/ps", "-A", ...columns], { stdin: "ignore", env: { LC_ALL: "C" } });
  return [...ran.stdout.toString().matchAll(/^ *(\d+) +(\d+) +(.+)$/gm)].map(([, pid, parent, began = ""]) => ({
    ...{ pid: Number(pid), parent: Number(parent), began },
  }));
}
