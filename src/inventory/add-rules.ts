// A rollback.yaml's text and lines to add → its new text. Comments, order and form of what stands there are kept. Pure.
import { DEFAULTS, type PathList, parseConfig } from "../config.ts";
import { fail } from "../errors.ts";

export interface Rule {
  list: PathList;
  /** As the file is to name it. */
  path: string;
}

const HEAD =
  "# What rollback captures, and how. Keys that are not here keep their defaults: `rollback help config` explains them.\nversion: 1\n";

/**
 * Adds each rule to its list. A list that the file does not have begins with the defaults that `kept` wants, since one that is there takes
 * their place. Null for the text is "no file yet". Throws `usage` where the text is not a config.
 */
export async function addRules(
  text: string | null,
  file: string,
  rules: Rule[],
  kept: (pattern: string) => boolean,
): Promise<string> {
  const before = text ?? HEAD;
  const config = await parseConfig(before, file);
  const { isSeq, parseDocument } = await import("yaml");
  const document = parseDocument(before);
  for (const [list, added] of Map.groupBy(rules, (rule) => rule.list)) {
    const keys = list.split(".");
    const node = document.getIn(keys, true);
    const paths = added.map(({ path }) => path);
    if (isSeq(node)) for (const path of paths) node.add(document.createNode(path));
    else {
      const base = config.own.includes(list) ? patternsOf(config, list) : patternsOf(DEFAULTS, list).filter(kept);
      document.setIn(keys, document.createNode([...base, ...paths]));
    }
  }
  const written = document.toString(formOf(before));
  const after = before.includes("\r\n") ? written.replaceAll("\n", "\r\n") : written;
  const checked = await parseConfig(after, file);
  const missing = rules.find(({ list, path }) => !patternsOf(checked, list).includes(path));
  if (missing !== undefined) throw fail.ruleNotAdded(file, missing.list, missing.path);
  return after;
}

const patternsOf = ({ plists, configs, credentials }: typeof DEFAULTS, list: PathList): string[] =>
  ({ plists, configs, "credentials.files": credentials.files, "credentials.mcp": credentials.mcp })[list];

/** How the file is written: what YAML leaves open stays as its writer had it. */
function formOf(text: string) {
  const indent = /^( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 2;
  return {
    lineWidth: 0,
    indent,
    indentSeq: !/^[\w-]+:[^\S\n]*\n-\s/m.test(text),
    flowCollectionPadding: /[[{] /.test(text),
  };
}
