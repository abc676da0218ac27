// One snapshot as a page.

import { KINDS, type Kind, type LaunchdState } from "../model.ts";
import type { Since } from "../tasks/drift.ts";
import type { ShowOutcome } from "../tasks/show.ts";
import { age, displayName, printable } from "../text.ts";
import type { Face } from "./face.ts";
import { bytes, counts, gitText } from "./words.ts";

const HEADINGS: Record<Kind, string> = { plist: "Plists", config: "Configs", credential: "🔐 CREDENTIALS" };

export const show: Face<ShowOutcome> = {
  quiet: ({ id }) => [printable(id)],
  text: page,
  json: ({ id, folder, forms, raw, since }) => ({ id, path: folder, forms, manifest: raw, since }),
};

/** Facts, files, git and venvs. Credentials by name, never by content. */
function page(outcome: ShowOutcome): string[] {
  const { id, folder, manifest, ageSeconds, sizeBytes, missing, forms, since, from } = outcome;
  const { git, venvs, skipped } = manifest;
  const tally = { plist: 0, config: 0, credential: 0, total: manifest.files.length };
  for (const { kind } of manifest.files) tally[kind]++;
  const fact = (name: string, value: string) => `   ${name}: ${printable(value)}`;
  const lost = new Set(missing);
  return [
    `📦 Snapshot: ${printable(id)}`,
    fact("Description", manifest.description),
    fact("Category", manifest.category),
    `   Created: ${printable(manifest.createdAt)} (${age(ageSeconds)})`,
    `   Files: ${counts(tally)}${sizeBytes === null ? "" : ` (${bytes(sizeBytes)})`}`,
    fact("Location", folder),
    `   Forms: ${forms.join(", ")}`,
    fact("Home", manifest.home ?? "unknown"),
    fact("Root", manifest.root ?? "unknown"),
    ...(manifest.host === null ? [] : [fact("Host", manifest.host)]),
    ...(manifest.format === 1 ? ["   Made by the original tool"] : []),
    ...(from === null || manifest.format === 1 ? [] : ["   ⚠️  It comes from another machine, home or root than this"]),
    git?.commit == null
      ? "   Git: none noted"
      : fact(
          "Git",
          `${git.commit.slice(0, 9)} on ${git.branch ?? "no branch"}${git.dirty === true ? ", with uncommitted changes" : ""}`,
        ),
    ...(missing.length > 0 ? [`   ⚠️  Damaged: ${missing.length} stored files are missing`] : []),
    ...(manifest.complete ? [] : ["   ⚠️  Incomplete:"]),
    ...skipped.map(({ path, reason }) => `      ${printable(path)}: ${printable(reason)}`),
    ...KINDS.flatMap((kind) => {
      const rows = manifest.files.filter((file) => file.kind === kind);
      if (rows.length === 0) return [];
      const row = (file: (typeof rows)[number]) =>
        `   ${lost.has(file.stored) ? "⚠️  missing: " : ""}${printable(displayName(file))}${file.size === undefined ? "" : ` (${bytes(file.size)})`}`;
      return ["", `${HEADINGS[kind]}:`, ...rows.map(row)];
    }),
    ...(Object.keys(venvs).length === 0 ? [] : ["", "Venvs:"]),
    ...Object.entries(venvs).map(
      ([key, { python_version, healthy }]) =>
        `   ${printable(key)}: ${printable(python_version ?? "version unknown")}${healthy === false ? " (broken)" : ""}`,
    ),
    ...(since === null ? [] : ["", "Since then:", ...sinceText(since).map((line) => `   ${line}`)]),
  ];
}

/** One line for each thing that is not as it was. */
function sinceText({ git, dirty, venvs, agents, files }: Since): string[] {
  const state = ({ loaded, disabled }: LaunchdState) =>
    `${loaded ? "loaded" : "not loaded"}${disabled ? " and disabled" : ""}`;
  const lines = [
    ...(git === null ? [] : [`git: ${gitText(git)}`]),
    ...(dirty === true ? ["git: there are uncommitted changes now"] : []),
    ...venvs.map(({ key, change }) => `venv ${printable(key)}: ${printable(change)}`),
    ...(agents ?? []).map(({ label, before, now }) => `${printable(label)}: was ${state(before)}, is ${state(now)}`),
    ...files.map(({ name, change }) => `${printable(name)}: ${CHANGES[change] ?? printable(change)}`),
  ];
  return lines.length === 0 ? ["nothing has changed"] : lines;
}
const CHANGES: Record<string, string> = {
  content: "changed",
  mode: "has another mode",
  link: "links elsewhere",
  gone: "is gone",
};
