import { describe, expect, test } from "bun:test";
import type { Loss } from "../../src/model.ts";
import { bytesOf, type Finding, type HealthFacts, judgeHealth, type Level, worst } from "../../src/upkeep/health.ts";

const NOW = Date.parse("2026-06-15T12:00:00Z");
const LIMITS = { "max-age": "26h", "max-size": "1GiB", "min-free": "1GiB", "max-loss": "20%" };
const DAY = 86_400_000;
const GiB = 1024 ** 3;
const WELL: HealthFacts = {
  nowMs: NOW,
  lastCreateMs: NOW - 3_600_000,
  missing: null,
  newest: { id: "20260615_110000", complete: true },
  lost: { files: [], counts: { plist: 7, config: 3, credential: 9, total: 19 }, from: null },
  ahead: [],
  damaged: [],
  unopened: [],
  deep: false,
  snapshots: 3,
  storeBytes: 1000,
  freeBytes: 2 * GiB,
  unfinishedRestore: null,
  cutOffGuard: null,
  plainInGit: { tracked: 0, inHistory: false },
  permissions: null,
  clouds: [],
  refused: [],
  malformed: [],
  malformedConfigs: [],
  missed: [],
  auditOk: true,
  brokenVenvs: [],
  schedule: null,
  agents: null,
  copies: [],
  drills: [],
};
const lost = (reason: Loss["reason"], count: number, kind: Loss["kind"] = "plist"): HealthFacts["lost"] => ({
  ...WELL.lost,
  from: "20260615_110000",
  files: Array.from({ length: count }, (_, n) => ({ path: `/${n}`, kind, name: `${kind[0]}${n}`, reason })),
});
const JOB = { label: "com.acme.job", installed: true, loaded: true, trouble: null, watch: null };
const WATCH = { label: "com.acme.job.watch", loaded: true, trouble: null };
const crashed = (count: number, total: number) => ({
  ...{ total, unloaded: [] },
  crashed: [..."abcdefg"].slice(0, count).map((label) => ({ label, words: "died" })),
});

const CHECKS = [
  "age",
  "complete",
  "damage",
  "size",
  "free",
  "recover",
  "git",
  "permissions",
  "audit",
  "venvs",
  "loss",
  "coverage",
];

test("all is well: every check has its finding, in a fixed order", () => {
  const findings = judgeHealth(WELL, LIMITS);
  expect(findings.map(({ check }) => check)).toEqual(CHECKS);
  expect(worst(findings)).toBe("ok");
});

