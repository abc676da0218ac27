// No secret is printed, logged, or left readable by others, whatever a command meets on its way.
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { created } from "../contract.ts";
import { plist, readTree, type World, world } from "../harness.ts";
import { manifestPath } from "../manifests.ts";

/** Planted in every file; whatever shows it has shown a secret. */
const SECRET = "hunter2-SHIBBOLETH";

const planted = () =>
  world({
    home: {
      "Library/LaunchAgents/com.petesbrain.a.plist": plist(
        "a",
        `<key>EnvironmentVariables</key><dict><key>API_KEY</key><string>${SECRET}</string></dict>`,
      ),
      "Library/LaunchAgents/com.petesbrain.broken.plist": `<plist><dict><key>${SECRET}</strin ${SECRET}`,
      "Library/LaunchAgents/com.petesbrain.binary.plist": `bplist00${SECRET}`,
      ".google-ads/google-ads.yaml": `developer_token: ${SECRET}\n`,
      ".config/drive/credentials.json": `{"token": "${SECRET}"}`,
      "keys/service.json": `{"private_key": "${SECRET}"}`,
    },
    root: {
      ".mcp.json": JSON.stringify({
        mcpServers: { a: { env: { API_KEY: SECRET, KEY_FILE: "~/keys/service.json", TOKEN: `~/${SECRET}/nowhere` } } },
      }),
      "shared/secrets.py": { file: `KEY = "${SECRET}"\n`, mode: 0o600 },
    },
  });

/** Runs a command in every manner of speaking; none may show the secret. */
function expectSilent(w: World, ...words: string[]): void {
  for (const manner of [[], ["--json"], ["--quiet"]]) {
    const { stdout, stderr } = w.run(...words, ...manner);
    expect(stdout + stderr).not.toContain(SECRET);
  }
}

const noted = (w: World) => {
  const tree = readTree(w.store);
  return Object.entries(tree).flatMap(([path, item]) =>
    item.kind === "file" && !/\/(plist|config|credentials)\//.test(path) && item.bytes.includes(SECRET) ? [path] : [],
  );
};

test("by no command, in no manner, on a home where all is well", () => {
  const w = planted();
  expectSilent(w, "create", "before");
  for (const words of [["list"], ["latest"], ["show", "latest"], ["verify"], ["recover"], ["restore", "latest"]])
    expectSilent(w, ...words);
  const live = ["home/.google-ads/google-ads.yaml", "root/.mcp.json", "root/shared/secrets.py"];
  for (const path of [...live, "home/Library/LaunchAgents/com.petesbrain.a.plist"])
    w.put({ [path]: readFileSync(w.path(path), "utf8").replaceAll(SECRET, `${SECRET}2`) });
  expectSilent(w, "create", "changed");
  for (const words of [
    ["diff", "latest~1", "latest"],
    ["diff", "latest~1"],
    ["diff", "latest~1", "--stat"],
    ["history", "*", "--patch"],
    ["report", "-o", "-"],
    ["restore", "latest~1", "--patch"],
  ])
    expectSilent(w, ...words);
  expectSilent(w, "restore", "latest~1", "--patch", "--force");
  expectSilent(w, "restore", "latest~1", "--force");
  expect(noted(w)).toEqual([]);
});

test("by no restore of files that were changed, lost or damaged", () => {
  const w = planted();
  w.create();
  const id = w.create();
  w.put({
    "root/shared/secrets.py": `KEY = "another ${SECRET}"\n`,
    "root/.mcp.json": `{"broken": "${SECRET}`,
    [join(w.store, id, "config/secrets.py")]: SECRET,
    [join(w.store, id, "credentials/oauth_service.json")]: SECRET,
  });
  for (const words of [
    ["restore", id],
    ["create", "during"],
    ["verify"],
    ["verify", "--heal"],
    ["restore", id, "--force"],
  ])
    expectSilent(w, ...words);
  expect(noted(w)).toEqual([]);
});

test("by no error about a file that is not what it should be", () => {
  const w = planted();
  const id = w.create();
  const sound = readFileSync(manifestPath(w, id));
  for (const text of [SECRET, `{"created_at": "${SECRET}`, `{"format": "${SECRET}"}`, `["${SECRET}"]`]) {
    w.put({ [manifestPath(w, id)]: text });
    for (const words of [["list"], ["show", id], ["restore", id, "--force"], ["verify"]]) expectSilent(w, ...words);
  }
  w.put({ [manifestPath(w, id)]: sound });
  for (const text of [
    `a: "${SECRET}`,
    `snapshots: [${SECRET}]`,
    `version: ${SECRET}`,
    `- ${SECRET}`,
    `health: {max-size: ${SECRET}}`,
    SECRET,
  ]) {
    w.put({ "root/rollback.yaml": text });
    for (const words of [["list"], ["create", "x"], ["restore", id]]) expectSilent(w, ...words);
  }
});

test("an .mcp.json as --config, a plist as a journal: nothing of them is repeated", () => {
  const w = planted();
  const id = w.create();
  for (const path of [".mcp.json", "shared/secrets.py", "../home/.google-ads/google-ads.yaml"])
    expectSilent(w, "create", "x", "--config", path);
  w.put({ [join(w.store, ".rollback/journal.ready")]: SECRET });
  for (const words of [["list"], ["recover"], ["create", "x"], ["restore", id, "--force"]]) expectSilent(w, ...words);
});

test("a description's token is kept nowhere, and show --json hides whatever another tool put into a manifest", () => {
  const w = planted();
  const token = "ghp_aB3dE6gH9kaB3dE6gH9kaB3dE6gH9kaB3dE6";
  const words = ["create", `Before ${token} the password is ${SECRET}`];
  expect(w.run(...words).stderr).toContain("it is kept without it");
  const { value } = w.json(created, ...words);
  expect(value.description).toBe("Before ‹hidden› the password is ‹hidden›");
  const path = manifestPath(w, value.id);
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  const git = {
    ...(manifest.git_state as object),
    remote: `https://alex:${SECRET}@example.com/x.git`,
    commit: "0f3a9c2",
  };
  const more = {
    git_state: git,
    api_key: SECRET,
    commands: [`curl -u alex:${SECRET} https://x.example`],
    note: token,
  };
  w.put({ [path]: JSON.stringify({ ...manifest, ...more }) });
  expectSilent(w, "show", "latest");
  const told = w.run("show", "latest", "--json").stdout;
  expect(told).not.toContain(token);
  expect(JSON.parse(told).manifest).toMatchObject({
    description: "Before ‹hidden› the password is ‹hidden›",
    git_state: { commit: "0f3a9c2", remote: "https://‹hidden›@example.com/x.git" },
    api_key: "‹hidden›",
    config_files: manifest.config_files,
    created_at: manifest.created_at,
    totals: manifest.totals,
  });
});
