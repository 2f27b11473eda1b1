#!/bin/sh
# record.sh - records a run of labs, for the pages: docs/course/recorded/NN-name.txt.
#
# Usage: docs/course/record.sh CONTEND [LAB]...   all labs if none is named; on a machine that is idle.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
contend=$1
shift
mkdir -p "$here/recorded"
for lab in ${*:-$("$contend" lab --names)}; do
  page=$(ls "$here" | grep -E "^[0-9][0-9]-$lab\.md$")
  "$contend" lab --quiet "$lab" > "$here/recorded/${page%.md}.new" || true
  if grep -q 'not shown here, 0 failed' "$here/recorded/${page%.md}.new" &&
    grep -q ' 0 not shown here' "$here/recorded/${page%.md}.new"; then
    mv "$here/recorded/${page%.md}.new" "$here/recorded/${page%.md}.txt"
  else
    tail -n 1 "$here/recorded/${page%.md}.new" | sed "s/^/$lab: not recorded: /"
    rm "$here/recorded/${page%.md}.new"
  fi
done
