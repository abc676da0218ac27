// Places in which a secret stands, by kind. `telling`: whatever stands there is one, by the name above or before it.
import { build, type PlistValue } from "plist";
import { stringify as yaml } from "yaml";
import type { Kind } from "../../src/model.ts";

export interface Planted {
  path: string;
  kind: Kind;
  text: string;
}
export interface Place {
  group: string;
  telling: boolean;
  plant(secret: string): Planted;
}

const agent = (more: Record<string, PlistValue>): Planted => ({
  path: "/Users/alex/Library/LaunchAgents/com.acme.sync.plist",
  kind: "plist",
  text: build({ Label: "com.acme.sync", RunAtLoad: true, ...more }),
});
const config = (name: string, text: string): Planted => ({ path: `/Users/alex/project/${name}`, kind: "config", text });
const words = (...list: string[]): Planted => agent({ ProgramArguments: list });
const shell = (text: string): Planted => words("/bin/sh", "-c", text);
const json = (value: unknown, name = "settings.json"): Planted => config(name, JSON.stringify(value, null, 2));
const server = (value: unknown): Planted => json({ mcpServers: { gmail: value } }, ".mcp.json");

type Plant = Place["plant"];
const TELLING: Record<string, Plant[]> = {
  "plist, words": [
    (s) => words("/usr/bin/python3", "sync.py", "--token", s),
    (s) => words("/usr/bin/python3", "sync.py", `--api-key=${s}`),
    (s) => words("/usr/bin/python3", "sync.py", "--password", s, "--verbose"),
    (s) => words("/usr/local/bin/mysqldump", `-p${s}`, "shop"),
    (s) => words("/usr/local/bin/mysql", "-u", "root", `--password=${s}`),
    (s) => words("/usr/bin/curl", "-u", `alex:${s}`, "https://example.com/a"),
    (s) => words("/usr/bin/curl", "--user", `alex:${s}`, "https://example.com/a"),
    (s) => words("/usr/bin/curl", "-su", `alex:${s}`, "https://example.com/a"),
    (s) => words("/usr/bin/curl", "-H", `Authorization: Bearer ${s}`, "https://example.com/a"),
    (s) => words("/usr/bin/curl", "-H", `X-Api-Key: ${s}`, "https://example.com/a"),
    (s) => words("/usr/bin/curl", "-d", `grant=x&client_secret=${s}`, "https://example.com/a"),
    (s) => words("/usr/bin/curl", `https://example.com/a?access_token=${encodeURIComponent(s)}`),
    (s) => words("/opt/homebrew/bin/sshpass", "-p", s, "ssh", "host"),
    (s) => words("/opt/homebrew/bin/redis-cli", "-a", s, "ping"),
    (s) => words("/usr/bin/ldapsearch", "-x", "-w", s, "cn=alex"),
    (s) => words("/usr/bin/openssl", "enc", "-aes-256-cbc", "-k", s),
    (s) => words("/usr/bin/openssl", "enc", "-d", "-pass", `pass:${s}`),
    (s) => words("/usr/bin/security", "unlock-keychain", "-p", s),
    (s) => words("/usr/bin/security", "add-generic-password", "-a", "alex", "-w", s),
    (s) => words("/usr/bin/smbclient", "//nas/share", "-U", `alex%${s}`),
    (s) => words("/opt/homebrew/bin/lftp", "-u", `alex,${s}`, "ftp.example.com"),
    (s) => words("/usr/local/bin/docker", "run", "-e", `PGPASS=${s}`, "acme/app"),
    (s) => words("/usr/local/bin/docker", "run", "--env", `ANY_NAME=${s}`, "acme/app"),
    (s) => words("/usr/bin/env", `ANY_NAME=${s}`, "/usr/bin/python3", "x.py"),
    (s) => words("/usr/bin/python3", "x.py", "--token", `-${s}`),
    (s) => words("/usr/bin/python3", "x.py", `-k${s}=`),
    (s) => words("/usr/local/bin/psql", `postgres://alex:${encodeURIComponent(s)}@db.example.com/shop`),
    (s) => words("/usr/bin/git", "clone", `https://alex:${encodeURIComponent(s)}@github.com/acme/app.git`),
    (s) => words(`/usr/bin/curl -u bob:${s} https://example.com/`),
    (s) => agent({ Program: `/usr/bin/tool --key ${s}` }),
  ],
  "plist, shell text": [
    (s) => shell(`PASSWORD='${s}' ./run.sh`),
    (s) => shell(`export API_KEY="${s}" && /usr/bin/python3 x.py`),
    (s) => shell(`cd /Users/alex/project && ./sync --pass '${s}' --verbose >> /tmp/log 2>&1`),
    (s) => shell(`./sync --auth '${s}'; ./sync --pwd '${s}'; ./sync --pat '${s}' --psk '${s}'`),
    (s) => shell(`./sync --key '${s}'`),
    (s) => shell(`curl -s -u 'alex:${s}' https://example.com/a | jq .x`),
    (s) => shell(`curl --user 'alex:${s}' https://example.com/a`),
    (s) => shell(`curl -H 'Authorization: Token ${s}' https://example.com/a`),
    (s) => shell(`echo '${s}' | sudo -S true`),
    (s) => shell(`mysql -uroot -p'${s}' shop < /tmp/x.sql`),
    (s) => shell(`sshpass -p '${s}' scp a b:/c`),
    (s) => shell(`docker run -e 'X=${s}' acme/app:1.2.3`),
    (s) => shell(`echo '{"token": "${s}"}' > /tmp/x.json`),
  ],
  environment: [
    (s) => agent({ EnvironmentVariables: { ANTHROPIC_API_KEY: s } }),
    (s) => agent({ EnvironmentVariables: { ACCOUNT: s, PATH: "/usr/bin:/bin" } }),
    (s) => agent({ EnvironmentVariables: { SMTP_PASS: s, LOG_LEVEL: "info" } }),
    (s) => server({ command: "node", env: { GMAIL_REFRESH: s } }),
    (s) => server({ command: "node", env: { LOG_LEVEL: s } }),
    (s) => server({ url: "https://example.com/mcp", headers: { "X-Team": s } }),
    (s) => server({ url: "https://example.com/mcp", requestHeaders: { "X-Team": s } }),
    (s) => server({ command: "node", args: ["server.js", "--api-key", s] }),
    (s) => server({ command: "docker", args: ["run", "-i", "--rm", "-e", `ZOHO=${s}`, "acme/mcp"] }),
    (s) => config("compose.yaml", yaml({ services: { db: { image: "postgres:16.2", environment: { ANY: s } } } })),
    (s) => config("compose.yaml", yaml({ services: { db: { environment: [`ANY=${s}`] } } })),
    (s) => config(".env", `# local\nLOG_LEVEL=info\nACCOUNT=${s}\n`),
    (s) => config(".env.production", `API_TOKEN="${s}"\n`),
    (s) => config("run.sh", `#!/bin/sh\nexport ACCOUNT='${s}'\nexec python3 x.py\n`),
    (s) => config("run.sh", `#!/bin/bash\ndeclare -x ACCOUNT='${s}'\n`),
    (s) => config("run.fish", `set -gx ACCOUNT '${s}'\n`),
    (s) => config("Dockerfile", `FROM python:3.12\nENV ACCOUNT ${s}\nRUN pip install x\n`),
    (s) => config("Dockerfile", `FROM python:3.12\nENV ACCOUNT=${s}\nARG NPM_TOKEN=${s}\n`),
    (s) => config("app.toml", `[servers.gmail.env]\nACCOUNT = "${s}"\n\n[other]\nx = 1\n`),
    (s) => config("app.py", `import os\nos.environ["ACCOUNT"] = "${s}"\n`),
    (s) => config("app.py", `import os\nos.environ.setdefault("ACCOUNT", "${s}")\n`),
    (s) => config("app.py", `import os\nos.environ.update({"ACCOUNT": "${s}", "B": "${s}"})\n`),
    (s) => config("app.py", `import os\nos.environ.update(\n    ACCOUNT="${s}",\n)\n`),
    (s) => config("app.py", `import os\nos.environ |= {"ACCOUNT": "${s}"}\n`),
    (s) => config("app.js", `process.env.ACCOUNT = "${s}";\nmain();\n`),
    (s) => config("app.js", `const env = { ...process.env, ACCOUNT: "${s}" };\n`),
    (s) => config("settings.txt", `{\n  "env": {\n    "ACCOUNT": "${s}"\n  }\n}\n`),
    (s) => config("app.py", `subprocess.run(["x"], env={"ACCOUNT": "${s}"})\n`),
    (s) => config("daily.service", `[Service]\nEnvironment="ACCOUNT=${s}"\nExecStart=/usr/bin/x\n`),
  ],
  JSON: [
    (s) => json({ api_key: s, name: "x" }),
    (s) => json({ auth: { user: "alex", value: s } }),
    (s) => json({ list: [{ name: "API_KEY", value: s }] }),
    (s) => json({ list: [["API_KEY", s]] }),
    (s) => json({ header: ["Authorization", `Bearer ${s}`] }),
    (s) => json({ database: { password: s, port: 5432 } }),
    (s) => json({ kind: "Secret", stringData: { one: s } }),
    (s) => json({ url: `https://alex:${encodeURIComponent(s)}@example.com/` }),
    (s) => json({ url: `https://example.com/?api_key=${encodeURIComponent(s)}` }),
    (s) => json({ scripts: { sync: `TOKEN=${s} node x.js` } }),
    (s) => json({ pin: /^\d+$/.test(s) ? Number(s) : s }),
    (s) => config("settings.jsonc", `{\n  // the key\n  "apiKey": "${s}",\n}\n`),
    (s) => config("settings.json5", `{\n  apiKey: '${s}',\n}\n`),
  ],
  YAML: [
    (s) => config("app.yaml", yaml({ token: s })),
    (s) => config("app.yaml", yaml({ db: { user: "alex", password: s, port: 5432 } })),
    (s) => config("app.yaml", `db:\n  password: >-\n    ${s}\n    ${s}\nport: 1\n`),
    (s) => config("app.yaml", `secret: |\n  ${s}=\nport: 1\n`),
    (s) => config("app.yaml", `shared: &one ${JSON.stringify(s)}\npassword: *one\nport: 1\n`),
    (s) => config("app.yaml", yaml({ apiVersion: "v1", kind: "Secret", stringData: { one: s } })),
    (s) => config("app.yaml", yaml({ apiVersion: "v1", kind: "Secret", data: { one: s } })),
    (s) => config("app.yaml", yaml({ services: { web: { command: `serve --token ${s}` } } })),
    (s) => config("app.yaml", yaml({ services: { web: { command: ["serve", "--token", s] } } })),
    (s) => config("app.yaml", yaml({ env: [{ name: "ANY", value: s }] })),
    (s) => config("app.yml.tmpl", `{{ if x }}\ndb:\n  password: ${s}\n  port: 5432\n`),
  ],
  "INI, TOML, properties": [
    (s) => config("app.ini", `[login]\nuser = alex\npassword = ${s}\n`),
    (s) => config("app.ini", `[secrets]\none = ${s}\ntwo = ${s}\n\n[paths]\nroot = /a\n`),
    (s) => config("app.toml", `[server]\nhost = "example.com"\napi_key = "${s}"\n`),
    (s) => config("app.toml", `[secrets]\none = "${s}"\n`),
    (s) => config("app.toml", `server = { host = "x", token = "${s}" }\n`),
    (s) => config("app.toml", `token = """\n${s}"""\n`),
    (s) => config("app.properties", `db.user=alex\ndb.password=${s}\n`),
    (s) => config("app.conf", `requirepass ${s}\nport 6379\n`),
    (s) => config(".netrc", `machine example.com login alex password ${s}\n`),
    (s) => config("app.conf", `API_KEY=\\\n${s}=\nX=1\n`),
    (s) => config(".npmrc", `//registry.example.com/:_authToken=${s}\n`),
  ],
  Python: [
    (s) => config("app.py", `API_KEY = "${s}"\nB = 2\n`),
    (s) => config("app.py", `db = connect(host="x", password="${s}")\n`),
    (s) => config("app.py", `db = connect(\n    host="x",\n    password="${s}",\n)\n`),
    (s) => config("app.py", `API_KEY = (\n    "${s}"\n    "${s}"\n)\nB = 2\n`),
    (s) => config("app.py", `TOKEN = os.environ.get("TOKEN", "${s}")\n`),
    (s) => config("app.py", `TOKENS = {\n    "a":\n        "${s}",\n}\nB = 2\n`),
    (s) => config("app.py", `request.add_header("Authorization", "Bearer ${s}")\n`),
    (s) => config("app.py", `headers = {"X-Api-Key": "${s}"}\n`),
    (s) => config("app.py", `client.login("alex", password='${s}')  # daily\n`),
    (s) => config("app.py", `if password == "${s}":\n    pass\n`),
    (s) => config("app.py", `def connect(user, password="${s}"):\n    pass\n`),
    (s) => config("secrets.py", `"""Keys."""\nONE = "${s}"\nLIST = [\n    "${s}",\n]\n`),
    (s) => config("app.py", `PIN: str = "${s}"\n`),
    (s) => config("app.py", /^\d+$/.test(s) ? `PIN = ${s}\n` : `PIN = b"${s}"\n`),
  ],
  "other code": [
    (s) => config("app.js", `const apiKey = "${s}";\n`),
    (s) => config("app.ts", `export const config = { token: '${s}', port: 80 };\n`),
    (s) => config("app.js", `client.setPassword("${s}");\n`),
    (s) => config("app.rb", `config.secret_key = '${s}'\n`),
    (s) => config("app.go", `password := "${s}"\n`),
    (s) => config("app.php", `define('DB_PASSWORD', '${s}');\n`),
    (s) => config("run.sh", `curl -H "Authorization: Bearer ${s}" https://example.com\n`),
    (s) => config("run.sh", `PASSWORD=$(cat <<EOF\n${s}\nEOF\n)\necho done\n`),
    (s) => config("run.sh", `mysql -u root -p'${s}' shop\n`),
    (s) => config("run.sh", `curl --user 'alex:${s}' https://example.com/\n`),
    (s) => config("run.sh", `sshpass -p '${s}' ssh host\n`),
    (s) => config("run.sh", `redis-cli -a '${s}' ping\n`),
    (s) => config("Dockerfile", `FROM x\nRUN ./setup --password ${s}\n`),
    (s) => config("Makefile", `deploy:\n\t./deploy --token ${s}\n`),
  ],
  "CSV, XML": [
    (s) => config("users.csv", `name,password,port\nalex,${s},80\nsam,${s},81\n`),
    (s) => config("keys.csv", `name,value\nAPI_KEY,${s}\n`),
    (s) => config("app.xml", `<a>\n  <password>${s}</password>\n</a>\n`),
    (s) => config("app.xml", `<a>\n  <add key="Password" value="${s}"/>\n</a>\n`),
    (s) => config("app.xml", `<a>\n  <key>API_KEY</key>\n  <string>${s}</string>\n</a>\n`),
    (s) => config("app.xml", `<a>\n  <name>API_KEY</name>\n  <value>${s}</value>\n</a>\n`),
  ],
  "comments, notes": [
    (s) => config("notes.md", `# Access\n\nPassword: ${s}\n`),
    (s) => config("notes.md", `The password is ${s}.\n`),
    (s) => config("notes.md", `| API key | ${s} |\n`),
    (s) => config("notes.md", `Password:\n${s}\n\nThe end.\n`),
    (s) => config("app.py", `# password: ${s}\nB = 2\n`),
    (s) => config("app.js", `// api key was ${s}\nmain();\n`),
    (s) => config("notes.txt", `login alex / password ${s}\n`),
  ],
  credential: [
    (s) => ({ ...json({ refresh: s, id: "x" }, "credentials.json"), kind: "credential" }),
    (s) => ({ ...config("google-ads.yaml", yaml({ developer: s })), kind: "credential" }),
    (s) => ({ ...config("token.txt", `${s}\n`), kind: "credential" }),
  ],
};

