// A bucket on loopback: a real S3 server, and in front of it a gate that checks every signature by another library and can fail in all
// the ways that networks and servers fail.
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AwsV4Signer } from "aws4fetch";
import { lacks } from "../harness.ts";

export const BUCKET = "backups";
/** The server's only account; its secret is made up. */
export const KEYS = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const REGION = "us-east-1";

export const s3Missing = (): string | undefined => (lacks("node") ? "it takes node" : undefined);

/** What the gate does with a request, instead of letting it pass. */
export type Fault = (request: Request, key: string) => Response | undefined | Promise<Response | undefined>;

export interface Bucket {
  /** The environment that leads there. */
  env: Record<string, string>;
  /** `PUT studio/….zip.age` for each request that came. */
  requests: string[];
  /** Every object below a prefix, by its key. */
  objects(prefix: string): Promise<Record<string, string>>;
  put(key: string, body: string | Uint8Array): Promise<void>;
  fault(fault: Fault | undefined): void;
  /** Cuts the line in the midst of the next answers that hold an object. */
  cut(answers: number): void;
  close(): Promise<void>;
}

export async function openBucket(): Promise<Bucket> {
  const folder = mkdtempSync(join(tmpdir(), "rollback-s3-"));
  const server = Bun.spawn(
    [
      Bun.which("node") ?? "node",
      "--openssl-legacy-provider",
      "--no-deprecation",
      join(import.meta.dir, "s3-server.mjs"),
      folder,
      BUCKET,
    ],
    { stdin: "pipe", stdout: "pipe", stderr: "inherit" },
  );
  const { value } = await server.stdout.getReader().read();
  const port = new TextDecoder().decode(value).trim();
  const requests: string[] = [];
  let fault: Fault | undefined;
  const pass = (request: Request, url: URL) =>
    fetch(`http://127.0.0.1:${port}${url.pathname}${url.search}`, {
      method: request.method,
      headers: request.headers,
      body: request.body,
      redirect: "manual",
    });
  const gate = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const url = new URL(request.url);
      const key = decodeURIComponent(url.pathname.slice(BUCKET.length + 2));
      requests.push(`${request.method} ${key}`);
      const failed = await fault?.(request, key);
      if (failed !== undefined) return failed;
      if (!(await isSigned(request))) return refusal(403, "SignatureDoesNotMatch");
      // The server does not know this condition.
      if (request.headers.get("if-none-match") === "*" && request.method === "PUT") {
        const there = await fetch(`http://127.0.0.1:${port}${url.pathname}`, { method: "HEAD" });
        if (there.ok) return refusal(412, "PreconditionFailed");
      }
      return pass(request, url);
    },
  });
  // Of an answer that is to be cut, the head and a little more get through.
  let cuts = 0;
  const line = createServer((client) => {
    const server = connect(gate.port ?? 0, "127.0.0.1");
    let cutting = false;
    for (const socket of [client, server]) socket.on("error", () => {});
    client.on("data", (bytes) => {
      cutting = cuts > 0 && /^GET \/\w+\/\w/.test(bytes.toString("latin1"));
      if (cutting) cuts--;
      server.write(bytes);
    });
    server.on("data", (bytes: Buffer) => {
      if (!cutting) client.write(bytes);
      else client.write(bytes.subarray(0, 1000), () => client.destroy());
    });
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => line.listen(0, "127.0.0.1", resolve));
  const address = line.address();
  const linePort = typeof address === "object" && address !== null ? address.port : 0;
  const direct = (key: string) => `http://127.0.0.1:${port}/${BUCKET}/${key}`;
  return {
    env: {
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${linePort}`,
    },
    requests,
    async objects(prefix) {
      const all: Record<string, string> = {};
      let after = "";
      for (;;) {
        const page = await (
          await fetch(`${direct("")}?list-type=2&prefix=${prefix}/&start-after=${encodeURIComponent(after)}`)
        ).text();
        const keys = [...page.matchAll(/<Key>([^<]+)<\/Key>/g)].map(([, key]) => key ?? "");
        for (const key of keys) all[key] = Buffer.from(await (await fetch(direct(key))).bytes()).toString("latin1");
        after = keys.at(-1) ?? "";
        if (!page.includes("<IsTruncated>true")) return all;
      }
    },
    async put(key, body) {
      const answer = await fetch(direct(key), { method: "PUT", body });
      if (!answer.ok) throw new Error(`${key}: ${answer.status} ${await answer.text()}`);
    },
    fault(next) {
      fault = next;
      requests.length = 0;
    },
    cut(answers) {
      cuts = answers;
    },
    async close() {
      line.close();
      await gate.stop(true);
      server.stdin.end();
      await server.exited;
      rmSync(folder, { recursive: true });
    },
  };
}

/** An answer as S3 writes its refusals. */
export const refusal = (status: number, code: string, headers: Record<string, string> = {}): Response =>
  new Response(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>no</Message></Error>`, { status, headers });

/** Signs the request again, and compares: in its query, or in its Authorization header. */
async function isSigned({ method, url: text, headers }: Request): Promise<boolean> {
  const url = new URL(text);
  const common = { ...KEYS, method, service: "s3", region: REGION };
  const given = url.searchParams.get("X-Amz-Signature");
  if (given !== null) {
    const datetime = url.searchParams.get("X-Amz-Date") ?? "";
    for (const name of ["Signature", "Algorithm", "Credential", "Date", "SignedHeaders"])
      url.searchParams.delete(`X-Amz-${name}`);
    const signed = await new AwsV4Signer({ ...common, url: url.href, datetime, signQuery: true }).sign();
    return signed.url.searchParams.get("X-Amz-Signature") === given;
  }
  const [, names = "", signature] =
    /SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(headers.get("authorization") ?? "") ?? [];
  const used = Object.fromEntries(names.split(";").map((name) => [name, headers.get(name) ?? ""]));
  delete used.host;
  const datetime = headers.get("x-amz-date") ?? "";
  const signed = await new AwsV4Signer({ ...common, url: text, headers: used, datetime }).sign();
  return signature !== undefined && (signed.headers.get("authorization") ?? "").endsWith(`Signature=${signature}`);
}
