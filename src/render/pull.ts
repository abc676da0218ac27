import type { PullOutcome } from "../tasks/pull.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";

export const pull: Face<PullOutcome> = {
  quiet: ({ archives }) => archives.map(({ path }) => printable(path)),
  text({ from, archives }) {
    const [first] = archives;
    const told = archives.map((archive) => line(archive, from));
    if (archives.length !== 1 || first === undefined) return told;
    return [...told, "   What a restore would do:", `   rollback restore ${quote(first.path)}`];
  },
  json: ({ from, archives }) => ({ from, archives }),
};

function line({ id, host, pulled, failed }: PullOutcome["archives"][number], from: string): string {
  if (failed !== null) return `❌ ${id} of ${printable(host)}: ${printable(failed)}`;
  return pulled ? `✅ Pulled: ${id} of ${printable(host)}, from ${printable(from)}` : `- Here already: ${id}`;
}
