import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { nearest, readWords, splitCommand } from "../../src/cli/strict.ts";
import { fail } from "../../src/errors.ts";
import { bytes, counts } from "../../src/render/words.ts";
import { RollbackError, reasonOf, Said } from "../../src/rollback-error.ts";
import { age, printable, quote } from "../../src/text.ts";

const ARGS = {
  ref: { type: "positional", required: true },
  extra: { type: "positional", required: false },
  force: { type: "boolean" },
  limit: { type: "string" },
  only: { type: "string" },
} as const;
const GRAMMAR = { args: ARGS, repeatable: ["only"], actions: undefined, passthrough: undefined };
const read = (...rest: string[]) => readWords("restore", GRAMMAR, rest);
const refusal = async (...rest: string[]): Promise<string> => {
  try {
    await read(...rest);
    return "accepted";
  } catch (cause) {
    if (cause instanceof RollbackError && cause.code === "usage") return `${cause.message} ${cause.hint}`;
    throw cause;
  }
};

describe("words", () => {
  test("known ones reach the command in a form that leaves nothing to guess", async () => {
    expect(
      await read("--force", "a", "--limit", "3", "--only=x=y", "--only", "z", "--json", "--root", "/r"),
    ).toMatchObject({
      args: { force: true, limit: "3", ref: "a" },
      lists: { only: ["x=y", "z"] },
      globals: { json: true, quiet: false, root: "/r" },
    });
  });
  test("after -- everything is a word", async () =>
    expect((await read("--", "--force", "-h")).args).toEqual({ ref: "--force", extra: "-h" }));
  test.each([
    [["a", "--dry-rnu"], "knows no flag `--dry-rnu`"],
    [["a", "--forc"], "Did you mean `--force`?"],
    [["a", "-f"], "knows no flag `-f`"],
    [["a", "b", "c"], "got `c`"],
    [["a", "--limit"], "a value after --limit"],
    [["a", "--limit", "--force"], "a value after --limit"],
    [["a", "--limit", "1", "--limit", "2"], "was given twice"],
    [["a", "--force=yes"], "no value"],
    [["a", "--root", ""], "a path"],
  ])("%p is refused: %s", async (words, part) => expect(await refusal(...words)).toContain(part));
  test("help asks for nothing else", async () => expect((await read("--help")).help).toBe(true));
  test("what is needed and was not given is named", async () => {
    expect((await read()).lacks).toBe("ref");
    expect((await read("a")).lacks).toBeNull();
    expect((await read("--help")).lacks).toBeNull();
  });
  test("flags may stand before the command", () => {
    expect(splitCommand(["--root", "/r", "--json", "list", "--all"])).toEqual({
      word: "list",
      rest: ["--root", "/r", "--json", "--all"],
    });
    expect(splitCommand(["--help"]).word).toBeUndefined();
  });
  test("the nearest word is found, and only a near one", async () => {
    expect(await nearest("restroe", ["restore", "create"])).toBe("restore");
    expect(await nearest("zzzzzzz", ["restore", "create"])).toBeUndefined();
  });
});

