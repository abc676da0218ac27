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
 * `failed` where there are no keys, and where the profile has them by a way that only the AWS tools know. No command of a profile is run.
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
  const keys =
    pairIn((name) => variable(name.toUpperCase())) ?? profileKeys(profile, [stored, settings].map(orNothing));
  if (keys === null) throw fail.noAwsKeys(profile);
  return {
    ...keys,
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

type Section = ReadonlyMap<string, string>;
const orNothing = (section: Section | undefined): Section => section ?? new Map();

/** Both keys, and the token beside them: of one place, never one key from here and one from there. */
function pairIn(get: (name: string) => string | undefined): Omit<Access, "region" | "endpoint"> | null {
  const [accessKeyId, secretAccessKey] = [get("aws_access_key_id"), get("aws_secret_access_key")];
  if (accessKeyId === undefined || secretAccessKey === undefined) return null;
  return { accessKeyId, secretAccessKey, sessionToken: get("aws_session_token") ?? "" };
}

/** Ways to keys that are not in the files, in the order in which the AWS tools try them, and what is said of each. */
const BEFORE_KEYS: [RegExp, string][] = [
  [/^role_arn$/, "takes a role (role_arn)"],
  [/^web_identity_token_file$/, "takes a role (web_identity_token_file)"],
  [/^sso_/, "logs in by SSO, and its keys lie in a cache of the AWS tools"],
];
const COMMAND: [RegExp, string] = [/^credential_process$/, "names a command (credential_process), which is never run"];

/** The keys of a profile: of `credentials`, else of `config`. */
function profileKeys(profile: string, files: Section[]) {
  const other = (ways: [RegExp, string][]) => {
    const names = files.flatMap((file) => [...file.keys()]);
    const way = ways.find(([name]) => names.some((one) => name.test(one)));
    if (way !== undefined) throw fail.otherAwsKeys(profile, way[1]);
  };
  other(BEFORE_KEYS);
  const [credentials, config] = files.map((file) => pairIn((name) => file.get(name)));
  if (credentials != null) return credentials;
  other([COMMAND]);
  return config ?? null;
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
