// `rollback` alone, and the commands that fit what it found.
import type { NextSteps } from "../outcome.ts";
import type { Context, NamedPlaces } from "../tasks/context.ts";
import { type StatusOutcome, status } from "../tasks/status.ts";
import { placeWords } from "./restore-words.ts";

export async function statusScreen(context: Context): Promise<StatusOutcome & NextSteps> {
  const outcome = await status(context);
  return { ...outcome, next: nextSteps(outcome, context.named) };
}

/** At most three; the last one of a snapshot's is a preview. */
function nextSteps({ project }: StatusOutcome, named: NamedPlaces): NextSteps["next"] {
  const step = (why: string, ...words: string[]) => {
    const [name = "", ...rest] = words;
    return { why, words: ["rollback", name, ...placeWords(named), ...rest] };
  };
  const create = (text: string) => step("take a snapshot", "create", text);
  if (project === null)
    return [
      step("write rollback.yaml from what is here", "init", "--write"),
      create("First snapshot"),
      step("what would a restore change? (a preview)", "restore", "latest"),
    ];
  const { cutOff, snapshot, files, agents, configured } = project;
  if (cutOff !== null) {
    const end = step(cutOff.what === "guard" ? "Then end it" : "First end it", "recover");
    return cutOff.what === "guard" ? [step("The way back", "restore", cutOff.snapshot), end] : [end];
  }
  if (snapshot === null)
    return [
      ...(configured ? [] : [step("What to capture", "init", "--write")]),
      { ...create("First snapshot"), why: "To begin" },
    ];
  const { id, status: state } = snapshot;
  if (state === "damaged") return [step("What is damaged", "verify"), step("All of them", "list", "--all")];
  if (project.foreign) return [step("Move it to this home (a preview)", "restore", id, "--relocate")];
  if (state === "sealed") return [step("To open it", "show", id), step("To go back (a preview)", "restore", id)];
  if (files !== null && files.differing.length > 0) {
    // A restore leaves new files alone: of them there is no way back, only one forward.
    const isNewAlone = files.differing.every(({ change }) => change === "new");
    const second = isNewAlone
      ? step("To keep it", "create", "With what is new")
      : step("To go back (a preview)", "restore", id);
    return [step("What differs", "diff", id), second];
  }
  if (agents !== null && agents.failed.length + agents.notLoaded.length > 0)
    return [step("What is wrong", "agents"), step("Read plists anew", "reload", ...agents.notLoaded.slice(0, 1))];
  if (project.health.level !== "ok") return [step("What is wrong", "health"), step("To look back", "list")];
  return [{ ...create("What I am about to do"), why: "Before a change" }, step("To look back", "list")];
}
