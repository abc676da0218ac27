// Edits that tell no secret: each has to be shown, old and new.
import { build } from "plist";
import { stringify as yaml } from "yaml";
import type { Planted } from "./places.ts";

export interface Edit {
  old: string;
  now: string;
  plant(value: string): Planted;
}

const agent = (more: Parameters<typeof build>[0] & object): Planted => ({
  path: "/Users/alex/Library/LaunchAgents/com.acme.sync.plist",
  kind: "plist",
  text: build({ Label: "com.acme.sync", ...more }),
});
const config = (name: string, text: string): Planted => ({ path: `/Users/alex/project/${name}`, kind: "config", text });
const words = (...list: string[]): Planted => agent({ ProgramArguments: list });
const variable = (name: string) => (value: string) => agent({ EnvironmentVariables: { [name]: value } });
const server = (value: unknown): Planted =>
  config(".mcp.json", JSON.stringify({ mcpServers: { gmail: value } }, null, 2));
const line =
  (name: string, begin: string, end = "") =>
  (value: string) =>
    config(name, `a\n${begin}${value}${end}\nb\n`);
const key = (name: string) => (value: string) => config("app.json", JSON.stringify({ [name]: value }));
const number = (name: string) => (value: string) => config("app.json", `{"${name}": ${value}}`);
const yamlKey = (name: string) => (value: string) => config("app.yaml", yaml({ [name]: value }));

const edit = (old: string, now: string, plant: Edit["plant"]): Edit => ({ old, now, plant });
const run =
  (...rest: string[]) =>
  (value: string) =>
    words("/usr/bin/python3", ...rest.map((one) => one.replace("@", value)));
const sh = (text: string) => (value: string) => words("/bin/sh", "-c", text.replace("@", value));

