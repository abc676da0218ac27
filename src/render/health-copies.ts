import type { HealthCopiesOutcome } from "../tasks/health-copies.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const healthOfCopies: Face<HealthCopiesOutcome> = {
  quiet: ({ level }) => [level.toUpperCase()],
  /** One line, as monitoring plugins print it, then one for every machine and project. */
  text({ level, from, maxAge, machines }) {
    const late = machines.filter((one) => one.level !== "ok").length;
    const told =
      machines.length === 0
        ? `no copies in ${printable(from)}`
        : `${late} of ${machines.length} in ${printable(from)} older than ${maxAge}`;
    return [
      `ROLLBACK ${level.toUpperCase()} - ${told}`,
      ...machines.map(
        ({ host, project, store, newest, ageSeconds, level: of }) =>
          `${of === "ok" ? "✅" : "❌"} ${printable(host)}/${printable(project)}-${store}: ${age(ageSeconds)} old (${newest})`,
      ),
    ];
  },
  json: ({ level, from, maxAge, machines }) => ({
    command: "health",
    level,
    from,
    max_age: maxAge,
    machines: machines.map(({ ageSeconds, ...rest }) => ({ ...rest, age_seconds: ageSeconds })),
  }),
};

const age = (seconds: number): string =>
  seconds < 48 * 3600 ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / 86_400)} d`;