test("every error has a sentence, a next step and a code; none is cut or left empty", () => {
  const sample: { [K in keyof typeof fail]: RollbackError } = {
    unknownCommand: fail.unknownCommand("creat", { word: "create", line: "rollback create x" }),
    otherTool: fail.otherTool("backup", "create", "rollback create x"),
    noHelp: fail.noHelp("rfes", "refs"),
    unknownFlag: fail.unknownFlag("list", "--al", "--all"),
    guardAtWork: fail.guardAtWork("pid 7, `rollback guard x`, for 3 s"),
    guardCutOff: fail.guardCutOff({ program: "./m.sh", since: "2026-11-25T08:00:00Z", snapshot: "20261125_080000" }),
    extraWord: fail.extraWord("list", "x"),
    missingWord: fail.missingWord("show", "REF"),
    needsSnapshot: fail.needsSnapshot("show", [], "rollback show 20251211_143600"),
    notAPage: fail.notAPage("/p/notes.txt", "a new name"),
    badValue: fail.badValue("--limit", "0", "a whole number of at least 1"),
    badDuration: fail.badDuration(
      "--keep-within",
      "6m",
      "6m can mean two things: write 6min for minutes or 6mo for months",
    ),
    eitherOr: fail.eitherOr("undo", "--ours", "--theirs"),
    restoreObstructed: fail.restoreObstructed([{ path: "/p/a", reason: "is locked against every change" }], 3),
    noSuchKey: fail.noSuchKey("StartInterval"),
    noSuchHunk: fail.noSuchHunk(2),
    nothingToUndo: fail.nothingToUndo(),
    notUndoable: fail.notUndoable("event 7", "the auto-backup that it needs was removed", [3]),
    sameSnapshot: fail.sameSnapshot("latest"),
    undecided: fail.undecided(["/p/a.plist"]),
    foreignOptions: fail.foreignOptions(),
    asRoot: fail.asRoot("/Users/alex", 501, "rollback create x"),
    noRoot: fail.noRoot("/tmp"),
    notAFolder: fail.notAFolder("HOME", "/x", "there is no such folder"),
    configUnreadable: fail.configUnreadable("/r/rollback.yaml", "permission denied (EACCES)"),
    configInvalid: fail.configInvalid("/r/rollback.yaml", 3, "unknown key `x`"),
    nothingFound: fail.nothingFound(["/h/*.plist"]),
    ruleNotAdded: fail.ruleNotAdded("/r/rollback.yaml", "configs", "a.json"),
    nothingSeen: fail.nothingSeen("/h", "/r"),
    storeAroundProject: fail.storeAroundProject("/r", "/r"),
    storeParentMissing: fail.storeParentMissing("/Volumes/USB/s", "/Volumes/USB"),
    storeToCopy: fail.storeToCopy("/s", "others can write to it, and its disk is read-only", "/s"),
    archiveUntrusted: fail.archiveUntrusted("/tmp/a.zip", "others can write to it", "/tmp/a.zip"),
    storeReadOnly: fail.storeReadOnly("/s", "rollback restore /s/20251211_143600 --force --snapshots /t"),
    storeNotWritable: fail.storeNotWritable("/s", Object.assign(new Error(), { code: "ENOSPC" })),
    unreadable: fail.unreadable(
      "/s/20251211_143600/manifest.json",
      Object.assign(new Error(), { code: "EACCES" }),
      0,
      "sudo chown …",
    ),
    storeSilent: fail.storeSilent("/s", 10),
    storeUnreadable: fail.storeUnreadable("/s", Object.assign(new Error(), { code: "EIO" })),
    locked: fail.locked("create, pid 7, since 3s", 10_000),
    noLocks: fail.noLocks("/s/.rollback/lock", "smbfs", "ENOTSUP"),
    noSystemCalls: fail.noSystemCalls("/h/.local/bin/rollback", new TypeError("bun:ffi requires the JIT")),
    noStore: fail.noStore("/nope"),
    noSuchCategory: fail.noSuchCategory("nope", { name: "note", count: 2, shown: "note" }),
    noSnapshots: fail.noSnapshots("/s"),
    allAhead: fail.allAhead("20360101_000000"),
    noSuchSnapshot: fail.noSuchSnapshot("x", { id: "20251211_143600", age: "3h ago" }),
    ambiguousSnapshot: fail.ambiguousSnapshot("2025", ["20251211_143600", "20251211_143601"]),
    manifestBroken: fail.manifestBroken("/s/manifest.json", "it is empty"),
    manifestUnsafe: fail.manifestUnsafe("/s/manifest.json", "/etc/passwd", "plist/NAME"),
    formatTooNew: fail.formatTooNew("/s/manifest.json", 3),
    archiveBroken: fail.archiveBroken("/s/20251211_143600.zip", "it is cut off"),
    archiveUnsafe: fail.archiveUnsafe("/s/20251211_143600.zip", "it holds a link"),
    archiveInStore: fail.archiveInStore("/s/x"),
    archiveTooLarge: fail.archiveTooLarge("20251211_143600", "a file has over 4 GiB"),
    snapshotDamaged: fail.snapshotDamaged("20251211_143600", "config/x is gone"),
    diskTooSmall: fail.diskTooSmall("/s", 5000, 10),
    notAFolderSnapshot: fail.notAFolderSnapshot("20251211_143600"),
    noArchive: fail.noArchive("20251211_143600"),
    noRecordedHome: fail.noRecordedHome("20251211_143600"),
    nothingToReload: fail.nothingToReload(),
    noVenv: fail.noVenv("/h/r/.venv"),
    guardIncomplete: fail.guardIncomplete("20251211_143600", ["/h/x"]),
    givenTwice: fail.givenTwice("list", "--all"),
    unstableBinary: fail.unstableBinary("/h/Downloads/rollback", "it lies in /h/Downloads"),
    insideJob: fail.insideJob("com.rollback.snapshot"),
    jobNotGone: fail.jobNotGone("com.rollback.snapshot", "Boot-out failed: 5"),
    jobLabelTaken: fail.jobLabelTaken("com.rollback.snapshot", "/h/com.rollback.snapshot.plist"),
    watchLabelTaken: fail.watchLabelTaken("com.rollback.snapshot.watch", "/h/com.rollback.snapshot.watch.plist"),
    nothingToWatch: fail.nothingToWatch("/Users/alex/PetesBrain"),
    jobNotLoaded: fail.jobNotLoaded("com.rollback.snapshot", "Bootstrap failed: 5"),
    gitSilent: fail.gitSilent("/r"),
    alreadyThere: fail.alreadyThere("/s/20251211_143600.zip", "you want a new one"),
    badIdentity: fail.badIdentity("/h/identity.txt"),
    badKey: fail.badKey("/h/identity.txt", 3),
    badRecipient: fail.badRecipient("age2x", "is not an age recipient"),
    foreignIdentity: fail.foreignIdentity("/x/id.txt, line 1,", "an identity of the plugin age-plugin-yubikey"),
    identityUnreadable: fail.identityUnreadable("/dev/zero", "is a device, not a file"),
    sealedOtherwise: fail.sealedOtherwise("/x/a.zip.age", "an ssh key"),
    noIdentity: fail.noIdentity("/h/identity.txt"),
    wrongIdentity: fail.wrongIdentity("/s/20251211_143600.zip.age"),
    noFileSelected: fail.noFileSelected("20251211_143600", "--only x"),
    placeMissing: fail.placeMissing("/Volumes/USB"),
    placeUnreachable: fail.placeUnreachable("s3://bucket", "it answers 503 (SlowDown)"),
    placeRefused: fail.placeRefused("s3://bucket", "AccessDenied"),
    branchRefused: fail.branchRefused("git:origin", "no room here; [remote rejected] (pre-receive hook declined)"),
    clockOff: fail.clockOff("s3://bucket", 12),
    otherAwsKeys: fail.otherAwsKeys("work", "takes a role (role_arn)"),
    noAwsKeys: fail.noAwsKeys("default"),
    noGit: fail.noGit("git:."),
    branchCheckedOut: fail.branchCheckedOut("rollback-snapshots"),
    copyDiffers: fail.copyDiffers("studio/20251211_143600.zip.age", "s3://bucket"),
    copyDamaged: fail.copyDamaged("studio/20251211_143600.zip.age", "s3://bucket"),
    copyTooLarge: fail.copyTooLarge("studio/20251211_143600.zip.age", "s3://bucket"),
    noCopy: fail.noCopy("studio/20251211_143600.zip.age", "s3://bucket"),
    otherSnapshot: fail.otherSnapshot("20251211_143600", "mini"),
    severalOwners: fail.severalOwners("usb", ["studio, project notes-12345678"], "--host studio"),
    archiveOfAnother: fail.archiveOfAnother("/s/20260101_000000.zip", "20260102_000000"),
    notOpened: fail.notOpened("/s/x.zip.age"),
    placeGone: fail.placeGone("/Volumes/USB"),
    placeUnmarked: fail.placeUnmarked("/Volumes/USB", "its mark is missing", "/Volumes/USB"),
    storeIdBroken: fail.storeIdBroken("/s/.rollback/store.json"),
    notSealed: fail.notSealed("20251211_143600"),
    plainRefused: fail.plainRefused("/x", "it lies in a git repository"),
    noDestination: fail.noDestination(["usb", "cloud"]),
    neverHeld: fail.neverHeld("x.plist"),
    noSecretAt: fail.noSecretAt("x.plist", "KEY", ["API_KEY"], 6),
    restoreRefused: fail.restoreRefused(
      [{ path: "/etc/x", reason: "lies outside" }],
      3,
      "rollback restore x --allow /etc --force",
      null,
    ),
    storeUnsafe: fail.storeUnsafe("/s", "others can write to it", "chmod go-w /s"),
    autoBackupPartial: fail.autoBackupPartial(["/h/x: permission denied"]),
    nothingReadable: fail.nothingReadable([{ path: "/h/x", reason: "permission denied" }]),
    storedChanged: fail.storedChanged("/s/x"),
    changedInSearch: fail.changedInSearch("/h/a.json", "20261125_080000"),
    liveChanged: fail.liveChanged("/h/x"),
    restoreFailed: fail.restoreFailed("/h/x", Object.assign(new Error(), { code: "EROFS" })),
    undoFailed: fail.undoFailed("/h/x", Object.assign(new Error(), { code: "EIO" })),
    unfinished: fail.unfinished("20251211_143600"),
    journalBroken: fail.journalBroken("/s/.rollback/journal.ready", "it has another shape"),
    interrupted: fail.interrupted("SIGTERM", "no snapshot was made"),
    io: fail.io("mend", "/s/x", Object.assign(new Error(), { code: "EACCES" })),
    unforeseen: fail.unforeseen(new TypeError("x is not a function")),
  };
  for (const [name, { message, hint, exit }] of Object.entries(sample)) {
    expect([name, message]).toEqual([name, expect.stringMatching(/^\S.{8,}[^.\s]$/s)]);
    expect([name, hint]).toEqual([name, expect.stringMatching(/^\S.{8,}/s)]);
    // The binary is alone where it is needed most.
    expect(`${message}${hint}`).not.toMatch(/\bdocs\/|README|\.md\b/);
    expect(`${message}${hint}`).not.toMatch(/undefined|\[object|NaN|\bnull\b/);
    expect([1, 2, 3, 4, 5, 6, 7, 130, 143]).toContain(exit);
  }
  expect([sample.interrupted.exit, sample.locked.exit, sample.restoreRefused.exit]).toEqual([143, 6, 7]);
});

describe("what is printed", () => {
  test("holds nothing that a terminal obeys", () => {
    expect(printable("a\nb\x1b[31m\u202e\x9b7")).toBe("a\\nb\\x1b[31m\\u202e\\x9b7");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) =>
        expect(printable(text)).not.toMatch(/[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/),
      ),
    );
  });
  test("is a word that a shell reads back", () => {
    expect([quote("a/b-c.json"), quote("it's"), quote("~/x"), quote("")]).toEqual([
      "a/b-c.json",
      "'it'\\''s'",
      "'~/x'",
      "''",
    ]);
  });
  test("numbers are as people read them", () => {
    expect([0, 59, 60, 3599, 3600, 86_399, 86_400, 900_000].map(age)).toEqual([
      "0s ago",
      "59s ago",
      "1m ago",
      "59m ago",
      "1h ago",
      "23h 59m ago",
      "1d ago",
      "10d ago",
    ]);
    expect([0, 1023, 1024, 1_572_864, 5 * 2 ** 40].map(bytes)).toEqual([
      "0 B",
      "1023 B",
      "1.0 KiB",
      "1.5 MiB",
      "5120.0 GiB",
    ]);
    expect(counts({ plist: 71, config: 3, credential: 9, total: 83 })).toBe("71 plist, 3 config, 🔐 9 credentials");
    expect(counts({ plist: 71, config: 3, credential: 0, total: 74 })).toBe("71 plist, 3 config");
  });
});

test("what a library or the runtime says never reaches the user: it may repeat what it read", () => {
  const thrown = (act: () => unknown): unknown => {
    try {
      return act();
    } catch (cause) {
      return cause;
    }
  };
  const causes = [
    thrown(() => JSON.parse('{"a": hunter2}')),
    thrown(() => new URL("hunter2")),
    Object.assign(new Error("open 'hunter2'"), { code: "EBUSY" }),
    "hunter2",
  ];
  const told = causes.flatMap((cause) => [reasonOf(cause), fail.unforeseen(cause).message]);
  expect(told.filter((text) => text.includes("hunter2"))).toEqual([]);
  expect(told).toContain("the system says EBUSY");
  expect(reasonOf(thrown(() => JSON.parse("{")))).toMatch(/^an error that rollback does not know \(SyntaxError/);
  expect([reasonOf(new Said("it moved")), reasonOf(fail.noStore("/x"))]).toEqual([
    "it moved",
    fail.noStore("/x").message,
  ]);
});
