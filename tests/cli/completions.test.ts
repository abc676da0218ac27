// Completion: what comes for each place of a command line, and that real shells get it and nothing runs that a name holds.
import { describe, expect, test } from "bun:test";
import { existsSync, lstatSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { binary } from "../binary.ts";
import { completion, failed } from "../contract.ts";
import { needing } from "../crash/tracing.ts";
import { lacks, must, plist, type World, world } from "../harness.ts";

const HOSTILE = [
  "$(touch $HOME/owned)",
  "`touch $HOME/owned`",
  "a'b\"c",
  "with: colons; and\ttabs\nand lines",
  "\u001b[31mred",
  "x -- -x",
];

/** A world with a snapshot for each description, oldest first, and their ids. */
function withSnapshots(descriptions: string[], category = "manual"): { w: World; ids: string[] } {
  const w = world({ root: { ".mcp.json": "{}", "rollback.yaml": "copies: {usb: {to: /Volumes/USB}}\n" } });
  return { w, ids: descriptions.map((description) => w.create(description, category)) };
}
const values = (w: World, ...words: string[]): string[] => {
  const { exit, stdout, stderr } = w.run("__complete", "--", ...words);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split("\t")[0] ?? "");
};

test("--key offers the keys of the files that --only chose; undo the numbers of what can be undone", () => {
  const w = world({
    home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("a", "<key>StartInterval</key><integer>1</integer>") },
    root: { ".mcp.json": '{"mcpServers": {"gmail": {"args": ["x"]}}}\n' },
  });
  const id = w.create();
  expect(values(w, "restore", "latest", "--only", "plist", "--key", "")).toEqual(["Label", "StartInterval"]);
  expect(values(w, "restore", "latest", "--key", "mcp")).toEqual([
    "mcpServers",
    "mcpServers.gmail",
    "mcpServers.gmail.args",
  ]);
  expect(values(w, "undo", "")).toEqual([]);
  w.put({ "root/.mcp.json": "{}\n" });
  must(w.run("restore", id, "--force"));
  expect(values(w, "undo", "")).toEqual(["3"]);
  expect(values(w, "revert", id, "latest")[0]).toBe("latest");
});

describe("what may come", () => {
  const { w, ids } = withSnapshots(["first", "second"], "pre-deploy");
  const newestFirst = ids.toReversed();
  test.each<[string[], string[]]>([
    [["re"], ["report", "restore", "revert", "recover", "reload"]],
    [
      ["help", "re"],
      ["report", "restore", "revert", "recover", "reload", "refs"],
    ],
    [["ver"], ["verify", "version"]],
    [["--ro"], ["--root"]],
    [["--root", ""], []],
    [
      ["--root", w.root, "unp"],
      ["unpack", "unpin"],
    ],
    [
      ["restore", ""],
      ["latest", ...newestFirst, "latest:pre-deploy"],
    ],
    [["restore", "latest:"], ["latest:pre-deploy"]],
    [["restore", "latest", ""], []],
    [["restore", "latest", "--f"], ["--force"]],
    [["restore", "latest", "--force", "--f"], []],
    [
      ["restore", "--only", ""],
      ["plist", "config", "credential", ".mcp.json"],
    ],
    [
      ["restore", "--only=c"],
      ["--only=config", "--only=credential"],
    ],
    [["restore", "--only", "plist", "--on"], ["--only"]],
    [["restore", "--identity", ""], []],
    [["list", "--category", ""], ["pre-deploy"]],
    [["create", "text", ""], ["pre-deploy"]],
    [
      ["venv", ""],
      ["check", "repair"],
    ],
    [["schedule", "re"], ["remove"]],
    [
      ["completions", ""],
      ["zsh", "bash", "fish"],
    ],
    [["list", "--json", "--qu"], ["--quiet"]],
    [["guard", "x", "--", "li"], []],
    [["list", "--from", ""], ["usb"]],
    [["push", "latest", ""], ["usb"]],
    [["report", "-o", ""], []],
    [["report", "latest", "-o", "x.html", "latest:"], ["latest:pre-deploy"]],
    [["nonsense", ""], []],
    [[], ["create", "guard"]],
  ])("%j", (words, expected) => {
    const found = values(w, ...words);
    if (words.length === 0) expect(found.slice(0, 2)).toEqual(expected);
    else expect(found).toEqual(expected);
  });

  test("every flag of every command is offered, with what it does", () => {
    for (const command of values(w, "").slice(0, -2)) {
      const { stdout } = w.run("__complete", "--", command, "--");
      for (const line of stdout.trimEnd().split("\n")) expect(line).toMatch(/^--[a-z-]+\t./);
      expect(stdout).toContain("--snapshots\t");
    }
  });

  test("nothing, and no word, where there is no root, no store, a broken config or a damaged snapshot", () => {
    const env = { ROLLBACK_ROOT: undefined };
    expect(w.runWith({ cwd: "/", env }, "__complete", "--", "restore", "")).toEqual({
      exit: 0,
      stdout: "",
      stderr: "",
    });
    const bare = world({ root: { ".mcp.json": "{}" } });
    expect(values(bare, "restore", "")).toEqual([]);
    const { w: other, ids: others } = withSnapshots(["x"]);
    other.put({ [join(other.store, others[0] ?? "", "manifest.json")]: "{" });
    expect(other.run("__complete", "--", "restore", "2").stdout).toBe(`${others[0]}\tdamaged\n`);
    other.put({ "root/rollback.yaml": "no: {yaml" });
    expect(values(other, "restore", "")).toEqual([]);
  });

  test("a description never makes a second line, a second column, or a word; an odd category is not offered", () => {
    const { w: odd } = withSnapshots(HOSTILE, "a $(b)");
    const { stdout } = odd.run("__complete", "--", "restore", "");
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(HOSTILE.length + 1);
    for (const line of lines) expect(line).toMatch(/^(latest|\d{8}_\d{6})\t[^\t\u0000-\u001f]*$/);
  });
});

