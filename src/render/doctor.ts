import { anonymous } from "../doctor/judge.ts";
import type { DoctorOutcome } from "../tasks/doctor.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

const SIGNS = { ok: "✅", warning: "⚠️ ", fail: "❌" } as const;

export const doctor: Face<DoctorOutcome> = {
  quiet: ({ probes }) => probes.filter(({ result }) => result !== "ok").map(({ name }) => name),
  text({ probes, tookMs }) {
    const count = (wanted: string) => probes.filter(({ result }) => result === wanted).length;
    const rows = probes.flatMap(({ name, result, found, next }) => [
      `${SIGNS[result]} ${name}: ${printable(found)}`,
      ...(next === null ? [] : [`   ${printable(next)}`]),
    ]);
    const sum = `${probes.length} probes: ${count("ok")} ok, ${count("warning")} warnings, ${count("fail")} failed`;
    return [`${sum} (${(tookMs / 1000).toFixed(1)}s). Nothing was changed`, "", ...rows];
  },
  /** For a bug report: the home and the user are replaced. */
  json: ({ probes, calls, tookMs, home, user }) => ({
    took_ms: tookMs,
    probes: probes.map(({ name, result, found, next }) => ({
      name,
      result,
      found: anonymous(found, home, user),
      next: next === null ? null : anonymous(next, home, user),
    })),
    launchctl:
      calls?.map(({ words, code, printed }) => ({
        words: words.map((word) => anonymous(word, home, user)),
        code,
        printed: anonymous(printed, home, user),
      })) ?? null,
  }),
};
