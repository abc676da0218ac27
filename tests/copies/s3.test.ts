// push and pull against a bucket: what arrives, and what becomes of every way in which that can fail.
import { afterAll, beforeAll, beforeEach, describe, expect } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { hostname } from "node:os";
import { join } from "node:path";
import { hostKey } from "../../src/copies/address.ts";
import { clearError, sealedOf, sh } from "../archives.ts";
import { binary } from "../binary.ts";
import { needing } from "../crash/tracing.ts";
import { lacks, must, readTree, type World } from "../harness.ts";
import { type Bucket, openBucket, refusal, s3Missing } from "./s3.ts";
import { away, changed, freshMac, own, sealing } from "./worlds.ts";

const host = hostKey(hostname());
const missing = s3Missing();
let bucket: Bucket;
beforeAll(async () => {
  if (missing === undefined) bucket = await openBucket();
});
afterAll(async () => {
  if (missing === undefined) await bucket.close();
});
beforeEach(() => bucket?.fault(undefined));

let counter = 0;
/** A place of its own in the bucket for each test. */
const place = () => `p${++counter}`;
const to = (prefix: string) => `s3://backups/${prefix}`;
const keyAt = (prefix: string, id: string, w: World) => `${prefix}/${own(w)}/${id}.zip.age`;
const run = (w: World, ...words: string[]) => away(w, bucket.env, ...words);
const latin1 = (path: string) => readFileSync(path, "latin1");
const at = (prefix: string) => bucket.objects(prefix);
const json = ({ stdout }: { stdout: string }) => JSON.parse(stdout);

describe("there and back", () => {
  needing(
    missing,
    "a push seals once, sends, reads back; again nothing is sent; another Mac pulls and restores",
    async () => {
      const [w, prefix] = [sealing(), place()];
      const id = w.create();
      const first = json(must(await run(w, "push", to(prefix), "--json")));
      expect(first).toEqual({
        schema: 1,
        ok: true,
        command: "push",
        places: [
          {
            name: null,
            to: to(prefix),
            archives: [{ id, size_bytes: latin1(sealedOf(w, id)).length, sent: true, replaced: false }],
            failed: null,
          },
        ],
        unsound: [],
      });
      expect(await at(prefix)).toEqual({ [keyAt(prefix, id, w)]: latin1(sealedOf(w, id)) });
      expect(bucket.requests.map((request) => request.split(" ")[0])).toEqual(["HEAD", "PUT", "GET"]);
      bucket.fault(undefined);
      expect(json(must(await run(w, "push", to(prefix), "--json"))).places[0].archives[0].sent).toBe(false);
      // Its tag alone tells that it is the same: nothing is loaded.
      expect(bucket.requests).toEqual([`HEAD ${keyAt(prefix, id, w)}`]);
      const mac = freshMac(w);
      const pulled = must(await run(mac, "pull", "latest", to(prefix)));
      expect(pulled.stdout).toStartWith(`✅ Pulled: ${id} of ${host}, from ${to(prefix)}\n`);
      expect(latin1(sealedOf(mac, id))).toBe(latin1(sealedOf(w, id)));
      expect(must(await run(mac, "restore", "latest", "--relocate", "--force")).stdout).toContain("✅ Restored");
      expect(must(await run(mac, "pull", id.slice(0, 12), to(prefix))).stdout).toStartWith(`- Here already: ${id}\n`);
    },
  );

  needing(missing, "--all sends what is missing; list --from shows it, newest first, with whose it is", async () => {
    const [w, prefix] = [sealing(), place()];
    const ids = [w.create("one"), w.create("two"), w.create("three")];
    must(await run(w, "push", ids[1] ?? "", to(prefix)));
    const { stdout } = must(await run(w, "push", "--all", to(prefix)));
    expect(stdout).toMatch(/: 2 archives sent \(.*\), 1 there already, read back\n$/);
    await bucket.put(`${prefix}/other-mac/p-12345678/20200101_000000.zip.age`, "x");
    await bucket.put(`${prefix}/notes.txt`, "not ours");
    const own = json(must(await run(w, "list", "--from", to(prefix), "--json")));
    expect(own.copies.map(({ id, host: of, here }: Record<string, unknown>) => [id, of, here])).toEqual(
      ids.toReversed().map((id) => [id, host, true]),
    );
    const all = json(must(await run(w, "list", "--from", to(prefix), "--host", "all", "--limit", "2", "--json")));
    expect([all.total, all.copies.length]).toEqual([4, 2]);
    const other = json(must(await run(w, "list", "--from", to(prefix), "--host", "other-mac", "--json")));
    expect(other.copies).toEqual([
      {
        id: "20200101_000000",
        host: "other-mac",
        project: "p",
        store: "12345678",
        form: "zip.age",
        size_bytes: 1,
        here: false,
        description: null,
        category: null,
        files: null,
        created_at: null,
        created_at_utc: null,
      },
    ]);
  });

  needing(missing, "latest is this project's, else the only one's, else whose they are is told", async () => {
    const [w, prefix] = [sealing(), place()];
    const id = w.create();
    must(await run(w, "push", to(prefix)));
    const sealed = readFileSync(sealedOf(w, id));
    const [one, two] = [place(), place()];
    await bucket.put(`${one}/mini/p-12345678/${id}.zip.age`, sealed);
    for (const name of ["mini/p-12345678", "studio-2/p-87654321"])
      await bucket.put(`${two}/${name}/${id}.zip.age`, sealed);
    expect(must(await run(freshMac(w), "pull", to(one))).stdout).toContain(`${id} of mini`);
    const several = await run(freshMac(w), "pull", "latest", to(two));
    expect(several.exit).toBe(5);
    for (const told of ["mini, project p-12345678", "studio-2, project p-87654321", id, '"before the edits"'])
      expect(several.stderr).toContain(told);
    expect(must(await run(freshMac(w), "pull", "latest", to(two), "--host", "mini")).stdout).toContain("of mini");
    const none = await run(freshMac(w), "pull", to(place()));
    expect(clearError(none, 5)).toBeUndefined();
  });

  needing(missing, "more copies than a page holds are all listed, and the newest found", async () => {
    const [w, prefix] = [sealing(), place()];
    w.create();
    const two = (count: number) => String(count).padStart(2, "0");
    const ids = Array.from({ length: 1003 }, (_, at) => `20200101_00${two(Math.trunc(at / 60))}${two(at % 60)}`);
    for (let from = 0; from < ids.length; from += 50)
      await Promise.all(ids.slice(from, from + 50).map((id) => bucket.put(keyAt(prefix, id, w), "x")));
    const { total, copies } = json(must(await run(w, "list", "--from", to(prefix), "--json", "--limit", "3")));
    expect(total).toBe(1003);
    expect(copies.map(({ id }: { id: string }) => id)).toEqual(ids.toSorted().toReversed().slice(0, 3));
    // Two pages, and a part of each of the three that are shown.
    expect(bucket.requests.filter((request) => request.startsWith("GET "))).toHaveLength(5);
  });
});