test("the scripts, and a shell that there is none for", () => {
  const w = world({ root: {} });
  for (const shell of ["zsh", "bash", "fish"]) {
    const { value } = w.json(completion, "completions", shell);
    expect(w.run("completions", shell).stdout).toBe(value.text);
    expect(value.text).toContain(binary);
  }
  expect(w.json(failed, "completions", "fihs").value.error.hint).toContain("completions fish");
});

/** Types a line and a tab in a shell of the terminal, then accepts it; `rollback` prints what it was called with. */
async function typed(w: World, argv: string[], prepare: string, line: string): Promise<string> {
  w.put({ "bin/show/rollback": { file: '#!/bin/sh\nprintf "[%s]" "$@"; echo " END"\n', mode: 0o755 } });
  let seen = "";
  let wanted = "READY";
  let reached = Promise.withResolvers<void>();
  const look = () => {
    // Readline repeats what is typed: only what the shell printed counts, so the marks are put together by it.
    if (seen.includes(wanted)) reached.resolve();
  };
  const env = w.environment({
    PATH: `${w.base}/bin/show:/usr/bin:/bin`,
    TERM: "dumb",
    PS1: "$ ",
    ROLLBACK_ROOT: w.root,
  });
  const decoder = new TextDecoder();
  const shell = Bun.spawn(argv, {
    cwd: w.root,
    env,
    terminal: {
      cols: 200,
      rows: 50,
      data: (_terminal, bytes) => {
        seen += decoder.decode(bytes, { stream: true });
        look();
      },
    },
  });
  try {
    shell.terminal?.write(`${prepare}; echo REA""DY\r`);
    await reached.promise;
    wanted = "] END";
    reached = Promise.withResolvers<void>();
    const from = seen.length;
    shell.terminal?.write(line);
    await reached.promise;
    return seen.slice(from);
  } finally {
    shell.kill("SIGKILL");
    await shell.exited;
  }
}

const missing = (shell: string) => (lacks(shell) ? `${shell} is not here` : undefined);

describe("--install", () => {
  const rc = (w: World) => w.path("home/.zshrc");
  const lines = (path: string) => readFileSync(path, "utf8").split("\n").slice(0, -1);

  test("twice, or from another place: one script, one line, and what stood there stays", () => {
    const w = world({ home: { dotfiles: { folder: 0o755 }, "dotfiles/zshrc": "export A=1" } });
    symlinkSync("dotfiles/zshrc", rc(w));
    const first = must(w.run("completions", "zsh", "--install"));
    expect(first.stdout).toStartWith(
      "✅ Completions for zsh: ~/.local/share/rollback/completions.zsh\n   a line was added to ~/.zshrc\n",
    );
    const again = must(w.runWith({ env: { SHELL: "/bin/zsh" } }, "completions", "--install"));
    expect(again.stdout).toContain("~/.zshrc reads them already");
    expect(lstatSync(rc(w)).isSymbolicLink()).toBe(true);
    expect(lines(rc(w))).toEqual(["export A=1", expect.stringContaining("completions.zsh")]);
    expect(readdirSync(w.path("home/.local/share/rollback"))).toEqual(["completions.zsh"]);
    expect(readFileSync(w.path("home/.local/share/rollback/completions.zsh"), "utf8")).toBe(
      w.run("completions", "zsh").stdout,
    );
    const { value } = w.json(
      v.looseObject({ ok: v.literal(true), path: v.string() }),
      "completions",
      "fish",
      "--install",
    );
    expect(value.path).toBe(w.path("home/.config/fish/completions/rollback.fish"));
  });

  test("a shell that it does not know, and a file that can't be written", () => {
    const w = world({ home: { ".local": "a file" } });
    expect(w.runWith({ env: { SHELL: "/bin/tcsh" } }, "completions", "--install").exit).toBe(2);
    expect(w.run("completions").exit).toBe(2);
    expect(w.run("completions", "zsh", "--install")).toMatchObject({ exit: 1, stdout: "" });
    expect(existsSync(rc(w))).toBe(false);
  });

  test("what bash was told to read gives it the words", () => {
    const w = world({ root: { ".mcp.json": "{}" } });
    must(w.run("completions", "bash", "--install"));
    const file = process.platform === "darwin" ? ".bash_profile" : ".bashrc";
    const program = `. ~/${file}; COMP_WORDS=(rollback pru); COMP_CWORD=1; _rollback; echo "\${COMPREPLY[@]}"; complete -p rollback`;
    const ran = Bun.spawnSync(["bash", "--norc", "-c", program], { cwd: w.root, env: w.environment() });
    expect(ran.stdout.toString()).toBe("prune\ncomplete -o default -F _rollback rollback\n");
  });
});

