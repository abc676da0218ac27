// venv check and venv repair: what is told of each venv, and that a repair leaves a working venv or the one from before.
import { describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { binary } from "../binary.ts";
import { failed, venvChecked, venvRepaired } from "../contract.ts";
import { everyPoint } from "../crash/sweep.ts";
import { needing } from "../crash/tracing.ts";
import { type Layout, lacks, must, readTree, type World, world } from "../harness.ts";
import { editManifest } from "../manifests.ts";

const script = readFileSync(join(import.meta.dir, "python.sh"), "utf8");
const VENV = "agents/mail/.venv";
const CONFIG = "venvs: [agents/*/.venv]\n";

/** An interpreter whose fate is told by `fate`; a venv made by it has the same. */
const python = (w: { base: string }, version: string) => ({
  file: script.replaceAll("@STATE@", `${w.base}/python`).replaceAll("@VERSION@", version),
  mode: 0o755,
});

/** A world with a healthy venv in a snapshot, which then loses its python to an upgrade. */
function upgraded(more: Layout = {}): { w: World; id: string; fate: (text: string) => void; calls: () => string[] } {
  const w = world({
    root: { ".mcp.json": "{}", "rollback.yaml": CONFIG, "agents/mail/requirements.txt": "x\n", ...more },
    bin: {},
  });
  w.put({ python: { folder: 0o777 }, "bin/python3.12": python(w, "3.12.4") });
  w.put({
    [`root/${VENV}/pyvenv.cfg`]: "version = 3.12.4\n",
    [`root/${VENV}/bin/python3`]: python(w, "3.12.4"),
    [`root/${VENV}/mine.txt`]: "kept",
  });
  const id = w.create("healthy");
  rmSync(join(w.root, VENV, "bin/python3"));
  symlinkSync("/opt/homebrew/gone/python3.12", join(w.root, VENV, "bin/python3"));
  const calls = () => readFileSync(join(w.base, "python/calls"), "utf8").split("\n").slice(0, -1);
  return { w, id, calls, fate: (text) => w.put({ "python/fate": `${text}\n` }) };
}
const kept = (w: World): string[] =>
  readdirSync(join(w.root, "agents/mail")).filter((name) => name.startsWith(".venv.backup_"));
const state = (w: World) => w.json(venvChecked, "venv", "check").value.venvs[0];

describe("check", () => {
  test("no venvs: 0", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    expect(w.run("venv", "check")).toEqual({ exit: 0, stdout: "No venvs match the config's venvs\n", stderr: "" });
  });

  test("a healthy one, and its drift from the newest snapshot that knows its version", () => {
    const { w, id } = upgraded();
    rmSync(join(w.root, VENV, "bin/python3"));
    w.put({ [`root/${VENV}/bin/python3`]: python(w, "3.13.0") });
    expect(w.run("venv", "check")).toEqual({
      exit: 0,
      stdout: `✅ agent/mail  healthy   Python 3.13.0  (Python 3.12.4 in ${id})\n`,
      stderr: "",
    });
    const { exit, value } = w.json(venvChecked, "venv", "check");
    expect({ exit, venvs: value.venvs }).toEqual({
      exit: 0,
      venvs: [
        {
          key: "agent/mail",
          path: join(w.root, VENV),
          state: "healthy",
          problem: null,
          version: "Python 3.13.0",
          recorded: "Python 3.12.4",
          recorded_in: id,
        },
      ],
    });
  });

  test.each([
    ["no-ssl", 1, "degraded", "it can't import ssl and zlib: ImportError: no libssl"],
    ["no-pip", 1, "degraded", "it has no pip"],
  ])("%s: %d, %s", (fated, code, expected, problem) => {
    const { w, fate } = upgraded();
    rmSync(join(w.root, VENV, "bin/python3"));
    w.put({ [`root/${VENV}/bin/python3`]: python(w, "3.12.4") });
    fate(fated);
    const { exit, value } = w.json(venvChecked, "venv", "check");
    expect(exit).toBe(code);
    expect(value.venvs[0]).toMatchObject({ state: expected, problem, version: "Python 3.12.4" });
    w.put({ [`root/${VENV}/pyvenv.cfg`]: "uv = 0.9.1\nversion = 3.12.4\n" });
    expect(state(w)?.state).toBe(fated === "no-pip" ? "healthy" : "degraded");
  });

  test.each<[string, string | null, string]>([
    ["is a link to nothing", null, "its python is missing"],
    ["is not a program", "#!/nonexistent\n", "its python can't be started"],
    [
      "crashes",
      "#!/bin/sh\necho 'No module named encodings' >&2; kill -SEGV $$\n",
      "its python does not run: No module named encodings",
    ],
    ["says something else", "#!/bin/sh\necho hello\n", "its python does not run"],
  ])("broken: its python %s", (_, content, problem) => {
    const { w } = upgraded();
    if (content !== null) {
      rmSync(join(w.root, VENV, "bin/python3"));
      w.put({ [`root/${VENV}/bin/python3`]: { file: content, mode: 0o755 } });
    }
    const { exit, value } = w.json(venvChecked, "venv", "check");
    expect(exit).toBe(2);
    expect(value.venvs[0]).toMatchObject({ state: "broken", problem, version: "Python 3.12.4" });
  });

  test("one that is gone is broken; one that hangs is not waited for beyond five seconds, beside another", () => {
    const { w } = upgraded();
    rmSync(join(w.root, "agents/mail/.venv"), { recursive: true });
    for (const name of ["a", "b"])
      w.put({ [`root/agents/${name}/.venv/bin/python3`]: { file: "#!/bin/sh\nexec sleep 1000\n", mode: 0o755 } });
    const { exit, value } = w.json(venvChecked, "venv", "check");
    expect(exit).toBe(2);
    const hangs = "its python did not answer within 5 seconds";
    expect(value.venvs.map(({ key, problem }) => [key, problem])).toEqual([
      ["agent/a", hangs],
      ["agent/b", hangs],
      ["agent/mail", "is gone"],
    ]);
    // One after the other they would take ten seconds.
  }, 9_000);

  describe("one that works no more as it should", () => {
    const well = () => {
      const { w, fate } = upgraded();
      rmSync(join(w.root, VENV, "bin/python3"));
      w.put({ [`root/${VENV}/bin/python3`]: python(w, "3.12.4") });
      return { w, fate };
    };

    test("its pip does not start", () => {
      const { w, fate } = well();
      fate("pip-dead");
      expect(state(w)).toMatchObject({
        state: "degraded",
        problem: "its pip does not start: ImportError: no packaging",
      });
    });

    test.each([
      ["activate", `VIRTUAL_ENV="/old/.venv"\nexport VIRTUAL_ENV\n`],
      [
        "activate",
        `if [ x ]; then\n    export VIRTUAL_ENV=$(cygpath /c)\nelse\n    export VIRTUAL_ENV=/old/.venv\nfi\n`,
      ],
      ["activate", `VIRTUAL_ENV='/old/.venv'\n`],
      ["pip", "#!/old/.venv/bin/python3.12\nimport pip\n"],
      ["pip", `#!/bin/sh\n'''exec' "/old/.venv/bin/python" "$0" "$@"\n' '''\n`],
    ])("moved: bin/%s says %j", (name, text) => {
      const { w } = well();
      w.put({ [`root/${VENV}/bin/${name}`]: text });
      expect(state(w)).toMatchObject({
        state: "degraded",
        problem: "it was moved or copied: its scripts name /old/.venv",
      });
    });

    test("not moved: its own folder by another name, and scripts that are for no venv", () => {
      const { w } = well();
      symlinkSync(w.root, join(w.away, "link"));
      w.put({
        [`root/${VENV}/bin/activate`]: `VIRTUAL_ENV=${join(w.away, "link", VENV)}\n`,
        [`root/${VENV}/bin/tool`]: "#!/usr/bin/env python3\n",
        [`root/${VENV}/bin/other`]: `#!${w.base}/bin/python3.12\n`,
        [`root/${VENV}/bin/own`]: `#!${join(w.root, VENV)}/bin/python3\n`,
      });
      expect(state(w)).toMatchObject({ state: "healthy", problem: null });
    });

    test("a base python of another minor than its packages", () => {
      const { w } = well();
      w.put({ [`root/${VENV}/lib/python3.11/site-packages/x.py`]: "" });
      expect(state(w)).toMatchObject({ state: "broken", problem: "its python is 3.12.4, its packages are of 3.11" });
      w.put({ [`root/${VENV}/lib/python3.12/site-packages/x.py`]: "" });
      expect(state(w)).toMatchObject({ state: "healthy" });
    });
  });

  test("the path of one, and words that it does not know", () => {
    const { w } = upgraded();
    expect(w.run("venv", "check", "agents/mail/.venv", "--quiet").stdout).toBe(`${join(w.root, VENV)}\n`);
    expect(w.json(failed, "venv", "check", "nowhere")).toMatchObject({ exit: 3 });
    expect(w.json(failed, "venv", "chek").value.error.hint).toContain("venv check");
    expect(w.json(failed, "venv", "check", "--force")).toMatchObject({ exit: 3 });
  });
});