export const HARMLESS: Edit[] = [
  edit("/usr/local/bin/python3.11", "/opt/homebrew/bin/python3.12", (v) => words(v, "sync.py")),
  edit("/Users/alex/project/sync.py", "/Users/alex/project/agents/email_sync.py", run("@")),
  edit("sync_v1.py", "sync_v2.py", run("@", "--verbose")),
  edit("--verbose", "--quiet", run("x.py", "@")),
  edit("serve", "watch", run("x.py", "@")),
  edit("http.server", "uvicorn", run("-m", "@", "8080")),
  edit("8080", "9090", run("-m", "http.server", "@")),
  edit("300", "600", run("x.py", "--interval", "@")),
  edit("4096", "8192", run("x.py", "--max-tokens=@")),
  edit("30", "45", run("x.py", "--timeout=@")),
  edit("debug", "warning", run("x.py", "--log-level", "@")),
  edit("claude-3-5-sonnet-20241022", "claude-sonnet-4-20250514", run("x.py", "--model", "@")),
  edit("gpt-4o-2024-08-06", "gpt-4.1-mini", run("x.py", "--model=@")),
  edit("https://api.example.com/v1/items", "https://api.example.org/v2/items", (v) => words("/usr/bin/curl", "-s", v)),
  edit("@modelcontextprotocol/server-filesystem@1.0.2", "@modelcontextprotocol/server-github@2025.4.8", (v) =>
    words("/usr/local/bin/npx", "-y", v),
  ),
  edit("acme/app:v1.2.3", "ghcr.io/acme/app:v1.3.0-rc.1", (v) => words("/usr/local/bin/docker", "run", "--rm", v)),
  edit("0 3 * * *", "30 4 * * 1", run("x.py", "--cron", "@")),
  edit("03:00", "04:30", run("x.py", "--at", "@")),
  edit("daily", "weekly", run("x.py", "--mode", "@")),
  edit("localhost", "nas.local", run("x.py", "--host", "@")),
  edit("db.example.com:5432", "db2.example.com:5433", run("x.py", "--connect", "@")),
  edit("/tmp/a.log", "/Users/alex/logs/b.log", sh("cd /Users/alex/project && ./sync.sh >> @ 2>&1")),
  edit("./sync.sh", "./sync-all.sh", sh("cd /Users/alex/project && @ --verbose")),
  edit("sleep 5", "sleep 10", sh("@; exec /usr/bin/python3 x.py")),
  edit("2024-01-01", "2025-06-30", run("x.py", "--since", "@")),
  edit(
    "/Users/alex/.config/acme/token.json",
    "/Users/alex/.config/acme/tokens/main.json",
    run("x.py", "--token-file", "@"),
  ),
  edit("us-east-1", "eu-central-1", run("x.py", "--region", "@")),
  edit("gmail-sync", "calendar-sync", run("x.py", "--job-name", "@")),
  edit(
    "/Users/alex/Library/Mobile/3f2504e0-4f89-41d3-9a0c-0305e82c3301/a.db",
    "/Users/alex/Library/Mobile/9b2d7a3c-1f7e-4f38-8d8a-5c1c9f0e7711/a.db",
    run("x.py", "--database", "@"),
  ),
  edit("info", "debug", variable("LOG_LEVEL")),
  edit("8080", "3000", variable("PORT")),
  edit("0", "1", variable("DEBUG")),
  edit("/usr/bin:/bin", "/opt/homebrew/bin:/usr/bin:/bin", variable("PATH")),
  edit("/Users/alex/PB", "/Users/alex/PetesBrain", variable("PETESBRAIN_ROOT")),
  edit("production", "staging", variable("NODE_ENV")),
  edit("localhost", "db.example.com", variable("DB_HOST")),
  edit("30", "60", variable("REQUEST_TIMEOUT")),
  edit("claude-3-5-haiku-20241022", "claude-sonnet-4-20250514", variable("ANTHROPIC_MODEL")),
  edit("https://api.example.com/v1", "https://api.example.com/v2", variable("OPENAI_BASE_URL")),
  edit("Europe/Berlin", "UTC", variable("TZ")),
  edit("/Users/alex/a/credentials.json", "/Users/alex/b/credentials.json", variable("GOOGLE_APPLICATION_CREDENTIALS")),
  edit("/Users/alex/a.pem", "/Users/alex/b.pem", variable("SSL_KEY_FILE")),
  edit("eu-west-1", "us-east-2", variable("AWS_REGION")),
  edit("4096", "8192", variable("MAX_TOKENS")),
  edit("/Users/alex/logs/out.log", "/Users/alex/Library/Logs/out.log", (v) => agent({ StandardOutPath: v })),
  edit("/Users/alex/a", "/Users/alex/b", (v) => agent({ WorkingDirectory: v })),
  edit("/Users/alex/in", "/Users/alex/inbox", (v) => agent({ WatchPaths: [v] })),
  edit("com.acme.one", "com.acme.two", (v) => agent({ Comment: v })),
  edit("node", "/opt/homebrew/bin/node", (v) => server({ command: v, args: ["x.js"] })),
  edit("dist/index.js", "build/server.js", (v) => server({ command: "node", args: [v] })),
  edit("@acme/mcp@1.2.3", "@acme/mcp@1.3.0", (v) => server({ command: "npx", args: ["-y", v] })),
  edit("info", "debug", (v) => server({ command: "node", env: { LOG_LEVEL: v } })),
  edit("https://mcp.example.com/sse", "https://mcp.example.org/sse", (v) => server({ url: v })),
  edit("1.2.3", "2.0.0-beta.4", key("version")),
  edit("4096", "8192", number("max_tokens")),
  edit("0.7", "0.2", number("temperature")),
  edit("true", "false", number("use_oauth")),
  edit("claude-3-opus-20240229", "claude-opus-4-1-20250805", key("model")),
  edit("9fceb02d0ae598e95dc970b74767f19372d61af8", "1a410efbd13591db07496601ebc7a059dd55cfe9", key("commit")),
  edit(
    "1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms",
    "1mHIWnDvW9cALRMq9OdNfRwjAthCUFUOACPp0Lkyl7b4",
    key("spreadsheet_id"),
  ),
  edit(
    "https://docs.google.com/spreadsheets/d/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/edit",
    "https://docs.google.com/document/d/1mHIWnDvW9cALRMq9OdNfRwjAthCUFUOACPp0Lkyl7b4/edit",
    key("sheet_url"),
  ),
  edit("123-456-7890", "987-654-3210", key("customer_id")),
  edit("primary", "alex@example.com", key("calendar")),
  edit("https://oauth2.googleapis.com/token", "https://accounts.google.com/o/oauth2/token", key("token_uri")),
  edit("id", "created_at", key("sort_key")),
  edit("Daily report for the team", "Weekly report for everybody", key("title")),
  edit("0.5", "1.5", number("token_bucket_rate")),
  edit("postgres:16.2", "postgres:17-alpine", yamlKey("image")),
  edit("0 3 * * *", "15 4 * * 1-5", yamlKey("schedule")),
  edit("info", "debug", yamlKey("log_level")),
  edit("ERROR", "WARNING", yamlKey("level")),
  edit("python -m sync --all", "python -m sync --fast", yamlKey("command")),
  edit("1500", "4000", (v) => config("app.yaml", `token_limit: ${v}\n`)),
  edit(
    "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "sha256:60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752",
    yamlKey("digest"),
  ),
  edit("tiktoken==0.7.0", "tiktoken==0.8.0", line("requirements.txt", "")),
  edit("requests>=2.31,<3", "requests>=2.32,<3", line("requirements.txt", "")),
  edit("google-auth-oauthlib==1.2.0", "google-auth-oauthlib==1.2.1", line("requirements.txt", "")),
  edit("1000", "2000", line("app.py", "MAX_TOKENS = ")),
  edit("load_token(path)", "load_token(folder / 'token.json')", line("app.py", "token = ")),
  edit('os.environ["API_KEY"]', 'os.environ.get("API_KEY")', line("app.py", "api_key = ")),
  edit("secrets", "shared.secrets", line("app.py", "import ")),
  edit('"token.json"', '"tokens/main.json"', line("app.py", "TOKEN_FILE = ROOT / ")),
  edit("Refreshes the token every day", "Refreshes the token once an hour", line("app.py", "# ")),
  edit('"Token refreshed"', '"Token was refreshed"', line("app.py", "print(", ")")),
  edit('"missing API key"', '"no API key is set"', line("app.py", "raise ValueError(", ")")),
  edit("def refresh_token(client):", "def refresh_token(client, force=False):", line("app.py", "")),
  edit(
    '["https://www.googleapis.com/auth/gmail.readonly"]',
    '["https://www.googleapis.com/auth/gmail.modify"]',
    line("app.py", "SCOPES = "),
  ),
  edit("if token is None:", "if not token:", line("app.py", "")),
  edit("return creds.token", "return credentials.token", line("app.py", "    ")),
  edit("const token = await getToken();", "const token = await loadToken(file);", line("app.ts", "")),
  edit('import { getToken } from "./auth";', 'import { getToken } from "./auth/token";', line("app.ts", "")),
  edit("for key in keys:", "for key, value in pairs:", line("app.py", "")),
  edit('key=lambda item: item["date"]', 'key=lambda item: item["name"]', line("app.py", "items.sort(", ")")),
  edit("30", "60", line("app.toml", "timeout = ")),
  edit('"/Users/alex/a"', '"/Users/alex/b"', line("app.toml", "root = ")),
  edit("/Users/alex/a", "/Users/alex/b", line("app.ini", "root = ")),
  edit("echo starting", "echo started", line("run.sh", "")),
  edit("python3 sync.py --all", "python3 sync.py --since 2025-01-01", line("run.sh", "")),
  edit("/usr/local/bin:$PATH", "/opt/homebrew/bin:$PATH", line("run.sh", "export PATH=")),
  edit("info", "debug", line("run.sh", "export LOG_LEVEL=")),
  edit("FROM python:3.11-slim", "FROM python:3.12-slim", line("Dockerfile", "")),
  edit("pip install -r requirements.txt", "pip install --no-cache-dir -r requirements.txt", line("Dockerfile", "RUN ")),
  edit("3000", "8080", line("Dockerfile", "EXPOSE ")),
  edit("Ask Sam for the password.", "Ask Kim for the password.", line("notes.md", "")),
  edit("The API key lives in the keychain.", "The API key lives in 1Password.", line("notes.md", "")),
  edit('rollback create "before"', "rollback restore latest", line("notes.md", "Run `", "`")),
  edit("https://github.com/acme/app/commit/1a410ef", "https://github.com/acme/app/pull/42", line("notes.md", "See ")),
  edit("alex,admin", "alex,editor", line("roles.csv", "")),
  edit("5432", "5433", variable("PGPORT")),
  edit("xterm-256color", "screen-256color", variable("TERM")),
  edit("nano", "vim", variable("EDITOR")),
  edit(
    "/Users/alex/Library/Application Support/x/db.sqlite",
    "/Users/alex/Library/Application Support/y/db.sqlite",
    variable("DB_PATH"),
  ),
  edit("python3 -m sync.main", "python3 -m sync.main_v2", sh("@")),
  edit("jq -r .name", "jq -r .title", sh("cat a.json | @")),
  edit("date +%Y-%m-%d", "date +%Y%m%d", sh("./x --since $(@)")),
  edit("1234567890", "9876543210", variable("GOOGLE_ADS_LOGIN_CUSTOMER_ID")),
  edit("petes-brain-204813", "petes-brain-301", variable("GOOGLE_PROJECT_ID")),
  edit("d41d8cd98f00b204e9800998ecf8427e", "0cc175b9c0f1b6a831c399e269772661", key("md5")),
  edit("x.git@v1.2", "x.git@v1.3", line("requirements.txt", "git+https://github.com/acme/")),
  edit('"secrets"', '"private"', line("app.py", "SECRETS_DIR = ROOT / ")),
  edit('getpass("Password: ")', "getpass.getpass()", line("app.py", "password = ")),
  edit('config.get("api_key")', 'config["api_key"]', line("app.py", "api_key = ")),
  edit('{"Accept": "application/json"}', '{"Accept": "text/plain"}', line("app.py", "headers = ")),
  edit("export interface Token { a: string }", "export interface Token { b: string }", line("app.ts", "")),
  edit("oauth2", "service_account", key("auth_method")),
  edit("RS256", "ES256", key("jwt_algorithm")),
  edit("https://accounts.google.com", "https://login.example.com", key("token_issuer")),
  edit("Ctrl+S", "Ctrl+Shift+S", key("shortcut_key")),
  edit("| gmail | 8080 |", "| gmail | 8081 |", line("notes.md", "")),
  edit("90", "180", number("password_max_age_days")),
  edit("/Users/alex/.ssh/id_ed25519", "/Users/alex/.ssh/id_backup", run("-i", "@")),
];
