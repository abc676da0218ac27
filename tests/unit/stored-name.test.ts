import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { AbsPath, Kind } from "../../src/model.ts";
import { storedNames } from "../../src/snapshot/stored-name.ts";

const names = (...files: [Kind, string, string?][]): string[] => {
  const nameOf = storedNames();
  return files.map(([kind, name, path]) => nameOf({ kind, name, path: (path ?? `/h/${name}`) as AbsPath }));
};

describe("the stored name", () => {
  test.each([
    ["plist", "com.petesbrain.a.plist", "plist/com.petesbrain.a.plist"],
    ["config", ".mcp.json", "config/mcp.json"],
    ["config", "secrets.py", "config/secrets.py"],
    ["credential", "mcp/google/credentials.json", "credentials/mcp_google_credentials.json"],
    ["credential", "~/.google-ads/google-ads.yaml", "credentials/home_.google-ads_google-ads.yaml"],
    ["credential", "oauth/client.json", "credentials/oauth_client.json"],
    ["credential", "/etc/app/key.json", "credentials/abs_etc_app_key.json"],
  ] as const)("of a %s %s is %s", (kind, name, stored) => expect(names([kind, name])).toEqual([stored]));

  test("gets a suffix from the path where it is taken", () => {
    const [first, second] = names(["config", "a.json", "/x/a.json"], ["config", "a.json", "/y/a.json"]);
    expect(first).toBe("config/a.json");
    expect(second).toMatch(/^config\/a-[0-9a-f]{8}\.json$/);
  });

  test("counts case and Unicode form as one, as APFS does", () => {
    const stored = names(
      ["plist", "É.plist", "/1"],
      ["plist", "e\u0301.plist", "/2"],
      ["plist", "A.plist", "/3"],
      ["plist", "a.plist", "/4"],
    );
    expect(stored[0]).toBe("plist/É.plist");
    expect(stored[1]).toContain("-");
    expect(stored[3]).toMatch(/^plist\/a-[0-9a-f]{8}\.plist$/);
  });
});

test("whatever the files are called, no two stored names are one, and each is a plain name of at most 255 bytes", () => {
  const name = fc.oneof(
    fc.string({ minLength: 1, unit: "grapheme" }),
    fc.constantFrom("a", "A", "a-1", `${"ü".repeat(300)}.json`),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.string())), (files) => {
      const nameOf = storedNames();
      const stored = files.map(([raw, path], index) =>
        nameOf({ kind: "credential", name: raw.replaceAll("\0", "") || "x", path: `/${index}${path}` as AbsPath }),
      );
      expect(new Set(stored.map((item) => item.normalize("NFC").toLowerCase())).size).toBe(files.length);
      for (const item of stored) {
        const [folder, rest = "", more] = item.split("/");
        expect([folder, more]).toEqual(["credentials", undefined]);
        expect(Buffer.byteLength(rest)).toBeLessThanOrEqual(255);
        expect([".", "..", ""]).not.toContain(rest);
      }
    }),
  );
});
