// .mcp.json text → the file paths in its servers' environments. Comments and trailing commas are taken, as some of its readers do; and
// of a text that is broken, what can be understood.
import type { ParseError } from "jsonc-parser";
import { isFields, isText } from "../shape.ts";

/** A variable of this kind may hold the path of a credential file. */
const CREDENTIAL_VARIABLE = /OAUTH|CREDENTIAL|TOKEN|SECRET|KEY/i;

export interface McpPath {
  /** `mcpServers.SERVER.env.VARIABLE`. */
  key: string;
  /** Absolute or `~/…`, as it stands there. */
  path: string;
}

export interface McpPaths {
  paths: McpPath[];
  /** In words that begin with a verb, without the content; null where all of it was understood. */
  problem: string | null;
}

const OTHER_SHAPE = "is not in the form of an .mcp.json";

/** The values that look like paths, as far as the text can be understood. */
export async function mcpPaths(text: string): Promise<McpPaths> {
  const { value, problem } = await parse(text);
  if (!isFields(value)) return { paths: [], problem: problem ?? OTHER_SHAPE };
  const { mcpServers: servers = {} } = value;
  if (!isFields(servers)) return { paths: [], problem: problem ?? OTHER_SHAPE };
  const paths: McpPath[] = [];
  let isStrange = false;
  for (const [server, settings] of Object.entries(servers)) {
    const env = isFields(settings) ? (settings.env ?? {}) : null;
    if (isFields(env)) paths.push(...pathsIn(server, env));
    else isStrange = true;
  }
  return { paths, problem: problem ?? (isStrange ? OTHER_SHAPE : null) };
}

const pathsIn = (server: string, env: Record<string, unknown>): McpPath[] =>
  Object.entries(env).flatMap(([variable, path]) =>
    CREDENTIAL_VARIABLE.test(variable) && isText(path) && /^(~\/|\/)/.test(path) && !path.includes("\0")
      ? [{ key: `mcpServers.${server}.env.${variable}`, path }]
      : [],
  );

async function parse(text: string): Promise<{ value: unknown; problem: string | null }> {
  try {
    return { value: JSON.parse(text), problem: null };
  } catch {
    return await parseWithComments(text.replace(/^\uFEFF/, ""));
  }
}

async function parseWithComments(text: string): Promise<{ value: unknown; problem: string | null }> {
  const { parse } = await import("jsonc-parser");
  const errors: ParseError[] = [];
  try {
    const value: unknown = parse(text, errors, { allowTrailingComma: true });
    const [first] = errors;
    if (first === undefined) return { value, problem: null };
    return { value, problem: `is not JSON (line ${text.slice(0, first.offset).split("\n").length})` };
  } catch {
    // Nested deeper than a parser's stack.
    return { value: undefined, problem: "is not JSON" };
  }
}
