import type { PinOutcome } from "../tasks/pin.ts";
import type { Face } from "./face.ts";

export const pin: Face<PinOutcome> = {
  quiet: ({ id }) => [id],
  text: ({ command, id }) =>
    command === "pin" ? [`📌 ${id} is pinned: no rule removes it`] : [`✅ ${id} is not pinned: the rules decide`],
  json: ({ id, changed }) => ({ id, changed }),
};
