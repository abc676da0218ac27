// What LLVM's readers say of a Mach-O file: somebody else's eyes on what build/ reads and writes by itself.
import { lacks } from "../harness.ts";
import { run } from "./scratch.ts";

/** Why LLVM can't be asked here, or undefined where it can. */
export const llvmMissing = (): string | undefined =>
  ["llvm-objdump", "llvm-nm"].some((tool) => lacks(tool)) ? "it takes LLVM's llvm-objdump and llvm-nm" : undefined;

function say(tool: string, ...words: string[]): string {
  const { code, stdout, stderr } = run([tool, ...words], "/", { PATH: process.env.PATH ?? "", LC_ALL: "C" });
  if (code !== 0) throw new Error(`${tool} ended with ${code}: ${stderr}`);
  return stdout;
}

export interface LoadCommands {
  /** Each load command's name with how often it stands there, sorted. */
  names: Record<string, number>;
  libraries: string[];
  platform: string | undefined;
  minimum: string | undefined;
  /** Where the signature lies, in bytes. */
  signature: { offset: number; size: number };
}

export function loadCommands(file: string): LoadCommands {
  const text = say("llvm-objdump", "--macho", "--private-headers", file);
  const commands = text.split(/^Load command \d+$/m).slice(1);
  const field = (command: string | undefined, name: string) =>
    new RegExp(`^ *${name} (.+?)(?: \\(offset \\d+\\))?$`, "m").exec(command ?? "")?.[1];
  const of = (name: string) => commands.filter((command) => field(command, "cmd") === name);
  const names: Record<string, number> = {};
  for (const name of commands.map((command) => field(command, "cmd") ?? "?").sort())
    names[name] = (names[name] ?? 0) + 1;
  const [version] = of("LC_BUILD_VERSION");
  const [signature] = of("LC_CODE_SIGNATURE");
  return {
    names,
    libraries: of("LC_LOAD_DYLIB").map((command) => field(command, "name") ?? "?"),
    platform: field(version, "platform"),
    minimum: field(version, "minos"),
    signature: { offset: Number(field(signature, "dataoff")), size: Number(field(signature, "datasize")) },
  };
}

/** Every imported symbol: whether it may be missing at start, and the library that it is bound to. */
export function imports(file: string): { name: string; weak: boolean; from: string }[] {
  const lines = say("llvm-nm", "--undefined-only", "-m", file)
    .split("\n")
    .filter((line) => line.includes("(undefined)"));
  return lines.map((line) => {
    const match = /\(undefined\) (weak )?external (\S+)(?: \(from (.+)\))?/.exec(line);
    return { name: match?.[2] ?? line, weak: match?.[1] !== undefined, from: match?.[3] ?? "anywhere" };
  });
}
