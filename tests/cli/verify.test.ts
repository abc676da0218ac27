// verify: each kind of damage told apart, and mended where another snapshot holds the same bytes.
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { verified } from "../contract.ts";
import { liveTree, modeOf, plist, readTree, type World, world } from "../harness.ts";
import { editManifest } from "../manifests.ts";

const parts = {
  home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("a"), ".google-ads/google-ads.yaml": "t: x\n" },
  root: { ".mcp.json": "{}", "shared/paths.py": "p" },
};

/** `problem path` of each problem of a world's only snapshot. */
function problems(w: World, ...words: string[]): string[] {
  const { exit, value } = w.json(verified, "verify", ...words);
  const found = value.snapshots.flatMap((snapshot) => snapshot.problems);
  expect(exit).toBe(found.length === 0 && value.audit.ok ? 0 : 4);
  return found.map(({ problem, path }) => `${problem} ${path}`).sort();
}

test("sound: exit 0, and how much was read", () => {
  const w = world(parts);
  const id = w.create();
  expect(w.json(verified, "verify").value).toEqual({
    schema: 1,
    ok: true,
    command: "verify",
    snapshots: [{ id, status: "ok", files_checked: 4, bytes_checked: plist("a").length + 5 + 2 + 1, problems: [] }],
    audit: { ok: true },
  });
});

test("no snapshot yet", () => {
  expect(world(parts).run("verify")).toEqual({ exit: 0, stdout: "📦 No snapshots yet\n", stderr: "" });
});

describe("each kind of problem", () => {
  const cases: Record<string, { damage: (folder: string) => void; found: string[] }> = {
    "a stored file is gone": {
      damage: (folder) => rmSync(join(folder, "config/paths.py")),
      found: ["missing config/paths.py"],
    },
    "a folder of stored files is gone": {
      damage: (folder) => rmSync(join(folder, "plist"), { recursive: true }),
      found: ["missing plist/com.petesbrain.a.plist"],
    },
    "one byte more": {
      damage: (folder) => writeFileSync(join(folder, "config/paths.py"), "pp"),
      found: ["modified config/paths.py"],
    },
    "one byte other": {
      damage: (folder) => writeFileSync(join(folder, "config/paths.py"), "q"),
      found: ["modified config/paths.py"],
    },
    "cut to nothing": {
      damage: (folder) => truncateSync(join(folder, "config/paths.py")),
      found: ["modified config/paths.py"],
    },
    "a link in a file's place": {
      damage: (folder) => {
        renameSync(join(folder, "config/paths.py"), join(folder, "../elsewhere"));
        symlinkSync("../../elsewhere", join(folder, "config/paths.py"));
      },
      found: ["modified config/paths.py"],
    },
    "a folder in a file's place": {
      damage: (folder) => {
        rmSync(join(folder, "config/paths.py"));
        mkdirSync(join(folder, "config/paths.py"));
      },
      found: ["modified config/paths.py"],
    },
    "a file that does not belong there": {
      damage: (folder) => {
        writeFileSync(join(folder, "config/stray"), "");
        writeFileSync(join(folder, "stray"), "");
      },
      found: ["extra config/stray", "extra stray"],
    },
    "a manifest that was edited": {
      damage: (folder) => {
        const path = join(folder, "manifest.json");
        writeFileSync(path, readFileSync(path, "utf8").replace("before the edits", "another text"));
      },
      found: ["manifest manifest.json"],
    },
    "a manifest that is cut off": {
      damage: (folder) => truncateSync(join(folder, "manifest.json"), 100),
      found: ["manifest manifest.json"],
    },
    "no manifest": { damage: (folder) => rmSync(join(folder, "manifest.json")), found: ["manifest manifest.json"] },
  };
  for (const [what, { damage, found }] of Object.entries(cases))
    test(what, () => {
      const w = world(parts);
      const id = w.create();
      damage(join(w.store, id));
      expect(problems(w)).toEqual(found);
      expect(problems(w, id)).toEqual(found);
    });

  test("a stored file that an ordinary user may not read", () => {
    const w = world(parts, { ordinary: true });
    chmodSync(join(w.store, w.create(), "config/paths.py"), 0);
    expect(problems(w)).toEqual(["unreadable config/paths.py"]);
  });

  test("a folder of stored files that may not be read is not taken for an empty one", () => {
    const w = world(parts, { ordinary: true });
    chmodSync(join(w.store, w.create(), "config"), 0);
    expect(problems(w)).toEqual(["unreadable config/mcp.json", "unreadable config/paths.py"]);
  });

  test("what Finder leaves is not a problem", () => {
    const w = world(parts);
    const id = w.create();
    for (const name of [".DS_Store", "config/.DS_Store", "config/._paths.py"])
      writeFileSync(join(w.store, id, name), "");
    expect(problems(w)).toEqual([]);
  });

  test("a manifest that nobody noted in the audit is not damaged for that", () => {
    const w = world(parts);
    const id = w.create();
    rmSync(join(w.store, "audit.jsonl"));
    editManifest(w, id, () => {});
    expect(problems(w)).toEqual([]);
  });
});

