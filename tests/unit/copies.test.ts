// Addresses, keys, credentials and patience, from literals.
import { describe, expect, jest, test } from "bun:test";
import fc from "fast-check";
import { hostKey, keyOf, parseAddress, parseKey, projectKey } from "../../src/copies/address.ts";
import { findAccess, parseSections } from "../../src/copies/aws.ts";
import { whyLeavesMachine } from "../../src/copies/folder.ts";
import { isMoved, wordsOf } from "../../src/copies/git-words.ts";
import { Passing, patiently, unlessStalled } from "../../src/copies/patience.ts";
import type { AbsPath, SnapshotId } from "../../src/model.ts";

const HOME = "/Users/alex" as AbsPath;
const parse = (text: string) => parseAddress(text, { base: "/base" as AbsPath, home: HOME, flag: "DEST" });

test.each<[string, object]>([
  ["/Volumes/USB/rollback", { type: "folder", path: "/Volumes/USB/rollback" }],
  ["copies", { type: "folder", path: "/base/copies" }],
  ["~/Backups", { type: "folder", path: "/Users/alex/Backups" }],
  ["s3://my-bucket", { type: "s3", bucket: "my-bucket", prefix: "" }],
  ["s3://my.bucket/a//b/", { type: "s3", bucket: "my.bucket", prefix: "a/b/" }],
  ["git:.", { type: "git", remote: null }],
  ["git:origin", { type: "git", remote: "origin" }],
  ["git:git@example.com:alex/backups.git", { type: "git", remote: "git@example.com:alex/backups.git" }],
  ["git:ssh://git@example.com/x.git", { type: "git", remote: "ssh://git@example.com/x.git" }],
  ["git:~/x.git", { type: "git", remote: "/Users/alex/x.git" }],
])("the address %s", (text, expected) => expect(parse(text)).toEqual(expected as ReturnType<typeof parse>));

test.each([
  "",
  "s3://",
  "s3:bucket",
  "s3://Bucket/x",
  "s3://bucket/../x",
  "s3://key:secret@bucket/x",
  "git:",
  "git:--upload-pack=x",
  "git:ext::sh -c whoami",
  "git:https://alex:hunter2@example.com/x.git",
  "git:https://ghp_token@example.com/x.git",
  "git:https://alex:hunter2/3@example.com/x.git",
  "git:ssh://alex:hunter2@example.com/x.git",
  "ssh://alex:hunter2@example.com/x.git",
  "git:alex:hunter2@example.com:x.git",
  "git:https://example.com/x.git?key=hunter2",
  "git:https://example.com/x.git#hunter2",
  "https://example.com/",
  "ftp://x/y",
  "a\nb",
])("%j is none, and the error shows no password", (text) => {
  try {
    parse(text);
  } catch (cause) {
    expect(cause).toMatchObject({ code: "usage" });
    expect(String(cause)).not.toMatch(/hunter2|ghp_token|secret@/);
    return;
  }
  throw new Error("it was taken");
});

test("a key is read as it was written, and nothing else is one", () => {
  const name = fc.stringMatching(/^[\w-]{1,20}$/);
  const short = fc.stringMatching(/^[0-9a-f]{8}$/);
  const id = fc.constantFrom("20260228_235959" as SnapshotId, "20240229_000000" as SnapshotId);
  fc.assert(
    fc.property(
      name,
      name,
      short,
      id,
      fc.constantFrom<"zip" | "zip.age">("zip", "zip.age"),
      (machine, project, store, of, form) => {
        const copy = { machine, project, store, id: of, form };
        expect(parseKey(keyOf(copy))).toEqual(copy);
      },
    ),
  );
  for (const key of [
    "x",
    "a/b.zip",
    "a/20200101_000000.zip",
    "a/b/20200101_000000.zip",
    "a/b-1234567/20200101_000000.zip",
    "../b-12345678/20200101_000000.zip",
    "a/b-12345678/20200101_000000.tar",
    "a/b-12345678/20201399_000000.zip",
    "a/b-12345678/.20200101_000000.zip.new",
  ])
    expect(parseKey(key)).toBeNull();
  fc.assert(
    fc.property(fc.string(), (text) => {
      const names = `${hostKey(text)}/${projectKey(`/${text.replaceAll("/", "")}` as AbsPath)}`;
      expect(parseKey(`${names}-12345678/20200101_000000.zip`)).not.toBeNull();
    }),
  );
});

test("a host keeps its name in another network", () => {
  expect(["studio.local", "studio.fritz.box", "studio"].map(hostKey)).toEqual(["studio", "studio", "studio"]);
  expect(hostKey("Alex’s MacBook")).toBe("Alex-s-MacBook");
  expect(hostKey("")).toBe("unnamed");
});

