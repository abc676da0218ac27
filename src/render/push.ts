import type { PushOutcome } from "../tasks/push.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";
import { bytes } from "./words.ts";

const archives = (count: number): string => `${count} ${count === 1 ? "archive" : "archives"}`;

export const push: Face<PushOutcome> = {
  quiet: ({ places }) => places.flatMap(({ archives: all }) => all.filter(({ sent }) => sent).map(({ id }) => id)),
  text({ places, unsound }) {
    const kept = unsound.map(({ id, reason }) => `❌ ${printable(id)} was not sent: ${printable(reason)}`);
    const rows = places.flatMap(({ to, archives: all, failed }) => {
      const sent = all.filter((one) => one.sent);
      const already = all.length - sent.length;
      const size = bytes(sent.reduce((sum, one) => sum + one.bytes, 0));
      const told = sent.length === 0 ? `${archives(already)} there already` : `${archives(sent.length)} sent (${size})`;
      const replaced = all.filter((one) => one.replaced).length;
      const rest = [
        ...(sent.length > 0 && already > 0 ? [`, ${already} there already`] : []),
        ...(replaced > 0 ? [`, ${replaced} in place of a damaged one`] : []),
      ].join("");
      return [
        ...(all.length === 0 ? [] : [`${failed === null ? "✅ " : ""}${printable(to)}: ${told}${rest}, read back`]),
        ...(failed === null ? [] : [`❌ ${printable(to)}: ${printable(failed)}`]),
      ];
    });
    return [...rows, ...kept];
  },
  json: ({ places, unsound }) => ({
    places: places.map(({ name, to, archives: all, failed }) => {
      const told = all.map(({ bytes: size, ...archive }) => ({ ...archive, size_bytes: size }));
      return { name, to, archives: told, failed };
    }),
    unsound,
  }),
};
