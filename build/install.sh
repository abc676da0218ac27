#!/bin/sh
# Installs rollback: picks this machine's binary, in the smallest form that this machine can open, checks its SHA-256 sum before and
# after unpacking, and puts it at a stable path.
#
#   sh install.sh [--from BASE] [--to FILE]
#
#   --from BASE   an https:// address or a folder that holds the binaries and SHA256SUMS;
#                 default: $ROLLBACK_FROM, else the folder that this script is in
#   --to FILE     where the binary goes; default: ~/.local/bin/rollback
#
# The file is written under a fresh name and renamed: macOS kills a signed program whose file is written over.
set -eu

fail() {
  printf 'install: %s\n' "$1" >&2
  exit "${2:-1}"
}

# The name of this machine's binary.
binary_name() {
  system=$(uname -s)
  cpu=$(uname -m)
  # A shell under Rosetta says x86_64 on an Apple CPU.
  if [ "$system" = Darwin ] && [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || true)" = 1 ]; then cpu=arm64; fi
  case $system in
    Darwin) system=darwin ;;
    Linux) system=linux ;;
    *) fail "there is no binary for $system" ;;
  esac
  case $cpu in
    arm64 | aarch64) cpu=arm64 ;;
    x86_64 | amd64) cpu=x64 ;;
    *) fail "there is no binary for the CPU $cpu" ;;
  esac
  printf 'rollback-%s-%s' "$system" "$cpu"
}

# get BASE NAME FILE
get() {
  case $1 in
    https://* | http://localhost:* | http://127.0.0.1:*)
      if command -v curl >/dev/null 2>&1; then
        curl -fsSL -o "$3" "$1/$2" || fail "could not download $1/$2"
      elif command -v wget >/dev/null 2>&1; then
        wget -q -O "$3" "$1/$2" || fail "could not download $1/$2"
      else
        fail "neither curl nor wget is here; download $1/$2 and $1/SHA256SUMS yourself and use --from FOLDER"
      fi
      ;;
    *://*) fail "$1 is not an https:// address" 2 ;;
    *)
      [ -f "$1/$2" ] || fail "there is no $2 in $1"
      cp "$1/$2" "$3" || fail "could not copy $1/$2"
      ;;
  esac
}

# The SHA-256 of a file in hex. From stdin: both tools mark odd file names in their output.
sum_of() {
  if command -v sha256sum >/dev/null 2>&1; then
    line=$(sha256sum <"$1")
  elif command -v shasum >/dev/null 2>&1; then
    line=$(shasum -a 256 <"$1")
  else
    fail "neither sha256sum nor shasum is here, so the download can't be checked"
  fi
  printf '%s' "${line%% *}"
}

# check FILE NAME SUMS
check() {
  wanted=$(awk -v name="$2" '$2 == name || $2 == "*" name { print $1 }' "$3")
  [ -n "$wanted" ] || fail "SHA256SUMS has no line for $2"
  found=$(sum_of "$1")
  [ "$found" = "$wanted" ] || fail "$2 is damaged or not the released file: its SHA-256 is $found, SHA256SUMS says $wanted"
}

# binary BASE NAME WORK: WORK/rollback is the binary then, and checked. Compressed forms are optional, in SHA256SUMS and in a folder.
binary() {
  form=
  for each in zst:zstd gz:gzip; do
    if command -v "${each#*:}" >/dev/null 2>&1 && holds "$1" "$2.${each%:*}" "$3/SHA256SUMS"; then
      form=$each
      break
    fi
  done
  if [ -z "$form" ]; then
    get "$1" "$2" "$3/rollback"
  else
    packed=$2.${form%:*}
    get "$1" "$packed" "$3/packed"
    check "$3/packed" "$packed" "$3/SHA256SUMS"
    "${form#*:}" -dc <"$3/packed" >"$3/rollback" || fail "${form#*:} could not open $packed"
    rm -f "$3/packed"
  fi
  check "$3/rollback" "$2" "$3/SHA256SUMS"
}

# holds BASE NAME SUMS: whether the release has that file; a folder may have been filled by hand.
holds() {
  awk -v name="$2" '$2 == name || $2 == "*" name { found = 1 } END { exit !found }' "$3" || return 1
  case $1 in *://*) ;; *) [ -f "$1/$2" ] ;; esac
}

# start FILE: prints its version. "Killed: 9" comes from macOS 26 and later for some sound ad-hoc signatures; its sum was found
# right before, so it may be signed once more.
start() {
  code=0
  "$1" --version || code=$?
  if [ "$code" = 137 ] && [ "$(uname -s)" = Darwin ]; then
    codesign --force --sign - "$1" 2>/dev/null || return 137
    code=0
    "$1" --version || code=$?
  fi
  return "$code"
}

