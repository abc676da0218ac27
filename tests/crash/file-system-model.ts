// A file system that remembers which of its changes have reached the medium, and what a crash may make of the rest.
//
// The rules are POSIX's, no kinder: the bytes, mode and times of a file are safe once that file was flushed; a name in a
// folder (made, renamed, linked, removed) once that folder was. What isn't safe may be there or not, in any order, with
// limits that every journaling file system keeps: a rename happens whole or not at all (it is safe with the folder it
// leads to), and changes to one and the same name, or to one and the same page of a file, are kept in order.
import { dirname, join, resolve } from "node:path";
import type { Descriptor, DiskOperation, Place } from "./disk-calls.ts";
import type { Node, Tree } from "./tree.ts";

/**
 * posix: an fsync makes one file or folder safe. mac: it only hands over to the drive, which may still lose or reorder
 * everything until a barrier (F_FULLFSYNC there, syncfs at the same places in the Linux binary).
 */
export type Flushing = "posix" | "mac";

interface Inode {
  readonly id: number;
  readonly kind: Node["kind"];
  readonly target: string;
  /** As it stood on the medium before the first operation, or when it was made. */
  readonly first: { readonly bytes: Uint8Array; readonly mode: number; readonly mtime: number | undefined };
  /** As running programs see it. */
  readonly names: Map<string, Inode>;
  bytes: Uint8Array;
}

/** A name in a folder that now means this inode, or nothing. */
interface Entry {
  readonly folder: Inode;
  readonly name: string;
  readonly inode: Inode | undefined;
}

type Effect = { readonly step: number; handedOver: boolean; safeAt: number } & (
  | { readonly kind: "names"; readonly entries: readonly Entry[]; readonly flushedBy: Inode }
  | { readonly kind: "bytes"; readonly inode: Inode; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "size"; readonly inode: Inode; readonly size: number }
  | { readonly kind: "facts"; readonly inode: Inode; readonly mode?: number; readonly mtime?: number | null }
);

/** How an effect stands on the medium after the crash. Zeros: the size grew, the bytes never came. */
type Fate = "whole" | "lost" | "zeros" | "half";

interface OpenFile {
  readonly inode: Inode;
  readonly append: boolean;
  offset: number;
}

export interface CrashState {
  /** How many of the operations had been done. */
  readonly step: number;
  /** Which effects were lost, in words. */
  readonly why: string;
  readonly tree: Tree;
  /** The program had reported its success already. */
  readonly reported: boolean;
}

export class FileSystemModel {
  private readonly inodes: Inode[] = [];
  private readonly root: Inode;
  private readonly start: Map<Inode, ReadonlyMap<string, Inode>>;
  private readonly effects: Effect[] = [];
  private readonly files = new Map<Descriptor, OpenFile>();
  private steps = 0;
  private reportedAt = Number.POSITIVE_INFINITY;

  /** `tree` is on the medium already; `folder` is its absolute path, no link in it. */
  constructor(
    private readonly folder: string,
    tree: Tree,
    private readonly flushing: Flushing,
    private readonly umask = 0o022,
  ) {
    const root = tree.get("");
    if (root?.kind !== "folder") throw new Error("a tree begins with its folder");
    this.root = this.make(root);
    const twins = new Map<string, Inode>();
    for (const [path, node] of tree) {
      if (path === "") continue;
      const known = node.kind === "file" && node.twins !== undefined ? twins.get(node.twins) : undefined;
      const inode = known ?? this.make(node);
      if (node.kind === "file" && node.twins !== undefined) twins.set(node.twins, inode);
      const { parent, name } = this.parentOf(join(folder, path));
      parent.names.set(name, inode);
    }
    this.start = new Map(this.inodes.map((inode) => [inode, new Map(inode.names)]));
  }

  /** The tree as running programs see it now. */
  live(): Tree {
    return this.treeAfter(this.effects, () => "whole");
  }