test("one REF alone is verified; the others' damage is not its own", () => {
  const w = world(parts);
  const [first, second] = [w.create(), w.create()];
  writeFileSync(join(w.store, first, "config/paths.py"), "q");
  expect(w.run("verify", second).exit).toBe(0);
  expect(w.run("verify", first).exit).toBe(4);
  expect(w.run("verify").exit).toBe(4);
  expect(w.run("verify", "20200101_000000").exit).toBe(5);
});

describe("audit.jsonl", () => {
  const lines = (w: World) => readFileSync(join(w.store, "audit.jsonl"), "utf8").split("\n");
  const write = (w: World, rows: string[]) => writeFileSync(join(w.store, "audit.jsonl"), rows.join("\n"));
  const audit = (w: World) => {
    const { exit, value } = w.json(verified, "verify");
    expect(exit).toBe(value.audit.ok ? 0 : 4);
    return value.audit;
  };
  const three = () => {
    const w = world(parts);
    for (const text of ["one", "two", "three"]) w.create(text);
    return w;
  };

  test("a chain of events is sound", () => {
    expect(audit(three())).toEqual({ ok: true });
  });

  test("an edited line is found by the one after it", () => {
    const w = three();
    write(
      w,
      lines(w).map((line) => line.replace('"two"', '"TWO"')),
    );
    expect(audit(w)).toEqual({ ok: false, first_bad_line: 3 });
  });

  test("so is one that is gone, and one that is not JSON", () => {
    const w = three();
    const rows = lines(w);
    write(w, [...rows.slice(0, 1), ...rows.slice(2)]);
    expect(audit(w)).toEqual({ ok: false, first_bad_line: 2 });
    write(w, ["garbage", ...rows.slice(1)]);
    expect(audit(w)).toEqual({ ok: false, first_bad_line: 1 });
  });

  test("a last line that was torn is mended by the next writer, which notes it", () => {
    const w = three();
    write(w, [...lines(w).slice(0, 3), '{"time": "torn']);
    expect(audit(w)).toEqual({ ok: true });
    w.create("four");
    expect(audit(w)).toEqual({ ok: true });
    expect(lines(w)).toHaveLength(5);
    expect(lines(w)[3]).toContain('"cut_off_bytes":14');
  });

  test("each event: who, where, when, what, and how it ended", () => {
    const w = three();
    w.put({ "root/shared/paths.py": "changed" });
    w.run("restore", "latest", "--force");
    const events = lines(w)
      .slice(3, 5)
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ command: "create", result: "ok", files: 4 });
    expect(events[1]).toMatchObject({ command: "restore", result: "ok", files: 1 });
    for (const event of events) expect(Object.keys(event)).toContainValues(["time", "user", "host", "prev"]);
  });
});

