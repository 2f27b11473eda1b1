# contend.bash - completion of `contend` for bash.  What there is to complete is
# asked of the tool, so that nothing here has to be kept in step with it.

# The lines of the help that begin with a command.
_contend_commands() {
  "$1" --help | awk '/^  [a-z-]+ / && $1 != "contend" { print $1 }'
}

# The options that the help of a command names; those that take a value end in "=".
_contend_options() {
  "$1" "$2" --help | grep -oE -- '--[a-z][a-z_-]*=?' | sort -u
}

# Strategies with their folders, and alone where only one folder has that name.
_contend_entries() {
  "$1" list --names
  "$1" list --names | sed 's,.*/,,' | sort | uniq -u
}

# What `run`, `check`, `costs` and `list` take: strategies with their folders, and alone.
_contend_names() {
  "$1" list --names | sed 'p;s,.*/,,' | sort -u
}

# The textbook programs; with a word, their mutants.
_contend_textbook() {
  if [[ $2 ]]; then
    "$1" check --textbook | sed -n 's/^  --mutant=\([a-z_]*\) .*/\1/p' | sort -u
  else
    "$1" check --textbook | grep '^textbook/'
  fi
}

# _contend_offer WORDS WORD: those that begin with WORD; no blank follows an unfinished option.
_contend_offer() {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
  [[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != --*[=_] ]] || compopt -o nospace 2> /dev/null
}

_contend_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

# _contend_means TOOL OPTION: what `contend serve` names where an option has no name that it knows.
_contend_means() {
  "$1" serve "$2=" 2>&1 | tr -s '\n ' ' ' | sed -n 's/.*: there are //; s/,//gp'
}

# _contend_value TOOL OPTION WORD: what may follow "--option=".
_contend_value() {
  case $2 in
    --reference) _contend_offer "$(_contend_names "$1" | grep -v /)" "$3" ;;
    --strategy) _contend_offer "$(_contend_names "$1")" "$3" ;;
    --object)
      if [[ ${COMP_WORDS[1]} == iterations ]]; then
        _contend_offer "lock counter" "$3"
      else
        _contend_offer "$("$1" list --objects)" "$3"
      fi ;;
    --workload) _contend_offer "$("$1" list --workloads)" "$3" ;;
    --set) _contend_offer "$(_contend_names "$1")" "$3" && compopt -o nospace 2> /dev/null ;;
    --skew) _contend_offer "uniform zipf hot" "$3" ;;
    --arrivals) _contend_offer "exponential uniform bursts" "$3" ;;
    --ids)
      if [[ ${COMP_WORDS[1]} == pick ]]; then
        _contend_offer "dense sparse64" "$3"
      else
        _contend_offer "dense sparse32 sparse64" "$3"
      fi ;;
    --broken) _contend_offer "unpadded disjoint generator no-barrier best-of closed-loop equal-iterations reclamation" "$3" ;;
    --part) _contend_offer "growth backlog expiry crowd scan bytes" "$3" ;;
    --presence) _contend_offer "$("$1" list --names | sed -n 's,^presence_map/,,p')" "$3" ;;
    --claps) _contend_offer "$("$1" list --names | sed -n 's,^counters/claps/,,p')" "$3" ;;
    --counter) _contend_offer "$("$1" list --names | sed -n 's,^counters/\([^/]*\)$,\1,p')" "$3" ;;
    --posts | --cache) [[ ${COMP_WORDS[1]} != serve ]] || _contend_offer "$(_contend_means "$1" "$2")" "$3" ;;
    --by) _contend_offer "ratio rate" "$3" ;;
    --mode) _contend_offer "sc weak" "$3" ;;
    --level) _contend_offer "o2 o0" "$3" ;;
    --mutant) _contend_offer "all $(_contend_textbook "$1" mutants)" "$3" ;;
    --predict) _contend_offer "a b c d" "$3" ;;
    --color) _contend_offer "auto always never" "$3" ;;
    --format) _contend_offer "auto log csv json w3c rules squid alb elb s3 envoy" "$3" ;;
    --time-unit) _contend_offer "auto s ms us ns" "$3" ;;
    --from | --rules | --json | --csv | --windows | --curve | --page | --out | --state | --benchmark_out) _contend_files -f "$3" ;;
    *) COMPREPLY=() ;; # a number, or a text of the user's own
  esac
}

# How many words before the current one are arguments of the command, not options.
_contend_arguments() {
  local i count=0
  for ((i = 2; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      =) ((i++)) ;;
      -*) ;;
      *) ((count++)) ;;
    esac
  done
  echo "$count"
}

_contend() {
  local tool=${1/#\~/$HOME} word=$2 command=${COMP_WORDS[1]}
  COMPREPLY=()
  # Bash takes "--json=a" for three words.
  if [[ $word == = || ${COMP_WORDS[COMP_CWORD]} == = ]]; then
    _contend_value "$tool" "${COMP_WORDS[COMP_CWORD - 1]}" ''
  elif [[ ${COMP_WORDS[COMP_CWORD - 1]} == = ]]; then
    _contend_value "$tool" "${COMP_WORDS[COMP_CWORD - 2]}" "$word"
  elif ((COMP_CWORD == 1)); then
    _contend_offer "$(_contend_commands "$tool") help --help --version" "$word"
  elif [[ $command == help ]]; then
    _contend_offer "$(_contend_commands "$tool")" "$word"
  elif [[ $word == -* ]]; then
    _contend_offer "$(_contend_options "$tool" "$command")" "$word"
  elif [[ $command == check && $word == textbook* ]]; then
    _contend_offer "$(_contend_textbook "$tool")" "$word"
  elif [[ " run check costs list latency pick stall memory oversubscribe fairness scale gallery " == *" $command "* ]]; then
    _contend_offer "$(_contend_names "$tool")" "$word"
  elif [[ $command == lab && ${COMP_WORDS[2]} == new && $(_contend_arguments) == 1 ]]; then
    _contend_offer "lock counter stack queue seqlock map" "$word"
  elif [[ $command == lab && (${COMP_WORDS[2]} == new || ${COMP_WORDS[2]} == judge) && COMP_CWORD -gt 2 ]]; then
    _contend_files -d "$word"
  elif [[ $command == lab ]]; then
    _contend_offer "$("$tool" lab --names) new judge" "$word"
  elif [[ $command == lift && $(_contend_arguments) == 0 ]]; then
    _contend_offer "$(_contend_entries "$tool")" "$word"
  elif [[ $command == lift ]]; then
    _contend_files -d "$word"
  else
    _contend_files -f "$word"
  fi
}

complete -F _contend contend
