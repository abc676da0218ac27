// The preview of a restore and the account of one, from the same plan.

import { type ContentDiff, WHY } from "../comparison.ts";
import type { Change, Kind } from "../model.ts";
import type { RestoreOutcome } from "../tasks/restore.ts";
import { printable, quote } from "../text.ts";
import type { Paint } from "./colour.ts";
import type { Face } from "./face.ts";
import { contentLines, fileJson, fileLines, problemLines } from "./file-diff.ts";
import { reloadLines, toldAgents } from "./reload.ts";
import { files, gitText, originText } from "./words.ts";

export const restore: Face<RestoreOutcome> = {
  quiet({ dryRun, autoBackup, plan }) {
    if (!dryRun) return autoBackup === null ? [] : [autoBackup];
    return plan.changes.filter(({ writes }) => writes.length > 0).map(({ path }) => printable(path));
  },
  /** Credentials stand under a heading of their own, by name. */
  text(outcome, paint) {
    const changed = patchLines(outcome, paint);
    const kept = keptLines(outcome, paint, "");
    const inside: Inside = (file) => [...changed(file), ...kept(file)];
    return outcome.dryRun ? preview(outcome, inside) : account(outcome, inside);
  },
  json: ({
    plan,
    dryRun,
    summary,
    autoBackup,
    restored,
    failed,
    reloaded,
    agents,
    git,
    venvs,
    patch,
    findings,
    earlier,
    refusal,
  }) => ({
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
    ...(refusal === null ? {} : { refusal }),
    auto_backup: autoBackup,
    ...(dryRun ? {} : { restored: restored.length }),
    ...(failed.length === 0 ? {} : { failed }),
    ...(reloaded === null ? {} : { reloaded: toldAgents(reloaded) }),
    ...(agents.length === 0 ? {} : { agents }),
    git,
    venvs,
    ...(earlier.length === 0 ? {} : { earlier_secrets: earlier }),
    ...(findings === null
      ? {}
      : {
          left_alone: findings.leftAlone,
          kept: [...findings.kept].map(([path, content]) => ({ path, content })),
          keeps_secrets: findings.keeps,
        }),
    ...(patch === null ? {} : { patch: patch.files.map(fileJson), problems: patch.problems }),
  }),
};

/** Later edits that stay, of each file. */
export function keptLines({ findings }: RestoreOutcome, paint: Paint, why: string): Inside {
  const lines = new Map([...(findings?.kept ?? [])].map(([path, content]) => [path, keptOf(content, paint, why)]));
  return ({ path }) => lines.get(path) ?? [];
}

function keptOf(content: ContentDiff, paint: Paint, why: string): string[] {
  if (content.type === "lines") return [`     kept: +${content.added} −${content.removed}${why}`];
  if (content.type === "sizes") return [`     kept: ${WHY[content.why]}`];
  return contentLines(content, paint).map((line) => `     kept: ${line}`);
}

/** Which secrets of today would be overwritten; a key that is the same in several files of one kind is told once. */
function earlierLines({ earlier, next }: RestoreOutcome): string[] {
  const places = new Map<string, { key: string | null; kind: Kind; names: Set<string> }>();
  for (const { key, kind, name } of earlier) {
    const id = `${key ?? name} ${kind}`;
    const held = places.get(id) ?? { key, kind, names: new Set() };
    held.names.add(name);
    places.set(id, held);
  }
  const lines = [...places.values()].map(({ key, kind, names: [first = "", ...others] }) => {
    const where = others.length === 0 ? printable(first) : `${others.length + 1} ${kind}s`;
    return `⚠️  Brings back ${key === null ? "earlier secrets" : `an earlier ${printable(key)}`} in ${where}`;
  });
  // Before the last line, which scripts take for the command that does what the preview shows.
  const command = next.toSpliced(-1, 0, "--keep-secrets").map(quote).join(" ");
  return lines.length === 0 ? [] : ["", ...lines, "   With today's secrets instead:", `   ${command}`];
}

