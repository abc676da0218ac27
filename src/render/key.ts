import type { KeyOutcome } from "../tasks/key.ts";
import { printable } from "../text.ts";
import type { Face } from "./face.ts";

export const key: Face<KeyOutcome> = {
  quiet: ({ recipients }) => recipients,
  text({ action, path, recipients }) {
    if (action === "show") return recipients;
    return [
      `🔑 New identity: ${printable(path)}`,
      `   Recipient: ${recipients.join(", ")}`,
      "",
      "Sealed archives open with this identity and nothing else: print that file out now, or put it into a password manager.",
      "Keep it where this Mac's disk is not. The recipient is not a secret; name it in rollback.yaml on other Macs.",
    ];
  },
  json: ({ action, path, recipients }) => ({ action, path, recipients }),
};
