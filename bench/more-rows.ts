// Rows of what people do beside create and verify: go back, look at what differs, look for secrets; and of many files.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { atMost, atMostBytes, type Line, ours_, told } from "./lines.ts";
import { bare } from "./rows.ts";
import { medians, must, peakBytes, QUICK, quote, SLOW, type Timed } from "./timing.ts";
import { eightyFour, many, PLAIN_CONFIG, random } from "./worlds.ts";

export const MORE_ROWS: Record<string, () => Promise<Line[]> | Line[]> = {
  config: async () => {
    const [without, beside] = [eightyFour("config-none"), eightyFour("config-plain", PLAIN_CONFIG)];
    for (const w of [without, beside]) w.create();
    const commands = [without, beside].map((w): Timed => {
      const { argv } = ours_(w, "list");
      return { argv: ["env", `HOME=${w.home}`, `ROLLBACK_ROOT=${w.root}`, ...argv] };
    });
    const empty = { argv: [await bare(without)] };
    const [plain = 0, configured = 0, none = 0] = medians([...commands, empty], QUICK, without.env);
    const more = configured - plain;
    return [
      atMost("list, 1 snapshot", plain, "a bare Bun binary", none, 2.5),
      {
        ...atMost("list beside a rollback.yaml", configured, "list without", plain, 1),
        asked: "≤ 0.7 ms more",
        met: more <= 0.7,
      },
    ];
  },
  back: () => {
    const w = eightyFour("back");
    const id = w.create();
    const change = `find ${w.home} ${w.root} -path '*rollback-snapshots*' -prune -o -type f -size +0 -exec sh -c 'for f; do printf "\\n" >> "$f"; done' sh {} +`;
    const clear = `find ${w.store} -mindepth 1 -maxdepth 1 -name '[0-9]*' ! -name ${id} -exec rm -rf {} +`;
    const restore = ours_(w, "restore", id, "--force", "--quiet");
    const restored = `${clear}; ${change}; ${restore.argv.map(quote).join(" ")} >/dev/null`;
    const [back = 0, undo = 0, preview = 0, diff = 0] = medians(
      [
        { ...restore, prepare: `${clear}; ${change}` },
        { ...ours_(w, "undo", "--force", "--quiet"), prepare: restored },
        { ...ours_(w, "restore", id), prepare: change },
        { ...ours_(w, "diff", id), prepare: change },
      ],
      { rounds: 4, runs: 6 },
      w.env,
    );
    return [
      atMost("undo, 84 files", undo, "restore --force, 84 changed files", back, 2),
      atMost("diff, 84 changed files", diff, "preview, 84 changed files", preview, 2),
      trial(),
    ];
  },
  staged: () => {
    const w = eightyFour("staged");
    w.create();
    mkdirSync(join(w.root, "code"), { recursive: true });
    for (let index = 0; index < 1000; index++)
      writeFileSync(join(w.root, "code", `${index}.ts`), `export const answer = ${index};\n`.repeat(40));
    must(["sh", "-c", "git init -q . && git add code"], w.env, w.root);
    const [ours = 0, git = 0] = medians(
      [
        ours_(w, "leaks", "--staged"),
        { argv: ["git", "-C", w.root, "grep", "--cached", "-c", "-F", "xxxxxxxx1"], mayFail: true },
      ],
      { rounds: 4, runs: 5 },
      w.env,
    );
    return [atMost("leaks --staged, 1,000 files", ours, "git grep --cached of one text", git, 20)];
  },
  thousands: () => {
    const w = many("thousands", 10_000, random(1024));
    const id = w.create();
    const { argv: sums } = { argv: ["sh", "-c", `cd ${w.root}/files && sha256sum *`] };
    const [same = 0, plain = 0] = medians([ours_(w, "restore", id), { argv: sums }], SLOW, w.env);
    const change = `cd ${w.root}/files && ls | xargs -n 2000 sh -c 'for f; do echo >> "$f"; done' sh`;
    const clear = `find ${w.store} -mindepth 1 -maxdepth 1 -name '[0-9]*' ! -name ${id} -exec rm -rf {} +`;
    must(["sh", "-c", change], w.env);
    const [changed = 0, diff = 0] = medians([ours_(w, "restore", id), ours_(w, "diff", id, "--stat")], SLOW, w.env);
    const [restore = 0, create = 0] = medians(
      [
        { ...ours_(w, "restore", id, "--force", "--quiet"), prepare: `${clear}; ${change}` },
        { ...ours_(w, "create", "bench", "bench", "--quiet"), prepare: clear },
      ],
      { rounds: 3, runs: 1 },
      w.env,
    );
    return [
      atMost("preview, 10,000 × 1 KiB unchanged", same, "sha256sum", plain, 6),
      told("preview, 10,000 × 1 KiB changed", changed),
      told("diff --stat, 10,000 × 1 KiB changed", diff),
      atMost("restore --force, 10,000 × 1 KiB changed", restore, "create", create, 3),
    ];
  },
  memory: () => {
    const w = many("memory", 50_000, random(64));
    const id = w.create();
    return [["restore", id], ["verify", id], ["list"]].map((words) =>
      atMostBytes(
        `${words[0] === "restore" ? "preview" : words[0]}, 50,000 files: memory`,
        peakBytes(w.rollback(...words), w.env),
        160,
      ),
    );
  },
};

/** The shortest search: one file was changed, and it breaks the check. */
function trial(): Line {
  const w = eightyFour("trial");
  const answer = join(w.root, "shared/paths.py");
  const id = w.create();
  writeFileSync(answer, "BROKEN = 1\n");
  const check = `! grep -q BROKEN ${answer}`;
  const search = ours_(w, "bisect", id, "--check", check, "--force", "--quiet");
  const [ours = 0, once = 0] = medians(
    [search, { argv: ["sh", "-c", check], mayFail: true }],
    { rounds: 3, runs: 4 },
    w.env,
  );
  return { ...told("bisect, one changed file of 84", ours), peer: "its check alone", theirs: once, ratio: ours / once };
}
