// Runs install.sh with a folder, or a server on this machine, as the source. The binaries are small shell scripts; a
// fake uname stands for the other systems.
import { beforeEach, describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { lacks } from "../harness.ts";
import { root, run, scratchFolder, write } from "./scratch.ts";

const script = join(root, "build", "install.sh");
const scratch = scratchFolder();
const names = ["darwin-arm64", "darwin-x64", "linux-x64", "linux-arm64"].map((target) => `rollback-${target}`);

let place = "";
let release = "";
let home = "";

beforeEach(() => {
  place = mkdtempSync(join(scratch, "with spaces "));
  release = join(place, "the release");
  home = join(place, "the home");
  mkdirSync(home);
  for (const name of names) write(release, { [name]: `#!/bin/sh\necho ${name} "$@"\n` });
  sum();
  fake("uname", "case $1 in -s) echo Linux ;; -m) echo x86_64 ;; esac");
});

/** SHA256SUMS over what is in the release now. */
function sum(of: readonly string[] = names): void {
  const line = (name: string) =>
    `${Bun.CryptoHasher.hash("sha256", readFileSync(join(release, name)), "hex")}  ${name}\n`;
  write(release, { SHA256SUMS: of.map(line).join("") });
}

/** Puts a command of this name before the system's. */
function fake(name: string, body: string): void {
  write(join(place, "bin"), { [name]: `#!/bin/sh\n${body}\n` });
  chmodSync(join(place, "bin", name), 0o755);
}

function install(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const path = `${join(place, "bin")}:/usr/bin:/bin`;
  return run(["/bin/sh", script, ...args], place, { PATH: path, HOME: home, ...env });
}

const installed = () => join(home, ".local", "bin", "rollback");

/** All that is in the target's folder: a file left behind would show. */
function beside(file: string): string[] {
  return existsSync(join(file, "..")) ? readdirSync(join(file, "..")).sort() : [];
}

describe("install.sh puts the right binary in place", () => {
  test.each([
    ["Linux", "x86_64", "linux-x64"],
    ["Linux", "aarch64", "linux-arm64"],
    ["Darwin", "x86_64", "darwin-x64"],
    ["Darwin", "arm64", "darwin-arm64"],
  ])("on %s with %s", (system, cpu, target) => {
    fake("uname", `case $1 in -s) echo ${system} ;; -m) echo ${cpu} ;; esac`);
    fake("sysctl", "echo 0");
    fake("xattr", "exit 1");
    const { code, stdout, stderr } = install(["--from", release]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain(`Installed rollback-${target} --version at ${installed()}\n`);
    expect(readFileSync(installed())).toEqual(readFileSync(join(release, `rollback-${target}`)));
    expect((statSync(installed()).mode & 0o777).toString(8)).toBe("755");
    expect(beside(installed())).toEqual(["rollback"]);
  });

  test("on an Apple CPU under Rosetta", () => {
    fake("uname", "case $1 in -s) echo Darwin ;; -m) echo x86_64 ;; esac");
    fake("sysctl", 'test "$*" = "-n sysctl.proc_translated" && echo 1');
    fake("xattr", "exit 0");
    expect(install(["--from", release]).stdout).toContain("Installed rollback-darwin-arm64");
  });

  test("from ROLLBACK_FROM, to --to", () => {
    const to = join(place, "some where", "its name");
    expect(install(["--to", to], { ROLLBACK_FROM: release }).code).toBe(0);
    expect(beside(to)).toEqual(["its name"]);
    expect(existsSync(installed())).toBe(false);
  });

  test("from the folder that the script is in", () => {
    write(release, { "install.sh": readFileSync(script, "utf8") });
    const env = { PATH: `${join(place, "bin")}:/usr/bin:/bin`, HOME: home };
    expect(run(["/bin/sh", join(release, "install.sh")], "/", env).code).toBe(0);
    expect(beside(installed())).toEqual(["rollback"]);
  });

  test("from a server", async () => {
    using server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: (request) => new Response(Bun.file(join(release, new URL(request.url).pathname))),
    });
    const env = { PATH: `${join(place, "bin")}:/usr/bin:/bin`, HOME: home };
    const from = `http://127.0.0.1:${server.port}/`;
    const child = Bun.spawn(["/bin/sh", script, "--from", from], { env, stdout: "pipe", stderr: "pipe" });
    expect([await child.exited, await child.stderr.text()]).toEqual([0, ""]);
    expect(beside(installed())).toEqual(["rollback"]);
  });

  test("with its man pages beside the binary's folder; one that is damaged is not installed", () => {
    write(place, { "pages/man1/rollback.1": ".TH ROLLBACK 1\n" });
    run(["tar", "-cf", join(release, "rollback-man.tar"), "-C", join(place, "pages"), "man1"], place, {
      PATH: process.env.PATH ?? "",
    });
    names.push("rollback-man.tar");
    sum();
    names.pop();
    const manual = join(home, ".local/share/man/man1/rollback.1");
    expect(install(["--from", release, "--to", join(place, "elsewhere/rollback")]).code).toBe(0);
    expect(existsSync(join(place, "share"))).toBe(false);
    for (const _ of [1, 2]) {
      const { code, stdout, stderr } = install(["--from", release]);
      expect([code, stderr]).toEqual([0, ""]);
      expect(stdout).toContain(`Its man pages are in ${home}/.local/share/man: man rollback\n`);
      expect(readFileSync(manual, "utf8")).toBe(".TH ROLLBACK 1\n");
      expect(beside(installed())).toEqual(["rollback"]);
    }
    write(release, { "rollback-man.tar": "another" });
    expect(install(["--from", release])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("rollback-man.tar is damaged"),
    });
  });

  test("to a relative path", () => {
    expect(install(["--from", "the release", "--to", "here"]).code).toBe(0);
    expect(existsSync(join(place, "here"))).toBe(true);
  });

  test("with shasum where there is no sha256sum", () => {
    for (const tool of ["awk", "cat", "chmod", "cp", "dirname", "id", "mkdir", "mktemp", "mv", "rm", "sh"]) {
      symlinkSync(Bun.which(tool) ?? "", join(place, "bin", tool));
    }
    const real = Bun.which("sha256sum") ?? `${Bun.which("shasum")} -a 256`;
    fake("shasum", `test "$*" = "-a 256" && exec ${real}`);
    expect(install(["--from", release], { PATH: join(place, "bin") })).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("install.sh takes the smallest form that this machine can open", () => {
  const name = "rollback-linux-x64";
  const body = `#!/bin/sh\necho ${name} "$@"\n`;

  /** The release's compressed forms; our zstd opens what gzip made. SHA256SUMS names them and all binaries. */
  function pack(forms: Readonly<Record<string, string>>): void {
    fake("zstd", `echo "$*" >> '${place}/zstd'; exec gzip "$@"`);
    for (const [ending, text] of Object.entries(forms)) writeFileSync(join(release, name + ending), Bun.gzipSync(text));
    sum([...names, ...Object.keys(forms).map((ending) => name + ending)]);
  }
  const without = (...endings: string[]) => {
    for (const ending of endings) rmSync(join(release, name + ending));
  };

  test("zstd's, and neither of the others is looked at", () => {
    pack({ ".zst": body, ".gz": body });
    without("", ".gz");
    expect(install(["--from", release])).toMatchObject({ code: 0, stderr: "" });
    expect([readFileSync(installed(), "utf8"), beside(installed())]).toEqual([body, ["rollback"]]);
    expect(readFileSync(join(place, "zstd"), "utf8")).toBe("-dc\n");
  });

  test("gzip's, where a folder lacks the other or SHA256SUMS does not name it", () => {
    pack({ ".zst": body, ".gz": body });
    without("", ".zst");
    expect(install(["--from", release])).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(join(place, "zstd"))).toBe(false);
  });

  test("one whose sum is wrong, before or after it is unpacked, is refused", () => {
    pack({ ".zst": body, ".gz": body });
    writeFileSync(join(release, `${name}.zst`), Bun.gzipSync("#!/bin/sh\nexit 1\n"));
    expect(install(["--from", release]).stderr).toContain(`${name}.zst is damaged or not the released file`);
    expect(existsSync(join(place, "zstd"))).toBe(false);
    pack({ ".zst": "#!/bin/sh\nexit 1\n" });
    expect(install(["--from", release]).stderr).toContain(`${name} is damaged or not the released file`);
    expect(beside(installed())).toEqual([]);
  });

  test("one that can't be opened is refused", () => {
    pack({ ".zst": body });
    fake("zstd", "exit 1");
    expect(install(["--from", release])).toMatchObject({
      code: 1,
      stderr: `install: zstd could not open ${name}.zst\n`,
    });
    expect(beside(installed())).toEqual([]);
  });
});

describe("install.sh over an older rollback", () => {
  test("makes a new file, so that a running one goes on", () => {
    write(join(home, ".local", "bin"), { rollback: "the old one" });
    const old = statSync(installed()).ino;
    const { code, stdout } = install(["--from", release]);
    expect([code, stdout.includes("Start with")]).toEqual([0, false]);
    expect(statSync(installed()).ino).not.toBe(old);
  });

  test("replaces a link and leaves its target", () => {
    const target = join(write(place, { "elsewhere/rollback": "theirs" }), "elsewhere", "rollback");
    mkdirSync(join(home, ".local", "bin"), { recursive: true });
    symlinkSync(target, installed());
    expect(install(["--from", release]).code).toBe(0);
    expect(lstatSync(installed()).isSymbolicLink()).toBe(false);
    expect(readFileSync(target, "utf8")).toBe("theirs");
  });
});

describe("install.sh on a Mac", () => {
  beforeEach(() => {
    fake("uname", "case $1 in -s) echo Darwin ;; -m) echo arm64 ;; esac");
    fake("sysctl", "echo 0");
    fake("xattr", `printf '%s\\n' "$@" > '${place}/xattr'`);
    fake("id", "echo 501");
  });

  test("drops the quarantine flag from the new file", () => {
    install(["--from", release]);
    const [flag, name, file] = readFileSync(join(place, "xattr"), "utf8").split("\n");
    expect([flag, name]).toEqual(["-d", "com.apple.quarantine"]);
    expect(file).toStartWith(`${home}/.local/bin/.rollback-install.`);
  });

  /** A program that is killed by signal 9 until it was signed. */
  const killedUntilSigned = () => {
    write(release, { "rollback-darwin-arm64": `#!/bin/sh\n[ -e '${place}/signed' ] || kill -9 $$\necho signed now\n` });
    sum();
  };

  test("signs a program once more that macOS kills, and tries again", () => {
    killedUntilSigned();
    fake("codesign", `printf '%s\\n' "$@" > '${place}/signed'`);
    const { code, stdout } = install(["--from", release]);
    expect(stdout).toContain(`Installed signed now at ${installed()}`);
    expect(code).toBe(0);
    const [force, sign, identity, file] = readFileSync(join(place, "signed"), "utf8").split("\n");
    expect([force, sign, identity]).toEqual(["--force", "--sign", "-"]);
    expect(file).toStartWith(`${home}/.local/bin/.rollback-install.`);
  });

  test("a program that is killed all the same is not installed; one whose sum is wrong is not signed", () => {
    killedUntilSigned();
    fake("codesign", "exit 0");
    expect(install(["--from", release]).stderr).toContain("does not start on this machine");
    expect(beside(installed())).toEqual([]);
    fake("codesign", `touch '${place}/signed'`);
    write(release, { "rollback-darwin-arm64": "#!/bin/sh\nkill -9 $$\n" });
    expect(install(["--from", release]).stderr).toContain("is damaged or not the released file");
    expect(existsSync(join(place, "signed"))).toBe(false);
  });

  test("the first time says what Full Disk Access is for", () => {
    const { stdout } = install(["--from", release]);
    expect(stdout).toBe(
      [
        `Installed rollback-darwin-arm64 --version at ${installed()}`,
        `Add ${home}/.local/bin to your PATH, or call ${installed()} by its full path.`,
        "A scheduled rollback can read Documents, Desktop and Downloads only with Full Disk Access:",
        `  System Settings > Privacy & Security > Full Disk Access > ${installed()}`,
        "Start with:",
        "  rollback",
        '  rollback create "First snapshot"',
        "",
      ].join("\n"),
    );
  });

  test("after an upgrade names the jobs to load again, and the access to grant again", () => {
    write(home, {
      ".local/bin/rollback": "the old one",
      "Library/LaunchAgents/it's daily.plist": `<string>${installed()}</string>`,
      "Library/LaunchAgents/other.plist": "<string>/usr/bin/true</string>",
    });
    const plist = `'${home}/Library/LaunchAgents/it'\\''s daily.plist'`;
    expect(install(["--from", release], { PATH: `${place}/bin:${home}/.local/bin:/usr/bin:/bin` }).stdout).toBe(
      [
        `Installed rollback-darwin-arm64 --version at ${installed()}`,
        "launchd kills an upgraded program until its job is loaded again. Run:",
        `  launchctl bootout gui/501 ${plist}`,
        `  launchctl bootstrap gui/501 ${plist}`,
        'When bootstrap says "5: Input/output error", wait a second and repeat it.',
        "Full Disk Access ended with the old file. If rollback had it, grant it again:",
        `  System Settings > Privacy & Security > Full Disk Access > ${installed()}`,
        "",
      ].join("\n"),
    );
  });
});

describe("install.sh refuses, and leaves the old rollback and nothing beside it,", () => {
  beforeEach(() => {
    write(join(home, ".local", "bin"), { rollback: "the old one" });
  });

  const refused = (
    args: readonly string[],
    code: number,
    sentence: string,
    env: Readonly<Record<string, string>> = {},
  ) => {
    const result = install(args, env);
    expect(result.stderr).toContain(`install: ${sentence}`);
    expect([result.code, result.stdout]).toEqual([code, ""]);
    expect(readFileSync(installed(), "utf8")).toBe("the old one");
    expect(beside(installed())).toEqual(["rollback"]);
  };

  test("a wrong sum", () => {
    write(release, { "rollback-linux-x64": "#!/bin/sh\necho something else\n" });
    refused(["--from", release], 1, "rollback-linux-x64 is damaged or not the released file: its SHA-256 is ");
  });

  test("SHA256SUMS without the binary's line", () => {
    const lines = readFileSync(join(release, "SHA256SUMS"), "utf8").split("\n");
    write(release, { SHA256SUMS: lines.filter((line) => !line.endsWith("linux-x64")).join("\n") });
    refused(["--from", release], 1, "SHA256SUMS has no line for rollback-linux-x64");
  });

  test("two lines for one binary", () => {
    const sums = readFileSync(join(release, "SHA256SUMS"), "utf8");
    write(release, { SHA256SUMS: `${sums}${"0".repeat(64)}  rollback-linux-x64\n` });
    refused(["--from", release], 1, "rollback-linux-x64 is damaged or not the released file");
  });

  test.each(["SHA256SUMS", "rollback-linux-x64"])("a release without %s", (name) => {
    expect(run(["/bin/rm", join(release, name)], place, {}).code).toBe(0);
    refused(["--from", release], 1, `there is no ${name} in ${release}`);
  });

  test("a binary that does not start here", () => {
    write(release, { "rollback-linux-x64": "#!/bin/sh\nexit 137\n" });
    sum();
    refused(["--from", release], 1, `rollback-linux-x64 does not start on this machine; ${installed()} is as it was`);
  });

  test("another system", () => {
    fake("uname", "case $1 in -s) echo FreeBSD ;; -m) echo amd64 ;; esac");
    refused(["--from", release], 1, "there is no binary for FreeBSD");
  });

  test("another CPU", () => {
    fake("uname", "case $1 in -s) echo Linux ;; -m) echo riscv64 ;; esac");
    refused(["--from", release], 1, "there is no binary for the CPU riscv64");
  });

  test("an address that others on the way can change", () => {
    refused(["--from", "http://example.org/rollback"], 2, "http://example.org/rollback is not an https:// address");
  });

  test("a server that does not answer", () => {
    fake("curl", "exit 22");
    refused(["--from", "https://example.org"], 1, "could not download https://example.org/SHA256SUMS");
  });

  test("no source at all", () => {
    refused([], 2, "say where the binaries are: --from BASE, an https:// address or a folder");
  });

  test.each([[["--form", "x"]], [["--from"]], [["--to", ""]], [["x"]]])("the words %j", (args) => {
    refused(args, 2, "usage: sh install.sh [--from BASE] [--to FILE]");
  });

  test("a folder as the target", () => {
    refused(["--from", release, "--to", home], 2, `${home} is a folder; --to names the file`);
  });

  test("a file in the place of the target's folder", () => {
    refused(["--from", release, "--to", join(installed(), "rollback")], 1, `${installed()} can't be made`);
  });

  // Root may write anywhere; so mktemp itself says no here.
  test("a folder that can't be written to", () => {
    fake("mktemp", "echo 'mktemp: Permission denied' >&2; exit 1");
    refused(["--from", release], 1, `${home}/.local/bin can't be written to`);
  });

  test("a script that was cut off on its way", () => {
    const whole = readFileSync(script, "utf8");
    for (const part of [0.3, 0.6, 0.9, 0.99]) {
      const cut = join(write(place, { "cut.sh": whole.slice(0, whole.length * part) }), "cut.sh");
      const env = { PATH: "/usr/bin:/bin", HOME: home, ROLLBACK_FROM: release };
      expect(run(["/bin/sh", cut], place, env).stdout).toBe("");
      expect(readFileSync(installed(), "utf8")).toBe("the old one");
    }
  });
});

// As a file, and piped as from curl. sh is the system's; ksh and busybox are tried where somebody installed them.
const SHELLS = ["sh", "dash", "bash", "bash --posix", "zsh", "zsh --emulate sh", "ksh", "busybox sh"];
for (const words of SHELLS) {
  const [name = "", ...more] = words.split(" ");
  const shell = Bun.which(name);
  const isExtra = ["dash", "ksh", "busybox"].includes(name) && shell === null;
  const missing = isExtra || lacks(name) ? ` (skipped: there is no ${name} here)` : "";
  test.skipIf(missing !== "")(`install.sh runs in ${words}, as a file and piped${missing}`, () => {
    const env = { PATH: `${join(place, "bin")}:/usr/bin:/bin`, HOME: home };
    const argv = [shell ?? name, ...more];
    expect(run([...argv, script, "--from", release], place, env)).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(installed(), "utf8")).toContain("rollback-linux-x64");
    rmSync(installed());
    const piped = [
      "/bin/sh",
      "-c",
      'script=$1; shift; exec "$@" <"$script"',
      "sh",
      script,
      ...argv,
      "-s",
      "--",
      "--from",
      release,
    ];
    expect(run(piped, place, env)).toMatchObject({ code: 0, stderr: "" });
    expect(existsSync(installed())).toBe(true);
  });
}
