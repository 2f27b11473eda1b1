#!/bin/sh
# judge.sh - the judge of a homework: what a student wrote is compiled, checked, stressed and timed.
#
# Usage: judge.sh DIR [JSON]
# Called by `contend lab judge`, which says in CONTEND where the tool is.  Needs a C compiler, no network,
# and writes nothing but a temporary folder and JSON.  Exit status: 0 passed, 1 failed,
# 2 wrong usage, or the judge itself failed.
set -u

here=$(cd "$(dirname "$0")" && pwd)
dir=$1
json=${2:-}
kind=$(sed -n 's/^KIND *= *//p' "$dir/Makefile" 2>/dev/null)
if [ -z "$kind" ] || [ ! -f "$here/$kind/kind.h" ]; then
  echo "contend lab judge: $dir/Makefile names no KIND that is judged here" >&2
  exit 2
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/contend-judge-XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# The checker: of the build that the tool lies in, or installed beside it.
tools=$(dirname "$CONTEND")
if [ -f "$tools/check/libcontend_check.a" ]; then
  flags="-I$(cat "$tools/headers_root")/bench -fsanitize=thread -include machine/redirect.h"
  libraries="$tools/check/libcontend_check.a -ldw"
else
  for folder in "$tools"/../lib/pkgconfig "$tools"/../lib/*/pkgconfig; do
    PKG_CONFIG_PATH="$folder:${PKG_CONFIG_PATH:-}"
  done
  export PKG_CONFIG_PATH
  flags=$(pkg-config --cflags contend_check 2>/dev/null)
  libraries=$(pkg-config --libs --static contend_check 2>/dev/null)
fi

# say PART OUTCOME: a line of the verdict; kept for JSON as well.
say() {
  printf '  %-10s %s\n' "$1" "$2"
  printf '%s\t%s\n' "$1" "$2" >> "$work/said"
}

# show FILE: what a student can learn from, indented.
show() { sed 's/^/      /' "$1"; }

# fails PART WHY [FILE]: of the homework.
fails() {
  say "$1" "FAILED$2"
  [ -z "${3:-}" ] || show "$3"
  outcome=failed
}

# breaks PART WHY FILE: an error of the judge's own, or of what it runs on; it says nothing about the homework.
breaks() {
  say "$1" "ERROR: $2"
  show "$3"
  outcome=error
}

# compile NAME FOLDER FLAGS LIBRARIES: NAME.c with the header in FOLDER; flags are unquoted on purpose.
compile() {
  ${CC:-cc} -std=c11 -D_GNU_SOURCE -g -Wall -Wextra $3 -I"$2" -I"$here/$kind" -I"$here" \
    -c "$here/$1.c" -o "$work/$1.o" > "$work/$1.log" 2>&1 &&
    ${CC:-cc} "$work/$1.o" -o "$work/$1" $4 -pthread >> "$work/$1.log" 2>&1
}

# blameless NAME FLAGS LIBRARIES: whether NAME.c does not compile with the untouched skeleton either, so that
# the homework is not why.  What was said about the homework stays in NAME.log.
blameless() {
  mkdir -p "$work/skeleton" && cp "$here/$kind/skeleton.h" "$work/skeleton/$kind.h"
  cp "$work/$1.log" "$work/$1.homework"
  if compile "$1" "$work/skeleton" "$2" "$3"; then
    mv "$work/$1.homework" "$work/$1.log"
    return 1
  fi
}

judge_compiles() {
  if compile stress "$dir" -O2 ''; then
    if [ -s "$work/stress.log" ]; then
      say compiles 'yes, with warnings:'
      show "$work/stress.log"
    else
      say compiles yes
    fi
  elif blameless stress -O2 ''; then
    breaks compiles 'not even the skeleton compiles here:' "$work/stress.log"
  else
    fails compiles : "$work/stress.log"
  fi
}

# Of those who are stopped the checker's program says what became of the others.
judge_progress() {
  timeout 60 "$work/check" progress > "$work/progress.out" 2>&1
  status=$?
  progress=$(sed -n 's/^progress: //p' "$work/progress.out")
  if [ -n "$progress" ]; then
    say progress "$progress"
  elif [ $status = 124 ]; then
    say progress 'not judged: it took too long'
  else
    breaks progress "the checker ended with status $status and said nothing of progress:" "$work/progress.out"
  fi
}

# What the checker does not know of the homework: a function without a model does not link, a system call
# ends the run.  Whatever else stops the checker is either in the homework, or an error here.
judge_checker() {
  if [ -z "$flags" ]; then
    say checker 'not judged: the checker is not installed (libcontend_check)'
    return
  fi
  if ! compile check "$dir" "-O1 $flags" "$libraries"; then
    lacks=$(sed -n 's/.*undefined reference to .\([A-Za-z_0-9]*\).*/\1/p' "$work/check.log" |
      sed 's/^check_has_no_model_of_//' | sort -u | tr '\n' ' ')
    if blameless check "-O1 $flags" "$libraries"; then
      breaks checker "the judge's check.c does not compile with this checker:" "$work/check.log"
    elif [ -n "$lacks" ]; then
      say checker "not judged: it has no model of $lacks"
    else
      fails checker ': it does not compile with the headers of the checker:' "$work/check.log"
    fi
    return
  fi
  timeout 120 "$work/check" > "$work/check.out" 2>&1
  status=$?
  verdict=$(sed -n 's/^verdict: //p' "$work/check.out")
  lacks=$(sed -n 's/^misuse: .* calls \(.*\) has no model$/\1/p' "$work/check.out" | head -n 1)
  stuck=$(sed -n 's/^homework: //p' "$work/check.out" | head -n 1) # it calls exit(), or hangs without a step
  if [ -n "$lacks" ]; then
    say checker "not judged: it has no model of $lacks"
  elif [ $status = 0 ] && [ -n "$verdict" ]; then
    say checker "$verdict"
    judge_progress
  elif [ $status = 124 ]; then
    say checker 'not judged: it took too long'
  elif [ $status = 1 ] && [ -n "$verdict$stuck" ]; then
    [ -n "$verdict" ] || verdict="FAILED: $stuck"
    fails checker "${verdict#FAILED}" "$work/check.out"
  else
    breaks checker "the checker ended with status $status and no verdict:" "$work/check.out"
  fi
}

