// What is a text already: a completion script, the version.
import type { CompletionsOutcome, VersionOutcome } from "../outcome.ts";
import type { InstallOutcome } from "../tasks/install-completions.ts";
import { printable, quote } from "../text.ts";
import type { Paint } from "./colour.ts";
import type { Face } from "./face.ts";
import { atHome } from "./words.ts";

const lines = ({ text }: { text: string }): string[] => (text === "" ? [] : [text.trimEnd()]);

export const completions: Face<CompletionsOutcome | InstallOutcome> = {
  quiet: (outcome) => ("text" in outcome ? lines(outcome) : [outcome.path]),
  text: (outcome, paint) => ("text" in outcome ? lines(outcome) : installed(outcome, paint)),
  json: (outcome) =>
    "text" in outcome
      ? { text: outcome.text }
      : {
          shell: outcome.shell,
          path: outcome.path,
          reader: outcome.reader === null ? null : { path: outcome.reader.path, changed: outcome.reader.changed },
        },
};

function installed({ shell, home, path, reader }: InstallOutcome, paint: Paint): string[] {
  const at = (file: string) => printable(atHome(file, home));
  const first = `✅ Completions for ${shell}: ${at(path)}`;
  if (reader === null) return [first, "   New shells find them there."];
  const told = reader.changed ? `a line was added to ${at(reader.path)}` : `${at(reader.path)} reads them already`;
  return [first, `   ${told}`, "", `In this terminal, too:  ${paint("command", `. ${quote(path)}`)}`];
}

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
