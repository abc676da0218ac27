// bun run bench [--check] [ROW…]: measures and prints the table. With all rows it writes it to docs/benchmarks.md and draws it; with
// --check it compares with what stands there, names what got worse by more than a tenth, and fails for that.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { build } from "../build.ts";
import { worse } from "./compare.ts";
import type { Line } from "./lines.ts";
import { MORE_ROWS } from "./more-rows.ts";
import { picture } from "./picture.ts";
import { FIRST_ROWS } from "./rows.ts";

const page = join(import.meta.dir, "../docs/benchmarks.md");
const [BEGIN, END] = ["<!-- measured -->", "<!-- end -->"];

const ROWS = { ...FIRST_ROWS, ...MORE_ROWS };
const isCheck = process.argv.includes("--check");
const wanted = process.argv.slice(2).filter((word) => word !== "--check");
const unknown = wanted.filter((name) => !(name in ROWS));
if (unknown.length > 0)
  throw new Error(`no such row: ${unknown.join(", ")}; there are ${Object.keys(ROWS).join(", ")}`);
if (Bun.which("hyperfine") === null) throw new Error("the benchmarks need hyperfine (apt-get install hyperfine)");
await build();

const lines: Line[] = [];
for (const name of wanted.length > 0 ? wanted : Object.keys(ROWS)) {
  console.error(`… ${name}`);
  lines.push(...((await ROWS[name]?.()) ?? []));
}
const text = `${machine()}\n\n${table(lines)}\n`;
console.log(text);
const before = readFileSync(page, "utf8");
if (isCheck) {
  const found = worse(before, lines);
  for (const what of found) console.error(`worse: ${what}`);
  if (found.length > 0) process.exitCode = 1;
} else if (wanted.length === 0) {
  const [head] = before.split(BEGIN);
  const [, tail] = before.split(END);
  mkdirSync(join(page, "../pictures"), { recursive: true });
  writeFileSync(join(page, "../pictures/benchmarks.svg"), picture(lines));
  writeFileSync(page, `${head}${BEGIN}\n\n${text}\n${END}${tail}`);
}

function machine(): string {
  const [first] = cpus();
  const version = (name: string, ...words: string[]) => {
    if (Bun.which(name) === null) return `${name} not installed`;
    return (
      Bun.spawnSync([name, ...words])
        .stdout.toString()
        .split("\n")[0]
        ?.split(" (")[0]
        ?.split(" compiled")[0] ?? name
    );
  };
  const peers = [
    version("restic", "version"),
    version("borg", "--version"),
    version("openssl", "version"),
    version("sha256sum", "--version"),
    version("hyperfine", "--version"),
  ];
  return `${first?.model.trim()}, ${cpus().length} CPUs, Linux ${release()}; Bun ${Bun.version}, ${peers.join(", ")}.`;
}

function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

function table(rows: Line[]): string {
  const cell = (value: number | string) => (typeof value === "string" ? value : duration(value));
  const ratio = (value: number) => (value < 0.1 ? `1/${Math.round(1 / value)}` : value.toFixed(2));
  const verdict = (met: boolean) => (met ? "met" : "**missed**");
  const body = rows.map(({ work, ours, peer, theirs, ratio: by, asked, met }) =>
    [work, cell(ours), peer, cell(theirs), by === null ? "" : ratio(by), asked, met === null ? "" : verdict(met)].join(
      " | ",
    ),
  );
  return ["work | rollback | peer | peer's | ratio | asked |  ", "--- | --- | --- | --- | --- | --- | ---", ...body]
    .map((row) => `| ${row} |`)
    .join("\n");
}
