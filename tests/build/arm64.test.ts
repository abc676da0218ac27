// Runs the linux-arm64 binary: as it is on such a machine, else under qemu with arm64's C library from a folder that
// build/arm64-prefix.sh makes.
import { beforeAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { compile, programIn } from "../../build/compile.ts";
import { readBuildInfo } from "../../build/info.ts";
import { runtimeOf } from "../../build/targets.ts";
import { GOLDEN, placeGolden } from "../golden.ts";
import { type Ran, root, run, scratchFolder, write } from "./scratch.ts";

const prefix = process.env.ROLLBACK_ARM64_PREFIX ?? "/opt/arm64";
const emulator = Bun.which("qemu-aarch64-static") ?? Bun.which("qemu-aarch64");
const native = process.platform === "linux" && process.arch === "arm64";
const missing = native ? null : missingParts();
const scratch = scratchFolder();
const binary = join(scratch, "rollback-linux-arm64");

function missingParts(): string | null {
  if (process.platform !== "linux") return "this is not Linux";
  if (!emulator) return "no qemu-aarch64-static; build/arm64-prefix.sh installs it";
  if (!existsSync(join(prefix, "lib", "ld-linux-aarch64.so.1"))) {
    return `no arm64 C library in ${prefix}; build/arm64-prefix.sh puts it there`;
  }
  return null;
}

/** Runs the binary with a throwaway home and project. */
function arm64(...words: readonly string[]): Ran {
  const start = native || !emulator ? [] : [emulator, "-L", prefix];
  return run([...start, binary, ...words], project, { PATH: "/usr/bin:/bin", HOME: join(scratch, "home") });
}

const project = join(scratch, "project");
const paths = join(project, "shared", "paths.py");

describe(missing ? `linux-arm64 (skipped: ${missing})` : "linux-arm64", () => {
  beforeAll(async () => {
    if (missing) return;
    const info = await readBuildInfo(root, "linux-arm64");
    const cross = { target: "linux-arm64", runtime: runtimeOf("linux-arm64", root) } as const;
    await compile({ ...programIn(root), outfile: binary, info, cross });
    mkdirSync(join(scratch, "home"));
    write(project, {
      "rollback.yaml": "version: 1\n",
      ".mcp.json": '{"mcpServers": {}}\n',
      "shared/paths.py": "HERE = 1\n",
    });
  }, 180_000);

  test.skipIf(missing !== null)(
    "starts",
    () => {
      const { code, stdout } = arm64("--version");
      expect(code).toBe(0);
      expect(stdout).not.toBe("");
    },
    60_000,
  );

  test.skipIf(missing !== null)(
    "creates, verifies and restores",
    () => {
      const id = done(arm64("create", "--quiet", "before the change")).trim();
      expect(id).toMatch(/^\d{8}_\d{6}$/);
      done(arm64("verify", id));
      const mode = statSync(paths).mode;
      write(project, { "shared/paths.py": "HERE = 2\n" });
      done(arm64("restore", id, "--force"));
      expect(readFileSync(paths, "utf8")).toBe("HERE = 1\n");
      expect(statSync(paths).mode).toBe(mode);
      done(arm64("verify"));
    },
    120_000,
  );

  test.skipIf(missing !== null)(
    "packs the same bytes as every other processor",
    () => {
      const store = join(project, "infrastructure/rollback-snapshots");
      placeGolden(store);
      done(arm64("pack", GOLDEN.id));
      const archive = readFileSync(join(store, `${GOLDEN.id}.zip`));
      expect(createHash("sha256").update(archive).digest("hex")).toBe(GOLDEN.sha256);
    },
    120_000,
  );
});

function done({ code, stdout, stderr }: Ran): string {
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  return stdout;
}
