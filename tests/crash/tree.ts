// A folder and all below it as one value: read, compared, and put onto the disk again.
import {
  chmodSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

interface Facts {
  readonly mode: number;
  /** Milliseconds; undefined where it doesn't matter. */
  readonly mtime: number | undefined;
}

export type Node =
  | (Facts & { readonly kind: "folder" })
  | (Facts & { readonly kind: "link"; readonly target: string })
  /** Files of one `twins` value are hard links to one another. */
  | (Facts & { readonly kind: "file"; readonly bytes: Uint8Array; readonly twins?: string });

/** By path relative to the folder, parents before what they hold; the folder itself is "". */
export type Tree = ReadonlyMap<string, Node>;

export function readTree(folder: string): Tree {
  const tree = new Map<string, Node>();
  const visit = (path: string) => {
    const real = join(folder, path);
    const stat = lstatSync(real);
    const facts = { mode: stat.mode & 0o7777, mtime: Math.floor(stat.mtimeMs) };
    if (stat.isSymbolicLink()) tree.set(path, { kind: "link", target: readlinkSync(real), ...facts });
    else if (stat.isDirectory()) {
      tree.set(path, { kind: "folder", ...facts });
      for (const name of readdirSync(real).sort()) visit(path === "" ? name : `${path}/${name}`);
    } else if (stat.isFile()) {
      const twins = stat.nlink > 1 ? { twins: `${stat.dev}:${stat.ino}` } : {};
      tree.set(path, { kind: "file", bytes: readFileSync(real), ...facts, ...twins });
    } else throw new Error(`neither file, folder nor link: ${real}`);
  };
  visit("");
  return tree;
}

/** Makes `folder` hold just this tree. What stood there is removed first. */
export function writeTree(folder: string, tree: Tree): void {
  removeTree(folder);
  const first = new Map<string, string>();
  for (const [path, node] of tree) {
    const real = join(folder, path);
    if (node.kind === "folder") mkdirSync(real, { recursive: path === "" });
    else if (node.kind === "link") symlinkSync(node.target, real);
    else {
      const twin = node.twins === undefined ? undefined : first.get(node.twins);
      if (twin === undefined) writeFileSync(real, node.bytes, { flag: "wx" });
      else linkSync(twin, real);
      if (node.twins !== undefined) first.set(node.twins, twin ?? real);
    }
  }
  // Last and from the inside out: a folder may be read-only, and each new name in it sets its time.
  for (const [path, node] of [...tree].reverse()) {
    const real = join(folder, path);
    if (node.kind !== "link") chmodSync(real, node.mode);
    const time = node.mtime === undefined ? undefined : node.mtime / 1000;
    if (time === undefined) continue;
    if (node.kind === "link") lutimesSync(real, time, time);
    else utimesSync(real, time, time);
  }
}

/** Removes a folder even where folders in it are read-only. */
export function removeTree(folder: string): void {
  const open = (path: string) => {
    if (!lstatSync(path).isDirectory()) return;
    chmodSync(path, 0o700);
    for (const name of readdirSync(path)) open(join(path, name));
  };
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) open(folder);
  rmSync(folder, { recursive: true, force: true });
}

/** Equal in kind, content, mode and link; times aside. */
export function sameNode(a: Node | undefined, b: Node | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  if (a.kind === "link") return b.kind === "link" && a.target === b.target;
  if (a.mode !== b.mode) return false;
  if (a.kind === "file") return b.kind === "file" && Buffer.from(a.bytes).equals(b.bytes);
  return b.kind === "folder";
}

/** The paths at which two trees differ (see sameNode), sorted. */
export function differences(a: Tree, b: Tree): string[] {
  const paths = new Set([...a.keys(), ...b.keys()]);
  return [...paths].filter((path) => !sameNode(a.get(path), b.get(path))).sort();
}

/** The part of a tree for which `keep` holds. */
export function part(tree: Tree, keep: (path: string) => boolean): Tree {
  return new Map([...tree].filter(([path]) => keep(path)));
}

/** What a node is, in one line for a message. */
export function describeNode(node: Node | undefined): string {
  if (node === undefined) return "absent";
  if (node.kind === "link") return `link to ${node.target}`;
  const mode = node.mode.toString(8).padStart(4, "0");
  if (node.kind === "folder") return `folder ${mode}`;
  return `file ${mode}, ${node.bytes.length} bytes ${JSON.stringify(Buffer.from(node.bytes).toString().slice(0, 40))}`;
}
