import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { AbsPath } from "../../src/model.ts";
import { selection } from "../../src/restore/selection.ts";
import { targetPath } from "../../src/restore/target.ts";

const maps = [{ from: "/Users/administrator", to: "/Users/me" as AbsPath }];

describe("the target of a path", () => {
  test.each([
    ["/Users/administrator/x", "/Users/me/x"],
    ["/Users/administrator", "/Users/me"],
    ["/Users/administrator2/x", "/Users/administrator2/x"],
    ["/a name/with\nnewline/é 😀", "/a name/with\nnewline/é 😀"],
  ])("%p is %p", (original, path) => expect(targetPath(original, maps)).toEqual({ path: path as AbsPath }));

  test.each(["x", "", "/", "/a/../b", "/a/./b", "/a//b", "/a/", "/a\0b", "/a\x1bb", "../../etc/passwd", "~/x"])(
    "%p is refused",
    (original) => expect(targetPath(original, maps)).toHaveProperty("refused"),
  );

  test("is, for any text, refused or absolute without a step upwards", () => {
    const part = fc.oneof(fc.string(), fc.constantFrom("..", ".", "", "/"));
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const target = targetPath(`/${parts.join("/")}`, []);
        if ("path" in target)
          expect(target.path.split("/").slice(1)).not.toContainEqual(expect.stringMatching(/^\.{0,2}$/));
      }),
    );
  });
});

describe("--only and --except", () => {
  const plist = {
    kind: "plist" as const,
    path: "/h/Library/LaunchAgents/com.petesbrain.a.plist",
    name: "com.petesbrain.a.plist",
  };
  const secret = {
    kind: "credential" as const,
    path: "/r/infrastructure/mcp-servers/x/credentials.json",
    name: "mcp/x/credentials.json",
  };
  const chosen = (only: string[], except: string[] = []) => [plist, secret].map(selection(only, except));
  test("by kind", () => expect(chosen(["plist"])).toEqual([true, false]));
  test("by name, by credential's name, by path", () => {
    expect(chosen(["com.petesbrain.a.plist"])).toEqual([true, false]);
    expect(chosen(["mcp/x/credentials.json"])).toEqual([false, true]);
    expect(chosen(["/h/**"])).toEqual([true, false]);
  });
  test("by pattern", () => expect(chosen(["*petesbrain*"])).toEqual([true, false]));
  test("except wins", () => expect(chosen(["plist", "credential"], ["*.json"])).toEqual([true, false]));
  test("nothing named is everything", () => expect(chosen([])).toEqual([true, true]));
});
