// What is a text already: a completion script, the version.
import type { CompletionsOutcome, VersionOutcome } from "../outcome.ts";
import type { Face } from "./face.ts";

const lines = ({ text }: { text: string }): string[] => (text === "" ? [] : [text.trimEnd()]);

export const completions: Face<CompletionsOutcome> = { quiet: lines, text: lines, json: ({ text }) => ({ text }) };

export const version: Face<VersionOutcome> = {
  quiet: (build) => [build.version],
  text: (build) => [`rollback ${build.version}`],
  json: ({ version: number, commit, target, bun, builtAt }) => ({
    version: number,
    commit,
    target,
    bun,
    built_at: builtAt,
  }),
};
