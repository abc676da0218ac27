// Whether Python files compile, asked of programs that are called python3 and are something else.
import { expect, test } from "bun:test";
import { pythonProblems } from "../../src/inventory/python-syntax.ts";
import type { AbsPath } from "../../src/model.ts";
import { world } from "../harness.ts";

test.each(["", "echo hello", "echo '[\"a\"]'", 'echo "{\\"a\\": \\"b\\"}"', "echo '{}'; exit 1"])(
  "%j as python3 tells nothing",
  async (body) => {
    const w = world({ bin: { python3: { file: `#!/bin/sh\n${body}\n`, mode: 0o755 } } });
    expect(await pythonProblems([`${w.root}/a.py` as AbsPath], w.environment())).toBeNull();
  },
);
