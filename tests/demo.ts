// `bun run demo`: the compiled binary saves a broken home. Everything happens in a throwaway folder; every secret is made up.
// Each command is shown with its real output; at the end the home is compared with the start, byte for byte and mode for mode.
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { build, buildBinary } from "plist";

const usage = "usage: bun tests/demo.ts [BINARY]";
const [binary = join(import.meta.dir, "../dist/rollback"), ...rest] = process.argv.slice(2);
const base = realpathSync(mkdtempSync(join(tmpdir(), "rollback-demo-")));
const home = join(base, "home");
const root = join(home, "PetesBrain");
const agents = join(home, "Library/LaunchAgents");
const servers = join(root, "infrastructure/mcp-servers");
const store = join(root, "infrastructure/rollback-snapshots");
/** Stands in every secret of this home, so that it can be looked for in all that is printed. */
const SECRET = "made-up-secret";

// A folder that a restore makes anew is 0755: so shall the home's own be, whatever the caller's umask.
process.umask(0o022);
process.on("exit", () => rmSync(base, { recursive: true, force: true }));
for (const [signal, code] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const])
  process.on(signal, () => process.exit(code));

try {
  if (rest.length > 0) throw new Error(usage);
  tell();
} catch (error) {
  console.error(`\n❌ ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function tell(): void {
  makeHome();
  const start = photograph();
  say(`A home in ${home}: 71 agents of ours beside 4 of other vendors, 3 configs, 9 credentials, 3 venvs.`);

  chapter("A snapshot before the migration");
  const baseline = take("Before Phase 4 migration", "pre-phase-4");
  run(["latest"], { head: 14 });

  chapter("The migration goes wrong");
  const broken = breakThings();
  say(`${differences(start).length} paths are not what they were.`);

  chapter("What is there to go back to, and what would that change?");
  run(["list"]);
  run(["verify"]);
  run(["restore", baseline], { head: 8, tail: 24 });
  run(["diff", baseline]);

  chapter("Which of the changes makes the check fail?");
  run(["bisect", baseline, "--check", 'test -f "$HOME/PetesBrain/shared/paths.py"', "--force"]);

  chapter("Go back");
  run(["restore", baseline, "--force"], { head: 20 });
  expectStart(start, "The home is as it was.");

  chapter("Roll the rollback back: the broken state was kept, too");
  run(["list"]);
  run(["restore", "latest:auto-backup", "--force"], { head: 8 });
  for (const path of broken)
    if (!differences(start).includes(path)) throw new Error(`${path} should be broken again, but is not`);
  say(`All ${broken.length} edited files are broken again; what the migration had deleted was left alone.`);

  chapter("And forth: the good state was kept before that");
  run(["restore", "latest:auto-backup"], { head: 3, tail: 11 });
  run(["restore", "latest:auto-backup", "--force"], { head: 8 });

  chapter("A stored file goes bad, and is mended from another snapshot's copy");
  writeFileSync(join(store, baseline, "plist", `${ours(7)}.plist`), "bit rot");
  run(["verify", baseline], { exit: 4 });
  run(["verify", baseline, "--heal"]);
  run(["verify"]);
  run(["recover"]);

  chapter("The end");
  expectStart(start, `All ${start.size} paths of the home are what they were, byte for byte and mode for mode.`);
}

// ---- The home ----

function ours(index: number): string {
  return `com.petesbrain.${["email-sync", "daily-intel-report", "budget-monitor"][index] ?? `agent-${index}`}`;
}

function server(name: string, file: string): string {
  return join(servers, name, file);
}

function secretJson(name: string): string {
  return `${JSON.stringify({ client_id: `${name}.example`, token: `${SECRET}-${name}` }, null, 2)}\n`;
}

/** Writes a file of exactly this mode, and the folders above it. */
function put(path: string, content: string | Uint8Array, mode = 0o644): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  chmodSync(path, mode);
}

function makeHome(): void {
  for (let index = 0; index < 71; index++) {
    const Label = ours(index);
    const agent = {
      Label,
      ProgramArguments: ["/bin/sh", `${Label}.sh`],
      EnvironmentVariables: { TZ: "Europe/London" },
    };
    put(join(agents, `${Label}.plist`), index % 10 === 3 ? buildBinary(agent) : build(agent));
  }
  for (const Label of ["com.google.keystone.agent", "com.adobe.ccxprocess", "homebrew.mxcl.redis", "us.zoom.updater"])
    put(join(agents, `${Label}.plist`), build({ Label }));

  const env = { GOOGLE_OAUTH_FILE: "~/keys/ga4-service-account.json", API_TOKEN: `${SECRET}-in-mcp` };
  put(
    join(root, ".mcp.json"),
    `${JSON.stringify({ mcpServers: { ga4: { command: "node", env } } }, null, 2)}\n`,
    0o600,
  );
  put(join(root, "shared/secrets.py"), `SLACK = "${SECRET}-slack"\n`, 0o600);
  put(join(root, "shared/paths.py"), 'ROOT = "~/PetesBrain"\n');

  for (const name of ["google-ads", "gmail", "drive", "sheets"])
    put(server(name, "credentials.json"), secretJson(name), 0o600);
  put(server("gmail", "gcp-oauth.keys.json"), secretJson("gmail-keys"), 0o400);
  put(join(home, ".google-ads/google-ads.yaml"), `developer_token: ${SECRET}-ads\n`, 0o600);
  put(join(home, ".config/gcloud/application_default_credentials.json"), secretJson("gcloud"), 0o600);
  put(join(home, ".config/slack/token.json"), secretJson("slack"), 0o600);
  put(join(home, "keys/ga4-service-account.json"), secretJson("ga4"), 0o600);

  venv(join(root, "venv-google"), "3.12.12", "echo Python 3.12.12");
  venv(join(servers, "gmail/.venv"), "3.11.9", "echo Python 3.11.9");
  venv(join(root, "agents/email-sync/.venv"), "3.10.14", "exit 1");
  if (Bun.which("git") !== null) makeRepository();
}

function venv(folder: string, version: string, script: string): void {
  put(join(folder, "pyvenv.cfg"), `version = ${version}\n`);
  put(join(folder, "bin/python3"), `#!/bin/sh\n${script}\n`, 0o755);
}

function makeRepository(): void {
  const author = ["-c", "user.name=Demo", "-c", "user.email=demo@example.invalid", "-c", "commit.gpgsign=false"];
  for (const words of [
    ["init", "--quiet"],
    ["add", "shared/paths.py"],
    ["commit", "--quiet", "-m", "Start"],
  ]) {
    const env = { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: "1" };
    const { exitCode, stderr } = Bun.spawnSync(["git", ...author, ...words], { cwd: root, env });
    if (exitCode !== 0) throw new Error(`git ${words.join(" ")}: ${stderr}`);
  }
}

/** Breaks the home in several ways, and returns the files that stand there with wrong content or mode. */
function breakThings(): string[] {
  const email = join(agents, `${ours(0)}.plist`);
  const binaryPlist = join(agents, `${ours(3)}.plist`);
  const mcp = join(root, ".mcp.json");
  const token = join(home, ".config/slack/token.json");
  step("edits", email, () =>
    writeFileSync(email, readFileSync(email, "utf8").replace("Europe/London", "America/New_York")),
  );
  step("cuts off", binaryPlist, () => truncateSync(binaryPlist, 20));
  step("deletes", join(agents, `${ours(1)}.plist`), (path) => rmSync(path));
  step("writes broken JSON to", mcp, () => writeFileSync(mcp, "{"));
  step("deletes", join(root, "shared"), (path) => rmSync(path, { recursive: true }));
  step("deletes", server("gmail", "gcp-oauth.keys.json"), (path) => rmSync(path));
  step("opens to everybody", token, () => chmodSync(token, 0o666));
  return [email, binaryPlist, mcp, token].map(name);
}

function step(what: string, path: string, act: (path: string) => void): void {
  act(path);
  say(`It ${what} ~/${name(path)}`);
}

// ---- The comparison ----

function name(path: string): string {
  return relative(home, path);
}

/** Every path of the home but the snapshots: kind and mode, and content or link target. */
function photograph(): Map<string, string> {
  const seen = new Map<string, string>();
  const visit = (path: string) => {
    if (path === store) return;
    const stats = lstatSync(path);
    const facts = stats.mode.toString(8);
    if (stats.isDirectory()) {
      seen.set(name(path), facts);
      for (const entry of readdirSync(path).sort()) visit(join(path, entry));
    } else {
      const content = stats.isSymbolicLink() ? readlinkSync(path) : readFileSync(path).toString("base64");
      seen.set(name(path), `${facts} ${content}`);
    }
  };
  visit(home);
  return seen;
}

function differences(start: ReadonlyMap<string, string>): string[] {
  const current = photograph();
  const paths = new Set([...start.keys(), ...current.keys()]);
  return [...paths].filter((path) => start.get(path) !== current.get(path));
}

function expectStart(start: ReadonlyMap<string, string>, good: string): void {
  const different = differences(start);
  if (different.length > 0) throw new Error(`the home is not what it was at the start:\n   ${different.join("\n   ")}`);
  console.log(`\n✅ ${good}`);
}

// ---- The binary ----

interface Showing {
  /** The exit code that the story wants. */
  exit?: number;
  /** How many lines to show of the beginning and of the end; all where `head` is left out. */
  head?: number;
  tail?: number;
}

/** Takes a snapshot and returns its id. */
function take(description: string, category: string): string {
  const id = run(["create", description, category]).match(/\d{8}_\d{6}/)?.[0];
  if (id === undefined) throw new Error("create named no snapshot");
  return id;
}

/** Runs a command in the project, shows it with all that it prints, and returns that. Throws where it ends otherwise than wanted. */
function run(words: string[], { exit = 0, head = Number.POSITIVE_INFINITY, tail = 6 }: Showing = {}): string {
  console.log(`\n$ rollback ${words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" ")}`);
  const log = join(base, "output");
  // One descriptor for both streams keeps their order.
  const both = openSync(log, "w", 0o600);
  const env = { PATH: process.env.PATH, HOME: home };
  const { exitCode } = Bun.spawnSync([resolve(binary), ...words], { cwd: root, env, stdout: both, stderr: both });
  closeSync(both);
  const output = readFileSync(log, "utf8");
  const lines = output.trimEnd().split("\n");
  const left = lines.length - head - tail;
  const shown = left > 1 ? [...lines.slice(0, head), `   [… ${left} lines left out …]`, ...lines.slice(-tail)] : lines;
  console.log(shown.join("\n"));
  if (exitCode !== 0) console.log(`[exit ${exitCode}]`);
  if (exitCode !== exit) throw new Error(`rollback ${words.join(" ")} ended with ${exitCode}, not ${exit}`);
  if (output.includes(SECRET)) throw new Error(`rollback ${words.join(" ")} printed a secret`);
  return output;
}

function chapter(title: string): void {
  console.log(`\n── ${title} ${"─".repeat(Math.max(3, 90 - title.length))}`);
}

function say(text: string): void {
  console.log(`   ${text}`);
}