describe("what fails", () => {
  const pushed = async (fault: Parameters<Bucket["fault"]>[0], env = bucket.env) => {
    const [w, prefix] = [sealing(), place()];
    const id = w.create();
    bucket.fault(fault);
    const ran = await away(w, env, "push", to(prefix));
    const { requests } = bucket;
    const seen = [...requests];
    bucket.fault(undefined);
    return { w, id, prefix, ran, seen, key: keyAt(prefix, id, w), objects: await at(prefix) };
  };

  needing(missing, "a server that is busy for a while is asked again", async () => {
    for (const status of [500, 503, 429]) {
      let busy = 2;
      const { ran, objects } = await pushed((request) =>
        request.method === "PUT" && busy-- > 0 ? refusal(status, "SlowDown") : undefined,
      );
      must(ran);
      expect(Object.keys(objects)).toHaveLength(1);
    }
  });

  needing(missing, "one that stays busy is given up after four requests, and nothing is there", async () => {
    const { ran, seen, objects } = await pushed((request) =>
      request.method === "PUT" ? refusal(503, "SlowDown") : undefined,
    );
    expect(clearError(ran, 1)).toBeUndefined();
    expect(ran.stderr).toContain("it answers 503 (SlowDown)");
    expect(seen.filter((request) => request.startsWith("PUT"))).toHaveLength(4);
    expect(objects).toEqual({});
  });

  needing(missing, "no network, a wrong port, a name that is none", async () => {
    for (const url of ["http://127.0.0.1:1", "http://no-such-host.invalid"]) {
      const { ran } = await pushed(undefined, { ...bucket.env, AWS_ENDPOINT_URL: url });
      expect(clearError(ran, 1)).toBeUndefined();
      expect(ran.stderr).toMatch(/can't be (found|reached)|refuses connections/);
    }
  });

  needing(
    missing ?? (lacks("openssl") ? "it takes openssl" : undefined),
    "a certificate that nobody vouches for is not trusted, and not tried again",
    async () => {
      const w = sealing();
      w.create();
      const words = "req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -days 2 -subj /CN=localhost";
      await sh(w, `cd "${w.away}" && openssl ${words} 2>/dev/null`);
      const [key, cert] = ["k.pem", "c.pem"].map((name) => Bun.file(join(w.away, name)));
      let asked = 0;
      const server = Bun.serve({ port: 0, tls: { key, cert }, fetch: () => new Response(String(++asked)) });
      const ran = await away(
        w,
        { ...bucket.env, AWS_ENDPOINT_URL: `https://localhost:${server.port}` },
        "push",
        to("x"),
      );
      await server.stop(true);
      expect(clearError(ran, 1)).toBeUndefined();
      expect(ran.stderr).toMatch(/says no: \w*(CERT|SIGNED)\w*/);
      expect(asked).toBe(0);
    },
  );

  needing(missing, "the environment's proxy is used, for S3 and for git, and not for what NO_PROXY names", async () => {
    const asked: string[] = [];
    const proxy = createServer(({ method, url = "" }, response) => {
      asked.push(`${method} ${url.split("?")[0]}`);
      if (url.startsWith("http://s3."))
        response.end("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const address = proxy.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const far = {
      ...bucket.env,
      AWS_ENDPOINT_URL: "http://s3.example.invalid",
      HTTP_PROXY: `http://127.0.0.1:${port}`,
    };
    const w = sealing();
    const near = { ...bucket.env, HTTP_PROXY: far.HTTP_PROXY, NO_PROXY: "127.0.0.1" };
    must(await away(w, near, "list", "--from", to("x")));
    expect(asked).toEqual([]);
    const env = { ...far, http_proxy: far.HTTP_PROXY };
    expect(json(must(await away(w, env, "list", "--from", to("x"), "--json"))).total).toBe(0);
    expect(asked.splice(0)).toEqual(["GET http://s3.example.invalid/backups/"]);
    if (!lacks("git")) {
      expect(clearError(await away(w, env, "list", "--from", "git:http://git.example.invalid/x"), 1)).toBeUndefined();
      expect(asked.splice(0)[0]).toBe("GET http://git.example.invalid/x/info/refs");
    }
    proxy.close();
  });

  needing(missing, "wrong keys are refused at once, and neither they nor the signature are shown", async () => {
    const wrong = { ...bucket.env, AWS_SECRET_ACCESS_KEY: "hunter2-SHIBBOLETH" };
    const { ran, seen, w } = await pushed(undefined, wrong);
    expect(clearError(ran, 1)).toBeUndefined();
    // The answer to a HEAD has no words: they are asked for once.
    expect(seen.map((request) => request.split(" ")[0])).toEqual(["HEAD", "GET"]);
    expect(ran.stdout + ran.stderr + latin1(join(w.store, "audit.jsonl"))).not.toMatch(/SHIBBOLETH|X-Amz/);
    const list = await away(w, wrong, "list", "--from", to("x"));
    expect(list.stderr).toContain("SignatureDoesNotMatch");
  });

  needing(missing, "403, and a bucket that is not there, say so", async () => {
    const denied = await pushed(() => refusal(403, "AccessDenied"));
    expect(denied.ran.stderr).toContain("says no: AccessDenied (these keys may not do that)");
    const moved = await pushed(() => refusal(301, "PermanentRedirect", { location: "http://127.0.0.1:1/" }));
    expect(clearError(moved.ran, 1)).toBeUndefined();
    expect(moved.ran.stderr).toContain("another region: set `region`");
    const [w] = [sealing()];
    w.create();
    const nowhere = await run(w, "push", "s3://no-such-bucket/x");
    expect(clearError(nowhere, 1)).toBeUndefined();
    expect(nowhere.stderr).toContain("NoSuchBucket");
    expect(clearError(await run(w, "list", "--from", "s3://no-such-bucket/x"), 1)).toBeUndefined();
  });

  needing(missing, "a clock that is off is told by how much", async () => {
    const date = new Date(Date.now() + 47 * 60_000).toUTCString();
    const { ran } = await pushed(() => refusal(403, "RequestTimeTooSkewed", { date }));
    expect(ran.stderr).toMatch(/clock is 4[67] minutes slow/);
    expect(clearError(ran, 1)).toBeUndefined();
  });

  needing(missing, "other bytes under that name stay, and the push ends with 4", async () => {
    const [w, prefix] = [sealing(), place()];
    const id = w.create();
    for (const body of ["other bytes", "x".repeat(4000)]) {
      await bucket.put(keyAt(prefix, id, w), body);
      const ran = await run(w, "push", to(prefix));
      expect(clearError(ran, 4)).toBeUndefined();
      expect(await at(prefix)).toEqual({ [keyAt(prefix, id, w)]: body });
    }
  });

  needing(missing, "another machine that is first by a moment: its bytes stay", async () => {
    const [w, prefix] = [sealing(), place()];
    const id = w.create();
    bucket.fault(async (request, key) => {
      if (request.method === "PUT") await bucket.put(key, "theirs");
      return undefined;
    });
    expect(clearError(await run(w, "push", to(prefix)), 4)).toBeUndefined();
    expect(await at(prefix)).toEqual({ [keyAt(prefix, id, w)]: "theirs" });
  });

  needing(missing, "what arrived otherwise than it was sent is taken away again, with 4", async () => {
    const [w, prefix] = [sealing(), place()];
    const id = w.create();
    bucket.fault(async (request, key) => {
      if (request.method !== "PUT") return undefined;
      await bucket.put(key, Buffer.from(changed(latin1(sealedOf(w, id))), "latin1"));
      return new Response(null, { status: 200 });
    });
    const ran = await run(w, "push", to(prefix));
    expect(clearError(ran, 4)).toBeUndefined();
    expect(ran.stderr).toContain("did not arrive");
    expect(await at(prefix)).toEqual({});
  });

  needing(
    missing,
    "a line that is cut while it loads is tried again; one that is always cut leaves nothing",
    async () => {
      const [w, prefix] = [sealing(), place()];
      const id = w.create();
      must(await run(w, "push", to(prefix)));
      const bytes = readFileSync(sealedOf(w, id));
      const mac = freshMac(w);
      bucket.cut(2);
      must(await run(mac, "pull", to(prefix)));
      expect(latin1(sealedOf(mac, id))).toBe(bytes.toString("latin1"));
      const other = freshMac(w);
      bucket.cut(100);
      expect(clearError(await run(other, "pull", to(prefix)), 1)).toBeUndefined();
      bucket.cut(0);
      expect(readdirSync(other.store).filter((name) => name.endsWith(".age"))).toEqual([]);
      expect(existsSync(join(other.store, ".rollback/staging"))).toBe(false);
    },
  );

  needing(missing, "a copy that was cut short or changed is not taken, with 4", async () => {
    const [w, prefix] = [sealing(), place()];
    const id = w.create();
    must(await run(w, "push", to(prefix)));
    const bytes = readFileSync(sealedOf(w, id));
    const flipped = Buffer.from(bytes);
    flipped[1500] = (flipped[1500] ?? 0) ^ 1;
    for (const body of [bytes.subarray(0, 1200), flipped, Buffer.from("")]) {
      await bucket.put(keyAt(prefix, id, w), body);
      const mac = freshMac(w);
      expect(clearError(await run(mac, "pull", to(prefix)), 4)).toBeUndefined();
      expect(existsSync(sealedOf(mac, id))).toBe(false);
    }
  });

  const tools = ["zip", "unzip", "age"].find(lacks);
  needing(
    missing ?? (tools === undefined ? undefined : `it takes ${tools}`),
    "a whole archive, sealed to us by somebody else, whose files are not what its manifest says is not taken",
    async () => {
      const [w, prefix] = [sealing(), place()];
      const id = w.create();
      must(w.run("pack", id));
      const recipient = must(w.run("key", "show", "--quiet")).stdout.trim();
      await sh(
        w,
        `cd "${w.away}" && unzip -q "${w.store}/${id}.zip" && printf '{"mcpServers": {}} ' > ${id}/config/mcp.json &&
         zip -q -r forged.zip ${id} && age -r ${recipient} -o forged forged.zip`,
      );
      await bucket.put(keyAt(prefix, id, w), readFileSync(join(w.away, "forged")));
      const mac = freshMac(w);
      const ran = await run(mac, "pull", to(prefix));
      expect(clearError(ran, 4)).toBeUndefined();
      expect(ran.stderr).toContain("config/mcp.json");
      expect(existsSync(sealedOf(mac, id))).toBe(false);
    },
  );

  needing(missing, "a sound archive of another snapshot under this one's name is not taken", async () => {
    const [w, prefix] = [sealing(), place()];
    const [first, second] = [w.create(), w.create()];
    must(w.run("pack", first, "--seal"));
    await bucket.put(keyAt(prefix, second, w), readFileSync(sealedOf(w, first)));
    const ran = await run(freshMac(w), "pull", to(prefix));
    expect(clearError(ran, 4)).toBeUndefined();
    expect(ran.stderr).toContain(`holds the snapshot ${first}`);
  });

  needing(missing, "without the identity nothing is loaded", async () => {
    const [w, prefix] = [sealing(), place()];
    w.create();
    must(await run(w, "push", to(prefix)));
    const stranger = sealing();
    bucket.fault(undefined);
    expect(clearError(await run(stranger, "pull", to(prefix)), 5)).toBeUndefined();
    const bare = freshMac(w);
    expect(clearError(await run(bare, "pull", to(prefix), "--identity", "/nowhere"), 5)).toBeUndefined();
  });

  needing(missing, "killed between two archives, a push goes on where it was", async () => {
    const [w, prefix] = [sealing(), place()];
    const ids = [w.create(), w.create(), w.create()].toReversed();
    for (const id of ids) must(w.run("pack", id, "--seal"));
    const child = w.start([binary, "push", "--all", to(prefix)], { env: bucket.env });
    bucket.fault((request, key) => {
      if (request.method !== "PUT" || !key.includes(ids[1] ?? "")) return undefined;
      child.kill("SIGKILL");
      return refusal(500, "InternalError");
    });
    await child.exited;
    expect(Object.keys(await at(prefix))).toEqual([keyAt(prefix, ids[0] ?? "", w)]);
    bucket.fault(undefined);
    must(await run(w, "push", "--all", to(prefix)));
    expect(bucket.requests.filter((request) => request.startsWith("PUT"))).toEqual(
      ids.slice(1).map((id) => `PUT ${keyAt(prefix, id, w)}`),
    );
  });

  needing(missing, "interrupted, it ends with the signal's code, and what was sent stays", async () => {
    const [w, prefix] = [sealing(), place()];
    const ids = [w.create(), w.create()].toReversed();
    for (const id of ids) must(w.run("pack", id, "--seal"));
    const child = w.start([binary, "push", "--all", to(prefix)], { env: bucket.env });
    bucket.fault((request) => {
      if (request.method === "GET") child.kill("SIGTERM");
      return undefined;
    });
    expect(await child.exited).toBe(143);
    expect(Object.keys(await at(prefix))).toEqual([keyAt(prefix, ids[0] ?? "", w)]);
  });

  needing(missing, "of several destinations one that fails is named, with 3, and the others get theirs", async () => {
    const prefix = place();
    const w = sealing();
    const usb = join(w.away, "usb");
    const lines = [
      "version: 1",
      "copies:",
      `  usb: {to: ${usb}}`,
      `  cloud: {to: "${to(prefix)}", endpoint: "${bucket.env.AWS_ENDPOINT_URL}", region: us-east-1}`,
      "plists: []",
      "",
    ];
    writeFileSync(join(w.root, "rollback.yaml"), lines.join("\n"));
    const id = w.create();
    const { AWS_ENDPOINT_URL: _, ...keys } = bucket.env;
    const ran = await away(w, keys, "push", "--json");
    expect(ran.exit).toBe(3);
    expect(json(ran).places).toMatchObject([
      { name: "usb", archives: [], failed: `there is no folder ${usb}` },
      { name: "cloud", archives: [{ id, sent: true }], failed: null },
    ]);
    expect(Object.keys(await at(prefix))).toHaveLength(1);
  });
});

needing(missing, "keys from ~/.aws, by profile; without any the error says where they belong", async () => {
  const prefix = place();
  const w = sealing({
    home: {
      ".aws/credentials": "[work]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER # theirs\n",
      ".aws/config": `[profile work]\nendpoint_url = ${bucket.env.AWS_ENDPOINT_URL}\nregion = us-east-1\n`,
    },
  });
  w.create();
  must(await away(w, { AWS_PROFILE: "work" }, "push", to(prefix)));
  const ran = await away(w, {}, "push", to(prefix));
  expect(clearError(ran, 1)).toBeUndefined();
  expect(ran.stderr).toContain("~/.aws/credentials");
});

needing(missing, "what is asked for changes nothing here: list --from", async () => {
  const [w, prefix] = [sealing(), place()];
  w.create();
  must(await run(w, "push", to(prefix)));
  const before = readTree(w.base, { mtimes: true });
  must(await run(w, "list", "--from", to(prefix)));
  expect(readTree(w.base, { mtimes: true })).toEqual(before);
});
