// What is worth knowing beside the commands, in short: the binary carries it, so that no error has to name a document. The long form
// stands in docs/.
import type { Topic } from "../outcome.ts";

const rows = (...pairs: [string, string][]) => ({ rows: pairs });
const code = (...lines: string[]) => ({ code: lines });
const text = (words: string) => ({ text: words });

export const TOPICS = new Map<string, Omit<Topic, "name">>([
  [
    "refs",
    {
      about: "how a snapshot is named",
      body: [
        text("Wherever help says REF, one of these may stand:"),
        rows(
          ["20261124_173012", "its ID, local time"],
          ["202611", "the beginning of an ID, if only one begins so"],
          ["2026-11-24", "a date: the newest of that day or before it"],
          ["2026-11-24T14:30", "a local time: the newest at or before it"],
          ["latest", "the newest; an auto-backup is never meant"],
          ["latest~1", "the one before it; ~2 the one before that"],
          ["latest:manual", "the newest of a category; latest:auto-backup for those of restores"],
          ["./20261124_173012", "a snapshot's folder, wherever it lies"],
          ["FILE.zip.age", "an archive: .zip, or sealed, .zip.age"],
        ),
        text("Which there are:"),
        code("rollback list --all"),
      ],
    },
  ],
  [
    "config",
    {
      about: "rollback.yaml, what to capture",
      body: [
        text(
          "No file is needed. A key that is left out keeps its default, which is for the tool's first owner; for another machine let rollback look at what is there:",
        ),
        code("rollback init --write"),
        text("The keys of ROOT/rollback.yaml:"),
        rows(
          ["version", "1"],
          ["snapshots", "the snapshots folder (infrastructure/rollback-snapshots)"],
          ["plists", "a list of paths or patterns: LaunchAgents to capture"],
          ["configs", "the same for configs"],
          [
            "credentials",
            "files: the same for credentials; mcp: files like .mcp.json, whose servers' env may name more",
          ],
          ["venvs", "Python venvs whose version is noted; their files are not captured"],
          ["never", "folders below which nothing is captured"],
          ["seal", "recipients: a list of age1… words; none means your own identity"],
          ["schedule", 'the daily job: label, at ("08:00", local)'],
          ["retention", "per category: keep-within, keep-last, keep-daily, keep-weekly, keep-monthly"],
          ["health", "max-age (26h), max-size (1GiB), min-free (1GiB), max-loss (20%)"],
          [
            "copies",
            "places by name, each with to: a folder, s3://BUCKET/PREFIX or git:REMOTE; endpoint and region for S3; auto: true lets the daily job push there",
          ],
        ),
        text(
          "A pattern is a glob: * within a folder, ** across folders, {a,b} either. Paths are below the root; ~/ is the home. Durations: 90min, 26h, 7d, 4w, 6mo, 1y. Sizes: 500MiB, 1GiB.",
        ),
        text(
          "S3 takes its keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from the profile in ~/.aws/credentials. A wrong key or type ends every command with 2, and names file, line and key.",
        ),
        code(
          "plists:  ['~/Library/LaunchAgents/com.acme.*.plist']",
          "configs: [.mcp.json, config/*.yaml]",
          "copies:  {usb: {to: /Volumes/USB/rollback, auto: true}}",
        ),
      ],
    },
  ],
  [
    "exit-codes",
    {
      about: "what a script can rely on",
      body: [
        rows(
          ["0", "done. A preview too, whatever it shows"],
          ["1", "failed, and nothing was changed"],
          ["2", "usage: a bad word, flag, config or root"],
          ["3", "partly: what could not be read, stored or restored is named; the rest is good"],
          ["4", "damage: stored bytes, a manifest, an archive or the audit trail do not match"],
          ["5", "not found: no such snapshot, archive, file or key"],
          ["6", "another rollback is at work here"],
          ["7", "refused, as it would not be safe"],
          ["130, 143", "interrupted; the state is as before, or recover is named"],
        ),
        text("health, doctor and venv check count as monitoring does: 0 OK, 1 warning, 2 critical, 3 unknown."),
        text(
          "guard ends with its command's own code where that is not 0. diff --exit-code: 1, something differs. leaks: 7, something was found. What each command means by its codes: rollback help COMMAND.",
        ),
        text("A script that is content with all but the files that are named:"),
        code('rollback create "Nightly" auto-daily || [ $? -eq 3 ]'),
      ],
    },
  ],
  [
    "fresh-mac",
    {
      about: "all of it back on a new Mac",
      body: [
        text("It takes three things: the rollback binary, your identity, and a place where a sealed copy lies."),
        rows(
          ["1.", "put the identity at ~/.config/rollback/identity.txt, mode 0600"],
          ["2.", "get the newest copy: PLACE is a folder, s3://… or git:…"],
          ["3.", "look at what a restore would write; --relocate moves the old home and project to yours"],
          ["4.", "do it, and let launchd read the plists"],
          ["5.", "make the venvs anew: their files are not in a snapshot"],
        ),
        code(
          "rollback pull latest PLACE --root ~/PetesBrain",
          "rollback restore latest --relocate --root ~/PetesBrain",
          "rollback restore latest --relocate --root ~/PetesBrain --force --reload",
          "rollback venv repair --root ~/PetesBrain --force",
        ),
        text(
          "With an archive in hand no place is needed: rollback restore FILE.zip.age --relocate --root DIR. Git checkouts and programs are not in a snapshot; the preview names what the agents will miss. While the old Mac lives, rollback drill PLACE tries a copy out without touching anything.",
        ),
      ],
    },
  ],
  [
    "troubleshooting",
    {
      about: "when something is wrong",
      body: [
        text("Something broke a moment ago:"),
        code("rollback", "rollback diff latest", "rollback restore latest", "rollback restore latest --force --reload"),
        text("The restore was wrong:"),
        code("rollback undo"),
        text("Agents are still broken after a restore: launchd reads a plist only when it loads it."),
        code("rollback reload", "rollback agents"),
        text(
          "last exit 78: its log can't be opened. A missing program or script: the restore brought back the plist that names it, not the program. A venv without its python: rollback venv repair. 5 by bootstrap: too early, reload waits. 112, 125 over ssh: run the printed lines at the desktop.",
        ),
        text("Something was killed, or the power failed: nothing is lost. This ends it:"),
        code("rollback recover"),
        text("A stored file is missing or damaged: another snapshot may hold the same bytes."),
        code("rollback verify --heal"),
        text(
          "A snapshot is not found: another project or folder is meant. --root DIR names the project, --snapshots DIR the snapshots folder; a launchd job needs --root.",
        ),
        text(
          "(EPERM) on a Mac: macOS keeps Documents, Desktop, Downloads, iCloud and disks from programs without a grant. System Settings › Privacy & Security › Full Disk Access: add the program that starts rollback, for the daily job rollback itself; after an upgrade again.",
        ),
        text("Will it work here at all? This tries everything and changes nothing:"),
        code("rollback doctor"),
      ],
    },
  ],
]);
