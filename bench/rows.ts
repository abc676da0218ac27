// What is measured, beside what, and how good it has to be.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { compile } from "../build/compile.ts";
import { readBuildInfo } from "../build/info.ts";
import { hostTarget } from "../build/targets.ts";
import { atMost, atMostBytes, fractions, type Line, mib, missing, ours_, told } from "./lines.ts";
import { medians, must, peakBytes, QUICK, quote, SLOW, type Timed } from "./timing.ts";
import { eightyFour, many, multiply, random, text, type World } from "./worlds.ts";

/** A row's name on the command line, and what measures it. */
export const FIRST_ROWS: Record<string, () => Promise<Line[]> | Line[]> = {
  version: async () => {
    const w = eightyFour("version");
    const [ours = 0, theirs = 0] = medians(
      [ours_(w, "--version"), { argv: [await bare(w)] }],
      { rounds: 10, runs: 20 },
      w.env,
    );
    return [atMost("`--version`", ours, "a bare Bun binary", theirs, 1.15)];
  },
  create: () => {
    const w = eightyFour("create");
    const plain = copying(w);
    const [ours = 0, theirs = 0] = medians([creating(w), plain], QUICK, w.env);
    const lines = [atMost("create, 84 files", ours, "cp -p, sha256sum, sync -f", theirs, 1.7)];
    for (const { name, peer } of [restic(w), borg(w)]) {
      if (peer === null) lines.push(missing("create, 84 files", name));
      else
        lines.push(
          ...fractions(
            "create, 84 files",
            ours,
            name,
            medians([peer], SLOW, w.env)[0] ?? 0,
            name === "restic backup" ? 22 : null,
          ),
        );
    }
    return lines;
  },
  list: async () => {
    const w = eightyFour("list");
    w.create();
    const hundred = restic(w);
    multiply(w, 100);
    const empty = { argv: [await bare(w)] };
    const [few = 0, none = 0] = medians([ours_(w, "list"), empty], QUICK, w.env);
    const lines = [atMost("list, 100 snapshots", few, "a bare Bun binary", none, 2.5)];
    if (hundred.peer === null) lines.push(missing("list, 100 snapshots", "restic snapshots"));
    else {
      for (let count = 0; count < 100; count++) must(hundred.peer.argv, w.env);
      const listing = { argv: ["restic", "-q", "-r", join(w.folder, "restic"), "snapshots"] };
      lines.push(
        ...fractions("list, 100 snapshots", few, "restic snapshots, 100", medians([listing], SLOW, w.env)[0] ?? 0, 50),
      );
    }
    multiply(w, 5000);
    const [lots = 0, again = 0, all = 0] = medians([ours_(w, "list"), empty, ours_(w, "list", "--all")], QUICK, w.env);
    return [
      ...lines,
      atMost("list, 5,000 snapshots", lots, "a bare Bun binary", again, 5),
      told("list --all, 5,000 snapshots", all),
    ];
  },
  look: async () => {
    const w = eightyFour("look");
    const id = w.create();
    const [status = 0, preview = 0, verify = 0, none = 0] = medians(
      [ours_(w), ours_(w, "restore", id), ours_(w, "verify", id), { argv: [await bare(w)] }],
      QUICK,
      w.env,
    );
    return [
      atMost("rollback alone, 84 files", status, "a bare Bun binary", none, 5),
      atMost("preview, 84 files", preview, "a bare Bun binary", none, 3.4),
      atMost("verify, 84 files", verify, "a bare Bun binary", none, 2.9),
    ];
  },
  restore: () => {
    const w = eightyFour("restore");
    const id = w.create();
    const changed = join(w.folder, "changed");
    must(
      [
        "sh",
        "-c",
        `mkdir -p ${changed} && cp -a ${w.home} ${w.root} ${changed}/ && rm -rf ${changed}/root/infrastructure/rollback-snapshots && find ${changed} -type f -size +0 -exec sh -c 'for f; do printf "\\n" >> "$f"; done' sh {} +`,
      ],
      w.env,
    );
    const back = `cp -a ${changed}/home/. ${w.home}/ && cp -a ${changed}/root/. ${w.root}/ && find ${w.store} -mindepth 1 -maxdepth 1 -name '[0-9]*' ! -name ${id} -exec rm -rf {} +`;
    const [restore = 0, create = 0] = medians(
      [
        { ...ours_(w, "restore", id, "--force", "--quiet"), prepare: back },
        { ...ours_(w, "create", "bench", "bench", "--quiet"), prepare: back },
      ],
      QUICK,
      w.env,
    );
    return [atMost("restore --force, 84 changed files", restore, "create", create, 1.7)];
  },
  tenthousand: () => {
    const w = many("tenthousand", 10_000, random(1024));
    const [create = 0, plain = 0] = medians([creating(w), copying(w)], SLOW, w.env);
    const id = w.create();
    const [verify = 0, sums = 0] = medians([ours_(w, "verify", id), summing(w)], { rounds: 4, runs: 5 }, w.env);
    return [
      atMost("create, 10,000 × 1 KiB", create, "cp -p, sha256sum, sync -f", plain, 1.5),
      atMost("verify, 10,000 × 1 KiB", verify, "sha256sum -c", sums, 1.4),
    ];
  },
  large: async () => {
    const w = many("large", 4, random(512 << 20));
    const id = w.create();
    const verify = w.rollback("verify", id);
    const stored = join(w.store, id, "config");
    const openssl: Timed = { argv: ["sh", "-c", `openssl dgst -sha256 ${stored}/*`] };
    const [ours = 0, theirs = 0] = medians([{ argv: verify }, openssl], SLOW, w.env);
    const peak = peakBytes(verify, w.env);
    return [
      { ...atMost("verify, 4 × 512 MiB", ours, "openssl dgst -sha256", theirs, 1 / 1.6), asked: "≥ 1.6 × as fast" },
      atMostBytes("verify, 4 × 512 MiB: memory", peak, 200),
    ];
  },
  archives: async () => {
    const w = eightyFour("archives");
    const gib = many("gib", 16, () => text(64 << 20));
    return [
      ...(await archiving(w, "84 files", 8, 3.5, QUICK)),
      ...(await archiving(gib, "1 GiB of text", 2, 4, { rounds: 2, runs: 1 })),
    ];
  },
  growth: () => {
    const lines: Line[] = [];
    const per = (count: number, ms: number, base: number) => `${(((ms - base) * 1000) / count).toFixed(0)} µs`;
    const creates = [100, 1000, 10_000].map((count) => {
      const w = many(`growth-${count}`, count, random(1024));
      return { count, ms: medians([creating(w)], { rounds: 3, runs: 4 }, w.env)[0] ?? 0 };
    });
    const [hundred = { count: 1, ms: 0 }] = creates;
    const file = creates.slice(1).map(({ count, ms }) => `${per(count - 100, ms, hundred.ms)} at ${count}`);
    lines.push({ ...told("create, each further file of 1 KiB", file.join(", ")), asked: "flat" });
    const w = eightyFour("growth");
    w.create();
    const commands = [["list", "--all"], ["prune", "--keep-last", "10"], ["health"]];
    const times = commands.map((): { count: number; ms: number }[] => []);
    for (const count of [100, 1000, 5000]) {
      multiply(w, count);
      for (const [index, words] of commands.entries()) {
        // health's code is its finding, not a failure.
        const timed = {
          argv: [
            "sh",
            "-c",
            `${w
              .rollback(...words)
              .map(quote)
              .join(" ")} || true`,
          ],
        };
        times[index]?.push({ count, ms: medians([timed], { rounds: 3, runs: 3 }, w.env)[0] ?? 0 });
      }
    }
    for (const [index, words] of commands.entries()) {
      const [base = { count: 0, ms: 0 }, ...more] = times[index] ?? [];
      const each = more.map(({ count, ms }) => `${per(count - base.count, ms, base.ms)} at ${count}`);
      lines.push({
        ...told(`${words.join(" ")}, each further snapshot of 84 files`, each.join(", ")),
        asked: "flat",
      });
    }
    return lines;
  },
};

