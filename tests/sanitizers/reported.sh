#!/bin/sh
# Runs a program with a planted bug and demands the sanitizer's report of just that bug, and that the program failed.
#
#   reported.sh REPORT FRAME COMMAND...     FRAME: what must stand in the report beside its name; '' for nothing
set -eu
report=$1
frame=$2
shift 2
output=$(mktemp)
trap 'rm -f "$output"' EXIT
status=0
"$@" >"$output" 2>&1 || status=$?
cat "$output"
if [ "$status" -eq 0 ]; then
  echo "reported.sh: the program ended well: nothing was reported" >&2
  exit 1
fi
for wanted in "$report" "$frame"; do
  grep -qF -e "$wanted" "$output" || { echo "reported.sh: no '$wanted' in what was reported" >&2; exit 1; }
done
