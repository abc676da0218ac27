// The draft of a rollback.yaml: whatever names a machine has, it parses, and says just those.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { parseConfig } from "../../src/config.ts";
import { draftConfig } from "../../src/inventory/draft.ts";
import { looksLikeCredential, type Survey } from "../../src/inventory/survey.ts";

const EMPTY: Survey = {
  agents: [],
  retired: [],
  units: [],
  assistants: [],
  configs: [],
  mcp: [],
  credentials: [],
  venvs: [],
  suspects: [],
  unread: [],
  cutOff: false,
};
const name = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 12 })
  .filter((text) => !text.includes("/") && !text.includes("\0") && text !== "." && text !== "..");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
const paths = fc.uniqueArray(path, { maxLength: 4 });

test("any names: the config is valid, and every list has its paths, or patterns for them", async () => {
  await fc.assert(
    fc.asyncProperty(
      paths,
      paths,
      paths,
      fc.uniqueArray(name, { maxLength: 4 }),
      async (mcp, venvs, unreached, agents) => {
        const survey = { ...EMPTY, mcp, venvs, suspects: unreached, agents: agents.map((agent) => `${agent}.plist`) };
        const config = await parseConfig(draftConfig(survey, ["age1x"]), "rollback.yaml");
        const asWritten = (text: string) => (/^[!~]/.test(text) && !text.startsWith("~/") ? `./${text}` : text);
        expect(config.credentials.mcp).toEqual(mcp.map(asWritten));
        for (const [files, written] of [
          [venvs, config.venvs],
          [unreached, config.credentials.files],
        ] as const)
          for (const file of files) {
            const shape = file.split("/").length < 2 ? file : file.split("/").with(-2, "*").join("/");
            expect(written.some((pattern) => pattern === asWritten(file) || pattern === shape)).toBe(true);
          }
        expect(config.plists.length).toBeLessThanOrEqual(agents.length);
      },
    ),
  );
});

test("agents in groups of their first two parts; one alone by its name; vendors as comments", async () => {
  const agents = ["com.acme.a", "com.acme.b", "com.other.x", "job", "com.google.keystone", "com.google.update"].map(
    (label) => `${label}.plist`,
  );
  const text = draftConfig({ ...EMPTY, agents }, []);
  expect((await parseConfig(text, "x")).plists).toEqual([
    "~/Library/LaunchAgents/com.acme.*.plist",
    "~/Library/LaunchAgents/com.other.x.plist",
    "~/Library/LaunchAgents/job.plist",
  ]);
  expect(text).toContain('  # - "~/Library/LaunchAgents/com.google.*.plist"  # 2 agents\n');
});

test("an identity's recipients stand ready", () => {
  expect(draftConfig(EMPTY, ["age1abc"])).toContain("# seal:\n#   recipients:\n#     - age1abc\n");
});

test.each([
  "credentials.json",
  "client_secret_1.json",
  "oauth-token.yaml",
  "service_account.json",
  ".env",
  ".env.local",
  "key.pem",
  "api-key.txt",
  "google.p12",
])("%s looks like a credential", (file) => expect(looksLikeCredential(file)).toBe(true));
test.each([
  ".env.example",
  "package.json",
  "tokenizer.py",
  "secrets.py",
  "keyboard.txt",
  "environment",
  "credentials.md",
])("%s does not", (file) => expect(looksLikeCredential(file)).toBe(false));
