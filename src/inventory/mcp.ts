// .mcp.json text → the file paths in its servers' environments.
import { isFields, isText } from "../shape.ts";

/** A variable of this kind may hold the path of a credential file. */
const CREDENTIAL_VARIABLE = /OAUTH|CREDENTIAL|TOKEN|SECRET|KEY/i;

export interface McpPath {
  /** `mcpServers.SERVER.env.VARIABLE`. */
  key: string;
  /** Absolute or `~/…`, as it stands there. */
  path: string;
}

/** The values that look like paths. Null where the text is not JSON or has another shape. */
export function mcpPaths(text: string): McpPath[] | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isFields(value)) return null;
  const { mcpServers: servers = {} } = value;
  if (!isFields(servers)) return null;
  const paths: McpPath[] = [];
  for (const [server, settings] of Object.entries(servers)) {
    if (!isFields(settings)) return null;
    const { env = {} } = settings;
    if (!isFields(env)) return null;
    for (const [variable, path] of Object.entries(env))
      if (CREDENTIAL_VARIABLE.test(variable) && isText(path) && /^(~\/|\/)/.test(path) && !path.includes("\0"))
        paths.push({ key: `mcpServers.${server}.env.${variable}`, path });
  }
  return paths;
}
