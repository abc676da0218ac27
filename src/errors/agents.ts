// Errors about agents, the daily job, guard, venvs and git.
import { error } from "./make.ts";

export const agentErrors = {
  nothingToReload: () =>
    error("not-found", "no restore has changed an agent yet", "Name an agent's label: `rollback agents` lists them."),
  noVenv: (path: string) =>
    error("not-found", `there is no venv at ${path}`, "`rollback venv check` lists those that rollback.yaml names."),
  guardIncomplete: (id: string, skipped: string[]) =>
    error(
      "failed",
      `the snapshot ${id} is incomplete, so the command was not run; it lacks ${skipped.join(", ")}`,
      "Mend what could not be read (`rollback show` names it), or add --allow-incomplete.",
    ),
  guardAtWork: (holder: string) =>
    error(
      "locked",
      `another guard is at work on this project (${holder}): what it is changing is not a state to keep`,
      "Run it again when that one has ended.",
    ),
  guardCutOff: ({ program, since, snapshot }: { program: string; since: string; snapshot: string }) =>
    error(
      "failed",
      `a guard of ${program} was cut off (it began ${since}): what it left is not a state to keep`,
      `Look at the way back, \`rollback restore ${snapshot}\`, then end it: \`rollback recover\`.`,
    ),
  unstableBinary: (path: string, why: string) =>
    error(
      "refused",
      `no job can rely on ${path}: ${why}`,
      "Put the binary where it stays, such as ~/.local/bin/rollback, and install from there.",
    ),
  insideJob: (label: string) =>
    error("refused", `${label} is the job that runs rollback now: launchd would end both`, "Run the same in Terminal."),
  jobNotGone: (label: string, why: string) =>
    error("failed", `launchd did not let go of the job ${label}: ${why}`, "Its plist is still there; try again."),
  jobLabelTaken: (label: string, plist: string) =>
    error(
      "failed",
      `${plist} is not this project's daily job, and every other label for one is taken, too: nothing was changed`,
      `Choose another label in rollback.yaml (schedule: {label: …}); ${label} is taken.`,
    ),
  jobNotLoaded: (label: string, why: string) =>
    error(
      "failed",
      `the job ${label} was written, but launchd did not load it: ${why}`,
      "Mend the cause, then run `rollback schedule install --force` again.",
    ),
  watchLabelTaken: (label: string, plist: string) =>
    error(
      "failed",
      `${plist} is not this project's job: nothing was changed`,
      `Choose another label in rollback.yaml (schedule: {label: …}); ${label} is taken.`,
    ),
  nothingToWatch: (root: string) =>
    error(
      "failed",
      `there is no plist and no config of ${root} that a job could watch: nothing was changed`,
      "`rollback coverage` shows what rollback.yaml could name.",
    ),
  gitSilent: (root: string) =>
    error(
      "failed",
      `git does not answer in ${root}: nothing was looked at`,
      "Is git installed, and does `git status` work there? Don't commit before this works.",
    ),
} as const;
