// What a snapshot holds: every route to a file, and what is left out.
import { describe, expect, test } from "bun:test";
import { created, type Manifest } from "../contract.ts";
import { plist, type World, world } from "../harness.ts";
import { manifestOf } from "../manifests.ts";

/** Original path → stored path, both without the world's own part. */
function stored(w: World, files: { original: string; backup: string }[]): Record<string, string> {
  return Object.fromEntries(
    files.map(({ original, backup }) => [original.replace(`${w.base}/`, ""), backup.split("/").slice(-2).join("/")]),
  );
}

const all = (manifest: Manifest) => [...manifest.plist_files, ...manifest.config_files, ...manifest.credential_files];

describe("without a config", () => {
  const server = "infrastructure/mcp-servers";
  const w = world({
    home: {
      "Library/LaunchAgents/com.petesbrain.mail.plist": plist("com.petesbrain.mail"),
      "Library/LaunchAgents/com.petesbrain.broken.plist": "no plist at all",
      "Library/LaunchAgents/com.apple.other.plist": plist("com.apple.other"),
      "Library/LaunchAgents/com.petesbrain.notes.txt": "no plist by name",
      ".google-ads/google-ads.yaml": "developer_token: x\n",
      ".config/drive/my-credentials.json": "1",
      ".config/drive/oauth2.json": "2",
      ".config/drive/refresh_token.json": "3",
      ".config/drive/client_secret_4.json": "4",
      ".config/drive/settings.json": "not a credential",
      ".config/drive/deeper/credentials.json": "not this deep",
      "keys/service.json": "by .mcp.json, from the home",
    },
    root: {
      ".mcp.json": "{}",
      "shared/secrets.py": "s",
      "shared/paths.py": "p",
      "shared/other.py": "not named",
      [`${server}/ads/credentials.json`]: "a",
      [`${server}/ads/gcp-oauth.keys.json`]: "b",
      [`${server}/ads/package.json`]: "not a credential",
      [`${server}/in-a-venv/pyvenv.cfg`]: "",
      [`${server}/in-a-venv/credentials.json`]: "never",
    },
    away: { "elsewhere.json": "by .mcp.json, outside home and root" },
  });
  w.put({
    "root/.mcp.json": JSON.stringify({
      mcpServers: {
        ads: {
          env: {
            GOOGLE_OAUTH_FILE: `${w.root}/${server}/ads/credentials.json`,
            SERVICE_KEY: "~/keys/service.json",
            my_token_path: `${w.away}/elsewhere.json`,
            API_TOKEN: "a-value-that-is-no-path",
            SECRET: `${w.away}/not-there.json`,
            CREDENTIAL_FOLDER: w.away,
            LOG_FILE: `${w.root}/shared/other.py`,
          },
        },
        again: { env: { CREDENTIALS: `${w.root}/${server}/ads/credentials.json` } },
        plain: {},
      },
    }),
  });
  const ran = w.json(created, "create", "everything");
  const manifest = manifestOf(w, ran.value.id);

  test("our plists, not other vendors'", () => {
    expect(stored(w, manifest.plist_files)).toEqual({
      "home/Library/LaunchAgents/com.petesbrain.mail.plist": "plist/com.petesbrain.mail.plist",
      "home/Library/LaunchAgents/com.petesbrain.broken.plist": "plist/com.petesbrain.broken.plist",
    });
  });

  test("a plist's label, null with a warning where it does not parse", () => {
    expect(manifest.plist_files.map(({ label }) => label).sort()).toEqual(["com.petesbrain.mail", null]);
    expect(ran.stderr).toBe("");
    expect(w.run("create", "again").stderr).toContain(
      "com.petesbrain.broken.plist is not a plist with a Label (line 1, column 1: ",
    );
  });

  test("configs, a leading dot dropped from the stored name", () => {
    expect(stored(w, manifest.config_files)).toEqual({
      "root/.mcp.json": "config/mcp.json",
      "root/shared/secrets.py": "config/secrets.py",
      "root/shared/paths.py": "config/paths.py",
    });
  });

  test("credentials by every route, under the original tool's names", () => {
    expect(stored(w, manifest.credential_files)).toEqual({
      [`root/${server}/ads/credentials.json`]: "credentials/mcp_ads_credentials.json",
      [`root/${server}/ads/gcp-oauth.keys.json`]: "credentials/mcp_ads_gcp-oauth.keys.json",
      "home/.google-ads/google-ads.yaml": "credentials/home_.google-ads_google-ads.yaml",
      "home/.config/drive/my-credentials.json": "credentials/home_.config_drive_my-credentials.json",
      "home/.config/drive/oauth2.json": "credentials/home_.config_drive_oauth2.json",
      "home/.config/drive/refresh_token.json": "credentials/home_.config_drive_refresh_token.json",
      "home/.config/drive/client_secret_4.json": "credentials/home_.config_drive_client_secret_4.json",
      "home/keys/service.json": "credentials/oauth_service.json",
      "away/elsewhere.json": "credentials/oauth_elsewhere.json",
    });
    expect(manifest.credential_files.map(({ name }) => name).sort()).toEqual([
      "mcp/ads/credentials.json",
      "mcp/ads/gcp-oauth.keys.json",
      "oauth/elsewhere.json",
      "oauth/service.json",
      "~/.config/drive/client_secret_4.json",
      "~/.config/drive/my-credentials.json",
      "~/.config/drive/oauth2.json",
      "~/.config/drive/refresh_token.json",
      "~/.google-ads/google-ads.yaml",
    ]);
  });

  test("a file that several routes lead to stands once, with all of them", () => {
    const twice = manifest.credential_files.find(({ name }) => name === "mcp/ads/credentials.json");
    expect(twice?.found_by).toEqual([
      `${server}/*/{*credentials*,*oauth*,*token*,client_secret*,*service-account*}.json`,
      ".mcp.json: mcpServers.ads.env.GOOGLE_OAUTH_FILE",
      ".mcp.json: mcpServers.again.env.CREDENTIALS",
    ]);
  });

  test("a credential outside home and root comes with a warning about its restore", () => {
    expect(w.run("create", "again").stderr).toContain(`${w.away}/elsewhere.json lies outside the home and the root`);
  });

  test("nothing of this is a failure", () => {
    expect(ran.exit).toBe(0);
    expect(ran.value.files).toEqual({ plist: 2, config: 3, credential: 9, total: 14 });
    expect(ran.value.skipped).toEqual([]);
  });
});

