import { type PinRequest, pin, unpin } from "../../tasks/pin.ts";
import { type Command, command, type Session } from "../command.ts";
import { lockWait, lockWaitMs } from "../flags.ts";

const args = {
  ref: { type: "positional", required: true, description: "The snapshot" },
  "lock-wait": lockWait,
} as const;

const exits = {
  0: "done, also where it was so already",
  3: "done, but it could not be noted in the audit trail",
  5: "there is no such snapshot",
  6: "another rollback holds the lock",
};

const request = (given: { ref: string; "lock-wait"?: string | undefined }): PinRequest => ({
  ref: given.ref,
  lockWaitMs: lockWaitMs(given["lock-wait"]),
});

const pinCommand: Command = command({
  name: "pin",
  description: "Keep a snapshot whatever the rules say",
  args,
  exits,
  example: "rollback pin 20251211_143600",
  run: (given, session: Session) => pin(request(given), session),
});

const unpinCommand: Command = command({
  name: "unpin",
  description: "Let the rules decide about a snapshot again",
  args,
  exits,
  example: "rollback unpin 20251211_143600",
  run: (given, session: Session) => unpin(request(given), session),
});

export { pinCommand as pin, unpinCommand as unpin };