describe("--heal", () => {
  test("puts back what is missing or damaged from another snapshot, and reads on its own afterwards", () => {
    const w = world(parts);
    const [first, second] = [w.create(), w.create()];
    rmSync(join(w.store, first, "config"), { recursive: true });
    writeFileSync(join(w.store, first, "plist/com.petesbrain.a.plist"), "damaged");
    const live = liveTree(w);
    const { exit, value } = w.json(verified, "verify", first, "--heal");
    expect(exit).toBe(0);
    expect(value.snapshots[0]?.healed?.toSorted()).toEqual([
      "config/mcp.json",
      "config/paths.py",
      "plist/com.petesbrain.a.plist",
    ]);
    expect(problems(w)).toEqual([]);
    rmSync(join(w.store, second), { recursive: true });
    expect(problems(w)).toEqual([]);
    expect(modeOf(join(w.store, first, "config"))).toBe("0700");
    expect(modeOf(join(w.store, first, "config/paths.py"))).toBe("0600");
    expect(liveTree(w)).toEqual(live);
  });

  test("all snapshots when none is named, from one another", () => {
    const w = world(parts);
    const [first, second] = [w.create(), w.create()];
    rmSync(join(w.store, first, "config/paths.py"));
    rmSync(join(w.store, second, "config/mcp.json"));
    expect(problems(w, "--heal")).toEqual([]);
  });

  test("never from a copy that is damaged itself", () => {
    const w = world(parts);
    const [first, second] = [w.create(), w.create()];
    rmSync(join(w.store, first, "config/paths.py"));
    writeFileSync(join(w.store, second, "config/paths.py"), "q");
    expect(problems(w, "--heal")).toEqual(["missing config/paths.py", "modified config/paths.py"]);
    expect(readTree(join(w.store, second))["config/paths.py"]).toMatchObject({ bytes: "q" });
  });

  test("a link that stands there is left for a person to judge, and not followed", () => {
    const w = world(parts);
    const [first] = [w.create(), w.create()];
    const path = join(w.store, first, "config/paths.py");
    rmSync(path);
    symlinkSync(join(w.away, "target"), path);
    w.put({ "away/target": "somebody's" });
    expect(problems(w, "--heal")).toEqual(["modified config/paths.py"]);
    expect(readTree(w.away).target).toMatchObject({ bytes: "somebody's" });
  });

  test("without it nothing in the store changes", () => {
    const w = world(parts);
    const [first] = [w.create(), w.create()];
    rmSync(join(w.store, first, "config/paths.py"));
    const before = readTree(w.store, { mtimes: true });
    w.run("verify");
    expect(readTree(w.store, { mtimes: true })).toEqual(before);
  });
});

test("so many files that several threads hash them: each bad one is found under its own name", () => {
  const count = 6000;
  const name = (index: number) => `f${String(index).padStart(4, "0")}`;
  const files = Object.fromEntries(Array.from({ length: count }, (_, index) => [`m/${name(index)}`, `bytes ${index}`]));
  const w = world({
    root: { ...files, "rollback.yaml": "configs: [m/*]\nplists: []\nvenvs: []\ncredentials: {files: [], mcp: []}\n" },
  });
  const folder = join(w.store, w.create());
  expect(w.json(verified, "verify").value.snapshots[0]?.files_checked).toBe(count);
  for (let index = 7; index < count; index += 500)
    writeFileSync(join(folder, "config", name(index)), `bytes ${index + 1}`);
  rmSync(join(folder, "config", name(3000)));
  const expected = Array.from({ length: count }, (_, index) => index)
    .filter((index) => index % 500 === 7 || index === 3000)
    .map((index) => `${index === 3000 ? "missing" : "modified"} config/${name(index)}`);
  expect(problems(w)).toEqual(expected.sort());
});
