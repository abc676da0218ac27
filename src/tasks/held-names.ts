// What a shell may offer: the files that the newest snapshot holds, and the agents among them.
import { displayName } from "../text.ts";
import type { NamedPlaces, World } from "./context.ts";
import { locate, tryOpen } from "./open.ts";
import { findStoreAlone } from "./site.ts";

export interface HeldName {
  name: string;
  kind: string;
  /** An agent's, where the plist has one. */
  label: string | null;
}

/** In the manifest's order; none where there is no snapshot that can be read without a key. Throws where there is none at all. */
export async function heldNames(world: World, named: NamedPlaces): Promise<HeldName[]> {
  const store = await findStoreAlone(world, named);
  const opened = await tryOpen(await locate("latest", async () => store, world.cwd));
  return (opened?.manifest.files ?? []).map((file) => ({
    name: displayName(file),
    kind: file.kind,
    label: file.label ?? null,
  }));
}