  /** Does what one call did. Each call is a step, so that steps count the same as the calls given. */
  apply(operation: DiskOperation | undefined): void {
    this.steps++;
    if (operation === undefined) return;
    switch (operation.kind) {
      case "open":
        this.open(operation);
        break;
      case "close":
        this.files.delete(operation.fd);
        break;
      case "dup": {
        const file = this.files.get(operation.fd);
        if (file !== undefined) this.files.set(operation.to, file);
        break;
      }
      case "seek": {
        const file = this.files.get(operation.fd);
        if (file !== undefined) file.offset = operation.offset;
        break;
      }
      case "read": {
        const file = this.files.get(operation.fd);
        if (file !== undefined) file.offset += operation.length;
        break;
      }
      case "write":
        this.write(this.file(operation.fd), operation.bytes, operation.offset);
        break;
      case "copy":
        this.copy(operation);
        break;
      case "truncate": {
        const inode = this.at(operation.at);
        if (inode !== undefined) this.resize(inode, operation.size);
        break;
      }
      case "mkdir":
        this.create(operation.path, this.make(fresh("folder", operation.mode & ~this.umask)));
        break;
      case "symlink":
        this.create(
          operation.path,
          this.make({ kind: "link", target: operation.target, mode: 0o777, mtime: undefined }),
        );
        break;
      case "link": {
        const inode = this.find(operation.from, false);
        if (inode === undefined) throw new Error(`linked a file that isn't there: ${operation.from}`);
        this.create(operation.to, inode);
        break;
      }
      case "rename":
        this.rename(operation.from, operation.to, operation.exchange);
        break;
      case "remove": {
        const { parent, name } = this.parentOf(operation.path);
        this.setNames(parent, [{ folder: parent, name, inode: undefined }]);
        break;
      }
      case "mode":
        this.setFacts(operation.at, { mode: operation.mode });
        break;
      case "times":
        this.setFacts(operation.at, { mtime: operation.mtime ?? null });
        break;
      case "owner":
        break; // the trees don't hold owners
      case "flush":
        this.flush(this.files.get(operation.fd)?.inode);
        break;
      case "barrier":
        for (const effect of this.effects) {
          if (operation.all || (this.flushing === "mac" && effect.handedOver)) this.makeSafe(effect);
        }
        break;
      case "report":
        this.reportedAt = Math.min(this.reportedAt, this.steps);
    }
  }

  /** Every state that a crash may leave after each step, from "nothing done" to "all done"; equal ones once. */
  *crashStates(): Generator<CrashState> {
    const seen = new Set<string>();
    for (let step = 0; step <= this.steps; step++) {
      const done = this.effects.filter((effect) => effect.step <= step);
      const open = done.filter((effect) => effect.safeAt > step);
      const reported = step >= this.reportedAt;
      for (const { why, fates } of lossesOf(open)) {
        const tree = this.treeAfter(done, (effect) => fates.get(effect) ?? "whole");
        const key = `${reported} ${fingerprint(tree)}`;
        if (seen.has(key)) continue;
        seen.add(key);
        yield { step, why, tree, reported };
      }
    }
  }

  private make(node: Node): Inode {
    const bytes = node.kind === "file" ? node.bytes : new Uint8Array();
    const inode: Inode = {
      id: this.inodes.length,
      kind: node.kind,
      target: node.kind === "link" ? node.target : "",
      first: { bytes, mode: node.mode, mtime: node.mtime },
      names: new Map(),
      bytes,
    };
    this.inodes.push(inode);
    return inode;
  }

  private open(operation: DiskOperation & { kind: "open" }): void {
    let inode = this.find(operation.path, true);
    if (inode === undefined) {
      if (!operation.create) throw new Error(`opened a file that isn't there: ${operation.path}`);
      inode = this.make(fresh("file", operation.mode & ~this.umask));
      this.create(operation.path, inode);
    } else if (operation.truncate && inode.bytes.length > 0) this.resize(inode, 0);
    this.files.set(operation.fd, { inode, append: operation.append, offset: 0 });
  }

  private file(fd: Descriptor): OpenFile {
    const file = this.files.get(fd);
    if (file === undefined) throw new Error(`a write through a descriptor that was never seen opened: ${fd}`);
    return file;
  }

  private write(file: OpenFile, bytes: Uint8Array, at?: number): void {
    const offset = file.append ? file.inode.bytes.length : (at ?? file.offset);
    if (at === undefined) file.offset = offset + bytes.length;
    if (bytes.length === 0) return;
    this.effects.push({ ...this.unsafe(), kind: "bytes", inode: file.inode, offset, bytes });
    file.inode.bytes = overlay(file.inode.bytes, offset, bytes);
  }

