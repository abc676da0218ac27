// The parts of the page, from literals: what they say, how small they stay, and that their work goes with what there is to tell.
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { type Course, follow } from "../../src/diff/course.ts";
import { type Column, type Held, matrix } from "../../src/diff/matrix.ts";
import { parseAgent } from "../../src/launchd/agent.ts";
import { timetableOf } from "../../src/launchd/timetable.ts";
import type { AbsPath, Digest, StoredFile, StoredPath } from "../../src/model.ts";
import { type Facts, needsOf, tilesOf } from "../../src/page/answer-tiles.ts";
import type { PageFile } from "../../src/page/model.ts";
import { momentOf } from "../../src/page/moment.ts";
import { renderPage } from "../../src/page/page.ts";
import { coloursOf } from "../../src/page/palette.ts";
import { shortNames } from "../../src/page/short-names.ts";
import { natural } from "../../src/page/words.ts";
import { formatManifest } from "../../src/snapshot/manifest.ts";
import { parseManifest } from "../../src/snapshot/manifest-read.ts";
import { manifestSeries } from "../../src/snapshot/manifest-series.ts";
import { plist } from "../harness.ts";
import { changeOf, idAt, page, snapshot } from "./pages.ts";

const words = (html: string): string =>
  html
    .replace(/<(style|script)>.*?<\/\1>/gs, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ");
const agent = (name: string): PageFile => ({ path: `/A/${name}.plist`, name: `${name}.plist`, kind: "plist" });
const bytes = (html: string): number => Buffer.byteLength(html);

describe("what each snapshot changed", () => {
  const held = (hash: number): Held => ({
    ...{ name: "a", kind: "plist" as const, mode: 0o644, link: null },
    hash: String(hash) as Digest,
  });
  const column = fc.record({
    files: fc.option(
      fc
        .dictionary(fc.constantFrom("/a", "/a/b", "/c", "/d"), fc.integer({ min: 0, max: 2 }))
        .map((files) => new Map(Object.entries(files).map(([path, hash]) => [path, held(hash)]))),
      { freq: 6 },
    ),
    unread: fc.subarray(["/a", "/c", "/e"]),
  });

  test("is what the matrix says of it, whatever could not be read", () => {
    fc.assert(
      fc.property(fc.array(column, { maxLength: 7 }), (columns: Column[]) => {
        const course = follow();
        const turns = columns.map(({ files, unread }) => (files === null ? [] : course.next(files, unread)));
        const told = turns.map((own) => own.map(({ path, change }) => `${path} ${change}`).sort());
        const rows = matrix(columns);
        const wanted = columns.map((_, at) =>
          rows
            .flatMap(({ path, cells }) =>
              ["added", "changed", "removed"].includes(cells[at] ?? "") ? [`${path} ${cells[at]}`] : [],
            )
            .sort(),
        );
        expect(told).toEqual(wanted);
      }),
    );
  });

  test("costs by the files of a snapshot, not by the snapshots before", () => {
    let looks = 0;
    class Counted extends Map<string, Held> {
      override has(path: string) {
        looks++;
        return super.has(path);
      }
      override *[Symbol.iterator](): MapIterator<[string, Held]> {
        for (const one of super.entries()) {
          looks++;
          yield one;
        }
        return undefined;
      }
    }
    const costOf = (course: Course<Held>, round: number) => {
      looks = 0;
      const files = new Counted(Array.from({ length: 100 }, (_, at) => [`/f/${at}`, held(at === 7 ? round : 0)]));
      expect(course.next(files, [])).toHaveLength(round === 0 ? 0 : 1);
      return looks;
    };
    const course = follow();
    const costs = Array.from({ length: 50 }, (_, round) => costOf(course, round));
    expect(new Set(costs)).toEqual(new Set([200]));
  });
});

describe("a series of manifests", () => {
  const file = (name: string, hash: string): StoredFile => ({
    ...{ kind: "config", original: `/p/${name}`, stored: `config/${name}` as StoredPath, mode: 0o600 },
    hash: hash.repeat(64) as Digest,
  });
  const text = (id: string, files: StoredFile[], description = "d") =>
    formatManifest(`/s/${id}` as AbsPath, files, {
      ...{ createdAt: { local: "2026-01-01T00:00:00.000000", utc: "2026-01-01T00:00:00.000000Z" }, description },
      ...{ category: "manual", git: { commit: null, branch: null, timestamp: null }, venvs: {}, host: "h", tool: "t" },
      ...{ home: "/h" as AbsPath, root: "/p" as AbsPath, skipped: [], gone: { files: [], from: null } },
    });

  test("says the same as reading each, and notices when nothing but the rest differs", () => {
    const read = manifestSeries();
    const states = [
      ["20260101_000000", [file("a", "1")], "one", false],
      ["20260102_000000", [file("a", "1")], 'two "plist_files": [', true],
      ["20260103_000000", [file("a", "2")], "three", false],
      ["20260104_000000", [file("a", "2"), file("b", "1")], "four", false],
      ["20260105_000000", [file("a", "2"), file("b", "1")], "five", true],
    ] as const;
    for (const [id, files, description, same] of states) {
      const written = text(id, [...files], description);
      const next = read(written, id, "m");
      expect(next).toEqual({ same, manifest: parseManifest(written, "m") });
    }
  });

  test("is broken where a manifest is", () => {
    const read = manifestSeries();
    read(text("20260101_000000", [file("a", "1")]), "20260101_000000", "m");
    expect(() => read(text("20260102_000000", [file("a", "1")]).slice(0, -3), "20260102_000000", "m")).toThrow("m");
  });
});

describe("names", () => {
  test("agents without .plist and without what most begin with, those of another maker whole, twins by their folder", () => {
    const files = [
      ...["com.acme.ads", "com.acme.mail", "com.acme.pay.run", "org.other.x"].map(agent),
      { path: "/r/a/credentials.json", name: "credentials.json", kind: "credential" as const },
      { path: "/r/b/credentials.json", name: "credentials.json", kind: "credential" as const },
    ];
    const names = shortNames(files);
    expect(names.prefix).toBe("com.acme.");
    expect(files.map(({ path, name }) => names.of(path, name))).toEqual([
      ...["ads", "mail", "pay.run", "org.other.x", "a/credentials.json", "b/credentials.json"],
    ]);
    expect(shortNames(["com.acme.ads", "com.acme.mail"].map(agent)).prefix).toBe("");
  });

  test("their natural order", () => {
    expect(["agent-10", "Agent-2", "agent-1", "b", "a-2.x"].sort(natural)).toEqual([
      ...["a-2.x", "agent-1", "Agent-2", "agent-10", "b"],
    ]);
  });
});

test("who runs when: by the hour, then by the minute, then by name; those that are down say so", () => {
  const runs = (name: string, minute: number, down: string | null = null) => ({
    ...{ path: `/A/${name}`, name, down, otherwise: [] },
    at: [{ hour: 3, minute, on: "" }],
  });
  const agents = [runs("a-10", 5), runs("b", 0), runs("a-9", 5, "ended with 1")];
  expect(words(renderPage(page({ agents })))).toContain("02 none 03 00 b 05 a-9 ended with 1 05 a-10 04 none");
});

test("the daily category is grey, the most frequent others have a colour each, the rest share one", () => {
  const categories = [..."aaabbbccddeefg"].map((category) => ({ category })).concat({ category: "auto-daily" });
  const colours = coloursOf(categories);
  expect(["auto-daily", "a", "b", "c", "d", "e", "f", null].map((one) => colours.of(one))).toEqual([
    ...["k0", "k1", "k2", "k3", "k4", "k5", "k5", "k5"],
  ]);
  expect(colours.legend.map(({ name, snapshots }) => `${name} ${snapshots}`)).toEqual([
    ...["auto-daily 1", "a 3", "b 3", "c 2", "d 2", "others 4"],
  ]);
});

test("when an agent runs: by the clock, and otherwise", async () => {
  const time = (parts: string) => `<dict>${parts.replace(/(\w+)=(\d+)/g, "<key>$1</key><integer>$2</integer>")}</dict>`;
  const times = async (body: string) => {
    const parsed = await parseAgent(Buffer.from(plist("a", body)));
    return parsed === null ? null : timetableOf(parsed);
  };
  const each = [
    "Hour=3 Minute=30",
    "Hour=18 Minute=0 Weekday=7",
    "Hour=4 Minute=0 Day=1 Month=2",
    "Minute=5",
    "Hour=2",
  ];
  expect(await times(`<key>StartCalendarInterval</key><array>${each.map(time).join("")}</array>`)).toEqual({
    at: [
      { hour: 3, minute: 30, on: "" },
      { hour: 18, minute: 0, on: "Sun" },
      { hour: 4, minute: 0, on: "day 1 Feb" },
    ],
    otherwise: ["every hour at :05", "every minute from 02:00"],
  });
  const every = (seconds: number) => times(`<key>StartInterval</key><integer>${seconds}</integer>`);
  expect((await Promise.all([900, 3600, 90, 60, 7200, 86_400].map(every))).map((one) => one?.otherwise)).toEqual([
    ...[["every 15 min"], ["every hour"], ["every 90 s"], ["every minute"], ["every 2 hours"], ["every day"]],
  ]);
  expect((await times("<key>KeepAlive</key><true/>"))?.otherwise).toEqual(["always on"]);
  expect((await times("<key>RunAtLoad</key><true/>"))?.otherwise).toEqual(["at login"]);
  expect((await times(""))?.otherwise).toEqual(["when it is asked for"]);
});

describe("the answer", () => {
  const now = momentOf("20261125_081200");
  const good: Facts = {
    now,
    findings: [{ check: "age", level: "ok", message: "last snapshot 5h old" }],
    agents: { plists: 70, states: { total: 70, down: [] } },
    files: {
      plist: { total: 70, gone: 0, differing: [] },
      config: { total: 3, gone: 0, differing: [".mcp.json"] },
      credential: { total: 29, gone: 0, differing: [] },
    },
    found: { plist: 70, config: 3, credential: 29 },
    lastSnapshot: momentOf("20261125_033500"),
    isEmpty: false,
    maxAge: "26h",
    copies: [{ name: "nas", lastPush: momentOf("20261124_033700") }],
    drills: [{ name: "nas", last: { at: momentOf("20261113_100000"), passed: true } }],
  };
  const told = (facts: Facts) =>
    tilesOf(facts).map(({ label, level, value, unit, note }) => `${label} ${level}: ${value} ${unit}, ${note}`);

  test("on a good day", () => {
    expect(needsOf(good, "")).toEqual([]);
    expect(told(good)).toEqual([
      "Agents ok: 70 up, 0 down, all loaded as they were captured",
      "Configs ok: 3 of 3 there, .mcp.json differs from the last snapshot",
      "Credentials ok: 29 of 29 there, as in the last snapshot",
      "Last snapshot ok: 4 h ago, 25 Nov, 03:35; the limit is 26h",
      "Last copy ok: 28 h ago, nas, 24 Nov, 03:37",
      "Restore drill ok: 11 days ago, nas, 13 Nov: all came back",
    ]);
  });

  test("on a bad day: the worst first, each agent by itself, each with its command", () => {
    const bad: Facts = {
      ...good,
      findings: [
        { check: "complete", level: "warning", message: "20261125_033520 is incomplete: some files could not be read" },
        { check: "recover", level: "critical", message: "a restore of X is unfinished (rollback recover)" },
        {
          check: "loss",
          level: "critical",
          message: "1 of 3 configs lost: a (rollback diff X, or rollback health --accept)",
        },
        { check: "agents", level: "warning", message: "…" },
        { check: "copies", level: "warning", message: "not pushed for over 26h: nas (rollback push --all)" },
        { check: "size", level: "unknown", message: "the size can't be had" },
      ],
      agents: {
        plists: 70,
        states: {
          total: 70,
          down: [
            { label: "com.a", name: "a", path: "/a", words: "ended with 78 (EX_CONFIG)", loaded: true },
            { label: "com b", name: "com b", path: null, words: "not loaded", loaded: false },
          ],
        },
      },
      files: { ...(good.files as NonNullable<Facts["files"]>), config: { total: 3, gone: 1, differing: [] } },
      lastSnapshot: null,
      copies: [{ name: "nas", lastPush: null }],
      drills: [{ name: "nas", last: null }],
    };
    expect(needsOf(bad, "--root /r").map(({ level, message, command }) => `${level}: ${message} | ${command}`)).toEqual(
      [
        "critical: A restore of X is unfinished | rollback recover --root /r",
        "critical: 1 of 3 configs lost: a | rollback diff X --root /r",
        "warning: 20261125_033520 is incomplete: some files could not be read | null",
        "warning: a ended with 78 (EX_CONFIG) | rollback agents --root /r",
        "warning: com b is not loaded | rollback reload 'com b' --root /r",
        "warning: Not pushed for over 26h: nas | rollback push --all --root /r",
        "warning: The size can't be had | null",
      ],
    );
    expect(told(bad)).toEqual([
      "Agents warning: 68 up, 2 down, a and com b",
      "Configs critical: 2 of 3 there, as in the last snapshot",
      "Credentials ok: 29 of 29 there, as in the last snapshot",
      "Last snapshot warning: None yet, nothing could be restored",
      "Last copy warning: None yet, nothing was pushed to nas",
      "Restore drill unknown: None yet, nobody knows that a copy brings everything back",
    ]);
  });

  test("what nobody looked at is not said to be well", () => {
    const blind: Facts = { ...good, agents: { plists: 2, states: null }, files: null, copies: [], drills: [] };
    const unknown = tilesOf(blind).filter(({ level }) => level === "unknown");
    expect(unknown.map(({ label, value }) => `${label} ${value}`)).toEqual([
      ...["Agents 2", "Configs 3", "Credentials 29", "Last copy None", "Restore drill None"],
    ]);
    const age = { check: "age", level: "critical" as const, message: "no snapshot was ever taken" };
    expect(needsOf({ ...blind, findings: [age], isEmpty: true }, "")).toEqual([]);
  });

  test("an agent that is down leads to its last change", () => {
    const file = agent("com.acme.a");
    const html = renderPage(
      page({
        needs: [{ level: "critical", message: "com.acme.a ended with 78", command: null, path: file.path }],
        snapshots: [snapshot(idAt(0)), snapshot(idAt(24), { changes: [changeOf(file)] }), snapshot(idAt(48))],
        files: [file],
      }),
    );
    expect(html).toContain(`<a href="#${idAt(24)}-0">last changed 2 Jan: 03:00 → 03:30 daily</a>`);
  });
});

describe("what changed", () => {
  test("days without news are one line, an undo stands where it leads to, another project's commands say where", () => {
    const daily = { category: "auto-daily", description: "Daily snapshot" };
    const html = renderPage(
      page({
        places: "--root /r",
        snapshots: [
          snapshot(idAt(0), { category: "auto-backup", undo: "restore" }),
          ...[24, 48, 72].map((hours) => snapshot(idAt(hours), daily)),
          snapshot(idAt(96), { ...daily, pinned: true }),
        ],
      }),
    );
    const text = words(html);
    expect(text).toContain("2 Jan – 4 Jan 3 daily snapshots, nothing new");
    expect(text).toContain("undo that restore rollback undo --root /r");
    expect(text).toMatch(/Mon 5 Jan 00:00 Daily snapshot auto-daily pinned nothing changed/);
  });

  test("a sealed one, an incomplete one, and what could not be compared are named", () => {
    const problem = { path: "/x", side: "after" as const, problem: "damaged" as const, reason: "its bytes differ" };
    const skipped = Array.from({ length: 7 }, (_, at) => ({ path: `/s${at}`, reason: "no permission" }));
    const sealed = { description: null, category: null, status: "sealed" as const };
    const text = words(
      renderPage(
        page({
          snapshots: [
            snapshot(idAt(0), sealed),
            snapshot(idAt(1), { problems: [problem], skipped, status: "incomplete" }),
          ],
        }),
      ),
    );
    expect(text).toContain("A sealed archive sealed nobody can tell what changed");
    expect(text).toContain("not captured: /s0: no permission");
    expect(text).toContain("and 3 more");
  });
});

describe("it stays small", () => {
  const files = Array.from({ length: 10_000 }, (_, at) => agent(`com.acme.agent-${at}`));

  test("10,000 files that all changed, and 10,000 that never did: what is left out is counted", () => {
    const changes = files.map(changeOf);
    const all = renderPage(page({ files, snapshots: [snapshot(idAt(0)), snapshot(idAt(1), { changes })] }));
    expect(bytes(all)).toBeLessThan(500_000);
    expect(words(all)).toContain("9,995 more files");
    const none = renderPage(page({ files, snapshots: [snapshot(idAt(0))] }));
    expect(bytes(none)).toBeLessThan(100_000);
    expect(words(none)).toMatch(/10,000 agents, never changed .* and 9,\d\d\d more/);
  });

  test("5,000 snapshots: the newest are told, the others counted by years", () => {
    const some = files.slice(0, 84);
    const snapshots = Array.from({ length: 5000 }, (_, at) =>
      snapshot(idAt(at * 3 - 12_000), {
        changes: at % 4 === 0 ? some.slice(at % 80, (at % 80) + 3).map(changeOf) : [],
      }),
    );
    const html = renderPage(page({ files: some, snapshots }));
    expect(bytes(html)).toBeLessThan(500_000);
    expect(words(html)).toMatch(/2025: [\d,]+ snapshots, [\d,]+ changes 2024: [\d,]+ snapshots, [\d,]+ changes/);
    const told = html.match(/<li class="entry/g)?.length ?? 0;
    const counted = [...words(html).matchAll(/20\d\d: ([\d,]+) snapshots/g)].map(([, count = ""]) =>
      Number(count.replace(",", "")),
    );
    expect(told + counted.reduce((sum, count) => sum + count, 0)).toBe(5000);
  });
});
