#!/bin/sh
# python as far as a venv needs it: its version, its imports, `-m venv`, and `-m pip install`. What goes wrong stands in the file
# `fate` of the folder @STATE@; what it was asked is noted in `calls` there.
printf '%s | %s\n' "$PWD" "$*" >>"@STATE@/calls"
fate=
[ -f "@STATE@/fate" ] && read -r fate <"@STATE@/fate"
case "$*" in
--version) echo "Python @VERSION@" ;;
"-I -c "*)
  echo "Python @VERSION@"
  [ "$fate" = no-ssl ] && { echo "ImportError: no libssl" >&2; exit 1; }
  echo imports
  [ "$fate" = no-pip ] && echo no pip || echo pip
  ;;
"-I -m pip --version") if [ "$fate" = pip-dead ]; then echo "ImportError: no packaging" >&2; exit 1; fi ;;
"-m venv "*)
  for path in "$@"; do :; done
  mkdir -p "$path/bin"
  [ "$fate" = venv-fails ] && { echo "Error: ensurepip is not here" >&2; exit 1; }
  [ "$fate" = killed-in-venv ] && kill -KILL $PPID
  printf 'version = @VERSION@\n' >"$path/pyvenv.cfg"
  cp "$0" "$path/bin/python3"
  cp "$0" "$path/bin/python"
  mkdir -p "$path/lib/python3.12/site-packages/pip-25.0.dist-info"
  ;;
"-I -m pip install "*)
  case $fate in
  pip-fails) echo "ERROR: nothing at https://me:hunter2@index.example/simple" >&2; exit 1 ;;
  pip-fails-once) echo well >"@STATE@/fate"; echo "ERROR: config is broken" >&2; exit 1 ;;
  killed-in-pip) kill -KILL $PPID ;;
  waits)
    touch "@STATE@/waiting"
    while [ -e "@STATE@/waiting" ]; do sleep 0.01; done
    ;;
  told-to-stop) kill -TERM $PPID; exec sleep 1000 ;;
  esac
  while read -r package; do mkdir -p "${0%/bin/*}/lib/python3.12/site-packages/$package.dist-info"; done <requirements.txt
  ;;
*) exit 9 ;;
esac
