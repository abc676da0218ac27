// A manifest as it is on disk, as JSON may show it: whoever wrote it may have put more into it than a snapshot's facts.
import { maskKey } from "../diff/keys.ts";
import { KINDS } from "../model.ts";
import { maskValue } from "../secrets/line-secrets.ts";
import { maskNote } from "../secrets/note-secrets.ts";
import { HIDDEN, isHarmless, isSecretName } from "../secrets/secret.ts";

/** What is shown as it stands: places that every view names, and what has a form of its own. */
const OPEN: Record<string, RegExp> = {
  ...Object.fromEntries(["original", "backup", "path", "home", "root", "symlink", "label"].map((key) => [key, /^/])),
  ...Object.fromEntries(["hash", "names", "commit"].map((key) => [key, /^[0-9a-f]{7,64}$/i])),
};
const NOTES = new Set(["description", "category", "reason", "name"]);
/** Keys below which the keys are names: `venv-google`, `mcp/SERVER`. */
const NAMING = "venv_metadata";

/** Every value in its place, and none of them a secret. */
export function shownManifest(value: unknown, key = "", names = false): unknown {
  if (Array.isArray(value)) return value.map((item) => shownManifest(item, key));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        names ? name : maskKey(name),
        shownManifest(item, names ? "" : name, name === NAMING),
      ]),
    );
  // Under a kind it is how many there are.
  if (typeof value === "number") return isSecretName(key) && !KINDS.some((kind) => kind === key) ? HIDDEN : value;
  if (typeof value !== "string" || OPEN[key]?.test(value)) return value;
  if (NOTES.has(key)) return maskNote(value);
  if (isHarmless(key, value)) return value;
  return isSecretName(key) ? HIDDEN : maskValue(value);
}
