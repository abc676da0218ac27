// What git, ssh and the other side's hooks say, as one line for the user; and what a refused push means. Pure.
import { hideTokens } from "../secrets/secret.ts";

const MOST_LINES = 4;
const LONGEST = 400;
/** What git says of its own work, and what follows from a line that says more. */
const EMPTY =
  /^(Enumerating|Counting|Compressing|Resolving|Writing|Receiving|Unpacking|Total|Updating) |^(To|From) \S+$|^Done$|^(hint|warning): |^error: failed to push some refs|^Could not read from remote|^Please make sure you have|^and the repository exists|^the remote end hung up|^Updates were rejected/;

/** The remote's own lines first, then why it refuses the branch, then what git or ssh says; no password in an address and no token is repeated. */
export function wordsOf({ stdout, stderr }: { stdout: string; stderr: string }): string {
  const lines = stderr.split(/[\r\n]+/);
  const theirs = lines.flatMap((line) => /^remote: (.*)/s.exec(line)?.[1] ?? []);
  const own = lines.filter((line) => !line.startsWith("remote:") && !line.startsWith(" ! "));
  const plain = (line: string) =>
    line.replace(/^[\s@]+|[\s@]+$/g, "").replace(/^(fatal|error): (?!failed to push)/, "");
  const all = [...theirs, refusedBranch(stdout) ?? "", ...own].map(plain).filter((line) => line !== "");
  const telling = [...new Set(all.filter((line) => !EMPTY.test(line)))];
  const some = telling.length > 0 ? telling : all;
  const few = some.length > MOST_LINES ? [...some.slice(0, MOST_LINES - 1), ...some.slice(-1)] : some;
  const text = hideTokens(few.join("; ")).replace(/\/\/[^/\s]*@/g, "//…@");
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text || "git failed";
}

/** `[rejected] (fetch first)`: what `push --porcelain` prints of the branch; null where it was taken. */
const refusedBranch = (stdout: string): string | null => /^!.*\t(.*)$/m.exec(stdout)?.[1] ?? null;

/** Whether a push was turned away because somebody else moved the branch meanwhile: then it is built anew. */
export function isMoved({ stdout, stderr }: { stdout: string; stderr: string }): boolean {
  const branch = refusedBranch(stdout) ?? "";
  if (branch.startsWith("[rejected]")) return true;
  const told = branch + stderr;
  // Another branch that has this one's name as a folder does not go away.
  if (!branch.startsWith("[remote rejected]") || /exists; cannot create/.test(told)) return false;
  return /but expected|incorrect old value|failed to (update ref|lock)|cannot lock ref|reference already exists/.test(
    branch,
  );
}

/** Whether the other side counts by SHA-256, and this one does not. */
export const isOtherHash = ({ stderr }: { stderr: string }): boolean =>
  /hash algorithm|mismatched algorithms/.test(stderr);
