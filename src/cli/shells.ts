// The completion scripts. Each asks `rollback __complete -- WORDS…` for lines of value and description; where none come, the shell
// completes file names.

/** The word with which a completion script calls us. */
export const COMPLETE = "__complete";

/** For bash 3.2, which macOS has, and later. A colon and an equals sign are to be parts of a word (`latest:manual`, `--only=plist`). */
const bash = (program: string): string => `# bash completion for rollback
COMP_WORDBREAKS=\${COMP_WORDBREAKS//[:=]/}
_rollback() {
  local line tab=$'\\t'
  COMPREPLY=()
  while IFS= read -r line; do
    COMPREPLY+=("$line")
  done < <(${program} ${COMPLETE} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  # Descriptions are for looking at a list, never for the command line.
  if [ "\${#COMPREPLY[@]}" -eq 1 ] || [ "\${COMP_TYPE:-}" != 63 ] && [ "\${COMP_TYPE:-}" != 33 ]; then
    COMPREPLY=("\${COMPREPLY[@]%%$tab*}")
  else
    COMPREPLY=("\${COMPREPLY[@]/$tab/  # }")
  fi
}
complete -o default -F _rollback rollback
`;

const zsh = (program: string): string => `#compdef rollback
_rollback() {
  local -a values shown
  local line
  while IFS= read -r line; do
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  -- }")
  done < <(${program} ${COMPLETE} -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)
  if (( $#values )); then
    compadd -l -d shown -a values
  else
    _files
  fi
}
if [ "$funcstack[1]" = _rollback ]; then
  _rollback "$@"
else
  compdef _rollback rollback
fi
`;

const fish = (program: string): string => `# fish completion for rollback
function __rollback_complete
    set -l words (commandline -opc)
    set -l reply (${program} ${COMPLETE} -- $words[2..] (commandline -ct) 2>/dev/null)
    if set -q reply[1]
        printf '%s\\n' $reply
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c rollback -f -a '(__rollback_complete)'
`;

/** The script of each shell, for the program at this path (a word of that shell). */
export const SHELLS = { zsh, bash, fish };
export type Shell = keyof typeof SHELLS;
