// launchd's `Bootstrap failed: 5: Input/output error` means many things. What of them can be seen is said. Pure.

/** What is known of an agent that launchd refused. */
export interface Refused {
  /** What is wrong with the plist, its owner, its mode, its program. */
  problems: readonly string[];
  /** Where plist and program really lie. */
  places: readonly string[];
  disabled: boolean;
  /** A domain in which it is loaded all the same. */
  loadedIn: string | null;
}

const UNSEEN =
  "it may be switched off under Login Items (`sfltool dumpbtm` lists them), or macOS does not take a plist that was replaced since its first load: log out and in again";

/** launchd's words, with their causes where they are those of error 5. */
export function explainFive(words: string, { problems, places, disabled, loadedIn }: Refused): string {
  if (!/(^|\D)5: Input\/output error/.test(words)) return words;
  const volumes = new Set(places.flatMap((place) => /^\/Volumes\/[^/]+/.exec(place) ?? []));
  const seen = [
    ...problems,
    ...(disabled ? ["its label is disabled (launchctl enable)"] : []),
    ...(loadedIn === null ? [] : [`it is loaded already, in ${loadedIn}`]),
    ...[...volumes].map((volume) => `it lies on another volume: ${volume}`),
  ];
  return seen.length > 0 ? `${words}: ${seen.join("; ")}` : `${words}: nothing is wrong that can be seen; ${UNSEEN}`;
}
