// Every error that a user can meet: what happened to which file, and the next step.
import { type Choice, codeOf, type ErrorCode, RollbackError, reasonOf } from "./rollback-error.ts";

const error = (code: ErrorCode, message: string, hint: string, cause?: unknown) =>
  new RollbackError(code, message, hint, { cause });

/** The same with commands to copy at its end. */
const leading = (code: ErrorCode, message: string, advice: string, ...commands: string[]) =>
  new RollbackError(code, message, advice, { commands });

const nearestHint = (nearest: string | undefined, otherwise: string) =>
  nearest === undefined ? otherwise : `Did you mean \`${nearest}\`? ${otherwise}`;

/** The command that shows a command's page; of `rollback` alone it is the main one. */
const pageOf = (command: string) => (command === "rollback" ? "rollback --help" : `rollback ${command} --help`);

const SHOWN = 3;
const NO_ROOT =
  "A project's folder holds rollback.yaml, infrastructure/rollback-snapshots, shared/rollback_manager.py or .mcp.json. Go there, name it (--root, ROLLBACK_ROOT), or make one:";
/** What is suggested to whoever waited in vain. */
const LONG_WAIT_S = 60;
/** The first three, and how many more there are. */
const few = (things: string[]): string[] => [
  ...things.slice(0, SHOWN),
  ...(things.length > SHOWN ? [`and ${things.length - SHOWN} more`] : []),
];

/** A file that is not written, and why, in words that begin with a verb. */
interface NotWritten {
  path: string;
  reason: string;
}

/** `79 of 84 files lie outside the home and the root`, where all have one reason; else the reasons stand with the files. */
function refusedFiles(files: readonly NotWritten[], total: number): { headline: string; details: string[] } {
  const reason = files[0]?.reason ?? "";
  const isOne = files.every((file) => file.reason === reason);
  const verb = files.length === 1 ? reason : reason.replace(/^lies\b/, "lie").replace(/^is\b/, "are");
  const why = isOne ? verb : "are refused";
  return {
    headline: `restore refused, nothing was touched: ${files.length} of ${total} files ${why}`,
    details: few(files.map((file) => (isOne ? file.path : `${file.path}: it ${file.reason}`))),
  };
}

function refusedHint(command: string | undefined, elsewhere: { what: string; place: string } | null): string {
  if (command === undefined) return "Leave these files out with --except, or move what stands in the way.";
  if (elsewhere === null) return "If these places are right:";
  return `The snapshot is from another ${elsewhere.what}, ${elsewhere.place}. Move it to this one:`;
}

