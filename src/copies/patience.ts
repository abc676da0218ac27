// What the network needs: trying again what may pass, and giving up on what stands still.
import { Said } from "../rollback-error.ts";
import { checkpoint } from "../system/interrupt.ts";

/** An error that may pass: the other side is busy, or the line was cut. `why` is for the user. */
export class Passing extends Said {
  override readonly name = "Passing";
}

export interface Patience {
  attempts: number;
  /** ms before the second attempt; each further one waits twice as long. */
  firstWaitMs: number;
  /** ms in which at least one byte has to move. */
  stallMs: number;
}
export const PATIENCE: Patience = { attempts: 4, firstWaitMs: 500, stallMs: 30_000 };

/** Tries again, a bounded number of times and with growing waits, where a `Passing` is thrown. */
export async function patiently<T>(step: () => Promise<T>, { attempts, firstWaitMs }: Patience): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    await checkpoint("nothing half-done is left");
    try {
      return await step();
    } catch (cause) {
      if (!(cause instanceof Passing) || attempt >= attempts) throw cause;
    }
    // Not all at once, where many Macs were turned away together.
    await Bun.sleep(firstWaitMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2));
  }
}

/** Runs `work` with a signal that ends it when `alive` was not called for `stallMs`; that end is a `Passing`. */
export async function unlessStalled<T>(
  { stallMs }: Patience,
  work: (signal: AbortSignal, alive: () => void) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const give = () => abort.abort(new Passing(`no byte moved for ${Math.round(stallMs / 1000)} s`));
  let timer = setTimeout(give, stallMs);
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(give, stallMs);
  };
  try {
    return await work(abort.signal, alive);
  } catch (cause) {
    throw abort.signal.aborted ? abort.signal.reason : cause;
  } finally {
    clearTimeout(timer);
  }
}
