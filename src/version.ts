// What this binary is. build.ts puts BUILD_INFO in; run from source there is none.
import pkg from "../package.json" with { type: "json" };

declare const BUILD_INFO:
  | { version: string; commit: string | null; target: string; bun: string; builtAt: string | null }
  | undefined;

/** `commit` is git's, `builtAt` that commit's time (UTC): two builds of one commit are the same bytes. */
export const BUILD =
  typeof BUILD_INFO === "undefined"
    ? { version: pkg.version, commit: null, target: "source", bun: Bun.version, builtAt: null }
    : BUILD_INFO;

/** The tool's name and version, as manifests record it. */
export const TOOL = `rollback ${BUILD.version}`;
