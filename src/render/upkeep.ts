// Keys, leaks, pruning, health, agents and guard in words.
import type { Outcome } from "../outcome.ts";
import { printable, quote } from "../text.ts";
import { restoreText } from "./restore.ts";
import { files as counted } from "./words.ts";

type Of<C extends Outcome["command"]> = Extract<Outcome, { command: C }>;

export function keyText({ action, path, recipients }: Of<"key">): string[] {
  if (action === "show") return recipients;
  return [
    `🔑 New identity: ${printable(path)}`,
    `   Recipient: ${recipients.join(", ")}`,
    "",
    "Sealed archives open with this identity and nothing else: print that file out now, or put it into a password manager.",
    "Keep it where this Mac's disk is not. The recipient is no secret; name it in rollback.yaml on other Macs.",
  ];
}

export function leaksText({ checked, leaks }: Of<"leaks">): string[] {
  if (!checked) return [];
  if (leaks.length === 0) return ["✅ git's index holds no secret that rollback knows"];
  return [
    ...leaks.map(({ path, why }) => `❌ ${printable(path)}: ${printable(why)}`),
    "   Take it out: git rm --cached FILE. Was it ever pushed? Then change that key: whoever has a clone has it.",
  ];
}

export function pruneText({ verdicts, dryRun, next }: Of<"prune">): string[] {
  const going = verdicts.filter(({ keep }) => !keep);
  const rows = verdicts.map(
    ({ id, category, keep, reasons }) =>
      `${keep ? "- Keep" : dryRun ? "✓ Would remove" : "✓ Removed"}: ${id}${category === null ? "" : ` (${printable(category)})`}: ${reasons.map(printable).join(", ")}`,
  );
  if (!dryRun)
    return [
      ...rows.filter((_, index) => verdicts[index]?.keep === false),
      `✅ Removed ${going.length} of ${verdicts.length} snapshots`,
    ];
  if (going.length === 0) return [...rows, "✅ Nothing to remove"];
  return [
    "DRY RUN: Prune",
    ...rows,
    "",
    "⚠️  This is a dry run. Use --force to actually remove:",
    `   ${next.map(quote).join(" ")}`,
  ];
}

/** One line, as monitoring plugins print it: the level, then what is not OK, or the age when all is. */
export function healthLine({ level, findings }: Of<"health">): string {
  const bad = findings.filter((finding) => finding.level !== "ok");
  const told = bad.length > 0 ? bad : findings.slice(0, 1);
  return `ROLLBACK ${level.toUpperCase()} - ${told.map(({ message }) => printable(message)).join("; ")}`;
}

export function agentsText({ agents }: Of<"agents">): string[] {
  if (agents.length === 0) return ["No agents match the config's plists"];
  return agents.flatMap(({ label, loaded, pid, lastExit, disabled, problems }) => {
    const state =
      loaded === null ? "state unknown" : loaded ? (pid === null ? "loaded" : `running, pid ${pid}`) : "not loaded";
    const more = [lastExit === null ? null : `last exit ${lastExit}`, disabled === true ? "disabled" : null].filter(
      Boolean,
    );
    return [
      `${problems.length > 0 ? "⚠️ " : "✅"} ${printable(label)}: ${[state, ...more].join(", ")}`,
      ...problems.map((problem) => `   ${printable(problem)}`),
    ];
  });
}

export function guardText({ id, failures, changes, recovered, next }: Of<"guard">): string[] {
  if (failures.length === 0) return [`✅ Done, and every check passed. The state before: ${id}`];
  const { modify = 0, create = 0, extra = 0 } = changes ?? {};
  return [
    ...failures.map((failure) => `❌ ${printable(failure)}`),
    `   Since ${id}: ${modify} changed, ${create} gone, ${extra} new`,
    ...(recovered === null
      ? []
      : ["🔄 Rolled back:", ...restoreText(recovered, (_, text) => text).map((line) => `   ${line}`)]),
    ...(next.length === 0
      ? []
      : ["   To look at it, and to roll back:", ...next.map((words) => `   ${words.map(quote).join(" ")}`)]),
  ];
}

/** One line an event, in UTC as it was noted; a reason in quotes. */
export function auditText({ events, total, chain }: Of<"audit">): string[] {
  const rows = events.map(({ time, user, host, command, id, description, files, result, cutOffBytes }) => {
    const who = `${printable(user ?? "?")}@${printable(host ?? "?")}`;
    const what = [command ?? "?", id, description === null ? null : `“${description}”`].filter((word) => word !== null);
    const outcome = [files === null ? null : counted(files), result].filter((word) => word !== null).join(", ");
    const lost = cutOffBytes === null ? "" : ` (${cutOffBytes} bytes in front of it were cut off by a crash)`;
    return `${(time ?? "?").slice(0, 19)}Z  ${who}  ${what.map(printable).join(" ")}: ${printable(outcome)}${lost}`;
  });
  return [
    ...(total === 0 ? ["📜 Nothing was done yet"] : rows),
    ...(total > events.length ? [`${total - events.length} more: rollback audit --all`] : []),
    ...(chain.ok
      ? []
      : [
          `❌ audit.jsonl: line ${chain.firstBadLine} does not follow from the one before: it was edited, or lines are lost`,
        ]),
  ];
}
