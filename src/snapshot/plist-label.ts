/** The Label of a launchd plist, XML or binary; null where the bytes are no plist or hold none. */
export async function plistLabel(read: () => Uint8Array): Promise<string | null> {
  const { parse } = await import("plist");
  try {
    const value: unknown = parse(read());
    const label = typeof value === "object" && value !== null && "Label" in value ? value.Label : null;
    return typeof label === "string" ? label : null;
  } catch {
    return null;
  }
}
