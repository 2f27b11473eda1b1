#!/bin/sh
# judge.sh - the judge of a homework: what a student wrote is compiled, checked, stressed and timed.
#
# Usage: judge.sh DIR [JSON]
# Called by `contend lab judge`, which says in CONTEND where the tool is.  Needs a C compiler, no network,
# and writes nothing but a temporary folder and JSON.  Exit status: 0 passed, 1 failed, 2 wrong usage.
set -u

here=$(cd "$(dirname "$0")" && pwd)
dir=$1
json=${2:-}
kind=$(sed -n 's/^KIND *= *//p' "$dir/Makefile" 2>/dev/null)
if [ -z "$kind" ] || [ ! -f "$here/$kind/kind.h" ]; then
  echo "contend lab judge: $dir/Makefile names no KIND that is judged here" >&2
  exit 2
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/contend-judge-XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
failed=no

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

# compile NAME FLAGS LIBRARIES: docs/course/homework/NAME.c with the student's header; unquoted on purpose.
compile() {
  ${CC:-cc} -std=c11 -D_GNU_SOURCE -g -Wall -Wextra $2 -I"$dir" -I"$here/$kind" -I"$here" \
    -c "$here/$1.c" -o "$work/$1.o" > "$work/$1.log" 2>&1 &&
    ${CC:-cc} "$work/$1.o" -o "$work/$1" $3 -pthread >> "$work/$1.log" 2>&1
}

echo "$dir/$kind.h, judged as a $kind:"
echo

if compile stress -O2 ''; then
  if [ -s "$work/stress.log" ]; then
    say compiles 'yes, with warnings:'
    show "$work/stress.log"
  else
    say compiles yes
  fi
else
  say compiles 'FAILED:'
  show "$work/stress.log"
  failed=yes
fi

if [ $failed = yes ]; then
  :
elif [ -z "$flags" ]; then
  say checker 'not judged: the checker is not installed (libcontend_check)'
elif ! compile check "-O1 $flags" "$libraries"; then
  lacks=$(sed -n 's/.*undefined reference to .\([A-Za-z_0-9]*\).*/\1/p' "$work/check.log" | sort -u | tr '\n' ' ')
  say checker "not judged: it has no model of ${lacks:-this code}"
else
  timeout 120 "$work/check" > "$work/check.out" 2>&1
  status=$?
  verdict=$(sed -n 's/^verdict: //p' "$work/check.out")
  if [ $status = 0 ]; then
    say checker "$verdict"
    timeout 60 "$work/check" progress > "$work/progress.out" 2>&1
    progress=$(sed -n 's/^progress: //p' "$work/progress.out")
    say progress "${progress:-not judged: it took too long}"
  elif [ $status = 124 ]; then
    say checker 'not judged: it took too long'
  else
    say checker "${verdict:-FAILED: exit status $status}"
    show "$work/check.out"
    failed=yes
  fi
fi

if [ $failed = no ]; then
  timeout 60 "$work/stress" 1 > "$work/stress.out" 2>&1
  status=$?
  if [ $status = 0 ]; then
    say stress "nothing found in $(sed -n 's/ rounds$//p' "$work/stress.out") rounds on real threads"
  elif [ $status = 124 ]; then
    say stress 'FAILED: it did not end within a minute'
    failed=yes
  else
    say stress "$(sed -n 's/^verdict: //p' "$work/stress.out")"
    show "$work/stress.out"
    failed=yes
  fi
fi

if [ $failed = no ] && compile speed -O2 '' && timeout 60 "$work/speed" > "$work/speed.out" 2>&1; then
  sed -n 's/^speed: //p' "$work/speed.out" > "$work/speeds"
  while read -r line; do say speed "$line"; done < "$work/speeds"
elif [ $failed = no ]; then
  say speed 'not judged: it took too long'
fi

echo
if [ $failed = yes ]; then
  echo 'FAILED.  The first thing that failed is above; mend it and judge again.'
else
  echo 'PASSED.  Nothing found is not a proof: the scenarios are short.'
fi
if [ -n "$json" ]; then
  {
    printf '{"schema": "contend.homework", "version": 1, "kind": "%s", "passed": %s, "parts": [' "$kind" \
      "$([ $failed = no ] && echo true || echo false)"
    awk -F '\t' '{ gsub(/[\\"]/, "\\\\&"); printf "%s{\"part\": \"%s\", \"verdict\": \"%s\"}", (NR > 1 ? ", " : ""), $1, $2 }' \
      "$work/said"
    printf ']}\n'
  } > "$json" || failed=yes
fi
[ $failed = no ]