# How a path is written for a shell.
quoted() {
  printf "'%s'" "$(printf '%s' "$1" | sed "s/'/'\\\\''/g")"
}

launchd_steps() {
  found=0
  for plist in "$HOME"/Library/LaunchAgents/*.plist; do
    if ! grep -qsF -e "$1" "$plist"; then continue; fi
    found=1
    printf '  launchctl bootout gui/%s %s\n' "$(id -u)" "$(quoted "$plist")"
    printf '  launchctl bootstrap gui/%s %s\n' "$(id -u)" "$(quoted "$plist")"
  done
  [ "$found" = 1 ] || printf '  (no LaunchAgent names %s)\n' "$1"
}

# The man pages, where the binary's folder is a `bin`: man looks in the share/man beside each that is on the PATH.
has_man_pages() {
  case $1 in */bin) awk '$2 == "rollback-man.tar" { found = 1 } END { exit !found }' "$2" ;; *) return 1 ;; esac
}

# man_pages ARCHIVE FOLDER: the binary is in place by then, and works without them.
man_pages() {
  if mkdir -p "$2" && tar -xf "$1" -C "$2"; then
    printf 'Its man pages are in %s: man rollback\n' "$2"
  else
    printf 'install: the man pages could not be written to %s\n' "$2" >&2
  fi
}

# next_steps FILE UPGRADED
next_steps() {
  folder=$(dirname "$1")
  case :$PATH: in
    *":$folder:"*) ;;
    *) printf 'Add %s to your PATH, or call %s by its full path.\n' "$folder" "$1" ;;
  esac
  if [ "$(uname -s)" = Darwin ]; then
    if [ "$2" = yes ]; then
      printf 'launchd kills an upgraded program until its job is loaded again. Run:\n'
      launchd_steps "$1"
      printf 'When bootstrap says "5: Input/output error", wait a second and repeat it.\n'
      printf 'Full Disk Access ended with the old file. If rollback had it, grant it again:\n'
    else
      printf 'A scheduled rollback can read Documents, Desktop and Downloads only with Full Disk Access:\n'
    fi
    printf '  System Settings > Privacy & Security > Full Disk Access > %s\n' "$1"
  fi
  [ "$2" = yes ] || printf 'Start with:\n  rollback\n  rollback create "First snapshot"\n'
}

usage() {
  fail "usage: sh install.sh [--from BASE] [--to FILE]" 2
}

main() {
  from=${ROLLBACK_FROM:-}
  to=
  while [ $# -gt 0 ]; do
    case $1 in
      --from) from=${2:-} ;;
      --to) to=${2:-} ;;
      *) usage ;;
    esac
    if [ -z "${2:-}" ]; then usage; fi
    shift 2
  done
  if [ -z "$from" ] && [ -f "$0" ] && [ -f "$(dirname "$0")/SHA256SUMS" ]; then from=$(dirname "$0"); fi
  [ -n "$from" ] || fail "say where the binaries are: --from BASE, an https:// address or a folder" 2
  [ -n "$to" ] || to=${HOME:?HOME is not set}/.local/bin/rollback
  case $to in
    /*) ;;
    *) to=$(pwd)/$to ;;
  esac
  [ ! -d "$to" ] || fail "$to is a folder; --to names the file" 2
  install_to "${from%/}" "$to"
}

# install_to BASE FILE
install_to() {
  name=$(binary_name)
  folder=$(dirname "$2")
  mkdir -p "$folder" || fail "$folder can't be made"
  work=$(mktemp -d "$folder/.rollback-install.XXXXXX") || fail "$folder can't be written to"
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  get "$1" SHA256SUMS "$work/SHA256SUMS"
  binary "$1" "$name" "$work"
  manuals=
  if has_man_pages "$folder" "$work/SHA256SUMS"; then
    manuals=rollback-man.tar
    get "$1" "$manuals" "$work/$manuals"
    check "$work/$manuals" "$manuals" "$work/SHA256SUMS"
  fi
  chmod 755 "$work/rollback"
  if [ "$(uname -s)" = Darwin ]; then xattr -d com.apple.quarantine "$work/rollback" 2>/dev/null || true; fi
  version=$(start "$work/rollback") || fail "$name does not start on this machine; $2 is as it was"
  upgraded=no
  if [ -e "$2" ] || [ -L "$2" ]; then upgraded=yes; fi
  mv -f "$work/rollback" "$2" || fail "could not put the file at $2"
  printf 'Installed %s at %s\n' "$version" "$2"
  if [ -n "$manuals" ]; then man_pages "$work/$manuals" "${folder%/bin}/share/man"; fi
  next_steps "$2" "$upgraded"
}

# Last, so that a script that was cut off on its way does nothing.
main "$@"