describe("one thing that is wrong is one finding of its level, and says what", () => {
  test.each<[string, Level, string, Partial<HealthFacts>]>([
    ["age", "critical", "27h old, over 26h", { lastCreateMs: NOW - 27 * 3_600_000 }],
    ["age", "critical", "20260615_110000, is not in the snapshots folder", { missing: "20260615_110000" }],
    ["age", "critical", "no snapshot was ever taken", { lastCreateMs: null }],
    ["complete", "warning", "20260615_110000 is incomplete", { newest: { id: "20260615_110000", complete: false } }],
    ["damage", "critical", "damaged: a, b", { damaged: ["a", "b"] }],
    ["damage", "warning", "no identity here opens a.zip.age", { unopened: ["a.zip.age"], deep: true }],
    [
      "drill",
      "critical",
      "failed: usb 3d ago",
      { drills: [{ name: "usb", last: { atMs: NOW - 3.5 * DAY, passed: false } }] },
    ],
    [
      "drill",
      "warning",
      "for a test: usb 41d ago",
      { drills: [{ name: "usb", last: { atMs: NOW - 41 * DAY, passed: true } }] },
    ],
    ["drill", "warning", "for a test: usb never", { drills: [{ name: "usb", last: null }] }],
    ["copies", "warning", "not pushed for over 26h: usb (", { copies: [{ name: "usb", lastPushMs: null }] }],
    [
      "copies",
      "warning",
      "not pushed for over 26h: cloud (",
      {
        copies: [
          { name: "cloud", lastPushMs: NOW - 27 * 3_600_000 },
          { name: "usb", lastPushMs: NOW - 3_600_000 },
        ],
      },
    ],
    ["size", "warning", "over 1GiB", { storeBytes: GiB + 1 }],
    ["size", "unknown", "can't be had", { storeBytes: null }],
    ["free", "critical", "less than 1GiB free", { freeBytes: GiB - 1 }],
    ["free", "unknown", "can't be had", { freeBytes: null }],
    ["recover", "critical", "20260101_000000 is unfinished", { unfinishedRestore: "20260101_000000" }],
    ["git", "critical", "git tracks 2 files", { plainInGit: { tracked: 2, inHistory: true } }],
    ["git", "critical", "history holds plain snapshots", { plainInGit: { tracked: 0, inHistory: true } }],
    ["permissions", "critical", "others can write", { permissions: "others can write" }],
    ["cloud", "warning", "the project lies in iCloud", { clouds: [{ what: "project", cloud: "iCloud Drive" }] }],
    ["audit", "warning", "is broken", { auditOk: false }],
    ["schedule", "warning", "is not loaded", { schedule: { ...JOB, loaded: false } }],
    ["schedule", "warning", "com.acme.job ended with 3", { schedule: { ...JOB, trouble: "ended with 3" } }],
    ["schedule", "warning", ".watch is not loaded", { schedule: { ...JOB, watch: { ...WATCH, loaded: false } } }],
    [
      "schedule",
      "warning",
      ".watch ended with 6",
      { schedule: { ...JOB, watch: { ...WATCH, trouble: "ended with 6" } } },
    ],
    ["agents", "warning", "not loaded: a, b", { agents: { total: 9, unloaded: ["a", "b"], crashed: [] } }],
    ["agents", "warning", "1 of 9 agents crashed: a died (rollback agents)", { agents: crashed(1, 9) }],
    ["agents", "warning", "1 of 2 agents crashed: a died (", { agents: crashed(1, 2) }],
    ["agents", "warning", "2 of 10 agents crashed: a died, b died (", { agents: crashed(2, 10) }],
    ["agents", "critical", "3 of 10 agents crashed: a died, b died, c died (", { agents: crashed(3, 10) }],
    ["agents", "critical", "e died and 2 more (", { agents: crashed(7, 7) }],
    ["loss", "warning", "1 of 7 plists lost: p0 (", { lost: lost("gone", 1) }],
    ["loss", "critical", "2 of 7 plists lost: p0, p1 (", { lost: lost("gone", 2) }],
    ["loss", "critical", "1 of 9 credentials lost: c0 (empty) (", { lost: lost("empty", 1, "credential") }],
    ["loss", "warning", "1 of 9 credentials lost: c0 (", { lost: lost("gone", 1, "credential") }],
    ["clock", "warning", "never pruned: 20360101_000000", { ahead: ["20360101_000000"] }],
    ["agents", "warning", "e and 2 more", { agents: { total: 9, unloaded: [..."abcdefg"], crashed: [] } }],
    ["configs", "warning", ".mcp.json is not JSON", { malformedConfigs: [{ name: ".mcp.json", what: "is not JSON" }] }],
    ["venvs", "warning", "mcp/mail, agent/x", { brokenVenvs: ["mcp/mail", "agent/x"] }],
  ])("%s: %s (%s)", (check, level, says, over) => {
    const findings = judgeHealth({ ...WELL, ...over }, LIMITS);
    expect(findings.map((finding) => finding.check)).toEqual([...new Set([...CHECKS, check])]);
    const bad = findings.filter((finding) => finding.level !== "ok");
    expect(bad).toEqual([expect.objectContaining({ check, level, message: expect.stringContaining(says) })]);
    expect(worst(findings)).toBe(level);
  });
});

test("the limits themselves are still well; no git checkout, and no snapshot yet, are not findings of their own", () => {
  const edge = { lastCreateMs: NOW - 26 * 3_600_000, storeBytes: GiB, freeBytes: GiB };
  expect(worst(judgeHealth({ ...WELL, ...edge, plainInGit: null }, LIMITS))).toBe("ok");
  const none = judgeHealth({ ...WELL, newest: null, snapshots: 0, lastCreateMs: null }, LIMITS);
  expect(none.filter(({ level }) => level !== "ok").map(({ check }) => check)).toEqual(["age"]);
});

test.each([{ ...JOB }, { ...JOB, installed: false, loaded: false }])("a daily job that is well: %j", (schedule) => {
  const findings = judgeHealth({ ...WELL, schedule, agents: crashed(0, 3) }, LIMITS);
  expect(findings.map(({ check }) => check)).toEqual([...CHECKS, "schedule", "agents"]);
  expect(worst(findings)).toBe("ok");
});

test("critical is worse than warning, that than unknown, that than OK", () => {
  const of = (...levels: Level[]) => worst(levels.map((level): Finding => ({ check: "x", level, message: "x" })));
  expect([of(), of("ok"), of("ok", "unknown"), of("unknown", "warning"), of("warning", "critical", "unknown")]).toEqual(
    ["ok", "ok", "unknown", "warning", "critical"],
  );
});

test.each([
  ["0B", 0],
  ["512B", 512],
  ["1KiB", 1024],
  ["500MiB", 500 * 1024 ** 2],
  ["1.5GiB", 1.5 * GiB],
  ["2TiB", 2 * 1024 ** 4],
])("%s is %d bytes", (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});
