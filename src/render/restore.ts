// The preview of a restore and the account of one, from the same plan.

import type { Change } from "../model.ts";
import type { RestoreOutcome } from "../tasks/restore.ts";
import { printable, quote } from "../text.ts";
import type { Paint } from "./colour.ts";
import type { Face } from "./face.ts";
import { fileJson, fileLines, problemLines } from "./file-diff.ts";
import { reloadLines } from "./reload.ts";
import { files, gitText, originText } from "./words.ts";

export const restore: Face<RestoreOutcome> = {
  quiet({ dryRun, autoBackup, plan }) {
    if (!dryRun) return autoBackup === null ? [] : [autoBackup];
    return plan.changes.filter(({ writes }) => writes.length > 0).map(({ path }) => printable(path));
  },
  /** Credentials stand under a heading of their own, by name. */
  text(outcome, paint) {
    const inside = patchLines(outcome, paint);
    return outcome.dryRun ? preview(outcome, inside) : account(outcome, inside);
  },
  json: ({ plan, dryRun, summary, autoBackup, restored, failed, reloaded, agents, git, venvs, patch }) => ({
    id: plan.snapshot,
    dry_run: dryRun,
    changes: plan.changes.map(({ path, name, kind, action, reason, rewritten }) => ({
      path,
      name,
      kind,
      action,
      ...(reason === undefined ? {} : { reason }),
      ...(rewritten === undefined ? {} : { rewritten }),
    })),
    summary,
    auto_backup: autoBackup,
    ...(dryRun ? {} : { restored: restored.length }),
    ...(failed.length === 0 ? {} : { failed }),
    ...(reloaded === null ? {} : { reloaded: reloaded.agents }),
    ...(agents.length === 0 ? {} : { agents }),
    git,
    venvs,
    ...(patch === null ? {} : { patch: patch.files.map(fileJson), problems: patch.problems }),
  }),
};

/** What --patch tells of one file. */
export type Inside = (file: { path: string }) => string[];

export function patchLines({ patch }: RestoreOutcome, paint: Paint): Inside {
  const lines = new Map((patch?.files ?? []).map((file) => [file.path, fileLines(file, paint)]));
  return ({ path }) => lines.get(path) ?? [];
}

function preview(outcome: RestoreOutcome, inside: Inside): string[] {
  const { plan, next, venvs, git, from, summary, agents, patch } = outcome;
  const plain = plan.changes.filter(({ kind }) => kind !== "credential");
  const secret = plan.changes.filter(({ kind }) => kind === "credential");
  return [
    `DRY RUN: Snapshot ${printable(plan.snapshot)}`,
    `Description: ${printable(plan.description)}`,
    ...(plan.category === "auto-backup" ? ["ℹ️  This is an auto-backup: what was there before a restore"] : []),
    ...(from === null ? [] : [`From: ${originText(from)}`]),
    "Changes:",
    ...plain.flatMap((change) => [planned(change), ...(patch === null ? rewrites(change) : inside(change))]),
    ...(secret.length === 0
      ? []
      : ["", "🔐 CREDENTIALS:", ...secret.flatMap((change) => [planned(change), ...inside(change)])]),
    ...problemLines(patch?.problems ?? []),
    ...drift(venvs, git),
    ...agentLines(agents),
    "",
    ...(summary.refused > 0
      ? [`❌ ${files(summary.refused)} refused: nothing is restored before that is settled (--allow, --except)`]
      : []),
    "⚠️  This is a dry run. Use --force to actually restore:",
    `   ${next.map(quote).join(" ")}`,
  ];
}

export function planned({ action, name, path, reason }: Change): string {
  const why = reason === undefined ? "" : ` (${printable(reason)})`;
  switch (action) {
    case "unchanged":
      return `- Unchanged: ${printable(name)}`;
    case "modify":
      return `✓ Would restore (modified): ${printable(name)}${why}`;
    case "create":
      return `✓ Would restore (new): ${printable(name)}${why}`;
    case "missing-backup":
      return `⚠️  Missing backup: ${printable(path)}`;
    case "damaged-backup":
      return `⚠️  Damaged backup: ${printable(path)}${why}`;
    case "extra":
      return `- Not in the snapshot, left alone: ${printable(name)}`;
    case "refused":
      return `❌ Refused: ${printable(path)}${why}`;
  }
}

/** What --relocate changes inside a file; a value that may be a secret is told of and not shown. */
function rewrites({ rewritten = [], action }: Change): string[] {
  if (action !== "modify" && action !== "create") return [];
  return rewritten.map(({ key, before, after }) =>
    before === null || after === null
      ? `     ${printable(key)}: changed (not shown)`
      : `     ${printable(key)}: ${printable(before)} → ${printable(after)}`,
  );
}

const AGENTS_SHOWN = 10;

function agentLines(agents: string[]): string[] {
  if (agents.length === 0) return [];
  const more = agents.length - AGENTS_SHOWN;
  return [
    "",
    ...agents.slice(0, AGENTS_SHOWN).map((note) => `⚠️  ${printable(note)}`),
    ...(more > 0 ? [`⚠️  and ${more} more like these`] : []),
  ];
}

function drift(venvs: RestoreOutcome["venvs"], git: RestoreOutcome["git"]): string[] {
  return [
    ...(git === null ? [] : ["", `ℹ️  git: ${gitText(git)} (a restore leaves git alone)`]),
    ...(venvs.length === 0
      ? []
      : ["", ...venvs.map(({ key, change }) => `⚠️  venv ${printable(key)}: ${printable(change)}`)]),
  ];
}

export function account(outcome: RestoreOutcome, inside: Inside): string[] {
  const { plan, restored, failed, autoBackup, reload, reloaded, venvs } = outcome;
  const plain = restored.filter(({ kind }) => kind !== "credential");
  const secret = restored.filter(({ kind }) => kind === "credential");
  const done = (file: { name: string; path: string }) => [`✓ Restored: ${printable(file.name)}`, ...inside(file)];
  const skipped = plan.changes.filter(({ action }) => action === "missing-backup" || action === "damaged-backup");
  return [
    ...plain.flatMap(done),
    ...(secret.length === 0 ? [] : ["🔐 CREDENTIALS:", ...secret.flatMap(done)]),
    ...skipped.map(planned),
    ...failed.map(({ path, error }) => `❌ Not restored: ${printable(path)} (${printable(error)})`),
    `${skipped.length + failed.length > 0 ? "⚠️  " : "✅ "}Restored ${files(restored.length)}`,
    ...(autoBackup === null ? [] : [`Auto-backup created: ${autoBackup}`]),
    ...drift(venvs, null),
    ...(reloaded === null ? [] : ["", ...reloadLines(reloaded)]),
    ...(reload.length === 0
      ? []
      : ["", "🔄 Agents keep their old settings until they are reloaded:", ...reload.map((line) => `   ${line}`)]),
  ];
}
