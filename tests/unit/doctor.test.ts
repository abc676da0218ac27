// What each probe of `doctor` means, from literals.
import { expect, test } from "bun:test";
import {
  anonymous,
  exitOf,
  judgeClock,
  judgeEnvironment,
  judgeFileSystem,
  judgeHome,
  judgeLocks,
  judgeReading,
  judgeRehearsal,
  judgeTrial,
  type Trial,
} from "../../src/doctor/judge.ts";

const SOUND: Trial = {
  ...{ lock: null, lockHolds: true, exclusive: null, hardLink: null, renameOver: null },
  ...{ mode: 0o600, mtimeOffMs: 0, flushMs: 4, ignoresCase: false, ignoresForm: false, clockOffMs: 3 },
};
const bad = (trial: Partial<Trial>) =>
  judgeTrial({ ...SOUND, ...trial }).flatMap(({ name, result, next }) =>
    result === "ok" ? [] : [[name, result, next !== null]],
  );

test("a sound file system fails no probe, also one that ignores case and form", () => {
  expect(bad({})).toEqual([]);
  expect(bad({ ignoresCase: true, ignoresForm: true })).toEqual([]);
});

test.each<[Partial<Trial>, string, string]>([
  [{ lock: "ENOTSUP" }, "lock", "fail"],
  [{ lockHolds: false }, "lock-holds", "fail"],
  [{ exclusive: "a name that is taken was given away again" }, "exclusive", "fail"],
  [{ hardLink: "operation not permitted (EPERM)" }, "hard-link", "warning"],
  [{ renameOver: "already exists (EEXIST)" }, "rename", "fail"],
  [{ mode: 0o777 }, "modes", "fail"],
  [{ mode: 0o640 }, "modes", "fail"],
  [{ mtimeOffMs: 86_400_000 }, "times", "warning"],
  [{ flushMs: 900 }, "flush", "warning"],
  [{ flushMs: null }, "flush", "warning"],
  [{ clockOffMs: -60_000 }, "file-clock", "warning"],
])("%p: %s is a %s, with a next step", (trial, name, result) => {
  expect(bad(trial)).toEqual([[name, result, true]]);
});

test("the rest", () => {
  expect(judgeHome(501, 501).result).toBe("ok");
  expect(judgeHome(0, 501)).toMatchObject({ result: "fail", found: expect.stringContaining("uid 501") });
  const results = (...args: Parameters<typeof judgeFileSystem>) => judgeFileSystem(...args).map(({ result }) => result);
  expect(results("apfs", ["local"], 5000, 1000)).toEqual(["ok", "ok"]);
  expect(results("apfs", ["read-only"], 10, 1000)).toEqual(["fail", "warning"]);
  expect(results("exfat", [], null, 0)).toEqual(["fail"]);
  expect(results("smbfs", [], null, 0)).toEqual(["warning"]);
  expect(results(null, [], null, 0)).toEqual(["ok"]);
  expect(judgeEnvironment(["PATH", "HOME"]).result).toBe("ok");
  expect(judgeEnvironment(["DYLD_INSERT_LIBRARIES", "BUN_BE_BUN"]).found).toBe("BUN_BE_BUN, DYLD_INSERT_LIBRARIES");
  expect(judgeClock(1000, null).result).toBe("ok");
  expect(judgeClock(1000, 600_000).result).toBe("warning");
  const denied = [
    { path: "/h/a", why: null },
    { path: "/h/b", why: "Operation not permitted" },
  ];
  expect(judgeReading(denied, () => null)).toMatchObject({
    result: "fail",
    found: "1 of 2 can't be read: /h/b: Operation not permitted",
  });
  expect(judgeLocks([]).result).toBe("ok");
  const locked = { path: "/h/a", what: "is locked", command: "chflags nouchg /h/a" };
  expect(judgeLocks([locked, { ...locked, path: "/h/b" }])).toMatchObject({
    result: "warning",
    found: "/h/a is locked (and 1 more)",
    next: "chflags nouchg /h/a",
  });
  expect(judgeReading(denied, () => "grant it").next).toBe("grant it");
});

test("what a throw-away agent shows of launchd", () => {
  const well = { ran: true, ranAgain: true, tooEarly: [], signal: 9, isGone: true };
  const fails = (more: Partial<typeof well>) =>
    judgeRehearsal({ ...well, ...more }).flatMap(({ name, result }) => (result === "fail" ? [name] : []));
  expect(fails({})).toEqual([]);
  expect(fails({ ran: false })).toEqual(["launchd-load"]);
  expect(fails({ ranAgain: false })).toEqual(["launchd-reload"]);
  expect(fails({ signal: 15 })).toEqual(["launchd-kill"]);
  expect(fails({ isGone: false })).toEqual(["launchd-gone"]);
});

test("the exit code is of the worst; a report names neither home nor user", () => {
  const [home] = [judgeHome(0, 0)];
  expect(exitOf([home])).toBe(0);
  expect(exitOf([home, judgeEnvironment(["BUN_X"])])).toBe(1);
  expect(exitOf([judgeEnvironment(["BUN_X"]), judgeHome(0, 1)])).toBe(2);
  expect(anonymous("/Users/alex/x of alex, not alexander", "/Users/alex", "alex")).toBe("~/x of USER, not alexander");
});
