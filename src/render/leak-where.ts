// `leaks --where`: every place that holds a secret value. The value itself never came here.
import type { Held, HoldingFile, WhereOutcome } from "../tasks/leak-where.ts";
import { printable } from "../text.ts";
import type { Paint } from "./colour.ts";
import type { Face } from "./face.ts";

export const where: Face<WhereOutcome> = {
  quiet: ({ values }) => [...new Set(values.flatMap(({ files }) => files.map(({ path }) => printable(path))))],
  text: ({ values }, paint) => values.flatMap((held) => told(held, paint)),
  json: ({ values, unread }) => ({ command: "leaks", values, not_looked_into: unread }),
};

function told({ name, key, files, snapshots, copies }: Held, paint: Paint): string[] {
  const what = key === null ? `A secret of ${printable(name)}` : `${printable(key)} of ${printable(name)}`;
  const live = files.filter((file) => file.live);
  const past = files.filter((file) => !file.live);
  const newest = snapshots[0] ?? "";
  const range = snapshots.length > 1 ? `${snapshots.at(-1)} to ${newest}` : newest;
  const places = new Map<string, number>();
  for (const { at } of copies) places.set(at, (places.get(at) ?? 0) + 1);
  return [
    `🔐 ${what} ${paint("bold", `stands in ${live.length === 1 ? "1 file" : `${live.length} files`}`)}:`,
    ...live.map(placed),
    ...past.map((file) => `${placed(file)} (no longer; snapshot ${file.snapshots[0]} holds it)`),
    ...(snapshots.length === 0
      ? []
      : [`   ${counted(snapshots.length, "snapshot")} ${holds(snapshots.length)} it: ${range}`]),
    ...[...places].map(([at, count]) => `   ${counted(count, "copy", "copies")} ${holds(count)} it: ${printable(at)}`),
  ];
}

const holds = (count: number): string => (count === 1 ? "holds" : "hold");
const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;

function placed({ name, lines, keys, written }: HoldingFile): string {
  const at = lines.length === 0 ? "" : `, ${lines.length === 1 ? "line" : "lines"} ${lines.join(", ")}`;
  const how = written.filter((form) => form !== "plain");
  const coded = how.length === 0 ? "" : ` (${how.join(", ")})`;
  return `     ${printable(name)}${at}${keys.length === 0 ? "" : `: ${keys.map(printable).join(", ")}`}${coded}`;
}
