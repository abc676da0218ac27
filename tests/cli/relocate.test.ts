// `restore --relocate`: a snapshot of another home, put into this one with its paths moved, and nothing else changed.
import { describe, expect, test } from "bun:test";
import { readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { buildBinary, parseBinary } from "plist";
import { HOME, SECRET } from "../archives.ts";
import { restored } from "../contract.ts";
import { type Layout, modeOf, must, plist, readTree, type World, world } from "../harness.ts";

const AGENT = "Library/LaunchAgents/com.petesbrain.a.plist";
const head = '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><key>Label</key><string>a</string>';

/** A world whose home moves: what stood in `home` is recorded, and `sam`'s home is empty. */
function moving(parts: { home?: Layout; root?: Layout }, { root = "root" }: { root?: string } = {}) {
  const w = world();
  const put = (folder: string, layout: Layout = {}) =>
    w.put(Object.fromEntries(Object.entries(layout).map(([name, item]) => [`${folder}/${name}`, item])));
  put("home", parts.home);
  put(root, parts.root ?? { ".mcp.json": "{}" });
  const oldRoot = w.path(root);
  const ran = must(w.runWith({ env: { ROLLBACK_ROOT: oldRoot } }, "create", "x", "--quiet"));
  const id = ran.stdout.trim();
  const snapshot = join(oldRoot, "infrastructure/rollback-snapshots", id);
  const sam = join(w.away, "sam");
  w.put({ "away/sam": { folder: 0o755 } });
  const newRoot = join(sam, "Documents/Brain.nosync");
  const words = (...more: string[]) => ["restore", snapshot, "--root", newRoot, "--relocate", ...more];
  const env = { HOME: sam, ROLLBACK_ROOT: undefined, PATH: "" };
  const run = (...more: string[]) => w.runWith({ env, cwd: "/" }, ...words(...more));
  const read = (path: string) => readFileSync(join(sam, path), "latin1");
  return { w, id, sam, newRoot, oldHome: w.home, oldRoot, run, read };
}

/** The one agent's bytes in the new home, and those that are expected there; `make` gets the home. */
function moved(make: (home: string) => string | Uint8Array): { after: string; expected: string } {
  const { bytes, sam } = relocated(make);
  return { after: bytes.toString("latin1"), expected: Buffer.from(make(sam)).toString("latin1") };
}

function relocated(make: (home: string) => string | Uint8Array) {
  // The home's name is known only once its world is there.
  const { w, oldHome, sam, newRoot } = moving({ home: { [AGENT]: plist("a") } });
  w.put({ [`home/${AGENT}`]: make(oldHome) });
  const id = w.create();
  must(
    w.runWith(
      { env: { HOME: sam, ROLLBACK_ROOT: undefined } },
      ...["restore", join(w.store, id), "--root", newRoot, "--relocate", "--force"],
    ),
  );
  return { bytes: readFileSync(join(sam, AGENT)), sam };
}

describe("an XML plist keeps every byte but its paths", () => {
  const cases: [string, (home: string) => string | Uint8Array][] = [
    ["a path alone", (home) => `${head}<key>A</key><string>${home}</string></dict></plist>`],
    ["a path below", (home) => `${head}<key>A</key><string>${home}/x y/é.py</string></dict></plist>`],
    [
      "lists and options",
      (home) => `${head}<key>A</key><string>${home}/a:/usr/bin:${home}/b --x=${home}/c</string></dict></plist>`,
    ],
    [
      "odd white space, comments, a DOCTYPE, no newline at the end",
      (home) =>
        `<?xml version='1.0'?>\r\n<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\r\n<plist  version="1.0">\n<!-- kept -->\t<dict><key>A</key>\n\n<string>${home}/x</string><true/><data>\nAAAA\n</data></dict></plist>`,
    ],
    ["entities", (home) => `${head}<key>A</key><string>${home}/a &amp; b &lt;c&gt;</string></dict></plist>`],
    ["quotes as entities", (home) => `${head}<key>A</key><string>${home}/&quot;a&apos;</string></dict></plist>`],
    [
      "characters by number",
      (home) => `${head}<key>A</key><string>${home}/it&#39;s &#x2014; it</string></dict></plist>`,
    ],
    ["a byte order mark", (home) => `\ufeff${head}<key>A</key><string>${home}/x</string></dict></plist>`],
    [
      "an encoding that is not UTF-8",
      (home) =>
        Buffer.from(
          `<?xml version="1.0" encoding="ISO-8859-1"?><!-- caf\xe9 --><plist version="1.0"><dict><key>A</key><string>${home}/x</string></dict></plist>`,
          "latin1",
        ),
    ],
    ["a URL", (home) => `${head}<key>A</key><string>file://${home}/x</string></dict></plist>`],
  ];
  for (const [what, make] of cases)
    test(what, () => {
      const { after, expected } = moved(make);
      expect(after).toBe(expected);
    });

  test("what only begins like a path of the old home stays; comments and keys do, too", () => {
    const { oldHome, w, sam, newRoot } = moving({ home: { [AGENT]: plist("a") } });
    const text = `${head}<!-- <string>${oldHome}/in a comment</string> --><key>${oldHome}/key</key><string>${oldHome}s/x</string><string>/other${oldHome}/x</string><string>${oldHome}.old</string></dict></plist>`;
    w.put({ [`home/${AGENT}`]: text });
    const id = w.create();
    must(
      w.runWith(
        { env: { HOME: sam, ROLLBACK_ROOT: undefined } },
        ...["restore", join(w.store, id), "--root", newRoot, "--relocate", "--force"],
      ),
    );
    expect(readFileSync(join(sam, AGENT), "utf8")).toBe(text);
  });
});

describe("a binary plist", () => {
  const value = (home: string) => ({
    Label: "a",
    ProgramArguments: [`${home}/bin/run`, "--flag"],
    Nested: { Path: `${home}/x`, Flag: true, Half: 0.5, Count: 900, Negative: -1, Text: "é — ü" },
    When: new Date("2025-01-01T00:00:00Z"),
    Data: new Uint8Array([0, 255, 10]),
  });

  test("has its values moved, and stays binary, with all other values", () => {
    const { bytes, sam } = relocated((home) => buildBinary(value(home)));
    expect(bytes.subarray(0, 8).toString()).toBe("bplist00");
    expect(parseBinary(bytes)).toEqual(parseBinary(buildBinary(value(sam))));
  });

  /** One dictionary: A → a text, B → the object that these bytes are. */
  const withObject = (text: string, object: number[]): Uint8Array => {
    const ascii = (value: string) => Buffer.from([0x5f, 0x10, value.length, ...Buffer.from(value)]);
    const objects = [Buffer.from([0xd2, 1, 2, 3, 4]), ascii("A"), ascii("B"), ascii(text), Buffer.from(object)];
    const offsets: number[] = [];
    let at = 8;
    for (const one of objects) {
      offsets.push(at);
      at += one.length;
    }
    const table = Buffer.alloc(offsets.length * 2);
    for (const [index, offset] of offsets.entries()) table.writeUInt16BE(offset, index * 2);
    const trailer = Buffer.alloc(32);
    trailer.writeUInt8(2, 6);
    trailer.writeUInt8(1, 7);
    trailer.writeBigUInt64BE(BigInt(objects.length), 8);
    trailer.writeBigUInt64BE(BigInt(at), 24);
    return Buffer.concat([Buffer.from("bplist00"), ...objects, table, trailer]);
  };
  const REAL_ONE = [0x23, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0];
  const LARGE = [0x13, 0x00, 0x20, 0, 0, 0, 0, 0, 0x01];

  for (const [what, object] of [
    ["a real that is a whole number stays a real", REAL_ONE],
    ["an integer beyond 2^53 keeps every digit", LARGE],
  ] as const)
    test(what, () => {
      const { bytes, sam } = relocated((home) => withObject(`${home}/x`, [...object]));
      expect(bytes.includes(Buffer.from(`${sam}/x`))).toBe(true);
      expect(bytes.includes(Buffer.from(object))).toBe(true);
    });

  test("that holds no path of the old home keeps every byte", () => {
    const same = withObject("/usr/bin/true", REAL_ONE);
    expect(relocated(() => same).bytes.equals(Buffer.from(same))).toBe(true);
  });
});

describe("a JSON config", () => {
  const json = (home: string) =>
    `{\n\t"mcpServers" : {"a": {"command":"${home}/bin/x",  "args": ["--dir=${home}/d", "${home}"],\r\n "n": 1.0, "big": 12345678901234567890, "${home}/key": null, "esc": "\\u00e9\\/"}}}`;

  test("has its values moved; names, numbers and form stay", () => {
    const { w, oldHome, sam, newRoot, oldRoot } = moving({});
    w.put({ "root/.mcp.json": json(oldHome).replace("/bin/x", `/bin/x:${oldRoot}/y`) });
    const id = w.create();
    must(
      w.runWith(
        { env: { HOME: sam, ROLLBACK_ROOT: undefined } },
        ...["restore", join(w.store, id), "--root", newRoot, "--relocate", "--force"],
      ),
    );
    const expected = json(sam).replace("/bin/x", `/bin/x:${newRoot}/y`).replace(`"${sam}/key"`, `"${oldHome}/key"`);
    expect(readFileSync(join(newRoot, ".mcp.json"), "utf8")).toBe(expected);
  });

  test("that is broken is restored as it is, and so is everything that is neither plist nor JSON", () => {
    const { w, oldHome, sam, newRoot } = moving({});
    const texts = {
      "root/.mcp.json": `{"broken": "${oldHome}`,
      "root/shared/secrets.py": `HOME = "${oldHome}"\n`,
      "home/.google-ads/google-ads.yaml": `path: ${oldHome}\n`,
      "home/.config/drive/credentials.json": `{"path": "${oldHome}"}`,
    };
    w.put(texts);
    const id = w.run("create", "x", "--quiet").stdout.trim();
    must(
      w.runWith(
        { env: { HOME: sam, ROLLBACK_ROOT: undefined } },
        ...["restore", join(w.store, id), "--root", newRoot, "--relocate", "--force"],
      ),
    );
    expect(readFileSync(join(newRoot, ".mcp.json"), "utf8")).toBe(texts["root/.mcp.json"]);
    expect(readFileSync(join(newRoot, "shared/secrets.py"), "utf8")).toBe(texts["root/shared/secrets.py"]);
    for (const path of [".google-ads/google-ads.yaml", ".config/drive/credentials.json"])
      expect(readFileSync(join(sam, path), "utf8")).toBe(texts[`home/${path}` as keyof typeof texts]);
  });
});

describe("where home and root go", () => {
  test("a root inside the old home goes to --root, the rest of the home to the new home, links too", () => {
    const m = moving({ home: HOME, root: { ".mcp.json": "{}", "shared/secrets.py": "S" } }, { root: "home/Brain" });
    m.w.put({
      "home/Brain/shared/paths.py": { link: join(m.oldHome, "Brain/shared/secrets.py") },
      [`home/${AGENT}`]: plist("a", `<key>A</key><string>${m.oldRoot}/a:${m.oldHome}/b</string>`),
    });
    const env = { ROLLBACK_ROOT: m.oldRoot };
    const id = must(m.w.runWith({ env }, "create", "x", "--quiet")).stdout.trim();
    const ran = m.w.runWith(
      { env: { HOME: m.sam, ROLLBACK_ROOT: undefined, PATH: "" }, cwd: "/" },
      ...["restore", join(m.oldRoot, "infrastructure/rollback-snapshots", id)],
      ...["--root", m.newRoot, "--relocate", "--force"],
    );
    must(ran);
    expect(readFileSync(join(m.newRoot, "shared/secrets.py"), "utf8")).toBe("S");
    expect(readlinkSync(join(m.newRoot, "shared/paths.py"))).toBe(join(m.newRoot, "shared/secrets.py"));
    expect(m.read(AGENT)).toContain(`<string>${m.newRoot}/a:${m.sam}/b</string>`);
    expect(modeOf(join(m.sam, ".google-ads/google-ads.yaml"))).toBe("0600");
  });

  test("--map goes before: what it moves, --relocate leaves alone", () => {
    const m = moving({ home: { [AGENT]: plist("a") } });
    m.w.put({
      [`home/${AGENT}`]: plist("a", `<key>A</key><string>${m.oldHome}/special/x</string><string>/opt/old/y</string>`),
    });
    const id = m.w.create();
    must(
      m.w.runWith(
        { env: { HOME: m.sam, ROLLBACK_ROOT: undefined } },
        ...["restore", join(m.w.store, id), "--root", m.newRoot, "--relocate", "--force"],
        ...["--map", `${m.oldHome}/special=${m.sam}/elsewhere`, "--map", "/opt/old=/opt/new"],
      ),
    );
    expect(m.read(AGENT)).toContain(`<string>${m.sam}/elsewhere/x</string><string>/opt/new/y</string>`);
  });

  test("in the same home and root it changes nothing", () => {
    const w = world({ home: HOME, root: { ".mcp.json": "{}" } });
    w.put({ [`home/${AGENT}`]: plist("a", `<key>A</key><string>${w.home}/x</string>`) });
    const id = w.create();
    const { value } = w.json(restored, "restore", id, "--relocate");
    expect(value.summary).toMatchObject({ unchanged: 4, modify: 0, create: 0 });
    expect(value.changes.filter(({ rewritten }) => rewritten !== undefined)).toEqual([]);
  });

  test("without it contents stay as they were", () => {
    const m = moving({ home: { [AGENT]: plist("a") } });
    const text = plist("a", `<key>A</key><string>${m.oldHome}/x</string>`);
    m.w.put({ [`home/${AGENT}`]: text });
    const id = m.w.create();
    must(
      m.w.runWith(
        { env: { HOME: m.sam, ROLLBACK_ROOT: undefined } },
        ...["restore", join(m.w.store, id), "--root", m.newRoot, "--force"],
        ...["--map", `${m.oldHome}=${m.sam}`, "--map", `${m.oldRoot}=${m.newRoot}`],
      ),
    );
    expect(m.read(AGENT)).toBe(text);
  });
});

describe("the preview", () => {
  /** In a world whose agent has these keys; the preview's text and JSON. */
  function previews(keys: (home: string) => string): { text: string; json: string; w: World } {
    const m = moving({ home: { [AGENT]: plist("a") } });
    m.w.put({ [`home/${AGENT}`]: plist("a", keys(m.oldHome)) });
    const id = m.w.create();
    const words = ["restore", join(m.w.store, id), "--root", m.newRoot, "--relocate"];
    const env = { HOME: m.sam, ROLLBACK_ROOT: undefined };
    const before = readTree(m.w.base, { mtimes: true });
    const text = must(m.w.runWith({ env }, ...words))
      .stdout.replaceAll(m.sam, "NEW")
      .replaceAll(m.oldHome, "OLD");
    const json = must(m.w.runWith({ env }, ...words, "--json")).stdout;
    expect(readTree(m.w.base, { mtimes: true })).toEqual(before);
    return { text, json, w: m.w };
  }

  test("shows every rewritten key with its old and its new value", () => {
    const { text, json } = previews(
      (home) =>
        `<key>Out</key><string>${home}/out.log</string><key>Args</key><array><string>${home}/run</string></array>`,
    );
    expect(text).toContain("     Out: OLD/out.log → NEW/out.log\n     Args: OLD/run → NEW/run\n");
    expect(JSON.parse(json).changes[0].rewritten.map(({ key }: { key: string }) => key)).toEqual(["Out", "Args"]);
  });

  for (const [what, keys] of [
    ["a key that says so", (home: string) => `<key>API_TOKEN</key><string>${SECRET} ${home}/x</string>`],
    [
      "a URL with a password",
      (home: string) => `<key>DATABASE_URL</key><string>pg://u:${SECRET}@h/d?ca=${home}/x</string>`,
    ],
    [
      "an assignment among arguments",
      (home: string) =>
        `<key>ProgramArguments</key><array><string>/bin/sh</string><string>-c</string><string>PASSWORD=${SECRET} ${home}/run</string></array>`,
    ],
    [
      "an option among arguments",
      (home: string) => `<key>Args</key><string>--api-key ${SECRET} --dir ${home}</string>`,
    ],
  ] as const)
    test(`never shows the secret in ${what}`, () => {
      const { text, json } = previews(keys);
      expect(text).toContain("✓ Would restore (new): com.petesbrain.a.plist");
      expect(text).not.toContain(SECRET);
      expect(json).not.toContain(SECRET);
    });
});

test("the second run: all is unchanged; an edit after it is a change again", () => {
  const m = moving({ home: { [AGENT]: plist("a") } });
  m.w.put({ [`home/${AGENT}`]: plist("a", `<key>A</key><string>${m.oldHome}/x</string>`) });
  const id = m.w.create();
  const env = { HOME: m.sam, ROLLBACK_ROOT: undefined };
  const words = ["restore", join(m.w.store, id), "--root", m.newRoot, "--relocate"];
  must(m.w.runWith({ env }, ...words, "--force"));
  const before = readTree(m.sam, { mtimes: true, skip: (path) => path.includes("rollback-snapshots") });
  const again = must(m.w.runWith({ env }, ...words, "--force", "--json"));
  expect(JSON.parse(again.stdout)).toMatchObject({
    ok: true,
    restored: 0,
    auto_backup: null,
    summary: { unchanged: 2, modify: 0 },
  });
  expect(readTree(m.sam, { mtimes: true, skip: (path) => path.includes("rollback-snapshots") })).toEqual(before);
  m.w.put({ [join(m.sam, AGENT)]: plist("a", "<key>A</key><string>mine</string>") });
  const third = must(m.w.runWith({ env }, ...words, "--json"));
  expect(JSON.parse(third.stdout).summary).toMatchObject({ modify: 1, unchanged: 1 });
});

test("what was relocated is a home like any other: it is captured, verified and recovered from", () => {
  const m = moving({ home: { [AGENT]: plist("a") } });
  m.w.put({ [`home/${AGENT}`]: plist("a", `<key>A</key><string>${m.oldHome}/x</string>`) });
  const id = m.w.create();
  const env = { HOME: m.sam, ROLLBACK_ROOT: undefined };
  const cwd = m.newRoot;
  must(m.w.runWith({ env }, "restore", join(m.w.store, id), "--root", m.newRoot, "--relocate", "--force"));
  must(m.w.runWith({ env, cwd }, "create", "in the new home"));
  must(m.w.runWith({ env, cwd }, "verify"));
  expect(must(m.w.runWith({ env, cwd }, "recover", "--json")).stdout).toContain('"outcome": "nothing"');
  rmSync(join(m.sam, AGENT));
  must(m.w.runWith({ env, cwd }, "restore", "latest", "--force"));
  expect(m.read(AGENT)).toContain(`<string>${m.sam}/x</string>`);
});
