import { expect, test } from "bun:test";
import { maskNote } from "../../src/secrets/note-secrets.ts";

const NOTE = "the new password: hunter2hunter2 and ghp_16C7e42F292c6912E7710c838347Ae178B4a too;";

test("words of a note are shown, what is behind one that tells and every token is not", () => {
  expect(maskNote("Before Phase 4: new API token for email-sync")).toBe("Before Phase 4: new API token for email-sync");
  expect(maskNote(NOTE)).toBe("the new password: ‹hidden› and ‹hidden› too;");
});

test("also in a note of any length, wherever they stand in it, and twice changes nothing", () => {
  for (let before = 700; before < 900; before++) {
    const [long, short] = ["long ".repeat(before), "word ".repeat((before * 7) % 900)];
    const masked = maskNote(`${long}${NOTE} ${short}`);
    expect(masked).toBe(`${long}the new password: ‹hidden› and ‹hidden› too; ${short}`);
    expect(maskNote(masked)).toBe(masked);
  }
});
