// .mcp.json text → the file paths in its servers' environments.
import * as v from "valibot";

/** JSON's maps alone: to valibot a list is a record too. */
const map = <T extends v.GenericSchema>(value: T) =>
  v.pipe(
    v.unknown(),
    v.check((input) => !Array.isArray(input)),
    v.record(v.string(), value),
  );
const Servers = v.object({ mcpServers: v.optional(map(v.object({ env: v.optional(map(v.unknown())) }))) });

/** A variable of this kind may hold the path of a credential file. */
const CREDENTIAL_VARIABLE = /OAUTH|CREDENTIAL|TOKEN|SECRET|KEY/i;

export interface McpPath {
  /** `mcpServers.SERVER.env.VARIABLE`. */
  key: string;
  /** Absolute or `~/…`, as it stands there. */
  path: string;
}

/** The values that look like paths. Null where the text is no JSON or has another shape. */
export function mcpPaths(text: string): McpPath[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = v.safeParse(Servers, value);
  if (Array.isArray(value) || !parsed.success) return null;
  const paths: McpPath[] = [];
  for (const [server, { env }] of Object.entries(parsed.output.mcpServers ?? {}))
    for (const [variable, path] of Object.entries(env ?? {}))
      if (
        CREDENTIAL_VARIABLE.test(variable) &&
        typeof path === "string" &&
        /^(~\/|\/)/.test(path) &&
        !path.includes("\0")
      )
        paths.push({ key: `mcpServers.${server}.env.${variable}`, path });
  return paths;
}
