// Which part of its files a restore brings back.

/** Which part of each file is restored. */
export interface Part {
  /** These keys, as `diff` prints them; empty means all. */
  keys: string[];
  exceptKeys: string[];
  /** These hunks of a text file, by the numbers of `diff --hunks`; empty means all. */
  hunks: number[];
  /** Where a secret differs, today's stays. */
  keepSecrets: boolean;
}

export const WHOLE: Part = { keys: [], exceptKeys: [], hunks: [], keepSecrets: false };
export const isWhole = ({ keys, exceptKeys, hunks, keepSecrets }: Part): boolean =>
  keys.length + exceptKeys.length + hunks.length === 0 && !keepSecrets;
