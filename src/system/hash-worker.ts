// One more thread that hashes files; an entry point of its own in the binary.
import { type HashJob, takePart } from "./hashing.ts";

declare const self: Worker;

self.onmessage = async ({ data }: MessageEvent<HashJob>) => {
  self.postMessage(await takePart(data, { between: async () => {}, progress: () => {} }));
};