/** Files that are not touched, and secrets that stay. */
function aloneLines({ findings }: RestoreOutcome): string[] {
  const { leftAlone = [], keeps = [] } = findings ?? {};
  const counts = new Map<string, { kind: Kind; paths: Set<string> }>();
  for (const { key, kind, path } of keeps) {
    const held = counts.get(`${key} ${kind}`) ?? { kind, paths: new Set() };
    held.paths.add(path);
    counts.set(`${key} ${kind}`, held);
  }
  return [
    ...leftAlone.map(({ name, why }) => `- Left alone, ${printable(why)}: ${printable(name)}`),
    ...[...counts].map(([id, { kind, paths }]) => {
      const many = paths.size === 1 ? `1 ${kind}` : `${paths.size} ${kind}s`;
      return `Keeps today's ${printable(id.slice(0, id.length - kind.length - 1))} in ${many}`;
    }),
  ];
}

/** What --patch tells of one file. */
export type Inside = (file: { path: string }) => string[];

export function patchLines({ patch }: RestoreOutcome, paint: Paint): Inside {
  const lines = new Map((patch?.files ?? []).map((file) => [file.path, fileLines(file, paint)]));
  return ({ path }) => lines.get(path) ?? [];
}

function preview(outcome: RestoreOutcome, inside: Inside): string[] {
  const { plan, next, venvs, git, from, agents, patch } = outcome;
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
    ...aloneLines(outcome),
    ...problemLines(patch?.problems ?? []),
    ...drift(venvs, git),
    ...agentLines(agents),
    ...(next.includes("--keep-secrets") ? [] : earlierLines(outcome)),
    "",
    ...refusedLines(outcome),
    "⚠️  This is a dry run. Use --force to actually restore:",
    `   ${next.map(quote).join(" ")}`,
  ];
}

/** What --force would refuse, in the words in which it does. */
export function refusedLines({ plan, next, refusal }: RestoreOutcome): string[] {
  const count = plan.changes.filter(({ action }) => action === "refused").length;
  const passed = next.includes("--keep-going")
    ? "the others are restored"
    : "nothing is restored before that is settled (--allow, --except)";
  return [
    ...(count === 0 ? [] : [`❌ ${files(count)} refused: ${passed}`]),
    ...(refusal === null ? [] : [`❌ ${printable(refusal.message)}`, `   ${printable(refusal.hint)}`]),
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
  const { plan, restored, failed, autoBackup, back, reload, reloaded, venvs } = outcome;
  const plain = restored.filter(({ kind }) => kind !== "credential");
  const secret = restored.filter(({ kind }) => kind === "credential");
  const done = (file: { name: string; path: string }) => [`✓ Restored: ${printable(file.name)}`, ...inside(file)];
  const skipped = plan.changes.filter(({ action }) => action === "missing-backup" || action === "damaged-backup");
  return [
    ...plain.flatMap(done),
    ...(secret.length === 0 ? [] : ["🔐 CREDENTIALS:", ...secret.flatMap(done)]),
    ...aloneLines(outcome),
    ...skipped.map(planned),
    ...failed.map(({ path, error }) => `❌ Not restored: ${printable(path)} (${printable(error)})`),
    `${skipped.length + failed.length > 0 ? "⚠️  " : "✅ "}Restored ${files(restored.length)}`,
    ...(autoBackup === null ? [] : [`Auto-backup created: ${autoBackup}`]),
    ...(back === null || autoBackup === null ? [] : ["", `To take this back:  ${back.map(quote).join(" ")}`]),
    ...drift(venvs, null),
    ...(reloaded === null ? [] : ["", ...reloadLines(reloaded)]),
    ...(reload.length === 0
      ? []
      : ["", "🔄 Agents keep their old settings until they are reloaded:", ...reload.map((line) => `   ${line}`)]),
  ];
}
