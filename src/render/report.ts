import type { ReportOutcome } from "../tasks/report.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const report: Face<ReportOutcome> = {
  quiet: ({ path, content }) => [path === null ? content.trimEnd() : printable(path)],
  text: ({ path, content }) => [path === null ? content.trimEnd() : `✅ Written: ${printable(path)}`],
  json: ({ path, snapshots, content }) => ({ path, snapshots, size_bytes: Buffer.byteLength(content) }),
};