describe("keys for S3", () => {
  const files: Record<string, string> = {
    "/Users/alex/.aws/credentials":
      "[default]\naws_access_key_id=D1\naws_secret_access_key = D2\n\n[work]\n# theirs\naws_access_key_id = W1\naws_secret_access_key = W2 ; note\naws_session_token = W3\n",
    "/Users/alex/.aws/config":
      "[default]\nregion = eu-west-1\n[profile work]\nregion = eu-north-1\nendpoint_url = https://s3.example.com\ns3 =\n  addressing_style = path\n",
  };
  const access = (env: Record<string, string>, given = {}) =>
    findAccess(env, HOME, given, (path) => files[path] ?? null);

  test("the variables come first, then the profile, and what the config says of the place before both", () => {
    const env = { AWS_ACCESS_KEY_ID: "E1", AWS_SECRET_ACCESS_KEY: "E2", AWS_REGION: "us-west-2" };
    expect(access(env)).toEqual({
      accessKeyId: "E1",
      secretAccessKey: "E2",
      sessionToken: "",
      region: "us-west-2",
      endpoint: undefined,
    });
    expect(access({})).toMatchObject({ accessKeyId: "D1", secretAccessKey: "D2", region: "eu-west-1" });
    expect(access({ AWS_PROFILE: "work" })).toEqual({
      accessKeyId: "W1",
      secretAccessKey: "W2",
      sessionToken: "W3",
      region: "eu-north-1",
      endpoint: "https://s3.example.com",
    });
    expect(access({ ...env, AWS_PROFILE: "work" }, { region: "auto", endpoint: "https://x" })).toMatchObject({
      accessKeyId: "E1",
      sessionToken: "",
      region: "auto",
      endpoint: "https://x",
    });
  });

  test("half a pair is none", () => {
    expect(access({ AWS_ACCESS_KEY_ID: "E1" }).accessKeyId).toBe("D1");
    expect(() => access({ AWS_PROFILE: "nobody" })).toThrow("no keys for S3");
  });

  test("keys are never put together of two files", () => {
    const both = (credentials: string, config: string) =>
      findAccess({}, HOME, {}, (path) => (path.endsWith("config") ? config : credentials));
    expect(() => both("[default]\naws_access_key_id=A\n", "[default]\naws_secret_access_key=B\n")).toThrow("no keys");
    const mixed = both(
      "[default]\naws_access_key_id=A\naws_session_token=T\n",
      "[default]\naws_access_key_id=C\naws_secret_access_key=D\n",
    );
    expect(mixed).toMatchObject({ accessKeyId: "C", secretAccessKey: "D", sessionToken: "" });
    const env = { AWS_ACCESS_KEY_ID: "E", AWS_SESSION_TOKEN: "V" };
    expect(access(env)).toMatchObject({ accessKeyId: "D1", sessionToken: "" });
  });

  test.each([
    ["role_arn = arn:aws:iam::1:role/x\nsource_profile = default", "takes a role"],
    ["sso_session = corp\nsso_account_id = 1", "logs in by SSO"],
    ["sso_start_url = https://x", "logs in by SSO"],
    ["web_identity_token_file = /x", "takes a role"],
    ["credential_process = touch /tmp/ran", "which is never run"],
  ])("a profile with %p says what it is", (lines, words) => {
    const config = `[profile work]\nregion = eu-west-1\n${lines}\n`;
    const find = (credentials: string) =>
      findAccess({ AWS_PROFILE: "work" }, HOME, {}, (path) => (path.endsWith("config") ? config : credentials));
    expect(() => find("")).toThrow(words);
    // As the AWS tools do: keys in the other file come before a command, and after all else.
    const keys = "[work]\naws_access_key_id=W1\naws_secret_access_key=W2\n";
    if (lines.startsWith("credential_process")) expect(find(keys).accessKeyId).toBe("W1");
    else expect(() => find(keys)).toThrow(words);
  });

  test("any text is read without an error", () => {
    fc.assert(fc.property(fc.string(), (text) => expect(parseSections(text)).toBeInstanceOf(Map)));
  });
});

