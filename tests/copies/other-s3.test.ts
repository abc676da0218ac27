// The same story at a server that others wrote: what holds at one S3 is not what one server happens to do.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type FauxqsServer, startFauxqs } from "fauxqs";
import { sealedOf } from "../archives.ts";
import { must } from "../harness.ts";
import { away, freshMac, own, sealing } from "./worlds.ts";

const PLACE = "s3://backups/mine";
let server: FauxqsServer;
beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  server.createBucket("backups");
});
afterAll(() => server.stop());

test("what is pushed is read back, listed, verified, drilled, and pulled by another Mac", async () => {
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${server.port}`,
    AWS_ACCESS_KEY_ID: "somebody",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_REGION: "us-east-1",
  };
  const w = sealing();
  const id = w.create();
  expect(must(await away(w, env, "push", "latest", PLACE)).stdout).toMatch(/1 archive sent \(.*\), read back/);
  expect(must(await away(w, env, "push", "latest", PLACE)).stdout).toContain("1 archive there already");
  expect(must(await away(w, env, "list", "--from", PLACE)).stdout).toContain(`[${id}]`);
  expect(must(await away(w, env, "verify", "--from", PLACE)).stdout).toContain("1 copy");
  expect(must(await away(w, env, "drill", PLACE)).stdout).toContain("✅ The drill passed");
  expect(must(await away(w, env, "health", "--from", PLACE)).stdout).toContain(own(w));
  const mac = freshMac(w);
  expect(must(await away(mac, env, "pull", "latest", PLACE)).stdout).toContain(`✅ Pulled: ${id}`);
  expect(await Bun.file(sealedOf(mac, id)).bytes()).toEqual(await Bun.file(sealedOf(w, id)).bytes());
});

test("a bucket that is not there, and one without copies, are told apart", async () => {
  const env = {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${server.port}`,
    AWS_ACCESS_KEY_ID: "a",
    AWS_SECRET_ACCESS_KEY: "b",
  };
  const w = sealing();
  w.create();
  const none = await away(w, env, "push", "latest", "s3://nowhere/mine");
  expect([none.exit, none.stdout]).toEqual([1, ""]);
  expect(none.stderr).toContain("nowhere");
  expect((await away(w, env, "pull", "latest", "s3://backups/empty")).exit).toBe(5);
});
