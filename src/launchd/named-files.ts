// The files that a plist names: its program, what that is given, what its environment points at. Pure; whether they are there is not looked at.
import { isFields, isList, isText } from "../shape.ts";

/** What launchd writes to, or reads for itself, is none of the agent's own. */
const LEFT_OUT = new Set(["StandardOutPath", "StandardErrorPath", "StandardInPath", "Sockets", "MachServices"]);
/** Words that stand for a file though they do not begin with a slash: below the working directory. */
const FILE_NAME = /^[\w@%+.-][\w@%+./-]*\.(py|js|mjs|ts|sh|rb|pl|json|ya?ml|toml|ini|cfg|conf|env)$/;

/** Absolute paths and those that begin with `~/`, as they are written; `value` is a plist's. */
export function namedFiles(value: unknown): string[] {
  if (!isFields(value)) return [];
  const { WorkingDirectory: folder } = value;
  const paths = new Set<string>();
  for (const text of textsIn(value)) {
    for (const path of pathsIn(text)) paths.add(path);
    if (isText(folder) && folder.startsWith("/"))
      for (const word of text.split(/[\s"'=;&|]+/)) if (FILE_NAME.test(word)) paths.add(`${folder}/${word}`);
  }
  return [...paths];
}

function textsIn(value: unknown): string[] {
  if (isText(value)) return [value];
  if (isList(value)) return value.flatMap(textsIn);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => (LEFT_OUT.has(key) ? [] : textsIn(inner)));
}

/** A text that is a path as a whole may hold blanks; in a command line one ends there. */
const pathsIn = (text: string): string[] => [
  ...(/^(\/|~\/)/.test(text) ? [text] : []),
  ...[...text.matchAll(/(?:^|[\s"'=:;&|(,])((?:~|\$HOME)?\/[^\s"'=:;&|(),]+)/g)].map(([, path = ""]) =>
    path.replace(/^\$HOME/, "~"),
  ),
];
