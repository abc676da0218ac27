/** The Label of a launchd plist, XML or binary; null where the bytes are no plist or hold none. */
export async function plistLabel(read: () => Uint8Array): Promise<string | null> {
  const { parse } = await import("plist");
  // The XML parser below `plist` prints what it stumbles over, and that may be a secret.
  const { error, warn } = console;
  console.error = console.warn = () => {};
  try {
    const bytes = read();
    const text = new TextDecoder().decode(bytes);
    const value: unknown = parse(text.startsWith("bplist") ? bytes : text);
    const label = typeof value === "object" && value !== null && "Label" in value ? value.Label : null;
    return typeof label === "string" ? label : null;
  } catch {
    return null;
  } finally {
    Object.assign(console, { error, warn });
  }
}
