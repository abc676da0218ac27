// The door: scripts ask for the version often, and it is answered here, before anything else is loaded, even node:fs.
import { BUILD } from "./version.ts";

const VERSION_WORDS = ["--version", "-V", "version"];
const argv = process.argv.slice(2);
const isAsked = process.env.BUN_OPTIONS === undefined && argv.length === 1 && VERSION_WORDS.includes(argv[0] ?? "");
if (!isAsked || !(await told(`rollback ${BUILD.version}\n`))) {
  const { program } = await import("./program.ts");
  process.exit(await program(argv));
}

/** Whether it arrived. Where it did not, the program tries again and says why. */
async function told(text: string): Promise<boolean> {
  try {
    return (await Bun.write(Bun.stdout, text)) === text.length;
  } catch {
    return false;
  }
}
