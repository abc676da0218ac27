// Five thousand snapshots: what list, the preview of prune, and health read. Counted, not timed.
import { beforeAll, describe, expect } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DAY, idAt } from "../aged.ts";
import { binary } from "../binary.ts";
import { straceMissing } from "../crash/strace.ts";
import { needing } from "../crash/tracing.ts";
import { type World, world } from "../harness.ts";
import { manifestPath } from "../manifests.ts";

const COUNT = 5000;
const w: World = world({
  root: { "shared/paths.py": "p\n", "rollback.yaml": "health: {min-free: 1KiB}\nvenvs: []\n" },
});
const missing = straceMissing();

beforeAll(() => {
  if (missing !== undefined) return;
  const newest = w.create();
  const text = readFileSync(manifestPath(w, newest), "utf8");
  for (let n = 1; n < COUNT; n++) {
    const at = Date.now() - n * (DAY / 24);
    const utc = `${new Date(at).toISOString().slice(0, 19)}.000000`;
    const folder = join(w.store, idAt(at));
    mkdirSync(join(folder, "config"), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, "config/paths.py"), "p\n");
    writeFileSync(
      join(folder, "manifest.json"),
      text
        .replace(/"created_at": ".*"/, `"created_at": "${utc}"`)
        .replace(/"created_at_utc": ".*"/, `"created_at_utc": "${utc}Z"`),
    );
  }
}, 120_000);

/** The files in the snapshots folder that a command opens to read them, and its exit code. */
function opened(...words: string[]): { exit: number | null; manifests: number; stored: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "rollback-strace-"));
  try {
    const log = join(folder, "log");
    const argv = ["strace", "-f", "-qqq", "--seccomp-bpf", "-e", "trace=open,openat,openat2", "-e", "signal=none"];
    const ran = Bun.spawnSync([...argv, "-o", log, "--", binary, ...words], {
      cwd: w.root,
      env: w.environment(),
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    const files = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => !line.includes("O_DIRECTORY"))
      .flatMap((line) => /"([^"]*\/rollback-snapshots\/\d{8}_\d{6}\/[^"]+)"/.exec(line)?.[1] ?? []);
    const manifests = files.filter((path) => path.endsWith("/manifest.json"));
    return {
      exit: ran.exitCode,
      manifests: manifests.length,
      stored: files.filter((path) => !manifests.includes(path)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("of 5,000 snapshots", () => {
  needing(missing, "list reads the manifests of the ten that it shows, latest the one", () => {
    expect(opened("list")).toEqual({ exit: 0, manifests: 10, stored: [] });
    // Its two ends, which say that it is not an auto-backup; all of it, checked; and all of it as it stands there, to be shown.
    expect(opened("latest")).toEqual({ exit: 0, manifests: 3, stored: [] });
  });

  needing(missing, "list --all, the preview of prune and health read each manifest once, and no stored file", () => {
    expect(opened("list", "--all")).toEqual({ exit: 0, manifests: COUNT, stored: [] });
    // And the newest complete one whole, to see what is lost of it.
    for (const words of [["prune", "--keep-last", "7"], ["health"]])
      expect([words, opened(...words)]).toEqual([words, { exit: 0, manifests: COUNT + 1, stored: [] }]);
  });
});
