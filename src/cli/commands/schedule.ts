import { fail } from "../../errors.ts";
import { runDailyJob } from "../../tasks/daily-job.ts";
import { schedule } from "../../tasks/schedule.ts";
import { command } from "../command.ts";
import { placeWords } from "../restore-words.ts";

type Places = Parameters<typeof placeWords>[0];

const words = {
  daily: (places: Places) => ["schedule", "run", ...placeWords(places)],
  // Nobody waits for it: what holds the lock for long, such as a restore, ends at last.
  watch: (places: Places) => [
    ...["create", "Auto-snapshot after a change", "auto-change", "--if-changed", "--lock-wait", "300"],
    ...placeWords(places),
  ],
};

export default command({
  name: "schedule",
  description: "The daily launchd job: a snapshot if anything changed, then prune and health",
  args: {
    action: {
      type: "positional",
      required: true,
      description: "install, remove, status; run is what the job itself does",
    },
    at: { type: "string", valueHint: "08:00", description: "The local time of day (schedule.at of rollback.yaml)" },
    watch: { type: "boolean", description: "Also a job that takes a snapshot when a plist or a config changes" },
    force: { type: "boolean", description: "Do it; without it install and remove only show what they would do" },
  },
  actions: ["install", "remove", "status", "run"],
  acting: ["run"],
  exits: {
    0: "done; a preview too",
    1: "failed, or another program's plist has the job's name",
    3: "installed, but its first run failed; without launchd: the crontab is yours to edit",
    7: "refused: the binary lies where nothing stays",
  },
  example: "rollback schedule install --at 08:00 --force",
  async run({ action, at, watch, force }, session) {
    if (watch === true && action !== "install") throw fail.missingWord("schedule", "`install` in front of --watch");
    if (action === "run") return runDailyJob(session);
    const wanted = action === "install" || action === "remove" ? action : "status";
    const outcome = await schedule(
      { action: wanted, at, watch: watch === true, force: force === true, words },
      session,
    );
    return { ...outcome, commandToRun: ["rollback", ...session.argv, "--force"] };
  },
});
