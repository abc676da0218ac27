// The end of an agent's error log, without its secrets: mostly it says why the agent died.
import { maskText } from "../secrets/line-secrets.ts";
import { readTail } from "../system/files.ts";
import type { Agent } from "./agent.ts";

const CHARACTERS = 400;

/** `; its error log ends: …`, or nothing where it has none that can be read. */
export function endOfLog(agent: Agent | null): string {
  const path = agent?.logs.error ?? agent?.logs.out ?? null;
  const tail = path === null ? null : readTail(path, CHARACTERS);
  return tail?.trim() ? `; its error log ends: ${maskText(tail.trim())}` : "";
}
