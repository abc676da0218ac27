// docs/schema: every command has its file, the files are those of the shapes, and what commands really print keeps to them.
import { describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import { COMMANDS } from "../../src/cli/commands.ts";
import { sealing } from "../copies/worlds.ts";
import type { World } from "../harness.ts";
import { ANSWERS, folder, schemaFile } from "../schemas.ts";

const page = readFileSync(join(folder, "../json.md"), "utf8");
const read = (command: string) => readFileSync(join(folder, `${command}.json`), "utf8");
const known = new Ajv({ allowUnionTypes: true, strictTuples: false, validateFormats: false, allErrors: true });
const validators = new Map(Object.keys(ANSWERS).map((command) => [command, known.compile(JSON.parse(read(command)))]));

/** What is wrong with an answer by the file of its command. */
function faults(command: string, value: unknown): string[] {
  const validate = validators.get(command);
  if (validate === undefined) return [`no schema of ${command}`];
  return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`);
}

test("each command has its file, and it is that of the shapes (bun run schemas writes them)", () => {
  const own = ["status", "help", "version"];
  expect(Object.keys(ANSWERS).sort()).toEqual([...COMMANDS.keys(), ...own].sort());
  expect(readdirSync(folder).sort()).toEqual(
    Object.keys(ANSWERS)
      .map((command) => `${command}.json`)
      .sort(),
  );
  for (const command of Object.keys(ANSWERS)) expect(read(command)).toBe(schemaFile(command));
});

test("every whole answer in docs/json.md keeps to its file", () => {
  const answers = [...page.matchAll(/^```json\n(\{.*?)^```$/gms)]
    .map(([, block = ""]) => JSON.parse(block))
    .filter((value) => "ok" in value);
  expect(answers.length).toBeGreaterThan(25);
  for (const value of answers) expect([value.command, faults(value.command, value)]).toEqual([value.command, []]);
});

/** Everything that can be asked of one small project, in an order in which each has something to say. */
const ASKED: [command: string, ...words: string[]][] = [
  ["status"],
  ["create", "create", "before the edits"],
  ["create", "create", "nothing new", "--if-changed"],
  ["status"],
  ["pin", "pin", "latest"],
  ["unpin", "unpin", "latest"],
  ["diff", "diff", "latest"],
  ["restore", "restore", "latest", "--patch"],
  ["restore", "restore", "latest", "--force"],
  ["undo", "undo"],
  ["undo", "undo", "--force"],
  ["guard", "guard", "a change", "--", "/bin/sh", "-c", "echo '# more' >> shared/paths.py"],
  [
    "guard",
    "guard",
    "a bad change",
    "--auto-recover",
    "--",
    "/bin/sh",
    "-c",
    "echo '# bad' >> shared/paths.py; exit 3",
  ],
  ["bisect", "bisect", "latest~1", "--check", "! grep -q more shared/paths.py"],
  ["bisect", "bisect", "latest~1", "--check", "! grep -q more shared/paths.py", "--force"],
  ["revert", "revert", "latest~1", "latest"],
  ["history", "history", "shared/paths.py", "--patch"],
  ["audit", "audit"],
  ["list", "list", "--oneline"],
  ["latest", "latest"],
  ["show", "show", "latest"],
  ["verify", "verify"],
  ["pack", "pack", "latest", "--move"],
  ["unpack", "unpack", "latest"],
  ["push", "push", "--all", "../away/usb"],
  ["pull", "pull", "latest", "../away/usb"],
  ["drill", "drill", "../away/usb"],
  ["list", "list", "--from", "../away/usb"],
  ["verify", "verify", "--from", "../away/usb"],
  ["health", "health", "--from", "../away/usb"],
  ["health", "health"],
  ["doctor", "doctor"],
  ["report", "report", "-o", "../away/report.html"],
  ["coverage", "coverage"],
  ["init", "init"],
  ["agents", "agents"],
  ["reload", "reload", "com.petesbrain.a"],
  ["schedule", "schedule", "status"],
  ["schedule", "schedule", "run"],
  ["venv", "venv", "check"],
  ["venv", "venv", "repair"],
  ["key", "key", "show"],
  ["leaks", "leaks"],
  ["prune", "prune"],
  ["recover", "recover"],
  ["completions", "completions", "fish"],
  ["completions", "completions", "fish", "--install"],
  ["help", "help"],
  ["help", "help", "restore"],
  ["help", "help", "refs"],
  ["version", "version"],
];

describe("what they print", () => {
  function answer(w: World, words: string[]) {
    const { exit, stdout } = w.run("--json", ...words);
    const value = JSON.parse(stdout);
    expect(value.ok).toBe(exit === 0);
    return value;
  }

  test("every command's answer keeps to its file, and so do errors", () => {
    const w = sealing({ root: { "shared/paths.py": "p\n", "venv-google/pyvenv.cfg": "version = 3.12.4\n" } });
    mkdirSync(join(w.away, "usb"));
    const seen = ASKED.map(([command, ...words], index) => {
      const value = answer(w, words);
      if (index === 2) writeFileSync(join(w.root, "shared/paths.py"), "edited\n");
      // What is no error has a result to show.
      return { words, form: "error" in value ? value.error : "result", faults: faults(command, value) };
    });
    expect(seen).toEqual(ASKED.map(([, ...words]) => ({ words, form: "result", faults: [] })));
    expect(new Set(ASKED.map(([command]) => command))).toEqual(new Set(Object.keys(ANSWERS)));
    for (const command of ["show", "health", "doctor", "venv"]) {
      const value = answer(w, [command, "--no-such-flag"]);
      expect([command, value.ok, faults(command, value)]).toEqual([command, false, []]);
    }
  });
});