/** The catalogue. Each entry makes one error; a test renders them all. */
export const fail = {
  unknownCommand: (word: string, nearest: { word: string; line: string } | undefined) =>
    nearest === undefined
      ? leading("usage", `unknown command \`${word}\``, "All commands:", "rollback help")
      : leading("usage", `unknown command \`${word}\``, `Did you mean \`${nearest.word}\`?`, nearest.line),
  otherTool: (word: string, command: string | null, line: string) =>
    leading(
      "usage",
      `unknown command \`${word}\``,
      `Here that is \`${command ?? "rollback"}\`${command === null ? " alone" : ""}:`,
      line,
    ),
  noHelp: (word: string, nearest: string | undefined) =>
    error(
      "usage",
      `no command and no topic is called \`${word}\``,
      nearestHint(nearest === undefined ? undefined : `rollback help ${nearest}`, "`rollback help` lists them."),
    ),
  unknownFlag: (command: string, flag: string, nearest: string | undefined) =>
    error(
      "usage",
      `\`${command}\` knows no flag \`${flag}\``,
      nearestHint(nearest, `\`${pageOf(command)}\` lists its flags.`),
    ),
  extraWord: (command: string, word: string) =>
    error(
      "usage",
      `\`${command}\` takes no further word, but got \`${word}\``,
      `Put a text of several words in quotes; \`${pageOf(command)}\` shows how.`,
    ),
  missingWord: (command: string, word: string) =>
    error("usage", `\`${command}\` needs ${word}`, `\`${pageOf(command)}\` shows an example.`),
  needsSnapshot: (command: string, choices: readonly Choice[], example: string) =>
    new RollbackError("usage", `\`${command}\` needs a snapshot`, "", { choices, commands: [example] }),
  badValue: (flag: string, value: string, wanted: string) =>
    error("usage", `${flag} can't be ${JSON.stringify(value)}`, `It takes ${wanted}.`),
  badDuration: (flag: string, value: string, problem: string) =>
    error(
      "usage",
      `${flag} can't be ${JSON.stringify(value)}: ${problem}`,
      "Units are s, min, h, d, w, mo and y; they may stand side by side, as in 1y6mo.",
    ),
  notAPage: (path: string, wanted: string) =>
    error("usage", `-o can't be ${JSON.stringify(path)}`, `It takes ${wanted}.`),
  givenTwice: (command: string, flag: string) =>
    error("usage", `${flag} was given twice`, `\`${pageOf(command)}\` lists its flags.`),
  eitherOr: (command: string, one: string, other: string) =>
    error("usage", `\`${command}\` takes ${one} or ${other}, not both`, `\`${pageOf(command)}\` tells what each does.`),
  foreignOptions: () =>
    error(
      "refused",
      "BUN_OPTIONS is set, which changes how this program runs",
      "Run it without: env -u BUN_OPTIONS rollback …",
    ),

  asRoot: (home: string, owner: number, command: string) =>
    leading(
      "refused",
      `rollback runs as root, but HOME ${home} belongs to another user (uid ${owner}): what root writes there is lost to its owner`,
      "Run it as that user:",
      command,
    ),
  noRoot: (from: string) =>
    new RollbackError("usage", `no project at or above ${from}`, NO_ROOT, {
      again: { flag: "--root", value: "DIR", advice: NO_ROOT },
      commands: ["rollback init --write"],
    }),
  notAFolder: (what: string, path: string, why: string) =>
    error("usage", `${what} ${path} is not a usable folder: ${why}`, `Name an existing folder for ${what}.`),
  configUnreadable: (path: string, why: string) =>
    error(
      "usage",
      `can't read the config ${path}: ${why}`,
      "Mend the file's path or permissions, or leave --config out.",
    ),
  configInvalid: (path: string, line: number, what: string) =>
    error("usage", `${path}:${line}: ${what}`, "Correct that line; `rollback help config` lists every key."),

  ruleNotAdded: (path: string, list: string, rule: string) =>
    error(
      "failed",
      `${path} stays as it is: the line ${JSON.stringify(rule)} could not be added to \`${list}\` in its form`,
      "Add it by hand.",
    ),
  nothingFound: (places: string[]) =>
    error(
      "failed",
      "nothing to back up: no file matches",
      `Looked for ${places.join(", ")}. Check --root and HOME, or name your files in rollback.yaml.`,
    ),
  nothingSeen: (home: string, root: string) =>
    error(
      "failed",
      `nothing was found to capture: no agent, config or credential in the usual places of ${home}, and below ${root}`,
      "Nothing was written. Check HOME and --root, or write a rollback.yaml by hand: `rollback init` prints its form.",
    ),
  storeAroundProject: (path: string, inside: string) =>
    error(
      "refused",
      `${path} can't be the snapshots folder: ${inside} lies in it, and its .gitignore would hide that from git`,
      "Name a folder of its own, such as --snapshots snapshots.",
    ),
  storeParentMissing: (path: string, parent: string) =>
    error(
      "failed",
      `there is no folder ${parent} for the snapshots folder ${path}: nothing was made`,
      "Is the disk mounted? Otherwise make that folder, or choose another with --snapshots DIR.",
    ),
  storeNotWritable: (path: string, cause: unknown) =>
    error(
      "failed",
      `can't write to the snapshots folder ${path}: ${reasonOf(cause)}`,
      "Make room or mend the permissions, or choose another folder with --snapshots DIR.",
      cause,
    ),
  unreadable: (path: string, cause: unknown, owner: number, mend: string) =>
    error(
      "failed",
      `can't read ${path}: ${reasonOf(cause)}; it belongs to ${owner === 0 ? "root" : `another user (uid ${owner})`}`,
      mend,
      cause,
    ),
  storeSilent: (path: string, seconds: number) =>
    error(
      "failed",
      `the snapshots folder ${path} did not answer for ${seconds}s`,
      "Is it on a network disk that is gone? Unmount that, or mount it anew.",
    ),
  storeUnreadable: (path: string, cause: unknown) =>
    error(
      "failed",
      `can't read the snapshots folder ${path}: ${reasonOf(cause)}`,
      "Mend its permissions, or name another with --snapshots DIR.",
      cause,
    ),
  locked: (holder: string, waitedMs: number) =>
    new RollbackError(
      "locked",
      `another rollback is at work here: ${holder}`,
      "Nothing was touched. Run it again when that one has ended.",
      {
        again: {
          flag: "--lock-wait",
          value: String(Math.max(LONG_WAIT_S, Math.ceil((2 * waitedMs) / 1000))),
          advice: `Nothing was touched. Wait longer than ${waitedMs / 1000}s for it:`,
        },
      },
    ),

  noLocks: (path: string, type: string | undefined, code: string) =>
    error(
      "failed",
      `can't lock ${path}: its file system${type === undefined ? "" : ` (${type})`} has no locks (${code})`,
      "Choose a snapshots folder on a local disk: --snapshots DIR.",
    ),
  noSystemCalls: (program: string, cause: unknown) =>
    error(
      "failed",
      `${program} can't call the system: ${reasonOf(cause)}`,
      "A hardened runtime without com.apple.security.cs.allow-jit, or BUN_JSC_useJIT=0, forbids it. " +
        `Unset that variable, or sign it as it was released: codesign --force --sign - ${program}`,
      cause,
    ),

  noStore: (path: string) =>
    error("not-found", `there is no snapshots folder ${path}`, "Is the disk mounted, and the name right?"),
  noSuchCategory: (category: string, nearest: { name: string; count: number; shown: string } | undefined) =>
    nearest === undefined
      ? leading("not-found", `No snapshot has the category ${category}`, "All of them:", "rollback list --all")
      : leading(
          "not-found",
          `No snapshot has the category ${category}`,
          `Did you mean ${nearest.name} (${nearest.count === 1 ? "1 snapshot" : `${nearest.count} snapshots`})?`,
          `rollback list --category ${nearest.shown}`,
        ),
  noSnapshots: (path: string) =>
    error("not-found", `there is no snapshot in ${path}`, 'Make one with `rollback create "DESCRIPTION"`.'),
  allAhead: (newest: string) =>
    error(
      "not-found",
      `every snapshot is dated ahead of the clock, the newest is ${newest}`,
      "Is this machine's clock right? A snapshot dated ahead is named by its id.",
    ),
  noSuchSnapshot: (ref: string, newest: { id: string; age: string | null } | undefined) =>
    newest === undefined
      ? leading("not-found", `Snapshot not found: ${ref}`, "There are none yet:", "rollback list --all")
      : leading(
          "not-found",
          `Snapshot not found: ${ref}`,
          `The newest is ${newest.id}${newest.age === null ? "" : `, ${newest.age}`}. All of them:`,
          "rollback list --all",
        ),
  ambiguousSnapshot: (ref: string, ids: string[]) =>
    error(
      "usage",
      `${ref} is the beginning of ${ids.length} snapshots`,
      `Write more of it: ${ids.slice(0, 5).join(", ")}${ids.length > 5 ? ", …" : ""}.`,
    ),
  manifestBroken: (path: string, why: string) =>
    error(
      "damaged",
      `${path} can't be used: ${why}`,
      "Take another snapshot (`rollback list`), or copy files out of its folder by hand.",
    ),
  manifestUnsafe: (path: string, backup: string, wanted: string) =>
    error(
      "refused",
      `${path} names ${JSON.stringify(backup)} as a stored file, which is no ${wanted} inside the snapshot`,
      "Somebody edited this manifest. Don't restore from it; take another snapshot (`rollback list`).",
    ),
  formatTooNew: (path: string, format: number) =>
    error(
      "damaged",
      `${path} has format ${format}, which this rollback does not know`,
      "Use the newer rollback that made it.",
    ),

  archiveBroken: (path: string, why: string) =>
    error("damaged", `${path} is not a whole archive: ${why}`, "Take another copy of it; an archive is never mended."),
  archiveOfAnother: (path: string, inner: string) =>
    error(
      "damaged",
      `${path} holds the snapshot ${inner}`,
      "Its name says another one. Move it away, or give it its own name.",
    ),
  notOpened: (path: string) =>
    error(
      "not-found",
      `${path} was not opened: no identity is here, and the audit trail does not say that it was opened when it was made`,
      "Put your identity at ~/.config/rollback/identity.txt, or pack it anew from its folder.",
    ),
  archiveUnsafe: (path: string, why: string) =>
    error("refused", `${path} is refused: ${why}`, "No archive of rollback's looks like this. Don't trust its source."),
  archiveInStore: (path: string) =>
    error(
      "refused",
      `${path} lies in the snapshots folder, so what is archived there would be removed with the rest`,
      "Name a folder elsewhere with --archive DIR.",
    ),
  archiveTooLarge: (what: string, why: string) =>
    error("failed", `${what} does not fit into a zip archive: ${why}`, "Copy the snapshot's folder as it is instead."),
  snapshotDamaged: (id: string, why: string) =>
    error("damaged", `${id} is damaged, no archive was made: ${why}`, `\`rollback verify ${id} --heal\` may mend it.`),
  diskTooSmall: (path: string, needed: number, free: number) =>
    error(
      "failed",
      `${path} has ${free} bytes free, and ${needed} are needed`,
      "Make room, or name another place with --snapshots DIR.",
    ),
  notAFolderSnapshot: (id: string) =>
    error(
      "not-found",
      `${id} does not stand as a folder in the snapshots folder, so there is nothing to pack`,
      "`rollback list` shows the forms of each snapshot.",
    ),
  noArchive: (ref: string) =>
    error("not-found", `there is no archive of ${ref}`, "Name a file that ends in .zip or .zip.age."),
  alreadyThere: (path: string, what: string) =>
    error("failed", `${path} is already there`, `Nothing was written. Move it away first if ${what}.`),
  badIdentity: (path: string) =>
    error(
      "usage",
      `${path} holds no age identity`,
      "An identity is a line AGE-SECRET-KEY-1…, as `rollback key new` makes it.",
    ),
  badKey: (path: string, line: number) =>
    error(
      "usage",
      `${path}, line ${line}: not an age identity, a letter is wrong or missing`,
      "No archive was opened or made with it. Correct that line, or name another file with --identity FILE.",
    ),
  badRecipient: (recipient: string, why: string) =>
    error(
      "usage",
      `${/^(?:age1|ssh-)/.test(recipient) ? `the recipient ${recipient.slice(0, 12)}…` : "what was given as a recipient"} ${why}`,
      "A recipient is age1 and 58 letters and digits; `rollback key show` prints yours.",
    ),
  foreignIdentity: (where: string, what: string) =>
    error(
      "usage",
      `${where} is ${what}, which rollback does not use`,
      "What it opens, age opens: age -d -i FILE ID.zip.age > ID.zip, then name ID.zip. Or name an AGE-SECRET-KEY-1… with --identity FILE.",
    ),
  identityUnreadable: (path: string, why: string) =>
    error("usage", `${path} can't be read as an identity: ${why}`, "Name an identity file with --identity FILE."),
  sealedOtherwise: (path: string, to: string) =>
    error(
      "not-found",
      `${path} is sealed to ${to}, which rollback does not open`,
      `Open it by age, which does: age -d ${to === "a passphrase" ? "" : "-i KEY "}${path} > ID.zip, then name ID.zip.`,
    ),
  noIdentity: (path: string) =>
    error(
      "not-found",
      `there is no identity at ${path}`,
      "Make one with `rollback key new`, or name yours with --identity FILE.",
    ),
  wrongIdentity: (path: string) =>
    error("not-found", `no identity at hand opens ${path}`, "Name the right one with --identity FILE."),

  noRecordedHome: (id: string) =>
    error("usage", `${id} does not say which home and root it came from`, "Name them yourself: --map OLD=NEW."),

  nothingToReload: () =>
    error("not-found", "no restore has changed an agent yet", "Name an agent's label: `rollback agents` lists them."),
  noVenv: (path: string) =>
    error(
      "not-found",
      `there is no venv at ${path}`,
      "`rollback venv check` lists those that the config's patterns match.",
    ),
  guardIncomplete: (id: string, skipped: string[]) =>
    error(
      "failed",
      `the snapshot ${id} is incomplete, so the command was not run; it lacks ${skipped.join(", ")}`,
      "Mend what could not be read (`rollback show` names it), or add --allow-incomplete.",
    ),
  guardAtWork: (holder: string) =>
    error(
      "locked",
      `another guard is at work on this project (${holder}): what it is changing is not a state to keep`,
      "Run it again when that one has ended.",
    ),
  guardCutOff: ({ program, since, snapshot }: { program: string; since: string; snapshot: string }) =>
    error(
      "failed",
      `a guard of ${program} was cut off (it began ${since}): what it left is not a state to keep`,
      `Look at the way back, \`rollback restore ${snapshot}\`, then end it: \`rollback recover\`.`,
    ),
  unstableBinary: (path: string, why: string) =>
    error(
      "refused",
      `no job can rely on ${path}: ${why}`,
      "Put the binary where it stays, such as ~/.local/bin/rollback, and install from there.",
    ),
  jobNotGone: (label: string, why: string) =>
    error("failed", `launchd did not let go of the job ${label}: ${why}`, "Its plist is still there; try again."),
  jobLabelTaken: (label: string, plist: string) =>
    error(
      "failed",
      `${plist} is not this project's daily job, and so it is with every other name for one: nothing was changed`,
      `Choose another label in rollback.yaml (schedule: {label: …}); ${label} is taken.`,
    ),
  watchLabelTaken: (label: string, plist: string) =>
    error(
      "failed",
      `${plist} is not this project's job: nothing was changed`,
      `Choose another label in rollback.yaml (schedule: {label: …}); ${label} is taken.`,
    ),
  nothingToWatch: (root: string) =>
    error(
      "failed",
      `there is no plist and no config of ${root} that a job could watch: nothing was changed`,
      "`rollback coverage` shows what rollback.yaml could name.",
    ),
  jobNotLoaded: (label: string, why: string) =>
    error(
      "failed",
      `the job ${label} was written, but launchd did not load it: ${why}`,
      "Mend the cause, then run `rollback schedule install --force` again.",
    ),
  gitSilent: (root: string) =>
    error(
      "failed",
      `git does not answer in ${root}: nothing was looked at`,
      "Is git installed, and does `git status` work there? Don't commit before this works.",
    ),
  noFileSelected: (id: string, words: string) =>
    error("not-found", `no file of ${id} matches ${words}`, `\`rollback show ${id}\` lists its files.`),
  neverHeld: (word: string) =>
    error("not-found", `no snapshot holds ${word}`, "`rollback show latest` lists the files of the newest snapshot."),
  noSecretAt: (word: string, key: string | null, keys: string[], shortest: number) =>
    error(
      "not-found",
      `${word} holds no secret of ${shortest} characters or more${key === null ? "" : ` under ${key}`}`,
      keys.length === 0
        ? "`rollback show latest` lists the captured files."
        : `It has secrets under ${few(keys).join(", ")}. Name one as FILE:KEY.`,
    ),
  placeMissing: (folder: string) =>
    error("failed", `there is no folder ${folder}`, "Is the disk mounted? Copies go to places that exist already."),
  placeGone: (folder: string) =>
    error(
      "failed",
      `${folder} is not the folder that it was when the push began`,
      "Was the disk taken out? Put it back and push again; what was copied to it before stays.",
    ),
  placeUnmarked: (folder: string, why: string, shown: string) =>
    leading(
      "refused",
      `${folder} is not the place that copies went to: ${why}; nothing was sent`,
      "Is the disk mounted? If this is a new place for them:",
      `rollback push --init ${shown}`,
    ),
  storeIdBroken: (path: string) =>
    error(
      "damaged",
      `${path} does not say whose snapshots these are`,
      "Put it back from a backup; without it, push makes a new one, and copies go to a folder of their own.",
    ),
  placeUnreachable: (shown: string, why: string) =>
    error("failed", `${shown}: ${why}`, "Try again later; what was copied before stays, and is not sent twice."),
  placeRefused: (shown: string, why: string) =>
    error(
      "failed",
      `${shown} says no: ${why}`,
      "Check the address and your credentials for it: `rollback help config` says where they are looked for.",
    ),
  branchRefused: (shown: string, why: string) =>
    error(
      "failed",
      `${shown} does not take the branch: ${why}`,
      "The reason is the other side's: mend it there, or choose another place.",
    ),
  clockOff: (shown: string, minutes: number) =>
    error(
      "failed",
      `${shown} says no: this machine's clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? "slow" : "fast"}`,
      "Set the clock; signatures hold for minutes.",
    ),
  noAwsKeys: (profile: string) =>
    error(
      "failed",
      `no keys for S3: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor a profile \`${profile}\` with keys`,
      "Set the variables, or put the keys into ~/.aws/credentials.",
    ),
  noGit: (shown: string) => error("failed", `${shown}: there is no git`, "Install git: xcode-select --install."),
  branchCheckedOut: (branch: string) =>
    error("failed", `the branch ${branch} is checked out`, "Switch to another branch: this one is rollback's."),
  copyDiffers: (key: string, shown: string) =>
    error(
      "damaged",
      `${key} in ${shown} holds other bytes than the archive here; neither was touched`,
      "If that one is damaged, `rollback push --replace-damaged` puts a good one there; a sound one it leaves alone.",
    ),
  copyDamaged: (key: string, shown: string) =>
    error(
      "damaged",
      `${key} did not arrive in ${shown} as it was sent`,
      "Try again; if it stays so, check that place.",
    ),
  copyTooLarge: (key: string, shown: string) =>
    error("failed", `${key} is larger than ${shown} takes in one piece`, "5 GiB is the most. Send it to a folder."),
  noCopy: (what: string, shown: string) =>
    error("not-found", `${shown} holds no ${what}`, "`rollback list --from DEST --host all` shows what it holds."),
  severalOwners: (shown: string, owners: string[], flags: string) =>
    error(
      "not-found",
      `${shown} holds nothing of this project, but copies of ${owners.join("; ")}`,
      `Say whose: ${flags}`,
    ),
  otherSnapshot: (id: string, host: string) =>
    error(
      "damaged",
      `${id} of ${host} is another snapshot than the one that is here under this id; it was not pulled`,
      "Pull it into a folder of its own: --snapshots DIR.",
    ),
  notSealed: (id: string) =>
    error(
      "refused",
      `${id} is not sealed, and nobody is named to seal it to: it stays here`,
      "`rollback key new` makes an identity; or name recipients under `seal` in rollback.yaml.",
    ),
  plainRefused: (shown: string, why: string) =>
    error("refused", `--plain does not go to ${shown}: ${why}`, "Leave out --plain: sealed archives go anywhere."),
  noDestination: (names: string[]) =>
    error(
      "usage",
      names.length === 0 ? "no destination is named" : `which destination? ${names.join(", ")}`,
      names.length === 0
        ? "Name one, or put it under `copies` in rollback.yaml: `rollback help config`."
        : "Name one of them.",
    ),
  restoreRefused: (
    files: readonly NotWritten[],
    total: number,
    command: string | undefined,
    elsewhere: { what: "home" | "project"; place: string } | null,
  ) => {
    const { headline, details } = refusedFiles(files, total);
    const commands = command === undefined ? [] : [command];
    return new RollbackError("refused", headline, refusedHint(command, elsewhere), { details, commands });
  },
  restoreObstructed: (files: readonly NotWritten[], total: number) => {
    const { headline, details } = refusedFiles(files, total);
    const hint = "Mend that, or leave these files out with --except; --keep-going restores the others.";
    return new RollbackError("failed", headline, hint, { details });
  },
  noSuchKey: (key: string) =>
    error(
      "not-found",
      `none of the chosen files has the key ${key}, now or in the snapshot`,
      "Write it as `rollback diff` prints it; --only chooses the file.",
    ),
  noSuchHunk: (hunk: number) =>
    error(
      "not-found",
      `none of the chosen files has a hunk ${hunk}`,
      "`rollback diff REF --hunks` numbers them; --only chooses the file.",
    ),
  nothingToUndo: () =>
    error(
      "not-found",
      "there is no restore or guard run to undo",
      "`rollback audit` shows what was done; `rollback restore latest:auto-backup` goes back to what a restore overwrote.",
    ),
  notUndoable: (what: string, why: string, left: number[]) =>
    error(
      "not-found",
      `${what} can't be undone: ${why}`,
      left.length === 0
        ? "Nothing that was done can be undone any more; `rollback list --all` shows every snapshot."
        : `These can be: ${left.map((line) => `rollback undo ${line}`).join(", ")}. \`rollback audit\` shows what they were.`,
    ),
  sameSnapshot: (ref: string) =>
    error("usage", `both words mean the snapshot ${ref}`, "Name the one before the change, then the one after it."),
  undecided: (paths: string[]) =>
    error(
      "failed",
      `nothing was written: what somebody edited since is in conflict in ${paths.join(", ")}`,
      "Look at it without --force, then decide: --ours keeps what is there now, --theirs brings back what was there before, --except leaves a file out.",
    ),
  storeUnsafe: (path: string, why: string, mend: string) =>
    error("refused", `${path} is not safe to restore from: ${why}`, `Check its files, then: ${mend}`),
  storeToCopy: (path: string, why: string, store: string) =>
    error(
      "refused",
      `${path} is not safe to restore from: ${why}`,
      `Check its files, copy them to a disk of this machine, and name that place with --snapshots: cp -R ${store} ~/rollback-snapshots && chmod -R go-w ~/rollback-snapshots`,
    ),
  archiveUntrusted: (path: string, why: string, archive: string) =>
    error(
      "refused",
      `${path} is not safe to restore from: ${why}`,
      `If you trust what is in it, copy it to a folder that is yours alone: cp ${archive} ~/ && chmod go-w ~/`,
    ),
  storeReadOnly: (path: string, command: string) =>
    leading(
      "failed",
      `the snapshots folder ${path} is on a disk that is read-only: no auto-backup can be made there, and nothing was changed`,
      "Restore it by its path, into a snapshots folder of this machine:",
      command,
    ),
  autoBackupPartial: (missing: string[]) =>
    error(
      "failed",
      `the auto-backup could not store what the restore would overwrite: ${missing.join("; ")}; nothing was changed`,
      "Make these files readable, or leave them out with --except.",
    ),
  nothingReadable: (skipped: { path: string; reason: string }[]) =>
    error(
      "failed",
      `nothing could be stored, no snapshot was made: ${skipped.map(({ path, reason }) => `${path}: ${reason}`).join("; ")}`,
      "Make the files readable, then run it again.",
    ),
  storedChanged: (path: string) =>
    error(
      "failed",
      `the stored file ${path} changed after it was checked; every live file is as it was`,
      "Run `rollback verify`, then the restore again.",
    ),
  liveChanged: (path: string) =>
    error(
      "failed",
      `${path} changed while the restore was at work; every file is as it was`,
      "Stop what writes to it and run the restore again, or leave it out with --except.",
    ),
  changedInSearch: (path: string, backup: string | null) =>
    error(
      "failed",
      `${path} was changed by somebody else during the search, and is left as it is now; every other file is as it was`,
      backup === null
        ? "Stop what writes to it, or leave it out with --except."
        : `As it was before the search it stands in ${backup}. Stop what writes to it, or leave it out with --except.`,
    ),
  restoreFailed: (path: string, cause: unknown) =>
    error(
      "failed",
      `could not restore ${path}: ${reasonOf(cause)}; every file is as it was`,
      "Mend the cause and run it again, or add --keep-going to restore what can be restored.",
      cause,
    ),
  undoFailed: (path: string, cause: unknown) =>
    error(
      "failed",
      `the restore failed at ${path} (${reasonOf(cause)}) and could not be undone wholly`,
      "Run `rollback recover`: it finishes or undoes it.",
      cause,
    ),
  unfinished: (id: string) =>
    error(
      "failed",
      `a restore of ${id} was cut off and left files half done`,
      "Run `rollback recover` first: it finishes or undoes it.",
    ),
  journalBroken: (path: string, why: string) =>
    error(
      "damaged",
      `the journal ${path} can't be read: ${why}`,
      "Compare the live files with the newest auto-backup (`rollback restore latest:auto-backup`), then move the journal away.",
    ),
  interrupted: (signal: "SIGINT" | "SIGTERM" | "SIGHUP", what: string) =>
    new RollbackError("interrupted", `interrupted by ${signal}; ${what}`, "Run it again when you are ready.", {
      exit: { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[signal],
    }),
  io: (what: string, path: string, cause: unknown) =>
    error("failed", `can't ${what} ${path}: ${reasonOf(cause)}`, "Mend the cause and run it again.", cause),
  unforeseen: (cause: unknown) =>
    codeOf(cause) !== undefined && cause instanceof Error
      ? error("failed", `the system said: ${cause.message}`, "Mend the cause and run it again.", cause)
      : error(
          "failed",
          `unexpected: ${cause instanceof Error ? cause.message : String(cause)}`,
          "This is a defect of rollback: please report it with the command that led to it.",
          cause,
        ),
} as const;
