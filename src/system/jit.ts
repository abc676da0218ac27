// Which code the runtime compiles. The binary starts with a JIT that holds back, as most runs are over before compiled code has paid
// for itself (build/compile.ts).

/** From then on code is worth compiling. */
const LONG_MS = 100;

/** Lets the JIT go ahead once a run turns out to be long: at the first turn of the event loop after that. */
export function compileWhenLong(): void {
  setTimeout(() => Bun.unsafe.setJITPolicy(1), LONG_MS).unref();
}