const creating = (w: World): Timed => ({
  ...ours_(w, "create", "bench", "bench", "--quiet"),
  prepare: `rm -rf ${w.store}`,
});

/** What anybody could do by hand: copy with times and modes, note the sums, flush. */
function copying(w: World): Timed {
  const [list, copy] = [join(w.folder, "files.txt"), join(w.folder, "copy")];
  writeFileSync(list, w.files.map((path) => `${relative(w.folder, path)}\0`).join(""));
  const script = `cd ${w.folder} && mkdir ${copy} && xargs -0 cp -p --parents -t ${copy} < ${list} && xargs -0 sha256sum < ${list} > ${copy}/SHA256SUMS && sync -f ${copy}`;
  return { argv: ["sh", "-c", script], prepare: `rm -rf ${copy}` };
}

function summing(w: World): Timed {
  must(["sh", "-c", `cd ${w.root}/files && sha256sum * > ${w.folder}/sums`], w.env);
  return { argv: ["sh", "-c", `cd ${w.root}/files && sha256sum --quiet -c ${w.folder}/sums`] };
}

function restic(w: World): { name: string; peer: Timed | null } {
  const [name, repository] = ["restic backup", join(w.folder, "restic")];
  if (Bun.which("restic") === null) return { name, peer: null };
  if (!existsSync(repository)) must(["restic", "-q", "-r", repository, "init"], w.env);
  return { name, peer: { argv: ["restic", "-q", "-r", repository, "backup", ...folders(w)] } };
}