describe("with a config", () => {
  test("its patterns replace the defaults, those that are not given stay", () => {
    const w = world({
      home: { "Library/LaunchAgents/com.petesbrain.a.plist": plist("a"), "agents/own.plist": plist("own") },
      root: { "rollback.yaml": 'plists: ["~/agents/*.plist"]\n', "shared/paths.py": "p" },
    });
    expect(Object.keys(stored(w, all(manifestOf(w, w.create()))))).toEqual([
      "home/agents/own.plist",
      "root/shared/paths.py",
    ]);
  });

  test("nothing from clients, data, venvs, logs or the snapshots folder, whatever a pattern says", () => {
    const w = world({
      root: {
        "rollback.yaml": 'plists: []\nconfigs: ["**/*"]\ncredentials: {files: ["**/*.json"], mcp: []}\n',
        "kept.txt": "k",
        "deep/er/kept.json": "k",
        "clientside/kept.txt": "a name that begins like a folder that is left out",
        "clients/a.json": "no",
        "data/deep/b.json": "no",
        "some-venv/pyvenv.cfg": "no",
        "some-venv/lib/c.json": "no",
        "run.log": "no",
      },
    });
    w.create("so that the snapshots folder is not empty");
    expect(Object.keys(stored(w, all(manifestOf(w, w.create())))).sort()).toEqual([
      "root/clientside/kept.txt",
      "root/deep/er/kept.json",
      "root/kept.txt",
      "root/rollback.yaml",
    ]);
  });

  test("a file that is named outright but never captured is named in a warning", () => {
    const w = world({ root: { "rollback.yaml": "configs: [kept.txt, run.log, clients/a]\n", "kept.txt": "k" } });
    w.put({ "root/run.log": "l", "root/clients/a": "a" });
    const { exit, stderr } = w.run("create", "x");
    expect(exit).toBe(0);
    expect(stderr).toContain(`${w.root}/run.log is a log: not captured`);
    expect(stderr).toContain(`${w.root}/clients/a lies in ${w.root}/clients, which is never captured: not captured`);
  });

  test("a snapshots folder of its own, in the home or elsewhere, and --snapshots over it", () => {
    const w = world({ root: { "rollback.yaml": "snapshots: ~/kept\n", ".mcp.json": "{}" } });
    expect(w.json(created, "create", "x").value.location).toStartWith(`${w.home}/kept/`);
    expect(w.json(created, "create", "x", "--snapshots", "here").value.location).toStartWith(`${w.root}/here/`);
  });
});

describe("--if-changed", () => {
  test("makes none while content, mode and link are the same; an mtime alone is not a change", () => {
    const w = world({ root: { ".mcp.json": "{}", "shared/paths.py": "p" } });
    const first = w.create();
    w.put({ "root/shared/paths.py": { file: "p", mtime: new Date("2001-02-03T04:05:06Z") } });
    const again = w.json(created, "create", "x", "--if-changed");
    expect(again.value).toMatchObject({ id: first, unchanged: true });
    for (const item of [{ file: "changed" }, { file: "p", mode: 0o600 }, { link: "../.mcp.json" }]) {
      w.put({ "root/shared/paths.py": item });
      const changed = w.json(created, "create", "x", "--if-changed");
      expect(changed.value.unchanged).toBeUndefined();
    }
    expect(w.run("list", "--quiet").stdout.trim().split("\n")).toHaveLength(4);
  });

  test("a file that came or went is a change", () => {
    const w = world({ root: { ".mcp.json": "{}", "shared/paths.py": "p" } });
    w.create();
    w.put({ "root/shared/secrets.py": "s" });
    expect(w.json(created, "create", "x", "--if-changed").value.unchanged).toBeUndefined();
  });
});
