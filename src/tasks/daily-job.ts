// `schedule run`: what the daily job does.
import { EXIT, RollbackError } from "../rollback-error.ts";
import { lastDrill } from "../snapshot/audit-read.ts";
import { now } from "../system/clock.ts";
import { bePatient } from "../system/process.ts";
import type { Context, Ending, World } from "./context.ts";
import { create } from "./create.ts";
import { drill } from "./drill.ts";
import { health } from "./health.ts";
import { hasIdentity } from "./identity.ts";
import { prune } from "./prune.ts";
import { push } from "./push.ts";
import { findSite, type Site } from "./site.ts";

/** What the daily job did: each of its commands with its exit code. */
export interface ScheduledRunOutcome extends Ending {
  command: "scheduled-run";
  steps: { command: string; exit: number; message: string | null }[];
}

/** Nobody waits for the job, and macOS may run it on its slow cores. */
const LOCK_WAIT_MS = 300_000;
const PATIENCE = 9;

/** What the job does. Health comes last and notifies, also where the snapshot failed: nobody reads a log for 62 days. */
export async function runDailyJob(context: Context): Promise<ScheduledRunOutcome> {
  bePatient(PATIENCE);
  const site = await findSite(context.world, context.named);
  const { config } = site;
  const lockWaitMs = LOCK_WAIT_MS;
  const steps: ScheduledRunOutcome["steps"] = [];
  const step = async (command: string, work: () => Promise<{ exit: number; message: string }>) => {
    try {
      steps.push({ command, ...(await work()) });
    } catch (cause) {
      if (!(cause instanceof RollbackError)) throw cause;
      steps.push({ command, exit: cause.exit, message: cause.message });
    }
  };
  await step("create", async () => {
    const description = `Auto-snapshot ${now().local.slice(0, 10)}`;
    const request = { description, category: "auto-daily", ifChanged: true, pin: false, pack: false, lockWaitMs };
    const { exit, id, unchanged, skipped } = await create(request, context);
    const why = skipped.map(({ path, reason }) => `${path}: ${reason}`);
    return { exit, message: unchanged ? `nothing changed since ${id}` : [id, ...few(why)].join("; ") };
  });
  // What is pruned was copied before.
  for (const [dest, { auto }] of Object.entries(config.copies)) {
    if (!auto) continue;
    await step("push", async () => {
      const { exit, places, unsound } = await push(
        { ref: null, dest, plain: false, init: false, replaceDamaged: false, identity: undefined, lockWaitMs },
        context,
      );
      const sent = places.map(({ name, archives, failed }) => {
        const why = failed === null ? "" : `, ${failed}`;
        return `${name}: ${archives.filter((one) => one.sent).length} sent${why}`;
      });
      return { exit, message: [...sent, ...few(unsound.map(({ id, reason }) => `${id}: ${reason}`))].join("; ") };
    });
  }
  for (const dest of drillsDue(site, context.world, Date.now()))
    await step("drill", async () => {
      const request = { dest, host: undefined, project: undefined, identity: undefined, lockWaitMs };
      const { exit, id, passed, reason, problems } = await drill(request, context);
      const why = [...(reason === null ? [] : [reason]), ...problems.map(({ name, problem }) => `${name} ${problem}`)];
      return {
        exit,
        message: [`${dest}: ${id} ${passed ? "came back whole" : "did not come back"}`, ...few(why)].join("; "),
      };
    });
  await step("prune", async () => {
    const { exit, verdicts } = await prune(
      { category: undefined, rule: null, archive: undefined, lockWaitMs },
      context,
    );
    return { exit, message: `${verdicts.filter(({ keep }) => !keep).length} removed` };
  });
  await step("health", async () => {
    const request = { deep: false, maxAge: undefined, notification: true, accept: null };
    const { exit, level, findings } = await health(request, context);
    const why = findings.filter((finding) => finding.level !== "ok").map(({ message }) => message);
    return { exit, message: [level, ...why].join("; ") };
  });
  return { command: "scheduled-run", exit: steps.find(({ exit }) => exit !== EXIT.done)?.exit ?? EXIT.done, steps };
}

const REASONS_SHOWN = 3;
/** The first reasons, and how many more there are. */
const few = (reasons: string[]): string[] => {
  const more = reasons.length - REASONS_SHOWN;
  return [...reasons.slice(0, REASONS_SHOWN), ...(more > 0 ? [`and ${more} more`] : [])];
};

const DRILL_EVERY_MS = 30 * 86_400_000;

/** The places of which a copy is to be restored for a test: once a month, and every day after one that failed. */
function drillsDue({ store, config }: Site, world: World, nowMs: number): string[] {
  if (!hasIdentity(world)) return [];
  return Object.entries(config.copies)
    .filter(([name, { auto }]) => {
      const last = lastDrill(store, name);
      return auto === true && !(last?.passed === true && last.atMs > nowMs - DRILL_EVERY_MS);
    })
    .map(([name]) => name);
}
