// Apple's own judge of plists, where it is: a Mac. Its word counts for what launchd will take, and is shown beside ours where they differ.
import type { AbsPath, Env } from "../model.ts";
import { maskText } from "../secrets/line-secrets.ts";
import { childEnvironment, run, which } from "../system/process.ts";

const LIMIT_MS = 10_000;

/** What `plutil -lint` says of each file, by one question for all: null of a sound one. Null where there is no plutil, or it is silent. */
export async function askPlutil(
  env: Env,
  paths: readonly AbsPath[],
): Promise<ReadonlyMap<AbsPath, string | null> | null> {
  const program = paths.length === 0 ? null : which("plutil", env);
  if (program === null) return null;
  const ran = await run([program, "-lint", "--", ...paths], { env: childEnvironment(env), timeoutMs: LIMIT_MS });
  if (ran === null || ran.exitCode === null) return null;
  return parseLint(ran.stdout + ran.stderr, paths);
}

/** `PATH: OK`, or `PATH: WORDS`; a file of which there is no line is left out. */
export function parseLint(printed: string, paths: readonly AbsPath[]): ReadonlyMap<AbsPath, string | null> {
  const lines = printed.split("\n");
  return new Map(
    paths.flatMap((path) => {
      const said = lines
        .find((line) => line.startsWith(`${path}: `))
        ?.slice(path.length + 2)
        .trim();
      return said === undefined
        ? []
        : [[path, said === "OK" ? null : maskText(said.replace(/^\((.*)\)$/, "$1"))] as const];
    }),
  );
}

/** What the two judges say of one plist: whether launchd would refuse it, and words for that or for their difference. */
export function bothWords(
  malformed: string | null,
  plutil: string | null | undefined,
): { refused: boolean; words: string | null } {
  if (plutil === undefined || (plutil === null && malformed === null))
    return { refused: malformed !== null, words: malformed };
  if (plutil === null) return { refused: false, words: `${malformed} (plutil takes it all the same)` };
  if (malformed === null)
    return { refused: true, words: `is malformed, says plutil, and rollback finds nothing: ${plutil}` };
  return { refused: true, words: malformed };
}
