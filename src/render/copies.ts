// What went to other places, what came from there, and what is there.
import type { CopiesOutcome } from "../tasks/list-copies.ts";
import type { PullOutcome } from "../tasks/pull.ts";
import type { PushOutcome } from "../tasks/push.ts";
import { printable, quote } from "../text.ts";
import { bytes } from "./words.ts";

const archives = (count: number): string => `${count} ${count === 1 ? "archive" : "archives"}`;

export function pushText({ places }: PushOutcome): string[] {
  return places.flatMap(({ to, archives: all, failed }) => {
    const sent = all.filter((one) => one.sent);
    const already = all.length - sent.length;
    const size = bytes(sent.reduce((sum, one) => sum + one.bytes, 0));
    const told = sent.length === 0 ? `${archives(already)} there already` : `${archives(sent.length)} sent (${size})`;
    const rest = sent.length > 0 && already > 0 ? `, ${already} there already` : "";
    return [
      ...(all.length === 0 ? [] : [`${failed === null ? "✅ " : ""}${printable(to)}: ${told}${rest}, read back`]),
      ...(failed === null ? [] : [`❌ ${printable(to)}: ${printable(failed)}`]),
    ];
  });
}

export function pullText({ from, archives: all }: PullOutcome): string[] {
  const [first] = all;
  return [
    ...all.map(({ id, host, pulled, failed }) =>
      failed !== null
        ? `❌ ${id} of ${printable(host)}: ${printable(failed)}`
        : pulled
          ? `✅ Pulled: ${id} of ${printable(host)}, from ${printable(from)}`
          : `- Here already: ${id}`,
    ),
    ...(all.length === 1 && first !== undefined
      ? ["   What a restore would do:", `   rollback restore ${quote(first.path)}`]
      : []),
  ];
}

export function copiesText({ from, total, copies }: CopiesOutcome): string[] {
  if (total === 0) return [`📦 No copies in ${printable(from)} (--host all shows every host's)`];
  const rows = copies.map(({ id, host, form, bytes: size, here }) => {
    const facts = [printable(host), form, ...(size === null ? [] : [bytes(size)]), ...(here ? ["also here"] : [])];
    return `[${id}] ${facts.join(", ")}`;
  });
  const count = copies.length === total ? `showing ${total}` : `showing ${copies.length} of ${total}`;
  return [`📦 Copies in ${printable(from)} (${count}):`, "", ...rows];
}
