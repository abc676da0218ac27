import type { PullOutcome } from "../tasks/pull.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";

export const pull: Face<PullOutcome> = {
  quiet: ({ archives }) => archives.flatMap(({ path }) => (path === null ? [] : [printable(path)])),
  text({ from, archives, next }) {
    const told = archives.map((archive) => line(archive, from));
    if (next === null) return told;
    const { what = "", place = "" } = next.elsewhere ?? {};
    const origin = what === "" ? [] : [`   It is from another ${what}, ${printable(place)}.`];
    return [...told, ...origin, "   What a restore would do:", `   ${next.command.map(quote).join(" ")}`];
  },
  json: ({ from, archives }) => ({ from, archives }),
};

function line({ id, host, pulled, failed }: PullOutcome["archives"][number], from: string): string {
  if (failed !== null) return `❌ ${id} of ${printable(host)}: ${printable(failed)}`;
  return pulled ? `✅ Pulled: ${id} of ${printable(host)}, from ${printable(from)}` : `- Here already: ${id}`;
}