# ends PART STATUS FILE: a program on real threads that ended without a verdict of its own.
ends() {
  if [ $2 -gt 128 ]; then
    fails "$1" ": signal $(($2 - 128)) ended it" "$3"
  else
    breaks "$1" "it ended with status $2 and no verdict:" "$3"
  fi
}

judge_stress() {
  timeout 60 "$work/stress" 1 > "$work/stress.out" 2>&1
  status=$?
  rounds=$(sed -n 's/ rounds$//p' "$work/stress.out")
  verdict=$(sed -n 's/^verdict: FAILED//p' "$work/stress.out")
  if [ $status = 0 ] && [ -n "$rounds" ]; then
    say stress "nothing found in $rounds rounds on real threads"
  elif [ $status = 124 ]; then
    fails stress ': it did not end within a minute'
  elif [ $status = 1 ] && [ -n "$verdict" ]; then
    fails stress "$verdict" "$work/stress.out"
  else
    ends stress $status "$work/stress.out"
  fi
}

judge_speed() {
  if ! compile speed "$dir" -O2 ''; then
    breaks speed "the judge's speed.c does not compile:" "$work/speed.log"
    return
  fi
  timeout 60 "$work/speed" > "$work/speed.out" 2>&1
  status=$?
  sed -n 's/^speed: //p' "$work/speed.out" > "$work/speeds"
  if [ $status = 0 ] && [ -s "$work/speeds" ]; then
    while read -r line; do say speed "$line"; done < "$work/speeds"
  elif [ $status = 124 ]; then
    say speed 'not judged: it took too long'
  else
    ends speed $status "$work/speed.out"
  fi
}

echo "$dir/$kind.h, judged as a $kind:"
echo
outcome=passed
for part in compiles checker stress speed; do
  [ $outcome != passed ] || judge_$part
done

echo
case $outcome in
  passed) echo 'PASSED.  Nothing found is not a proof: the scenarios are short.' ;;
  failed) echo 'FAILED.  The first thing that failed is above; mend it and judge again.' ;;
  error) echo 'NO VERDICT.  The judge itself failed, as above; this says nothing about the homework.' ;;
esac
if [ -n "$json" ]; then
  passed=false
  [ $outcome != passed ] || passed=true
  [ $outcome != error ] || passed=null
  {
    printf '{"schema": "contend.homework", "version": 1, "kind": "%s", "passed": %s, "parts": [' "$kind" $passed
    awk -F '\t' '{ gsub(/[\\"]/, "\\\\&"); printf "%s{\"part\": \"%s\", \"verdict\": \"%s\"}", (NR > 1 ? ", " : ""), $1, $2 }' \
      "$work/said"
    printf ']}\n'
  } > "$json" || outcome=error
fi
case $outcome in
  passed) exit 0 ;;
  failed) exit 1 ;;
  error) exit 2 ;;
esac
