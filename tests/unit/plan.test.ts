import { describe, expect, test } from "bun:test";
import type { AbsPath, Digest, Observed, StoredFile, StoredPath, StoredState, Target } from "../../src/model.ts";
import { type PlanInput, planRestore, summarize } from "../../src/restore/plan.ts";

const OLD = "11".repeat(32) as Digest;
const NEW = "22".repeat(32) as Digest;
const OTHER = "33".repeat(32) as Digest;
const AT = "/h/x.conf" as AbsPath;
const facts = (mode = 0o644) => ({ size: 1, mode, mtimeMs: 5000, uid: 501, gid: 20 });
const isFile = (hash: Digest, mode = 0o644, names = 1): Observed => ({
  state: "file",
  hash,
  facts: facts(mode),
  names,
});

const stored = (over: Partial<StoredFile> = {}): StoredFile => ({
  kind: "config",
  original: AT,
  stored: "config/x.conf" as StoredPath,
  hash: OLD,
  mode: 0o644,
  mtimeMs: 1000,
  uid: 7,
  gid: 8,
  symlink: null,
  ...over,
});
const target = (over: Partial<Target> = {}): Target => ({
  path: AT,
  place: AT,
  real: AT,
  link: null,
  inode: "1:1",
  now: isFile(NEW),
  behind: null,
  folderOwner: { uid: 1, gid: 1 },
  obstacles: [],
  ...over,
});
const SOURCE = "/s/20251211_143600" as AbsPath;
const OK = {
  state: "ok",
  from: { at: SOURCE, stored: "config/x.conf" as StoredPath },
  facts: facts(0o640),
} satisfies StoredState;

function plan(file: StoredFile, live: Target, state: StoredState = OK, over: Partial<PlanInput> = {}) {
  return planRestore({
    id: "20251211_143600",
    source: SOURCE,
    manifest: { description: "d", category: "c", format: 2 },
    candidates: [{ file, target: { path: live.path } }],
    targets: new Map([[live.path, live]]),
    stored: new Map([[file.stored, state]]),
    found: [],
    allowed: ["/h" as AbsPath],
    store: "/h/snapshots" as AbsPath,
    owners: "ours",
    ...over,
  });
}
const only = (...args: Parameters<typeof plan>) => {
  const [change] = plan(...args).changes;
  if (change === undefined) throw new Error("no change");
  return change;
};

describe("one file", () => {
  test("with the same content, mode and link is unchanged, whatever its mtime", () =>
    expect(only(stored(), target({ now: isFile(OLD) }))).toMatchObject({ action: "unchanged", writes: [] }));
  test("with other content is modified", () =>
    expect(only(stored(), target())).toMatchObject({
      action: "modify",
      writes: [
        { type: "file", at: AT, hash: OLD, mode: 0o644, mtimeMs: 1000, owner: null, was: { state: "file", hash: NEW } },
      ],
    }));
  test("with another mode alone is modified, and says so", () =>
    expect(only(stored(), target({ now: isFile(OLD, 0o600) }))).toMatchObject({
      action: "modify",
      reason: "mode only",
    }));
  test("that is gone is created, in folders that suit its kind", () => {
    const gone = target({ now: { state: "absent" }, inode: null });
    expect(only(stored(), gone)).toMatchObject({
      action: "create",
      writes: [{ was: { state: "absent" }, folderMode: 0o755 }],
    });
    const secret = stored({ kind: "credential", stored: "credentials/x" as StoredPath });
    expect(only(secret, gone)).toMatchObject({ action: "create", writes: [{ folderMode: 0o700 }] });
  });
  test("whose stored bytes are missing or damaged is skipped and named", () => {
    expect(only(stored(), target(), { state: "missing", reason: "gone" })).toMatchObject({
      action: "missing-backup",
      reason: "gone",
      writes: [],
    });
    expect(only(stored(), target(), { state: "damaged", reason: "bad" })).toMatchObject({
      action: "damaged-backup",
      writes: [],
    });
  });
  test("that is as it was needs no stored bytes", () =>
    expect(only(stored(), target({ now: isFile(OLD) }), { state: "missing", reason: "gone" }).action).toBe(
      "unchanged",
    ));
  test("that can't be read now is planned, but nothing is known of what it replaces", () =>
    expect(only(stored(), target({ now: { state: "unreadable", reason: "denied" } }))).toMatchObject({
      action: "modify",
      reason: "can't be read now: denied",
      writes: [{ was: { state: "unknown" } }],
    }));
  test("with several names says that it will be a file of its own", () =>
    expect(only(stored(), target({ now: isFile(NEW, 0o644, 3) })).reason).toBe(
      "has 3 names now; the restored one will be a file of its own",
    ));
  test("whose bytes were healed says from where", () =>
    expect(
      only(stored(), target(), { ...OK, from: { ...OK.from, at: "/s/20250101_000000" as AbsPath } }).reason,
    ).toContain("20250101_000000"));
});

describe("owners", () => {
  const owner = (owners: PlanInput["owners"], live = target()) => {
    const [write] = only(stored(), live, OK, { owners }).writes;
    return write?.type === "file" ? write.owner : "no file";
  };
  test("are left alone by an ordinary user", () => expect(owner("ours")).toBeNull());
  test("are the recorded ones for root", () => expect(owner("recorded")).toEqual({ uid: 7, gid: 8 }));
  test("are the live file's, or the folder's, where recorded ones mean nothing", () => {
    expect(owner("folder")).toEqual({ uid: 501, gid: 20 });
    expect(owner("folder", target({ now: { state: "absent" } }))).toEqual({ uid: 1, gid: 1 });
  });
});

