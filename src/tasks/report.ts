// `report`: one page to look at: whether all is well, what changed lately, and the patterns behind it.

import { fail } from "../errors.ts";
import type { AbsPath, Notify } from "../model.ts";
import { renderPage } from "../page/page.ts";
import { isWithin } from "../paths.ts";
import { codeOf, EXIT } from "../rollback-error.ts";
import { pinnedIds } from "../snapshot/pins.ts";
import { type Entry, listSnapshots } from "../snapshot/store.ts";
import { now } from "../system/clock.ts";
import { ifReadable, kindOf, lookThrough, readEnds, resolved } from "../system/files.ts";
import { childEnvironment, launch, which } from "../system/process.ts";
import { replaceFile } from "../system/replace.ts";
import { quote } from "../text.ts";
import { TOOL } from "../version.ts";
import type { Context, Ending, World } from "./context.ts";
import { locate, rememberGlances } from "./open.ts";
import { answer, atHome } from "./report-answer.ts";
import { lookAtSnapshots } from "./report-snapshots.ts";
import { findSite } from "./site.ts";
import { runsOf } from "./undoable.ts";

export interface ReportRequest {
  /** Only these snapshots; none named is all of them. */
  refs: string[];
  /** Where the page goes; null where the caller prints it. */
  output: AbsPath | null;
  /** Also show it, with the program that this system opens pages with. */
  open: boolean;
  /** The flags that lead a command to this project, as the page writes them after each. */
  places: string[];
}

export interface ReportOutcome extends Ending {
  command: "report";
  /** Null where the page goes to stdout. */
  path: AbsPath | null;
  snapshots: number;
  content: string;
}

export async function report(
  { refs, output, open, places }: ReportRequest,
  { world, named, notify }: Context,
): Promise<ReportOutcome> {
  const site = await findSite(world, named);
  const { store, root, home } = site;
  if (output !== null) demandPage(output, store);
  const entries = await chosenOf(refs, store, world);
  const glanceOf = rememberGlances();
  const pinned = new Set<string>(pinnedIds(store));
  const { snapshots, files } = await lookAtSnapshots(entries, {
    pinned,
    undo: undoOf(store),
    glanceOf,
    notify,
  });
  const flags = places.map(quote).join(" ");
  const top = await answer({ site, world, notify, glanceOf, places: flags });
  const made = now();
  const content = renderPage({
    ...top,
    madeAt: { id: made.id, utc: made.utc },
    root: atHome(root, home),
    tool: TOOL,
    places: flags,
    snapshots,
    files,
  });
  if (output !== null) write(output, content);
  if (open && output !== null) await show(output, world, notify);
  return { command: "report", exit: EXIT.done, path: output, snapshots: snapshots.length, content };
}

/** Those that are named, else all; oldest first. */
async function chosenOf(refs: string[], store: AbsPath, { cwd }: World): Promise<Entry[]> {
  const named = await Promise.all(refs.map((ref) => locate(ref, async () => store, cwd)));
  const chosen = new Set(named.map(({ id }) => id));
  const entries = listSnapshots(store).filter(({ id }) => chosen.size === 0 || chosen.has(id));
  return entries.toReversed();
}

/** The snapshot of how things stood before the last restore or guard run, where `undo` would bring that back. */
function undoOf(store: AbsPath): { id: string; what: string } | null {
  try {
    const [last] = runsOf(store);
    if (last?.can !== true || last.command === "undo") return null;
    return { id: last.id, what: last.command === "guard" ? "guard run" : last.command };
  } catch (cause) {
    if (codeOf(cause) === undefined && !(cause instanceof RangeError)) throw cause;
    return null;
  }
}

/** How long a failure is waited for: what opens a browser may stay as long as that does. */
const OPEN_MS = 3000;

/** Opens the page as a double click would. Where that fails the page is there all the same. */
async function show(path: AbsPath, { env }: World, notify: Notify): Promise<void> {
  const opener = which("open", env) ?? which("xdg-open", env);
  // A browser has to find the session that it is to open a window in.
  const names = ["DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "XDG_CURRENT_DESKTOP"];
  const session = Object.fromEntries(names.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const started =
    opener !== null &&
    (await launch([opener, path], { env: { ...childEnvironment(env), ...session }, timeoutMs: OPEN_MS }));
  if (started) return;
  const why = opener === null ? "there is neither open nor xdg-open" : `${opener} failed`;
  notify({ type: "warning", message: `the page is not shown: ${why}` });
}

const PAGE_BEGIN = "<!doctype html>";

/** The page goes over an older page or a link to one if anything, and not among the snapshots. */
function demandPage(path: AbsPath, store: AbsPath): void {
  let there: ReturnType<typeof lookThrough>;
  try {
    there = lookThrough(path);
  } catch (cause) {
    throw fail.io("write", path, cause);
  }
  if (there !== null && !there.isFile())
    throw fail.notAPage(path, `a file's path, and this is ${kindOf(there)}; - is stdout`);
  if (
    there !== null &&
    there.size > 0 &&
    ifReadable(() => readEnds(resolved(path), PAGE_BEGIN.length)?.head) !== PAGE_BEGIN
  )
    throw fail.notAPage(path, "a new name, or that of an older page: this is another file");
  if (isWithin(path, store)) throw fail.notAPage(path, "a place outside the snapshots folder");
}

/** Whole or not at all, and for its owner alone: it names every file that is protected. */
function write(target: AbsPath, content: string): void {
  try {
    replaceFile(target, content);
  } catch (cause) {
    throw fail.io("write", target, cause);
  }
}
