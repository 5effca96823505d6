# SPDX-License-Identifier: Apache-2.0
# Completion of tollgate and tollgated for bash. It asks the programs for their help, so it knows what they know; console commands
# are asked of the running daemon.

# Options of the help on standard input, a line each: the name, and the word for its value if it takes one.
_tollgate_options() {
  sed -nE 's/^ +(--[a-z0-9-]+)( (\[?[A-Z][^ ]*))?( .*)?$/\1 \3/p'
}

# _tollgate_words PROGRAM [SUB-COMMAND]: words that may follow, as the usage lines say.
_tollgate_words() {
  if [ $# = 1 ]; then
    "$1" help 2>/dev/null | sed -nE 's/^ +tollgate ([a-z][a-z-]*).*/\1/p'
  else
    "$1" "$2" --help </dev/null 2>/dev/null | sed -nE "s/^(usage:)? +tollgate $2 ([a-z][a-z-]*)( .*)?\$/\2/p"
  fi
}

# _tollgate_paths WORD CURRENT: files or folders, if the word for a value means that.
_tollgate_paths() {
  local kind
  case $1 in
    *FILE*) kind=-f ;;
    *DIR* | OLD | NEW) kind=-d ;;
    *) return 1 ;;
  esac
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen $kind -- "$2")
}

# _tollgate_console PROGRAM STATE-OPTION LINE: console commands; what was typed so far is a part of each.
_tollgate_console() {
  local line=${3#[\"\']} typed
  typed=${line% *}
  [ "$typed" = "$line" ] && typed= || typed+=' '
  mapfile -t COMPREPLY < <("$1" ${2:+"--state=$2"} -x "core complete $line" 2>/dev/null | sed "s|^|$typed|")
}

_tollgate() {
  local program=$1 current=$2 previous=$3 help value i sub='' state='' usage
  COMPREPLY=()
  case ${program##*/} in
    tollgated) help=$("$program" --help 2>/dev/null) ;;
    *)
      for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
          --state) state=${COMP_WORDS[++i]} ;;
          -x | -rx) [ $((i + 1)) -lt "$COMP_CWORD" ] || _tollgate_console "$program" "$state" "$current"; return ;;
          -*) ;;
          *) sub=${COMP_WORDS[i]}; break ;;
        esac
      done
      if [ -z "$sub" ]; then
        [ "$previous" = --state ] && { _tollgate_paths DIR "$current"; return; }
        mapfile -t COMPREPLY < <(compgen -W "--state -x $(_tollgate_words "$program")" -- "$current")
        return
      fi
      help=$("$program" "$sub" --help </dev/null 2>/dev/null) ;;
  esac
  value=$(_tollgate_options <<<"$help" | while read -r i state; do [ "$i" != "$previous" ] || echo "$state"; done)
  if [ -n "$value" ] && [ "${value#[}" = "$value" ]; then
    _tollgate_paths "$value" "$current"
  elif [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$(_tollgate_options <<<"$help" | cut -d' ' -f1)" -- "$current")
  else
    usage=$(grep -oE '\b(DIR|OLD|FILE)\b' <<<"$(sed -n '/^[Uu]sage/,/^$/p' <<<"$help")" | head -n 1)
    [ -n "$sub" ] && [ "$previous" = "$sub" ] &&
      mapfile -t COMPREPLY < <(compgen -W "$(_tollgate_words "$program" "$sub")" -- "$current")
    [ ${#COMPREPLY[@]} -gt 0 ] || _tollgate_paths "$usage" "$current"
  fi
  return 0
}

complete -F _tollgate tollgate tollgated