function borg(w: World): { name: string; peer: Timed | null } {
  const [name, repository] = ["borg create", join(w.folder, "borg")];
  if (Bun.which("borg") === null) return { name, peer: null };
  must(["borg", "init", "-e", "none", repository], w.env);
  return { name, peer: { argv: ["borg", "create", `${repository}::{now:%s%f}`, ...folders(w)] } };
}

const folders = (w: World): string[] => [
  join(w.home, "Library"),
  join(w.root, "shared"),
  join(w.root, "infrastructure/mcp-servers"),
];

/** A Bun binary that prints a line, built with our flags. */
export async function bare({ folder }: World): Promise<string> {
  const [source, outfile] = [join(folder, "bare.ts"), join(folder, "bare")];
  mkdirSync(folder, { recursive: true });
  writeFileSync(source, 'console.log("0.0.0");\n');
  const root = join(import.meta.dir, "..");
  await compile({ root: folder, entry: source, outfile, info: await readBuildInfo(root, hostTarget()) });
  return outfile;
}

async function archiving(
  w: World,
  what: string,
  packAtMost: number,
  unpackAtMost: number,
  effort: { rounds: number; runs: number },
): Promise<Line[]> {
  const id = w.create();
  const [zip, other] = [join(w.store, `${id}.zip`), join(w.folder, "other.zip")];
  const pack: Timed = { ...ours_(w, "pack", id, "--quiet"), prepare: `rm -f ${zip}` };
  const zipping: Timed = { argv: ["sh", "-c", `cd ${w.store} && zip -q -r ${other} ${id}`], prepare: `rm -f ${other}` };
  if (Bun.which("zip") === null || Bun.which("unzip") === null)
    return [missing(`pack and unpack, ${what}`, "zip and unzip")];
  const [packed = 0, zipped = 0] = medians([pack, zipping], effort, w.env);
  const packPeak = peakBytes(w.rollback("pack", id, "--quiet"), w.env);
  const apart = join(w.folder, "apart");
  const unpack: Timed = { ...ours_(w, "unpack", other, "--snapshots", apart, "--quiet"), prepare: `rm -rf ${apart}` };
  must(["cp", zip, other], w.env);
  const there = join(w.folder, "there");
  const unzipping: Timed = { argv: ["unzip", "-q", other, "-d", there], prepare: `rm -rf ${there}` };
  must(["rm", "-rf", apart], w.env);
  const [unpacked = 0, unzipped = 0] = medians([unpack, unzipping], effort, w.env);
  must(["rm", "-rf", apart], w.env);
  const unpackPeak = peakBytes(unpack.argv, w.env);
  return [
    atMost(`pack, ${what}`, packed, "zip -q -r", zipped, packAtMost),
    atMost(`unpack, ${what}`, unpacked, "unzip -q", unzipped, unpackAtMost),
    told(`pack and unpack, ${what}: memory`, `${mib(packPeak)} and ${mib(unpackPeak)}`),
  ];
}
