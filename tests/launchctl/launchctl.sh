#!/bin/sh
# launchctl as far as rollback uses it, with a launchd whose state is the folder ../launchd beside this program. Nothing here goes
# by time: what takes a while in the real one takes a number of further calls that name the label. See stand-in.ts for the state.
state=${0%/*}/../launchd
printf '%s\n' "$*" >>"$state/calls"

say() {
  code=$1
  shift
  printf '%s\n' "$*" >&2
  exit "$code"
}

number() {
  value=
  [ -f "$1" ] && read -r value <"$1"
}

verb=$1
domain=${2%%/*}
rest=${2#*/}
uid=${rest%%/*}
label=
case $rest in */*) label=${rest#*/} ;; esac

[ -e "$state/hangs" ] && exec sleep 1000
[ -f "$state/slow" ] && number "$state/slow" && sleep "$value"
if [ -f "$state/no-$domain" ]; then
  number "$state/no-$domain"
  say "$value" "Could not find domain for user $domain: $uid"
fi

# What stands between a key of the plist and the end of its value.
after_key() {
  found=
  case $plist in *"<key>$1</key>"*) found=${plist#*"<key>$1</key>"} ;; esac
}
text_of() {
  after_key "$1"
  [ -n "$found" ] && found=${found#*<string>} && found=${found%%</string>*}
}
read_plist() {
  plist=$(cat "$1")
}

service=$state/services/$domain/$label
settling=$state/settling.$label

# One call less until a service that was told to go is gone, and one less until its name is free.
count_down() {
  number "$1"
  if [ "$value" -gt 0 ]; then
    printf '%s\n' $((value - 1)) >"$1"
    return 0
  fi
  return 1
}
gone() {
  rm -r "$service"
  read -r _ settle <"$state/lag"
  [ "$settle" -gt 0 ] && printf '%s\n' "$settle" >"$settling"
}

# Begins an agent's life by its fate, `END CALLS WORDS`: how it ends, how often print still shows it alive, and what it logs. END is
# an exit code; a signal as launchd names it, `Killed:9`; `spawn-failed`; `pended`, which starts when it is kicked; `never`, which does not.
start() {
  rm -f "$service/pid" "$service/exit" "$service/signal" "$service/job-state" "$service/pended"
  if [ ! -f "$state/fates/$label" ]; then
    printf '4711\n' >"$service/pid"
    return
  fi
  read -r end calls words <"$state/fates/$label"
  text_of StandardErrorPath
  [ -n "$found" ] && printf '%s\n' "$words" >>"$found"
  case $end in
  pended) if [ "$verb" = kickstart ]; then printf '4713\n' >"$service/pid"; else printf 'speculative\n' >"$service/pended"; fi ;;
  never) printf 'speculative\n' >"$service/pended" ;;
  spawn-failed) printf 'spawn failed\n' >"$service/job-state" && printf '78\n' >"$service/exit" ;;
  *:*) printf '%s: %s\n' "${end%:*}" "${end##*:}" >"$service/signal" ;;
  *) printf '%s\n' "$end" >"$service/exit" ;;
  esac
  [ "$calls" -gt 0 ] && printf '%s\n' "$calls" >"$service/alive"
}

# One line of a domain's dump, and of list: pid, how it ended, label.
line_of() {
  label=${1##*/}
  pid=0 ended=-
  [ -f "$1/pid" ] && number "$1/pid" && pid=$value
  [ -f "$1/exit" ] && number "$1/exit" && ended=$value
  [ -f "$1/signal" ] && number "$1/signal" && ended=-${value##*: }
  [ -f "$1/pended" ] && ended='(pe)'
  [ -f "$1/status" ] && number "$1/status" && ended=$value
  [ "$pid" -gt 0 ] && ended=-
  printf "$2" "$pid" "$ended" "$label"
}

disabled_services() {
  printf '\tdisabled services = {\n'
  for file in "$state"/disabled/*; do
    [ -f "$file" ] || continue
    number "$file"
    printf '\t\t"%s" => %s\n' "${file##*/}" "$value"
  done
  printf '\t}\n'
}

# Runs a job to its end, with what launchd gives it and nothing more.
run_job() {
  text_of StandardOutPath
  out=${found:-/dev/null}
  text_of StandardErrorPath
  err=${found:-/dev/null}
  after_key ProgramArguments
  left=${found%%</array>*}
  set --
  while :; do
    case $left in *'<string>'*) ;; *) break ;; esac
    left=${left#*<string>}
    set -- "$@" "${left%%</string>*}"
  done
  if ! (: >>"$out" && : >>"$err") 2>/dev/null; then
    code=78
  else
    (cd / && exec env -i "HOME=$HOME" PATH=/usr/bin:/bin:/usr/sbin:/sbin "$@") </dev/null >>"$out" 2>>"$err"
    code=$?
  fi
  printf '%s\n' "$code" >"$service/exit"
}

case $verb in
print-disabled)
  printf '\n'
  disabled_services
  ;;
