// The shape of rollback.yaml: every key, its type and its form. Loaded where there is such a file.
import * as v from "valibot";
import { durationProblem } from "./duration.ts";

const patterns = v.array(
  v.pipe(
    v.string(),
    v.nonEmpty("an empty pattern"),
    v.check((pattern) => !pattern.startsWith("!"), "a pattern can't begin with `!`: name what to capture"),
  ),
);
const folders = v.array(
  v.pipe(
    v.string(),
    v.nonEmpty("an empty path"),
    v.check((path) => !/[*?[\]{}!]/.test(path), "expected a folder, without wildcards"),
  ),
);
const recipient = v.pipe(v.string(), v.regex(/^age1[a-z0-9]+$/, "expected an age recipient, which begins with age1"));
const label = v.pipe(v.string(), v.regex(/^[\w.-]+$/, "expected a launchd label such as com.rollback.snapshot"));
const time = v.pipe(
  v.string(),
  v.regex(/^([01]?\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as "08:00", in quotes'),
);
const duration = v.pipe(
  v.string(),
  v.check(
    (text) => durationProblem(text) === null,
    ({ input }) => durationProblem(input) ?? "",
  ),
);
const size = v.pipe(v.string(), v.regex(/^\d+(\.\d+)?(B|[KMGT]iB)$/, "expected a size such as 500MiB or 1GiB"));
const share = v.pipe(v.string(), v.regex(/^(100|\d{1,2})%$/, "expected a share such as 20%"));
const count = v.pipe(v.number(), v.integer("expected a whole number"), v.minValue(1, "expected 1 or more"));

const placeName = v.pipe(
  v.string(),
  v.regex(/^(?!latest$)[a-z][\w-]*$/i, "a destination's name is a word that begins with a letter, and not `latest`"),
);
const endpoint = v.pipe(
  v.string(),
  v.regex(/^https?:\/\/[^\s/@]+\/?$/, "expected a URL such as https://s3.example.com"),
);
const region = v.pipe(v.string(), v.regex(/^[\w-]+$/, "expected a region such as eu-central-1"));

const Schema = v.strictObject({
  version: v.optional(v.literal(1)),
  snapshots: v.optional(v.pipe(v.string(), v.nonEmpty("an empty path"))),
  plists: v.optional(patterns),
  configs: v.optional(patterns),
  credentials: v.optional(v.strictObject({ files: v.optional(patterns), mcp: v.optional(patterns) })),
  venvs: v.optional(patterns),
  never: v.optional(folders),
  seal: v.optional(v.strictObject({ recipients: v.optional(v.array(recipient)) })),
  schedule: v.optional(v.strictObject({ label: v.optional(label), at: v.optional(time) })),
  retention: v.optional(
    v.record(
      v.string(),
      v.strictObject({
        "keep-within": v.optional(duration),
        "keep-last": v.optional(count),
        "keep-daily": v.optional(count),
        "keep-weekly": v.optional(count),
        "keep-monthly": v.optional(count),
      }),
    ),
  ),
  copies: v.optional(
    v.record(
      placeName,
      v.strictObject({
        to: v.pipe(v.string(), v.nonEmpty("an empty address")),
        endpoint: v.optional(endpoint),
        region: v.optional(region),
        auto: v.optional(v.boolean()),
      }),
    ),
  ),
  health: v.optional(
    v.strictObject({
      "max-age": v.optional(duration),
      "max-size": v.optional(size),
      "min-free": v.optional(size),
      "max-loss": v.optional(share),
    }),
  ),
});

/** The first thing that is wrong, or what was given; keys that are not there are undefined. */
export const check = (value: unknown) => v.safeParse(Schema, value, { abortEarly: true });