describe("links", () => {
  const real = "/h/dot/x.conf" as AbsPath;
  const linked = target({ link: "dot/x.conf", real });
  test("that are what they were are kept, and what is behind them is written", () =>
    expect(only(stored({ symlink: "dot/x.conf" }), linked).writes).toMatchObject([{ type: "file", at: real }]));
  test("unknown to the original tool are kept as well", () =>
    expect(only(stored({ symlink: undefined }), linked).writes).toMatchObject([{ type: "file", at: real }]));
  test("where a file was recorded are replaced by that file, and the preview says so", () => {
    const change = only(stored({ symlink: null }), linked);
    expect(change.writes).toMatchObject([{ type: "file", at: AT, was: { state: "link", target: "dot/x.conf" } }]);
    expect(change.reason).toBe("is a link to dot/x.conf now, was a file");
  });
  test("that changed are repaired, with the content behind the recorded one", () => {
    const behind = { real: "/h/old/x.conf" as AbsPath, now: isFile(OTHER) };
    const change = only(stored({ symlink: "old/x.conf" }), target({ link: "dot/x.conf", real, behind }));
    expect(change.writes).toMatchObject([
      { type: "file", at: "/h/old/x.conf", was: { state: "file", hash: OTHER } },
      { type: "link", at: AT, target: "old/x.conf", was: { state: "link", target: "dot/x.conf" } },
    ]);
  });
  test("that lead out of home and root are refused, with the place to allow", () =>
    expect(only(stored({ symlink: "/etc/x" }), target({ link: "/etc/x", real: "/etc/x" as AbsPath }))).toMatchObject({
      action: "refused",
      reason: "leads to /etc/x, which lies outside the home and the root",
      allow: "/etc",
    }));
});

describe("refused", () => {
  test.each<[string, Target, StoredState?]>([
    [
      "lies outside the home and the root",
      target({ path: "/etc/x" as AbsPath, place: "/etc/x" as AbsPath, real: "/etc/x" as AbsPath }),
    ],
    [
      "lies in the snapshots folder",
      target({
        path: "/h/snapshots/x" as AbsPath,
        place: "/h/snapshots/x" as AbsPath,
        real: "/h/snapshots/x" as AbsPath,
      }),
    ],
    [`a folder stands at ${AT}`, target({ now: { state: "other", what: "a folder stands at" } })],
    ["a link stands there", target(), { state: "link", reason: "a link stands there" }],
  ])("%s", (reason, live, state = OK) =>
    expect(only(stored(), live, state)).toMatchObject({ action: "refused", reason, writes: [] }),
  );

  const two = (a: Partial<StoredFile>, b: Partial<StoredFile>, targets: Target[]) =>
    planRestore({
      id: "i",
      source: SOURCE,
      manifest: { description: "", category: "", format: 2 },
      candidates: [a, b].map((over, index) => {
        const live = targets[index] ?? target();
        return { file: stored(over), target: { path: live.path } };
      }),
      targets: new Map(targets.map((live) => [live.path, live])),
      stored: new Map([a, b].map((over) => [stored(over).stored, OK])),
      found: [],
      allowed: ["/h" as AbsPath],
      store: "/h/s" as AbsPath,
      owners: "ours",
    }).changes.map(({ action }) => action);

  test("one target with two different contents", () =>
    expect(two({}, { hash: OTHER, stored: "config/y" as StoredPath }, [target(), target()])).toEqual([
      "refused",
      "refused",
    ]));
  test("but one target with the same content twice is one", () =>
    expect(two({}, { stored: "config/y" as StoredPath }, [target(), target()])).toEqual(["modify"]));
  test("names that differ only in case, unless both are there as two files", () => {
    const twin = { path: "/h/X.conf" as AbsPath, place: "/h/X.conf" as AbsPath, real: "/h/X.conf" as AbsPath };
    const other = { stored: "config/X" as StoredPath, original: "/h/X.conf" };
    expect(two({}, other, [target(), target({ ...twin, inode: "1:1" })])).toEqual(["refused", "refused"]);
    expect(two({}, other, [target({ inode: null }), target({ ...twin, inode: null })])).toEqual(["refused", "refused"]);
    expect(two({}, other, [target(), target({ ...twin, inode: "1:2" })])).toEqual(["modify", "modify"]);
  });
});

test("a legacy file keeps a live mode; a new one takes the stored mode, secrets at most 0600", () => {
  const mode = (file: StoredFile, now: Observed) => {
    const [write] = only(file, target({ now }), OK).writes;
    return write?.type === "file" ? write.mode : null;
  };
  const old = { mode: undefined, symlink: undefined };
  expect(mode(stored(old), isFile(NEW, 0o755))).toBe(0o755);
  expect(mode(stored({ ...old, kind: "plist" }), { state: "absent" })).toBe(0o640);
  expect(mode(stored(old), { state: "absent" })).toBe(0o600);
});

test("what is there and not in the snapshot is named and left alone", () => {
  const found = [{ path: "/h/new.plist" as AbsPath, kind: "plist" as const, name: "new.plist", foundBy: [] }];
  const result = plan(stored(), target({ now: isFile(OLD) }), OK, { found });
  expect(result.changes.at(-1)).toEqual({
    path: "/h/new.plist",
    name: "new.plist",
    kind: "plist",
    action: "extra",
    writes: [],
  });
  expect(summarize(result)).toEqual({ unchanged: 1, modify: 0, create: 0, extra: 1, skipped: 0, refused: 0 });
});
