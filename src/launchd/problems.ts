// What would keep an agent from running: files its plist names that are not there, and what launchd itself refuses.
import type { AbsPath } from "../model.ts";
import { absolute, nameOf, parentOf } from "../paths.ts";
import { maskValue } from "../secrets/line-secrets.ts";
import { maskWords } from "../secrets/word-secrets.ts";
import { ifReadable, look, lookThrough } from "../system/files.ts";
import type { Agent } from "./agent.ts";

/** Folders that launchd's jobs have on their PATH. */
const JOB_PATH = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
const SCRIPT = /\.(py|js|mjs|ts|sh|rb|pl)$/;

/** Files that an agent names and that are not there; `coming` tells of files that a restore would bring. */
export function danglingReferences(agent: Agent, coming: (path: string) => boolean = () => false): string[] {
  const missing: string[] = [];
  const isThere = (path: string) => coming(path) || ifReadable(() => lookThrough(path)) !== null;
  const { program, words, workingDirectory, logs } = agent;
  if (program === null) return [];
  if (program.startsWith("/") ? !isThere(program) : !JOB_PATH.some((folder) => isThere(`${folder}/${program}`)))
    missing.push(`its program is missing: ${maskWords([program]).join(" ")}`);
  const script = words.find((word) => word.startsWith("/") && SCRIPT.test(word));
  if (script !== undefined && !isThere(script)) missing.push(`its script is missing: ${maskValue(script)}`);
  if (workingDirectory !== null && !isThere(workingDirectory))
    missing.push(`its WorkingDirectory is missing: ${maskValue(workingDirectory)}`);
  const folders = [logs.out, logs.error].flatMap((log) => (log?.startsWith("/") ? [parentOf(log as AbsPath)] : []));
  for (const folder of new Set(folders))
    if (!isThere(folder)) missing.push(`the folder of its log is missing: ${maskValue(folder)}`);
  return missing;
}

/** Of a sound plist that is not an agent's. */
export const NOT_A_DICTIONARY = "is malformed: an agent's plist holds a <dict>";

/** What is wrong with the plist file itself. `malformed` says what its judges do. */
export function fileProblems(path: AbsPath, agent: Agent | null, malformed: string | null, uid: number): string[] {
  const label = agent?.program == null ? null : agent.label;
  const isOther = label !== null && nameOf(path) !== `${label}.plist`;
  return [...(isOther ? [`its Label differs from its name: ${label}`] : []), ...refusals(path, agent, malformed, uid)];
}

/** Why launchd would not take the plist file. */
export function refusals(path: AbsPath, agent: Agent | null, malformed: string | null, uid: number): string[] {
  const stats = ifReadable(() => look(path));
  if (stats === null) return ["can't be read"];
  const problems: string[] = [];
  if (malformed !== null) problems.push(malformed);
  else if (agent === null) problems.push(NOT_A_DICTIONARY);
  else if (agent.program === null) problems.push("names no program");
  else if (agent.label === null) problems.push("has no Label");
  const owner = ifReadable(() => lookThrough(path)) ?? stats;
  if (owner.uid !== uid) problems.push(`belongs to another user (uid ${owner.uid})`);
  if ((owner.mode & 0o022) !== 0) problems.push("others can write to it");
  return problems;
}

/** The paths that a plan's changes will bring, for `danglingReferences`: each of them, and every folder above it. */
export function comingPaths(paths: Iterable<string>): (path: string) => boolean {
  const all = new Set<string>();
  for (const path of paths) for (let at = path as AbsPath; at !== "/" && !all.has(at); at = parentOf(at)) all.add(at);
  return (path) => all.has(absolute(path, "/"));
}