describe("repair", () => {
  test("the preview says what it would do, and does nothing", () => {
    const { w } = upgraded();
    const before = readTree(w.root, { mtimes: true });
    const { exit, stdout, stderr } = w.run("venv", "repair");
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout.replace(/\d{8}_\d{6}/, "ID").replaceAll(w.base, "")).toBe(`DRY RUN: Repair venvs
✓ Would make anew: agent/mail (its python is missing)
   Move /root/agents/mail/.venv to /root/agents/mail/.venv.backup_ID
   With Python 3.12.4 (/bin/python3.12)
   Install /root/agents/mail/requirements.txt

⚠️  This is a dry run. Use --force to actually repair:
   rollback venv repair --force
`);
    expect(readTree(w.root, { mtimes: true })).toEqual(before);
  });

  test("--force: a new one that works, with its requirements; the old one beside it, byte for byte", () => {
    const { w, calls } = upgraded();
    const old = readTree(join(w.root, VENV));
    const { exit, value } = w.json(venvRepaired, "venv", "repair", "--force");
    expect(exit).toBe(0);
    expect(value.repairs).toMatchObject([{ key: "agent/mail", failed: null, instead_of: null }]);
    expect(state(w)).toMatchObject({ state: "healthy", version: "Python 3.12.4" });
    expect(kept(w)).toHaveLength(1);
    expect(readTree(join(w.root, "agents/mail", kept(w)[0] ?? ""))).toEqual(old);
    expect(readdirSync(join(w.root, VENV)).sort()).toEqual(["bin", "lib", "pyvenv.cfg"]);
    const mail = join(w.root, "agents/mail");
    expect(calls()).toContain(
      `${mail} | -I -m pip install --no-input --disable-pip-version-check -r ${mail}/requirements.txt`,
    );
    expect(w.run("venv", "repair").stdout).toBe("✅ Every venv is healthy\n");
    expect(readFileSync(join(w.store, "audit.jsonl"), "utf8")).toContain(
      '"command":"venv repair","description":"agent/mail","result":"ok"',
    );
  });

  test("the recorded minor version where there is one, else what there is, and that is said", () => {
    const { w } = upgraded();
    w.put({ "bin/python3": python(w, "3.14.1") });
    expect(w.json(venvRepaired, "venv", "repair").value.repairs).toMatchObject([
      { python: join(w.base, "bin/python3.12") },
    ]);
    rmSync(join(w.base, "bin/python3.12"));
    expect(w.json(venvRepaired, "venv", "repair").value.repairs).toMatchObject([
      { python: join(w.base, "bin/python3"), version: "Python 3.14.1", instead_of: "3.12" },
    ]);
    expect(w.run("venv", "repair").stdout).toContain("the 3.12 that it had is not here");
    w.put({ "home/.pyenv/versions/3.12.9/bin/python3.12": python(w, "3.12.9") });
    w.put({ "home/.pyenv/versions/3.12.10/bin/python3.12": python(w, "3.12.10") });
    expect(w.json(venvRepaired, "venv", "repair").value.repairs).toMatchObject([
      { version: "Python 3.12.10", instead_of: null },
    ]);
  });

  test("packages that the old one had and the new one lacks are listed, and the code is 3", () => {
    const { w } = upgraded();
    const packages = ["pip-24.0", "setuptools-70.0", "google_auth-2.29.0", "requests-2.32.0"];
    for (const name of packages)
      w.put({ [`root/${VENV}/lib/python3.12/site-packages/${name}.dist-info/METADATA`]: "" });
    w.put({ "root/agents/mail/requirements.txt": "Requests-2.33.0\n" });
    const { exit, stdout } = w.run("venv", "repair", "--force");
    expect(exit).toBe(3);
    expect(stdout).toContain("1 package of the old one is missing: google_auth");
    expect(stdout).toContain(`${join(w.root, VENV)}/bin/python -m pip install google_auth`);
    expect(kept(w)).toHaveLength(1);
    expect(state(w)?.state).toBe("healthy");
  });

  describe("a lock file", () => {
    const locked = (tool: string) => {
      const made = upgraded({ "agents/mail/pyproject.toml": "", [`agents/mail/${tool}.lock`]: "" });
      rmSync(join(made.w.root, "agents/mail/requirements.txt"));
      return made;
    };
    const here = (w: World, tool: string) =>
      w.put({
        [`bin/${tool}`]: {
          file: `#!/bin/sh\necho "$PWD $* \${UV_PROJECT_ENVIRONMENT:-} \${VIRTUAL_ENV:-}" >"${w.base}/python/tool"\n`,
          mode: 0o755,
        },
      });

    test.each([
      ["uv", "sync --frozen --no-progress --python @/bin/python @ "],
      ["poetry", "install --no-interaction --no-ansi  @"],
    ])("is handed to %s where that is here", (tool, words) => {
      const { w } = locked(tool);
      here(w, tool);
      expect(w.run("venv", "repair").stdout).toContain(`${tool}.lock with ${tool}`);
      const { exit, value } = w.json(venvRepaired, "venv", "repair", "--force");
      expect({ exit, repairs: value.repairs }).toMatchObject({
        exit: 0,
        repairs: [{ installer: tool, installs: true }],
      });
      const said = readFileSync(join(w.base, "python/tool"), "utf8").trimEnd();
      expect(said).toBe(`${w.root}/agents/mail ${words.replaceAll("@", join(w.root, VENV))}`.trimEnd());
    });

    test("without its tool it is named, and a requirements.txt beside it is taken", () => {
      const { w } = locked("uv");
      w.put({ "bin/xcode-select": { file: "", mode: 0o755 } });
      expect(w.run("venv", "repair").stdout).toContain("uv.lock is for uv, which is not here");
      w.put({ "root/agents/mail/requirements.txt": "x-1\n" });
      expect(w.json(venvRepaired, "venv", "repair").value.repairs).toMatchObject([{ installer: "pip" }]);
    });
  });

  test("one that works but lacks pip is left alone, and that is said", () => {
    const { w, fate } = upgraded();
    rmSync(join(w.root, VENV, "bin/python3"));
    w.put({ [`root/${VENV}/bin/python3`]: python(w, "3.12.4") });
    fate("no-pip");
    const before = readTree(join(w.root, "agents"));
    const { exit, value } = w.json(venvRepaired, "venv", "repair", "--force");
    expect({ exit, repairs: value.repairs }).toEqual({ exit: 0, repairs: [] });
    expect(value.left_alone).toMatchObject([{ key: "agent/mail", problem: "it has no pip" }]);
    expect(readTree(join(w.root, "agents"))).toEqual(before);
  });

  test("one that fails does not end the others; each result is told, and the code is 3", () => {
    const { w, fate } = upgraded();
    w.put({
      "root/agents/a/.venv/bin/python3": { link: "/gone" },
      "root/agents/a/.venv/pyvenv.cfg": "version = 3.12.3\n",
      "root/agents/a/requirements.txt": "x-1\n",
      "root/agents/b/.venv/bin/python3": { link: "/gone" },
      "root/agents/b/.venv/pyvenv.cfg": "version = 3.12.3\n",
    });
    fate("pip-fails-once");
    const { exit, value } = w.json(venvRepaired, "venv", "repair", "--force");
    expect(exit).toBe(3);
    expect(value.repairs.map(({ key, failed }) => [key, failed === null])).toEqual([
      ["agent/a", false],
      ["agent/b", true],
      ["agent/mail", true],
    ]);
  });

  test("one that the newest snapshot recorded and that is missing is made, named or not", () => {
    const { w } = upgraded();
    rmSync(join(w.root, VENV), { recursive: true });
    expect(w.json(venvRepaired, "venv", "repair", VENV).value.repairs).toMatchObject([{ problem: "is gone" }]);
    expect(w.json(venvRepaired, "venv", "repair", "--force")).toMatchObject({ exit: 0 });
    expect(state(w)?.state).toBe("healthy");
    rmSync(join(w.root, "agents"), { recursive: true });
    const { exit, value } = w.json(venvRepaired, "venv", "repair", "--force");
    expect(exit).toBe(1);
    expect(value.impossible).toMatchObject([{ problem: expect.stringContaining("there is no folder") }]);
  });

  test("two at once: the second one waits or ends with 6, and touches nothing; check says what is at work", async () => {
    const { w, fate } = upgraded();
    const old = readTree(join(w.root, VENV));
    fate("waits");
    const first = w.start([binary, "venv", "repair", "--force"]);
    const waiting = join(w.base, "python/waiting");
    while (!existsSync(waiting)) await Bun.sleep(5);
    expect(w.json(failed, "venv", "repair", "--force", "--lock-wait", "0")).toMatchObject({ exit: 6 });
    expect(state(w)).toMatchObject({ state: "broken", problem: "a repair of it is at work" });
    const second = w.start([binary, "venv", "repair", "--force"]);
    fate("well");
    rmSync(waiting);
    expect([await first.exited, await second.exited]).toEqual([0, 0]);
    expect(await second.stdout.text()).toBe("✅ Every venv is healthy\n");
    expect(kept(w)).toHaveLength(1);
    expect(readTree(join(w.root, "agents/mail", kept(w)[0] ?? ""))).toEqual(old);
  });

  // With ROLLBACK_SWEEP often, and at many moments.
  const times = everyPoint ? 100 : 3;
  const SWEEP_MS = everyPoint ? 3_600_000 : 60_000;

  test(
    "two that begin at the same moment: one makes it anew, the other finds it healthy",
    async () => {
      for (let count = 0; count < times; count++) {
        const { w } = upgraded();
        const old = readTree(join(w.root, VENV));
        const both = [0, 1].map(() => w.start([binary, "venv", "repair", "--force"]));
        expect(await Promise.all(both.map(({ exited }) => exited))).toEqual([0, 0]);
        expect(kept(w).map((name) => readTree(join(w.root, "agents/mail", name)))).toEqual([old]);
        expect(state(w)?.state).toBe("healthy");
        w.remove();
      }
    },
    SWEEP_MS,
  );

  test(
    "killed at any moment: the next one is well, and the old one is whole",
    async () => {
      const measured = upgraded().w;
      const began = performance.now();
      must(measured.run("venv", "repair", "--force"));
      const whole = performance.now() - began;
      for (let index = 0; index < times; index++) {
        const { w } = upgraded();
        const old = readTree(join(w.root, VENV));
        const child = Bun.spawn([binary, "venv", "repair", "--force"], {
          ...{ cwd: w.root, env: w.environment(), stdin: "ignore", stdout: "ignore", stderr: "ignore", detached: true },
        });
        await Promise.race([child.exited, Bun.sleep((whole * (index + 1)) / (times + 1))]);
        if (child.exitCode === null) process.kill(-child.pid, "SIGKILL");
        await child.exited;
        must(w.run("venv", "repair", "--force"));
        expect(kept(w).map((name) => readTree(join(w.root, "agents/mail", name)))).toEqual([old]);
        expect(state(w)?.state).toBe("healthy");
        w.remove();
      }
    },
    SWEEP_MS,
  );

  test("nothing is removed that it did not make: what took the new one's place meanwhile stays, and the old one is named", () => {
    const { w } = upgraded();
    const old = readTree(join(w.root, VENV));
    const swap = `#!/bin/sh\ncase "$*" in --version) echo Python 3.12.4 ;; "-m venv "*) for path in "$@"; do :; done
rm -r "$path"; mkdir "$path"; echo mine >"$path/mine"; exit 1 ;; esac\n`;
    w.put({ "bin/python3.12": { file: swap, mode: 0o755 } });
    const { exit, value } = w.json(venvRepaired, "venv", "repair", "--force");
    expect({ exit, back: value.repairs[0]?.back }).toEqual({ exit: 1, back: false });
    expect(readFileSync(join(w.root, VENV, "mine"), "utf8")).toBe("mine\n");
    expect(value.repairs[0]?.failed).toContain(value.repairs[0]?.kept_as ?? "none");
    expect(readTree(join(w.root, "agents/mail", kept(w)[0] ?? ""))).toEqual(old);
  });

  describe("what fails leaves the old one in its place", () => {
    test.each([
      ["venv-fails", "python -m venv ended with 1: Error: ensurepip is not here"],
      ["pip-fails", "pip install ended with 1: ERROR: nothing at https://…@index.example/simple"],
      ["no-ssl", "the new venv is degraded"],
    ])("%s", (fated, why) => {
      const { w, id, fate } = upgraded();
      fate(fated);
      const before = readTree(join(w.root, "agents"));
      const { exit, stdout } = w.run("venv", "repair", "--force");
      expect(exit).toBe(1);
      expect(stdout).toContain(why);
      expect(stdout).toContain(`It was healthy in ${id}`);
      expect(stdout).not.toContain("hunter2");
      expect(readTree(join(w.root, "agents"))).toEqual(before);
    });

    test("a signal: 143, and nothing runs on", () => {
      const { w, fate } = upgraded();
      fate("told-to-stop");
      const before = readTree(join(w.root, "agents"));
      const { exit, value } = w.json(failed, "venv", "repair", "--force");
      expect({ exit, code: value.error.code }).toEqual({ exit: 143, code: "interrupted" });
      expect(readTree(join(w.root, "agents"))).toEqual(before);
    });
  });

  test.each(["killed-in-venv", "killed-in-pip"])(
    "%s: the next one says so, keeps the old one, and is well",
    (fated) => {
      const { w, fate } = upgraded();
      const old = readTree(join(w.root, VENV));
      fate(fated);
      expect(w.run("venv", "repair", "--force").exit).not.toBe(0);
      const [name = ""] = kept(w);
      expect(readTree(join(w.root, "agents/mail", name))).toEqual(old);
      const aside = join(w.root, "agents/mail", name);
      expect(state(w)).toMatchObject({
        state: "broken",
        problem: `a repair of it was cut off; the venv from before is ${aside}`,
      });
      fate("venv-fails");
      expect(w.run("venv", "repair", "--force").exit).toBe(1);
      expect(readTree(join(w.root, VENV))).toEqual(old);
      expect(kept(w)).toEqual([]);
      fate("well");
      expect(w.run("venv", "repair", "--force").exit).toBe(0);
      expect(state(w)?.state).toBe("healthy");
    },
  );

  test("killed before anything new was there: the venv that only its kept folder tells of is found", () => {
    const { w } = upgraded();
    const mail = join(w.root, "agents/mail");
    must(w.run("list"));
    Bun.spawnSync(["mv", join(mail, ".venv"), join(mail, ".venv.backup_20260101_000000")]);
    rmSync(w.store, { recursive: true });
    expect(state(w)).toMatchObject({ key: "agent/mail", state: "broken" });
    expect(w.json(venvRepaired, "venv", "repair", "--force")).toMatchObject({ exit: 0 });
    expect(state(w)?.state).toBe("healthy");
  });

  test("what a repair that went well keeps is no sign of one that was cut off, once its venv was deleted", () => {
    const { w } = upgraded();
    must(w.run("venv", "repair", "--force"));
    rmSync(join(w.root, VENV), { recursive: true });
    expect(state(w)).toMatchObject({ key: "agent/mail", problem: "is gone" });
    const snapshots = readdirSync(w.store).filter((name) => /^\d{8}_/.test(name));
    for (const id of snapshots) rmSync(join(w.store, id), { recursive: true });
    expect(w.json(venvChecked, "venv", "check").value.venvs).toEqual([]);
  });

  describe("ENABLE_ROLLBACK_AUTO_RECOVER", () => {
    const env = (value: string) => ({ env: { ENABLE_ROLLBACK_AUTO_RECOVER: value } });

    test("1: the configs of the snapshot in which it was healthy come back, and one more try", () => {
      const { w, fate } = upgraded();
      w.put({ "root/.mcp.json": '{"broken": true}' });
      fate("pip-fails-once");
      const { exit, stdout, stderr } = w.runWith(env("1"), "venv", "repair", "--force");
      expect(exit).toBe(0);
      expect(stdout).toContain("were restored");
      expect(stderr).toContain("restoring the configs");
      expect(readFileSync(join(w.root, ".mcp.json"), "utf8")).toBe("{}");
      expect(state(w)?.state).toBe("healthy");
    });

    test("1, and the second try fails as well: the old one is back, exit 1", () => {
      const { w, fate } = upgraded();
      fate("pip-fails");
      const before = readTree(join(w.root, VENV));
      expect(w.runWith(env("1"), "venv", "repair", "--force").exit).toBe(1);
      expect(readTree(join(w.root, VENV))).toEqual(before);
    });

    test("not set, or 0: nothing is restored, and the command is named", () => {
      const { w, id, fate } = upgraded();
      w.put({ "root/.mcp.json": '{"broken": true}' });
      fate("pip-fails-once");
      const { exit, stdout } = w.runWith(env("0"), "venv", "repair", "--force");
      expect(exit).toBe(1);
      expect(stdout).toContain(`rollback restore ${id} --only config --force`);
      expect(readFileSync(join(w.root, ".mcp.json"), "utf8")).toBe('{"broken": true}');
    });
  });

  test("a folder that is not a venv is left alone, whoever names it", () => {
    const { w } = upgraded({ "rollback.yaml": "venvs: [agents/*]\n" });
    const before = readTree(join(w.root, "agents"));
    for (const words of [[], ["agents"]]) {
      const { exit, value } = w.json(venvRepaired, "venv", "repair", ...words, "--force");
      expect({ exit, repairs: value.repairs }).toEqual({ exit: 1, repairs: [] });
      expect(value.impossible).toMatchObject([
        { problem: "holds neither a pyvenv.cfg nor a python; it is left alone" },
      ]);
    }
    expect(readTree(join(w.root, "agents"))).toEqual(before);
  });

  test("no python at all: it says so, and changes nothing", () => {
    const { w } = upgraded();
    w.put({ "bin/xcode-select": { file: "", mode: 0o755 } });
    rmSync(join(w.base, "bin/python3.12"));
    if (!lacks("python3")) w.put({ "bin/python3": { file: "#!/bin/sh\nexit 1\n", mode: 0o755 } });
    const before = readTree(join(w.root, "agents"));
    const { value } = w.json(
      v.looseObject({ ok: v.boolean(), repairs: v.array(v.looseObject({ version: v.string() })) }),
      "venv",
      "repair",
    );
    // The system's own python3 is one as well, where there is one.
    for (const { version } of value.repairs) expect(version).toMatch(/^Python 3/);
    expect(readTree(join(w.root, "agents"))).toEqual(before);
  });
});