const ANYWHERE: Record<string, Plant[]> = {
  "plist, words": [
    (s) => words("/usr/bin/python3", "sync.py", "--name", s),
    (s) => words("/usr/bin/python3", "sync.py", `--name=${s}`),
    (s) => server({ command: "npx", args: ["-y", "@acme/server@1.2.0", s] }),
    (s) => words("/usr/bin/python3", "x.py", s, "--verbose"),
    (s) => words("/usr/bin/python3", "sync.py", "-k", s),
    (s) => shell(`./sync ${s} && echo done`),
  ],
  "a path": [(s) => agent({ StandardOutPath: `/Users/alex/${s.replaceAll("/", "_")}/out.log` })],
  plist: [(s) => agent({ WatchPaths: [s] }), (s) => agent({ Comment: `of ${s}, the other` })],
  JSON: [
    (s) => json({ title: s }),
    (s) => json({ list: [s, "b"] }),
    (s) => json({ deep: [[{ value: { also: s } }]] }),
    (s) => json({ [s]: 1 }),
    (s) => json({ note: `it is ${s} here` }),
  ],
  YAML: [
    (s) => config("app.yaml", yaml({ title: s })),
    (s) => config("app.yaml", yaml({ list: [s] })),
    (s) => config("app.yaml", `# ${s}\na: 1\nb: ${s}\n`),
  ],
  code: [
    (s) => config("app.py", `A = 1\nURL = "https://example.com/?q=${encodeURIComponent(s)}"\nB = 2\n`),
    (s) => config("app.py", `x = call("${s}")\n`),
    (s) => config("app.js", `const x = ['${s}'];\n`),
    (s) => config("run.sh", `./run ${s}\n`),
    (s) => config("app.toml", `title = "${s}"\n`),
  ],
  text: [
    (s) => config("notes.txt", `one\nthe word ${s} stands here\nthree\n`),
    (s) => config("notes.txt", `${s}\n`),
    (s) => config("notes.md", `- \`${s}\`\n`),
    (s) => config("rows.csv", `a,b\nx,${s}\n`),
  ],
};

const listed = (groups: Record<string, Plant[]>, telling: boolean): Place[] =>
  Object.entries(groups).flatMap(([group, plants]) => plants.map((plant) => ({ group, telling, plant })));
export const PLACES: Place[] = [...listed(TELLING, true), ...listed(ANYWHERE, false)];
