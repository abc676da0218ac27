// Keys and region for S3 from where every other tool finds them: the AWS variables, else the profile in ~/.aws. Pure but for `read`.
// Rules: AWS SDKs and Tools Reference Guide, "Shared config and credentials files" and "Environment variables".
import { fail } from "../errors.ts";
import type { AbsPath, Env } from "../model.ts";
import { below } from "../paths.ts";

export interface Access {
  accessKeyId: string;
  secretAccessKey: string;
  /** Empty where there is none. */
  sessionToken: string;
  region: string;
  /** Undefined is AWS itself. */
  endpoint: string | undefined;
}

/**
 * `given` is what the config says of this destination; it comes first. `read` gives a file's text, or null where there is none. Throws
 * `failed` where there are no keys.
 */
export function findAccess(
  env: Env,
  home: AbsPath,
  given: { endpoint?: string | undefined; region?: string | undefined },
  read: (path: string) => string | null,
): Access {
  const variable = (name: string) => env[name] || undefined;
  const profile = variable("AWS_PROFILE") ?? "default";
  const sections = (name: string, file: string) =>
    parseSections(read(variable(name) ?? below(home, ".aws", file)) ?? "");
  const config = sections("AWS_CONFIG_FILE", "config");
  const settings = config.get(`profile ${profile}`) ?? (profile === "default" ? config.get(profile) : undefined);
  const stored = sections("AWS_SHARED_CREDENTIALS_FILE", "credentials").get(profile);
  const fromEnv = variable("AWS_ACCESS_KEY_ID") !== undefined && variable("AWS_SECRET_ACCESS_KEY") !== undefined;
  const key = (name: string) => (fromEnv ? variable(name.toUpperCase()) : (stored?.get(name) ?? settings?.get(name)));
  const accessKeyId = key("aws_access_key_id");
  const secretAccessKey = key("aws_secret_access_key");
  if (accessKeyId === undefined || secretAccessKey === undefined) throw fail.noAwsKeys(profile);
  return {
    accessKeyId,
    secretAccessKey,
    sessionToken: key("aws_session_token") ?? "",
    region:
      given.region ??
      variable("AWS_REGION") ??
      variable("AWS_DEFAULT_REGION") ??
      settings?.get("region") ??
      "us-east-1",
    endpoint:
      given.endpoint ??
      variable("AWS_ENDPOINT_URL_S3") ??
      variable("AWS_ENDPOINT_URL") ??
      settings?.get("endpoint_url"),
  };
}

/** `[section]` → its `key = value` lines; comments begin with # or ;. Values nested below a key are of no use to us. */
export function parseSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const [, name] = /^\[\s*(.*?)\s*\]/.exec(line) ?? [];
    if (name !== undefined) {
      current = sections.get(name) ?? new Map();
      sections.set(name, current);
      continue;
    }
    const [, key, value] = /^([\w-]+)\s*=\s*(.*?)\s*(?:\s[#;].*)?$/.exec(line) ?? [];
    if (key !== undefined && value !== undefined && value !== "") current?.set(key.toLowerCase(), value);
  }
  return sections;
}
