import type { HealthOutcome } from "../tasks/health.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const health: Face<HealthOutcome> = {
  quiet: ({ level }) => [level.toUpperCase()],
  /** One line, as monitoring plugins print it: the level, then what is not OK, or the age when all is. */
  text({ level, findings }) {
    const bad = findings.filter((finding) => finding.level !== "ok");
    const told = bad.length > 0 ? bad : findings.slice(0, 1);
    return [`ROLLBACK ${level.toUpperCase()} - ${told.map(({ message }) => printable(message)).join("; ")}`];
  },
  json: ({ level, findings }) => ({ level, findings }),
};
