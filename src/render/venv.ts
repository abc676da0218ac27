// Venvs as a table, and what a repair of them would do or did.
import type { VenvRepairOutcome } from "../tasks/repair-venvs.ts";
import type { VenvCheckOutcome } from "../tasks/venv.ts";
import { printable, quote } from "../text.ts";
import type { Face } from "./face.ts";

const MARKS = { healthy: "✅", degraded: "⚠️ ", broken: "❌", unknown: "❔" } as const;

export const venv: Face<VenvCheckOutcome | VenvRepairOutcome> = {
  quiet(outcome) {
    if (outcome.action === "repair") return outcome.repairs.map(({ path }) => printable(path));
    return outcome.venvs.filter(({ state }) => state !== "healthy").map(({ path }) => printable(path));
  },
  text: (outcome) => (outcome.action === "check" ? table(outcome) : repairText(outcome)),
  json: (outcome) => (outcome.action === "check" ? checkJson(outcome) : repairJson(outcome)),
};

const checkJson = ({ action, venvs }: VenvCheckOutcome) => ({
  action,
  venvs: venvs.map(({ recordedIn, ...one }) => ({ ...one, recorded_in: recordedIn })),
});

const repairJson = ({ action, dryRun, repairs, impossible, leftAlone }: VenvRepairOutcome) => ({
  action,
  dry_run: dryRun,
  repairs: repairs.map((repair) => ({
    key: repair.key,
    path: repair.path,
    problem: repair.problem,
    kept_as: repair.aside,
    python: repair.python,
    version: repair.version,
    instead_of: repair.insteadOf,
    requirements: repair.install?.file ?? null,
    installer: repair.install?.tool ?? null,
    installs: isUsable(repair),
    failed: repair.failed,
    back: repair.back,
    missing_packages: repair.missing,
    good_in: repair.good,
    restored_configs: repair.restoredConfigs,
  })),
  impossible,
  left_alone: leftAlone,
});

/** One row a venv: its state, its version beside the recorded one, and its problem in a line of its own. */
function table({ venvs }: VenvCheckOutcome): string[] {
  if (venvs.length === 0) return ["No venvs match the config's venvs"];
  const keys = venvs.map(({ key }) => printable(key));
  const width = Math.max(...keys.map((key) => key.length));
  return venvs.flatMap(({ state, version, recorded, recordedIn, problem }, index) => {
    const drift = recorded === null || recorded === version ? "" : `  (${printable(recorded)} in ${recordedIn})`;
    return [
      `${MARKS[state]} ${(keys[index] ?? "").padEnd(width)}  ${state.padEnd(8)}  ${printable(version ?? "no version")}${drift}`,
      ...(problem === null ? [] : [`   ${printable(problem)}`]),
    ];
  });
}

/** The plan of each repair, then how to do it; or what came of each. */
function repairText({ dryRun, repairs, impossible, leftAlone, next }: VenvRepairOutcome): string[] {
  const without = [
    ...leftAlone.map(({ key, problem }) => `- Left alone, it works: ${printable(key)} (${printable(problem)})`),
    ...impossible.map(({ key, problem }) => `❌ ${printable(key)}: ${printable(problem)}`),
  ];
  if (repairs.length === 0) return without.length > 0 ? without : ["✅ Every venv is healthy"];
  if (!dryRun) return [...repairs.flatMap(done), ...without];
  return [
    "DRY RUN: Repair venvs",
    ...repairs.flatMap(planned),
    ...without,
    "",
    "⚠️  This is a dry run. Use --force to actually repair:",
    `   ${next.map(quote).join(" ")}`,
  ];
}

type Repair = VenvRepairOutcome["repairs"][number];

const withPython = ({ python, version, insteadOf }: Repair): string =>
  `${printable(version)} (${printable(python)})${insteadOf === null ? "" : `: the ${insteadOf} that it had is not here`}`;

/** Whether what fills it is here: pip always is. */
const isUsable = ({ install }: Repair): boolean =>
  install !== null && (install.tool === "pip" || install.program !== null);

/** What is installed, or why nothing is. */
function installText(repair: Repair): string {
  const { install } = repair;
  if (install === null) return "Install nothing: there is no requirements.txt or lock file beside or above it";
  const file = printable(install.file);
  if (install.tool === "pip") return `Install ${file}`;
  if (isUsable(repair)) return `Install ${file} with ${install.tool}`;
  return `Install nothing: ${file} is for ${install.tool}, which is not here`;
}

function planned(repair: Repair): string[] {
  const { key, path, problem, aside, resumes } = repair;
  const keep = resumes ? "   Keep the venv from before: " : `   Move ${printable(path)} to `;
  return [
    `✓ Would make anew: ${printable(key)} (${printable(problem)})`,
    ...(aside === null ? [] : [`${keep}${printable(aside)}`]),
    `   With ${withPython(repair)}`,
    `   ${installText(repair)}`,
  ];
}

function done(repair: Repair): string[] {
  const { key, path, aside, failed, back, missing, good, recover, restoredConfigs } = repair;
  const helped = restoredConfigs ? ` (after the configs of ${good} were restored)` : "";
  if (failed === null)
    return [
      `✅ ${printable(key)}: made anew with ${withPython(repair)}${helped}`,
      ...(repair.install !== null && !isUsable(repair) ? [`⚠️  ${installText(repair)}`] : []),
      ...(missing.length === 0
        ? []
        : [
            `⚠️  ${count(missing.length, "package")} of the old one ${missing.length === 1 ? "is" : "are"} missing: ${missing.map(printable).join(", ")}`,
            `   ${[`${path}/bin/python`, "-m", "pip", "install", ...missing].map(quote).join(" ")}`,
          ]),
      ...(aside === null ? [] : [`   The old one, till you remove it: ${printable(aside)}`]),
    ];
  return [
    `❌ ${printable(key)}: ${printable(failed)}${helped}${aside === null || !back ? "" : "; the old one is back in its place"}`,
    ...(good === null || restoredConfigs
      ? []
      : [`   It was healthy in ${good}. Its configs again, then try once more: ${recover.map(quote).join(" ")}`]),
  ];
}

const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? "" : "s"}`;