test("files and agents of the newest snapshot", () => {
  const w = world({
    home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("com.petesbrain.a") },
    root: { ".mcp.json": "{}", "shared/paths.py": "p" },
  });
  expect(values(w, "history", "")).toEqual([]);
  expect(values(w, "restore", "latest", "--only", "p")).toEqual(["plist"]);
  const id = w.create();
  expect(values(w, "history", "")).toEqual(["com.petesbrain.a.plist", ".mcp.json", "paths.py"]);
  expect(values(w, "restore", "latest", "--only", "p")).toEqual(["plist", "paths.py"]);
  expect(values(w, "reload", "")).toEqual(["com.petesbrain.a", "latest", id, "latest:manual"]);
});

describe("in the real shells", () => {
  needing(undefined, "bash: the words, and the descriptions beside a list of them", () => {
    const { w, ids } = withSnapshots(HOSTILE);
    w.put({ script: w.run("completions", "bash").stdout });
    const ask = (type: number, ...words: string[]) => {
      const program = `source ${w.base}/script; COMP_TYPE=${type}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rollback; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const ran = Bun.spawnSync(["bash", "--norc", "-c", program, "-", "rollback", ...words], {
        cwd: w.root,
        env: w.environment(),
      });
      return ran.stdout.toString().split("\n").slice(0, -1);
    };
    expect(ask(9, "pru")).toEqual(["prune"]);
    expect(ask(9, "restore", "")).toEqual(["latest", ...ids.toReversed(), "latest:manual"]);
    expect(ask(63, "restore", "")[1]).toBe(`${ids.at(-1)}  # x -- -x`);
    expect(ask(63, "venv", "che")).toEqual(["check"]);
    expect(existsSync(join(w.home, "owned"))).toBe(false);
  });

  test("bash, typed: the word, a category behind a colon, and nothing of a description on the command line", async () => {
    const { w } = withSnapshots(HOSTILE);
    w.put({ script: w.run("completions", "bash").stdout });
    const bash = (line: string) => typed(w, ["bash", "--norc", "-i"], `source ${w.base}/script`, line);
    expect(await bash("rollback pru\t--force\r")).toContain("[prune][--force] END");
    expect(await bash("rollback restore latest:m\t--force\r")).toContain("[restore][latest:manual][--force] END");
    expect(await bash("rollback restore --only=cr\t\r")).toContain("[restore][--only=credential] END");
    expect(existsSync(join(w.home, "owned"))).toBe(false);
  });

  const zshMissing = missing("zsh");
  (zshMissing === undefined || process.env.CI ? test : test.skip)(
    `zsh, typed${zshMissing === undefined ? "" : ` (skipped: ${zshMissing})`}`,
    async () => {
      const { w, ids } = withSnapshots(HOSTILE);
      w.put({ "home/fns/_rollback": w.run("completions", "zsh").stdout });
      const prepare = `fpath=(${w.home}/fns $fpath); autoload -U compinit; compinit -u -D`;
      const zsh = (line: string) => typed(w, ["zsh", "-f", "-i"], prepare, line);
      expect(await zsh("rollback pru\t--force\r")).toContain("[prune][--force] END");
      expect(await zsh(`rollback restore ${ids[2]?.slice(0, 15)}\t--force\r`)).toContain(
        `[restore][${ids[2]}][--force] END`,
      );
      expect(await zsh("rollback restore latest:m\t\r")).toContain("[restore][latest:manual] END");
      expect(await zsh("rollback restore --identity bi\t\r")).not.toContain("latest");
      expect(existsSync(join(w.home, "owned"))).toBe(false);
    },
  );

  needing(missing("fish"), "fish: words with their descriptions, and files where a file may come", () => {
    const { w, ids } = withSnapshots(HOSTILE);
    w.put({ script: w.run("completions", "fish").stdout, "root/key.txt": "x" });
    const ask = (line: string) => {
      const ran = Bun.spawnSync(
        ["fish", "--no-config", "-c", `source ${w.base}/script; complete -C ${JSON.stringify(line)}`],
        {
          cwd: w.root,
          env: w.environment(),
        },
      );
      return ran.stdout.toString().split("\n").slice(0, -1);
    };
    expect(ask("rollback pru")).toEqual(["prune\tkeep fewer"]);
    expect(ask("rollback restore 2").map((line) => line.split("\t")[0])).toEqual(ids.toSorted());
    expect(ask("rollback restore --identity ke")).toEqual(["key.txt"]);
    expect(existsSync(join(w.home, "owned"))).toBe(false);
  });
});