  private copy(operation: DiskOperation & { kind: "copy" }): void {
    const from = this.file(operation.from);
    const start = operation.fromOffset ?? from.offset;
    const length = operation.length < 0 ? from.inode.bytes.length : operation.length;
    const bytes = from.inode.bytes.slice(start, start + length);
    if (operation.fromOffset === undefined) from.offset += bytes.length;
    this.write(this.file(operation.to), bytes, operation.toOffset);
  }

  private resize(inode: Inode, size: number): void {
    if (inode.bytes.length === size) return;
    this.effects.push({ ...this.unsafe(), kind: "size", inode, size });
    inode.bytes = sized(inode.bytes, size);
  }

  private create(path: string, inode: Inode): void {
    const { parent, name } = this.parentOf(path);
    this.setNames(parent, [{ folder: parent, name, inode }]);
  }

  private rename(from: string, to: string, exchange: boolean): void {
    const source = this.parentOf(from);
    const target = this.parentOf(to);
    const moved = source.parent.names.get(source.name);
    if (moved === undefined) throw new Error(`renamed a file that isn't there: ${from}`);
    const stood = target.parent.names.get(target.name);
    if (moved === stood) return; // two links of one file: nothing happens
    this.setNames(target.parent, [
      { folder: source.parent, name: source.name, inode: exchange ? stood : undefined },
      { folder: target.parent, name: target.name, inode: moved },
    ]);
  }

  private setNames(flushedBy: Inode, entries: readonly Entry[]): void {
    this.effects.push({ ...this.unsafe(), kind: "names", entries, flushedBy });
    for (const { folder, name, inode } of entries) {
      if (inode === undefined) folder.names.delete(name);
      else folder.names.set(name, inode);
    }
  }

  private setFacts(place: Place, facts: { mode?: number; mtime?: number | null }): void {
    const inode = this.at(place);
    if (inode !== undefined) this.effects.push({ ...this.unsafe(), kind: "facts", inode, ...facts });
  }

  private flush(inode: Inode | undefined): void {
    for (const effect of this.effects) {
      const flushed = effect.kind === "names" ? effect.flushedBy : effect.inode;
      if (flushed !== inode) continue;
      effect.handedOver = true;
      if (this.flushing === "posix") this.makeSafe(effect);
    }
  }

  private makeSafe(effect: Effect): void {
    effect.safeAt = Math.min(effect.safeAt, this.steps);
  }

  private unsafe(): { step: number; handedOver: boolean; safeAt: number } {
    return { step: this.steps, handedOver: false, safeAt: Number.POSITIVE_INFINITY };
  }

  private at(place: Place): Inode | undefined {
    return "fd" in place ? this.files.get(place.fd)?.inode : this.find(place.path, place.follow);
  }

  private find(path: string, follow: boolean, depth = 0): Inode | undefined {
    if (path === this.folder) return this.root;
    const { parent, name, real } = this.parentOf(path, depth);
    const inode = parent.names.get(name);
    if (inode?.kind !== "link" || !follow) return inode;
    return this.find(resolve(dirname(real), inode.target), true, depth + 1);
  }

  /** The folder in which a path's last name stands, links on the way followed. */
  private parentOf(path: string, depth = 0): { parent: Inode; name: string; real: string } {
    if (!path.startsWith(`${this.folder}/`)) throw new Error(`outside the folder: ${path}`);
    if (depth > 40) throw new Error(`links in a circle: ${path}`);
    const names = path.slice(this.folder.length + 1).split("/");
    const last = names.pop() ?? "";
    let parent = this.root;
    let real = this.folder;
    for (const [index, name] of names.entries()) {
      const next = parent.names.get(name);
      if (next === undefined) throw new Error(`no such folder: ${join(real, name)}`);
      if (next.kind === "link") {
        const rest = [...names.slice(index + 1), last];
        return this.parentOf(resolve(real, next.target, ...rest), depth + 1);
      }
      parent = next;
      real = join(real, name);
    }
    return { parent, name: last, real: join(real, last) };
  }

