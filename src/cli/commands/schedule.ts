import { runDailyJob, schedule } from "../../tasks/schedule.ts";
import { command } from "../command.ts";
import { placeWords } from "../restore-words.ts";

export default command({
  name: "schedule",
  description: "The daily launchd job: a snapshot if anything changed, then prune and health",
  args: {
    action: {
      type: "positional",
      required: true,
      description: "install, remove, status; run is what the job itself does",
    },
    at: { type: "string", valueHint: "08:00", description: "The local time of day, instead of the config's" },
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
  async run({ action, at, force }, session) {
    if (action === "run") return runDailyJob(session);
    const wanted = action === "install" || action === "remove" ? action : "status";
    const jobWords = (places: Parameters<typeof placeWords>[0]) => ["schedule", "run", ...placeWords(places)];
    const outcome = await schedule({ action: wanted, at, force: force === true, jobWords }, session);
    return { ...outcome, commandToRun: ["rollback", ...session.argv, "--force"] };
  },
});
