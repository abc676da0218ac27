// Errors about identities, the places that copies go to, and the copies.
import { error, leading } from "./make.ts";

export const copyErrors = {
  badIdentity: (path: string) =>
    error(
      "usage",
      `${path} holds no age identity`,
      "An identity is a line AGE-SECRET-KEY-1…, as `rollback key new` makes it.",
    ),
  sealedOtherwise: (path: string, to: string) =>
    error(
      "not-found",
      `${path} is sealed to ${to}, which rollback does not open`,
      `Open it by age, which does: age -d ${to === "a passphrase" ? "" : "-i KEY "}${path} > ID.zip, then name ID.zip.`,
    ),
  identityUnreadable: (path: string, why: string) =>
    error("usage", `${path} can't be read as an identity: ${why}`, "Name an identity file with --identity FILE."),
  foreignIdentity: (where: string, what: string) =>
    error(
      "usage",
      `${where} is ${what}, which rollback does not use`,
      "What it opens, age opens: age -d -i FILE ID.zip.age > ID.zip, then name ID.zip. Or name an AGE-SECRET-KEY-1… with --identity FILE.",
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
  noIdentity: (path: string) =>
    error(
      "not-found",
      `there is no identity at ${path}`,
      "Make one with `rollback key new`, or name yours with --identity FILE.",
    ),
  wrongIdentity: (path: string) =>
    error("not-found", `no identity at hand opens ${path}`, "Name the right one with --identity FILE."),
  storeIdBroken: (path: string) =>
    error(
      "damaged",
      `${path} does not say whose snapshots these are`,
      "Put it back from a backup; without it, push makes a new one, and copies go to a folder of their own.",
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
      `no keys for S3: the environment has no AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and ~/.aws/credentials no profile \`${profile}\` with keys`,
      "Set the variables, or put the keys into ~/.aws/credentials.",
    ),
  otherAwsKeys: (profile: string, how: string) =>
    error(
      "failed",
      `no keys for S3: the profile \`${profile}\` ${how}`,
      `Let the AWS tools give them: eval "$(aws configure export-credentials --profile ${profile} --format env)". For the daily job put keys of their own into ~/.aws/credentials.`,
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
      names.length === 0 ? "no place is named" : `which place? ${names.join(", ")}`,
      names.length === 0
        ? "Name one, or put it under `copies` in rollback.yaml: `rollback help config`."
        : "Name one of them.",
    ),
} as const;