  /** What is on the medium when each effect has had its fate. */
  private treeAfter(effects: readonly Effect[], fate: (effect: Effect) => Fate): Tree {
    const names = new Map([...this.start].map(([inode, entries]) => [inode, new Map(entries)]));
    const bytes = new Map<Inode, Uint8Array>();
    const modes = new Map<Inode, number>();
    const times = new Map<Inode, number | null>();
    for (const effect of effects) {
      const how = fate(effect);
      if (how === "lost") continue;
      if (effect.kind === "names") {
        for (const { folder, name, inode } of effect.entries) {
          const entries = names.get(folder) ?? new Map<string, Inode>();
          names.set(folder, entries);
          if (inode === undefined) entries.delete(name);
          else entries.set(name, inode);
        }
      } else if (effect.kind === "facts") {
        if (effect.mode !== undefined) modes.set(effect.inode, effect.mode);
        if (effect.mtime !== undefined) times.set(effect.inode, effect.mtime);
      } else {
        const { inode } = effect;
        const before = bytes.get(inode) ?? inode.first.bytes;
        times.set(inode, null);
        if (effect.kind === "size") bytes.set(inode, sized(before, effect.size));
        else bytes.set(inode, overlay(before, effect.offset, arrived(effect.bytes, how)));
      }
    }
    const links = new Map<Inode, number>();
    for (const entries of names.values()) {
      for (const inode of entries.values()) links.set(inode, (links.get(inode) ?? 0) + 1);
    }
    const tree = new Map<string, Node>();
    const visit = (path: string, inode: Inode) => {
      const time = times.get(inode);
      const facts = {
        mode: modes.get(inode) ?? inode.first.mode,
        mtime: time === undefined ? inode.first.mtime : (time ?? undefined),
      };
      if (inode.kind === "link") tree.set(path, { kind: "link", target: inode.target, ...facts });
      else if (inode.kind === "file") {
        const twins = (links.get(inode) ?? 0) > 1 ? { twins: `${inode.id}` } : {};
        tree.set(path, { kind: "file", bytes: bytes.get(inode) ?? inode.first.bytes, ...facts, ...twins });
      } else {
        tree.set(path, { kind: "folder", ...facts });
        const entries = [...(names.get(inode) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [name, child] of entries) visit(path === "" ? name : `${path}/${name}`, child);
      }
    };
    visit("", this.root);
    return tree;
  }
}

interface Loss {
  readonly why: string;
  readonly fates: ReadonlyMap<Effect, Fate>;
}

/** The ways in which a crash may treat the effects that are not safe yet. */
function* lossesOf(open: readonly Effect[]): Generator<Loss> {
  yield { why: "all kept", fates: new Map() };
  if (open.length === 0) return;
  const contents = open.filter((effect) => effect.kind === "bytes" || effect.kind === "size");
  yield { why: "all lost", fates: all(open, "lost") };
  yield { why: "names kept, contents lost", fates: all(contents, "lost") };
  yield { why: "names kept, contents zero", fates: all(contents, "zeros") };
  for (const { what, effects } of unitsOf(open)) {
    yield { why: `lost alone: ${what}`, fates: all(withFollowers(effects, open), "lost") };
    const kept = new Set(withForerunners(effects, open));
    yield {
      why: `kept alone: ${what}`,
      fates: all(
        open.filter((effect) => !kept.has(effect)),
        "lost",
      ),
    };
    if (effects.every((effect) => effect.kind === "bytes")) {
      yield { why: `zeros: ${what}`, fates: all(withFollowers(effects, open), "zeros") };
      yield { why: `half: ${what}`, fates: halved(effects, open) };
    }
  }
}

/** What may be lost as one: a change of names; a write; all writes to a file; all changes of a file's mode and times. */
function* unitsOf(open: readonly Effect[]): Generator<{ what: string; effects: readonly Effect[] }> {
  for (const effect of open) {
    if (effect.kind === "names") {
      yield {
        what: effect.entries.map(({ name, inode }) => (inode ? `+${name}` : `-${name}`)).join(" "),
        effects: [effect],
      };
    }
  }
  const files = new Set(open.flatMap((effect) => (effect.kind === "names" ? [] : [effect.inode])));
  for (const inode of files) {
    const own = open.filter((effect) => effect.kind !== "names" && effect.inode === inode);
    const contents = own.filter((effect) => effect.kind === "bytes" || effect.kind === "size");
    const facts = own.filter((effect) => effect.kind === "facts");
    if (contents.length > 0) yield { what: `content of inode ${inode.id}`, effects: contents };
    if (contents.length > 1)
      for (const effect of contents) yield { what: `a write to inode ${inode.id}`, effects: [effect] };
    if (facts.length > 0) yield { what: `mode and times of inode ${inode.id}`, effects: facts };
  }
}

/** With a lost change go the later ones of the same name or page. */
function withFollowers(effects: readonly Effect[], open: readonly Effect[]): Effect[] {
  const lost = new Set(effects);
  for (const effect of open) {
    if (!lost.has(effect) && [...lost].some((other) => other.step < effect.step && ordered(other, effect)))
      lost.add(effect);
  }
  return [...lost];
}

/** With a kept change stay the earlier ones of the same name or page. */
function withForerunners(effects: readonly Effect[], open: readonly Effect[]): Effect[] {
  const kept = new Set(effects);
  for (const effect of [...open].reverse()) {
    if (!kept.has(effect) && [...kept].some((other) => other.step > effect.step && ordered(other, effect)))
      kept.add(effect);
  }
  return [...kept];
}

/** Whether two effects reach the medium in the order they were made: the same name, or the same page of a file. */
function ordered(a: Effect, b: Effect): boolean {
  if (a.kind === "names" && b.kind === "names") {
    return a.entries.some(({ folder, name }) =>
      b.entries.some((other) => other.folder === folder && other.name === name),
    );
  }
  if (a.kind !== "bytes" || b.kind !== "bytes" || a.inode !== b.inode) return false;
  const [first, second] = [a, b].map(({ offset, bytes }) => [offset, offset + bytes.length - 1].map(pageOf));
  const [from = 0, to = 0] = first ?? [];
  const [otherFrom = 0, otherTo = 0] = second ?? [];
  return from <= otherTo && otherFrom <= to;
}

const PAGE_BYTES = 4096;
const pageOf = (offset: number) => Math.floor(offset / PAGE_BYTES);

/** Half of the last of these writes came, and nothing that followed it. */
function halved(effects: readonly Effect[], open: readonly Effect[]): ReadonlyMap<Effect, Fate> {
  const last = effects.slice(-1);
  return new Map([...all(withFollowers(last, open), "lost"), ...all(last, "half")]);
}

function all(effects: readonly Effect[], fate: Fate): ReadonlyMap<Effect, Fate> {
  return new Map(effects.map((effect) => [effect, fate]));
}

function arrived(bytes: Uint8Array, how: Fate): Uint8Array {
  if (how === "zeros") return new Uint8Array(bytes.length);
  return how === "half" ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
}

function overlay(old: Uint8Array, offset: number, bytes: Uint8Array): Uint8Array {
  const made = sized(old, Math.max(old.length, offset + bytes.length));
  made.set(bytes, offset);
  return made;
}

function sized(old: Uint8Array, size: number): Uint8Array {
  const made = new Uint8Array(size);
  made.set(old.subarray(0, size));
  return made;
}

function fresh(kind: "file" | "folder", mode: number): Node {
  const facts = { mode, mtime: undefined };
  return kind === "file" ? { kind, bytes: new Uint8Array(), ...facts } : { kind, ...facts };
}

/** What makes two states one; times don't. */
export function fingerprint(tree: Tree): string {
  const nodes: string[] = [];
  for (const [path, node] of tree) {
    const rest = node.kind === "file" ? `${node.twins} ${contentOf(node.bytes)}` : node.kind === "link" && node.target;
    nodes.push(`${path}\0${node.kind} ${node.mode} ${rest}`);
  }
  return Bun.SHA256.hash(nodes.join("\n"), "hex");
}

/** The hash of each content, made once: thousands of states share their files' bytes. */
const contents = new WeakMap<Uint8Array, string>();

function contentOf(bytes: Uint8Array): string {
  const known = contents.get(bytes) ?? Bun.SHA256.hash(bytes, "hex");
  contents.set(bytes, known);
  return known;
}