list)
  printf 'PID\tStatus\tLabel\n'
  for one in "$state"/services/gui/*; do [ -d "$one" ] && line_of "$one" '%s\t%s\t%s\n' | sed 's/^0\t/-\t/;s/\t-\t/\t0\t/;s/\t(pe)\t/\t0\t/'; done
  ;;
enable | disable)
  printf '%sd\n' "$verb" >"$state/disabled/$label"
  ;;
print)
  if [ -z "$label" ]; then
    printf '%s/%s = {\n\ttype = login\n\tsession = Aqua\n\n' "$domain" "$uid"
    if [ ! -e "$state/no-dump" ]; then
      printf '\tservices = {\n'
      for service in "$state/services/$domain"/*; do
        [ -d "$service" ] || continue
        label=${service##*/} settling=$state/settling.${service##*/}
        [ -f "$service/going" ] && ! count_down "$service/going" && gone && continue
        [ -d "$service" ] && line_of "$service" '\t\t%8s %6s \t%s\n'
      done
      printf '\t}\n\n\tunmanaged processes = {\n\t\t     700      - \tcom.example.unmanaged\n\t}\n\n'
    fi
    disabled_services
    printf '\n\tproperties = gui\n}\n'
    exit 0
  fi
  [ -d "$service" ] && [ -f "$service/going" ] && ! count_down "$service/going" && gone
  [ -d "$service" ] || say 113 "Bad request.
Could not find service \"$label\" in domain for user $domain: $uid"
  [ -f "$service/print" ] && cat "$service/print" && exit 0
  number "$service/pid"
  pid=$value
  if [ -f "$service/alive" ]; then
    if count_down "$service/alive"; then pid=4712; else rm "$service/alive"; fi
  fi
  number "$service/exit"
  ended='(never exited)'
  [ -n "$value" ] && [ -z "$pid" ] && ended=$value
  [ "$ended" = 78 ] && ended='78: EX_CONFIG'
  signal= path= job_state=
  [ -f "$service/signal" ] && number "$service/signal" && signal=$value
  [ -f "$service/plist" ] && number "$service/plist" && path=$value
  [ -f "$service/job-state" ] && number "$service/job-state" && job_state=$value
  printf '%s/%s/%s = {\n\tactive count = 1\n\tpath = %s\n\ttype = LaunchAgent\n' "$domain" "$uid" "$label" "$path"
  if [ -n "$pid" ]; then printf '\tstate = running\n\truns = 1\n\tpid = %s\n' "$pid"; else printf '\tstate = not running\n'; fi
  # What stands deeper is about something else.
  printf '\targuments = {\n\t\t/bin/sh\n\t\tpid = 7\n\t}\n\texit timeout = 5\n'
  if [ -n "$signal" ] && [ -z "$pid" ]; then printf '\tlast terminating signal = %s\n' "$signal"; else printf '\tlast exit code = %s\n' "$ended"; fi
  [ -f "$service/pended" ] && printf '\truns = 0\n\tpended nondemand spawn = speculative\n'
  [ -n "$job_state" ] && printf '\tjob state = %s\n' "$job_state"
  printf '}\n'
  ;;
bootout)
  [ -d "$service" ] || say 3 'Boot-out failed: 3: No such process'
  [ -f "$service/going" ] && say 36 'Boot-out failed: 36: Operation now in progress'
  read -r calls _ <"$state/lag"
  if [ "$calls" -eq 0 ]; then
    gone
  else
    printf '%s\n' "$calls" >"$service/going"
    say 36 'Boot-out failed: 36: Operation now in progress'
  fi
  ;;
bootstrap)
  path=$3
  [ -f "$path" ] || say 5 'Bootstrap failed: 5: Input/output error'
  case $(ls -ldL "$path") in ?????w* | ????????w*) say 122 'Bootstrap failed: 122: Path had bad ownership/permissions' ;; esac
  [ -O "$path" ] || say 122 'Bootstrap failed: 122: Path had bad ownership/permissions'
  read_plist "$path"
  text_of Label
  label=$found
  case $plist in *'</plist>'*) ;; *) label= ;; esac
  # A binary plist is taken at its name: reading it is more than this program is for.
  if [ "$(head -c 6 "$path")" = bplist ]; then label=${path##*/} && label=${label%.plist}; fi
  [ -n "$label" ] || say 109 'Bootstrap failed: 109: Invalid property list'
  service=$state/services/$domain/$label
  settling=$state/settling.$label
  [ -f "$service/going" ] && { count_down "$service/going" || gone; say 5 'Bootstrap failed: 5: Input/output error'; }
  if [ -f "$settling" ]; then
    count_down "$settling" && say 5 'Bootstrap failed: 5: Input/output error'
    rm "$settling"
  fi
  number "$state/disabled/$label"
  [ "$value" = disabled ] && say 119 'Bootstrap failed: 119: Service is disabled'
  if [ -f "$state/refusals/$label" ]; then
    read -r code words <"$state/refusals/$label"
    say "$code" "Bootstrap failed: $code: $words"
  fi
  [ -d "$service" ] && say 37 'Bootstrap failed: 37: Operation already in progress'
  mkdir -p "$service"
  printf '%s\n' "$path" >"$service/plist"
  after_key RunAtLoad
  value=${found#*<}
  [ "${value%%>*}" = true/ ] && start
  ;;
kickstart)
  [ -d "$service" ] || say 113 "Could not find service \"$label\" in domain for user $domain: $uid"
  number "$service/plist"
  read_plist "$value"
  if [ -f "$state/fates/$label" ]; then start; else run_job; fi
  ;;
kill)
  label=${3##*/} domain=${3%%/*}
  service=$state/services/$domain/$label
  [ -d "$service" ] || say 113 "Could not find service \"$label\" in domain for user $domain: $uid"
  rm -f "$service/pid"
  printf 'Killed: 9\n' >"$service/signal"
  ;;
*) say 64 "Unrecognized subcommand: $verb" ;;
esac
exit 0
