// A headless Chromium, driven over its DevTools protocol: pages from files, with no network.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { lacks } from "../harness.ts";

const Message = v.looseObject({
  id: v.optional(v.number()),
  method: v.optional(v.string()),
  params: v.optional(v.looseObject({})),
  result: v.optional(v.looseObject({})),
  error: v.optional(v.looseObject({ message: v.string() })),
});
type Message = v.InferOutput<typeof Message>;

export const chromiumMissing = (): string | undefined =>
  lacks("chromium") ? "chromium is not here (apt-get install chromium)" : undefined;

export interface Tab {
  /** Opens a page and waits until it is laid out. */
  open(url: string, width: number, dark?: boolean): Promise<void>;
  /** The value of an expression in the page; a promise is waited for. */
  evaluate<S extends v.GenericSchema>(shape: S, expression: string): Promise<v.InferOutput<S>>;
  /** Lays the page out as on paper. */
  print(): Promise<void>;
  /** A real click in the middle of the first element that a selector names. */
  click(selector: string): Promise<void>;
  /** What its window shows, as WebP. */
  picture(): Promise<Uint8Array>;
  /** Presses and releases a key, such as `Tab` or `Enter`. */
  press(key: string): Promise<void>;
  /** Every address that was asked for, and all that was written to the console. */
  requests: string[];
  complaints: string[];
  close(): Promise<void>;
}

export async function openChromium(): Promise<Tab> {
  const profile = mkdtempSync(join(tmpdir(), "rollback-chromium-"));
  const browser = Bun.spawn(
    [
      Bun.which("chromium") ?? "chromium",
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"],
      ...["--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
    ],
    { stdin: "ignore", stdout: "ignore", stderr: "pipe", env: { HOME: profile, PATH: "/usr/bin:/bin" } },
  );
  const port = await portOf(browser.stderr);
  const pages = v.parse(
    v.array(v.looseObject({ type: v.string(), webSocketDebuggerUrl: v.string() })),
    await (await fetch(`http://127.0.0.1:${port}/json/list`)).json(),
  );
  const socket = new WebSocket(pages.find(({ type }) => type === "page")?.webSocketDebuggerUrl ?? "");
  await new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }));

  const waiting = new Map<number, (message: Message) => void>();
  const heard = new Map<string, () => void>();
  const requests: string[] = [];
  const complaints: string[] = [];
  socket.addEventListener("message", ({ data }) => {
    const message = v.parse(Message, JSON.parse(String(data)));
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    const text = JSON.stringify(message.params ?? {});
    if (message.method === "Network.requestWillBeSent") requests.push(/"url":"([^"]*)"/.exec(text)?.[1] ?? text);
    if (message.method === "Log.entryAdded" || message.method === "Runtime.consoleAPICalled") complaints.push(text);
    heard.get(message.method ?? "")?.();
  });
  let last = 0;
  const send = (method: string, params: Record<string, unknown> = {}) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const id = ++last;
      waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      socket.send(JSON.stringify({ id, method, params }));
    });
  for (const domain of ["Page", "Network", "Log", "Runtime"]) await send(`${domain}.enable`);

  const evaluate: Tab["evaluate"] = async (shape, expression) => {
    const ran = v.parse(
      v.looseObject({
        result: v.looseObject({ value: v.optional(v.unknown()) }),
        exceptionDetails: v.optional(v.unknown()),
      }),
      await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true }),
    );
    if (ran.exceptionDetails !== undefined) throw new Error(JSON.stringify(ran.exceptionDetails));
    return v.parse(shape, ran.result.value);
  };
  return {
    requests,
    complaints,
    evaluate,
    async open(url, width, dark = false) {
      const features = [
        { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
        // What scrolls slowly is not yet where a click goes.
        { name: "prefers-reduced-motion", value: "reduce" },
      ];
      await send("Emulation.setEmulatedMedia", { media: "", features });
      await send("Emulation.setDeviceMetricsOverride", {
        width,
        height: 900,
        deviceScaleFactor: 1,
        mobile: width < 600,
      });
      const loaded = new Promise<void>((resolve) => heard.set("Page.loadEventFired", resolve));
      await send("Page.navigate", { url });
      await loaded;
    },
    async print() {
      await send("Emulation.setEmulatedMedia", { media: "print" });
    },
    async click(selector) {
      const name = JSON.stringify(selector);
      const at = await evaluate(
        v.strictObject({ x: v.number(), y: v.number() }),
        `(() => { const e = document.querySelector(${name}); e.scrollIntoView({block: "center", inline: "center"});
          const r = e.getBoundingClientRect(); return {x: r.x + r.width / 2, y: r.y + r.height / 2}; })()`,
      );
      for (const type of ["mousePressed", "mouseReleased"])
        await send("Input.dispatchMouseEvent", { ...at, type, button: "left", clickCount: 1 });
    },
    async picture() {
      const shot = await send("Page.captureScreenshot", { format: "webp", quality: 80 });
      return Buffer.from(v.parse(v.string(), shot.data), "base64");
    },
    async press(key) {
      const text = key === "Enter" ? { text: "\r" } : {};
      const windowsVirtualKeyCode = key === "Enter" ? 13 : 9;
      for (const type of ["keyDown", "keyUp"])
        await send("Input.dispatchKeyEvent", { type, key, code: key, windowsVirtualKeyCode, ...text });
    },
    async close() {
      socket.close();
      browser.kill("SIGKILL");
      await browser.exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Chromium names its port on stderr. */
async function portOf(stderr: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of stderr) {
    text += decoder.decode(bytes, { stream: true });
    const port = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(text)?.[1];
    if (port !== undefined) return port;
  }
  throw new Error(`chromium did not start: ${text}`);
}