describe("patience", () => {
  const quick = { attempts: 3, firstWaitMs: 1, stallMs: 20 };

  test("what may pass is tried again so many times, all else not once", async () => {
    let calls = 0;
    const failing = (error: Error) =>
      patiently(async () => {
        calls++;
        throw error;
      }, quick);
    expect(failing(new Passing("busy"))).rejects.toThrow("busy");
    await failing(new Passing("busy")).catch(() => {});
    expect(calls).toBe(6);
    await failing(new Error("no")).catch(() => {});
    expect(calls).toBe(7);
  });

  test("what stands still is ended; what moves, however slowly, is not", async () => {
    jest.useFakeTimers();
    try {
      const until = (signal: AbortSignal) =>
        new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(new Error("x"))));
      const still = unlessStalled({ ...quick, stallMs: 200 }, until);
      jest.advanceTimersByTime(199);
      let moving = () => {};
      let signalOfSlow: AbortSignal | undefined;
      const slow = unlessStalled({ ...quick, stallMs: 200 }, (signal, alive) => {
        moving = alive;
        signalOfSlow = signal;
        return until(signal);
      });
      jest.advanceTimersByTime(1);
      await expect(still).rejects.toBeInstanceOf(Passing);
      for (let beats = 0; beats < 30; beats++) {
        jest.advanceTimersByTime(198);
        moving();
      }
      expect(signalOfSlow?.aborted).toBe(false);
      jest.advanceTimersByTime(200);
      await expect(slow).rejects.toBeInstanceOf(Passing);
    } finally {
      jest.useRealTimers();
    }
  });
});

test.each<[string, boolean]>([
  ["/Users/alex/Library/Mobile Documents/com~apple~CloudDocs/x", true],
  ["/Users/alex/Library/CloudStorage/GoogleDrive-alex/x", true],
  ["/Users/alex/Dropbox/x", true],
  ["/Users/alex/OneDrive - Acme/x", true],
  ["/Users/alex/Documents/x", true],
  ["/Users/alex/Documents/x.nosync/y", false],
  ["/Volumes/USB/rollback", false],
  ["/Users/alex/Boxes/x", false],
])("%s leaves the machine by itself: %p", (folder, expected) =>
  expect(whyLeavesMachine(folder as AbsPath, HOME) !== null).toBe(expected),
);

test.each<[string, string, string, boolean]>([
  [
    "To x\n!\tHEAD:refs/heads/x\t[remote rejected] (pre-receive hook declined)\nDone\n",
    "remote: Resolving deltas: 100% (1/1)\rremote: no room here: timed out        \nremote: \nerror: failed to push some refs to 'x'\n",
    "no room here: timed out; [remote rejected] (pre-receive hook declined)",
    false,
  ],
  [
    "To x\n!\ta:b\t[rejected] (fetch first)\nDone\n",
    "error: failed to push some refs to 'x'\nhint: Updates were rejected\n",
    "[rejected] (fetch first)",
    true,
  ],
  [
    "!\ta:b\t[remote rejected] (failed to update ref)\n",
    "remote: error: cannot lock ref 'b': is at 1 but expected 2        \n",
    "cannot lock ref 'b': is at 1 but expected 2; [remote rejected] (failed to update ref)",
    true,
  ],
  [
    "!\ta:b\t[remote rejected] (failed to update ref)\n",
    "remote: error: cannot lock ref 'b': 'b/c' exists; cannot create 'b'        \n",
    "cannot lock ref 'b': 'b/c' exists; cannot create 'b'; [remote rejected] (failed to update ref)",
    false,
  ],
  [
    "",
    "git@example.com: Permission denied (publickey).\r\nfatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n",
    "git@example.com: Permission denied (publickey).",
    false,
  ],
  [
    "",
    "@@@@@@@@@@\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n@@@@@@@@@@\nIT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\nSomeone could be eavesdropping\nIt is also possible\nHost key verification failed.\nfatal: Could not read from remote repository.\n",
    "WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!; IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!; Someone could be eavesdropping; Host key verification failed.",
    false,
  ],
  [
    "",
    "fatal: detected dubious ownership in repository at '/x'\nTo add an exception for this directory, call:\n\n\tgit config --global --add safe.directory /x\n",
    "detected dubious ownership in repository at '/x'; To add an exception for this directory, call:; git config --global --add safe.directory /x",
    false,
  ],
  [
    "",
    "fatal: unable to access 'https://alex:pw@x.invalid/': no\n",
    "unable to access 'https://…@x.invalid/': no",
    false,
  ],
  ["", "remote: no: line 3 holds ghp_aB3dE6gH9kaB3dE6gH9kaB3dE6gH9kaB3dE6\n", "no: line 3 holds ‹hidden›", false],
  ["", "", "git failed", false],
])("what git says: %j %j", (stdout, stderr, words, moved) => {
  expect(wordsOf({ stdout, stderr })).toBe(words);
  expect(isMoved({ stdout, stderr })).toBe(moved);
});