const noVenvs =
  process.env.CI === undefined && sh("python3", "-c", "import ensurepip").exit !== 0
    ? "this machine's python3 can't make venvs (apt-get install python3-venv)"
    : undefined;
needing(
  noVenvs,
  "with the python3 of this machine: a venv is healthy; broken by an upgrade it is made anew, and runs",
  () => {
    const w = world({ root: { ".mcp.json": "{}", "rollback.yaml": CONFIG, "agents/mail/main.py": "" } });
    must(sh("python3", "-m", "venv", join(w.root, VENV)));
    expect(state(w)).toMatchObject({ state: "healthy", problem: null });
    w.create("healthy");
    for (const name of ["python", "python3"]) {
      rmSync(join(w.root, VENV, "bin", name));
      symlinkSync("/nowhere", join(w.root, VENV, "bin", name));
    }
    expect(state(w)?.state).toBe("broken");
    expect(w.json(venvRepaired, "venv", "repair", "--force")).toMatchObject({ exit: 0 });
    expect(state(w)?.state).toBe("healthy");
    expect(sh(join(w.root, VENV, "bin/python"), "-c", "print(6 * 7)").stdout).toBe("42\n");
    chmodSync(join(w.root, VENV, "pyvenv.cfg"), 0o644);
    expect(existsSync(join(w.root, VENV, ".rollback-unfinished"))).toBe(false);
  },
);

function sh(...argv: string[]): { exit: number; stdout: string; stderr: string } {
  const ran = Bun.spawnSync(argv, { env: { PATH: "/usr/bin:/bin" }, stdout: "pipe", stderr: "pipe" });
  return { exit: ran.exitCode, stdout: ran.stdout.toString(), stderr: ran.stderr.toString() };
}

test("a snapshot of the original tool that names a version counts as healthy then", () => {
  const { w, id } = upgraded();
  editManifest(w, id, (manifest) => {
    manifest.venv_metadata = { "agent/mail": { exists: true, python_version: "Python 3.12.4" } };
  });
  expect(w.json(venvRepaired, "venv", "repair").value.repairs).toMatchObject([{ good_in: id }]);
});
