export { lockWait, lockWaitMs } from "./flags.ts";
