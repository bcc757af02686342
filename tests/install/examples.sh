#!/bin/sh
# examples.sh: runs one of the C examples and checks what it answers.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
examples=$BUILD/examples
tab=$(printf '\t')

# rows FILE PATTERN: how many lines match.
rows() { grep -c "$2" "$1" || true; }

# verify_ok STORED ATTEMPTS: all attempts match. Returns false otherwise.
verify_ok() { ! "$examples/verify" "$1" <"$2" | grep -v "${tab}ok\$"; }

check_hash() {
  printf 'ada\tU*U\nlong\t%080d\nbob\tU*U\n' 0 >"$work/passwords"
  expect "hashes with a fixed setting" "$("$examples/hash" "$known_setting" <"$work/passwords")" "ada$tab$known_hash
long${tab}password_too_long
bob$tab$known_hash"

  # More lines than one batch takes, each with a salt of its own.
  i=0
  while [ "$i" -lt 600 ]; do
    i=$((i + 1))
    printf 'user%d\tpassword %d\n' "$i" "$i"
  done >"$work/passwords"
  "$examples/hash" 4 <"$work/passwords" >"$work/stored"
  expect "number of hashes of cost 4" "$(rows "$work/stored" "^user[0-9]*$tab\\\$2b\\\$04\\\$.\{53\}\$")" 600
  expect "different salts" "$(cut -f2 "$work/stored" | cut -c8-29 | sort -u | wc -l)" 600
  head -n 500 "$work/passwords" >"$work/attempts"
  verify_ok "$work/stored" "$work/attempts" || fail "a hash does not verify"

  ! printf 'no tab here\n' | "$examples/hash" 4 2>"$work/errors" || fail "a line without a tab was taken"
  ! grep 'no tab here' "$work/errors" || fail "the message shows the line, which may hold a password"
  ! "$examples/hash" 3 </dev/null 2>"$work/errors" || fail "cost 3 was taken"
}

check_verify() {
  printf 'ada\t%s\nbob\t%s\n' "$known_hash" "$known_hash" >"$work/stored"
  printf 'ada\tU*U\nbob\tU*V\neve\tU*U\n' >"$work/attempts"
  expect "match, mismatch, unknown user" "$("$examples/verify" "$work/stored" <"$work/attempts")" "ada${tab}ok
bob${tab}mismatch
eve${tab}mismatch"
  expect "an upgrade to what it has already" "$("$examples/verify" "$work/stored" 5 <"$work/attempts" | head -n 1)" "ada${tab}ok"

  "$examples/verify" "$work/stored" 6 <"$work/attempts" >"$work/answers"
  expect "answers beside upgrades" "$(cut -f1,2 "$work/answers")" "ada${tab}ok
bob${tab}mismatch
eve${tab}mismatch"
  expect "number of upgrades" "$(cut -f3 "$work/answers" | grep -c .)" 1
  # shellcheck disable=SC2016 # a hash's dollars
  expect "the upgrade's cost" "$(sed -n 1p "$work/answers" | cut -f3 | cut -c1-7)" '$2b$06$'
  sed -n 1p "$work/answers" | cut -f1,3 >"$work/upgraded"
  printf 'ada\tU*U\n' >"$work/attempts"
  verify_ok "$work/upgraded" "$work/attempts" || fail "the new hash does not verify"
  printf 'ada\tU*V\n' >"$work/attempts"
  ! verify_ok "$work/upgraded" "$work/attempts" >"$work/log" || fail "the new hash verifies a wrong password"

  printf 'ada\tno hash\n' >"$work/stored"
  expect "a stored hash that is none" "$("$examples/verify" "$work/stored" <"$work/attempts")" "ada${tab}invalid_hash"
}

# Every job of $work/jobs has a whole hash that verifies, or says that it was cancelled. Sets finished and cancelled.
check_jobs() {
  cancelled=$(rows "$work/jobs" "^[0-9]*${tab}cancelled\$")
  grep "${tab}\\\$" "$work/jobs" >"$work/stored" || true
  finished=$(rows "$work/stored" "^[0-9]*$tab\\\$2b\\\$$1\\\$.\{53\}\$")
  expect "finished and cancelled jobs" "$((finished + cancelled))" "$(wc -l <"$work/jobs")"
  sed "s/\\([0-9]*\\)$tab.*/\\1${tab}password-\\1/" "$work/stored" >"$work/attempts"
  verify_ok "$work/stored" "$work/attempts" || fail "a finished job's hash does not verify"
  grep -q "^finished $finished, not finished $cancelled, " "$work/report" || fail "report: $(cat "$work/report")"
}

check_progress_cancel() {
  "$examples/progress_cancel" 40 4 >"$work/jobs" 2>"$work/report"
  check_jobs 04
  expect "finished jobs of a batch left alone" "$finished" 40
  grep -q '#\{40\}\] 40/40$' "$work/report" || fail "the bar did not run full: $(cat "$work/report")"
  grep -q '^engine [a-z0-9_]*, threads [1-9][0-9]*, groups [1-9]' "$work/report" || fail "report: $(cat "$work/report")"

  # By the callback's answer. The batch would take seconds; 16 jobs are a fraction of one.
  "$examples/progress_cancel" 400 9 16 >"$work/jobs" 2>"$work/report"
  check_jobs 09
  [ "$finished" -ge 16 ] || fail "cancelled after 16 jobs, and $finished finished"
  [ "$cancelled" -gt 0 ] || fail "no job was cancelled"

  # By Ctrl-C, as soon as a first job is done, in a batch of minutes. The last run's report must not be taken for this one's.
  : >"$work/report"
  "$examples/progress_cancel" 2000 12 >"$work/jobs" 2>"$work/report" &
  pid=$!
  tries=0
  until tr '\r' '\n' <"$work/report" | grep -q ' [1-9][0-9]*/2000$'; do
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "no progress in a minute"
    sleep 0.1
  done
  kill -INT "$pid"
  wait "$pid" || fail "progress_cancel ended with $? after SIGINT"
  check_jobs 12
  if [ "$finished" -eq 0 ] || [ "$cancelled" -eq 0 ]; then fail "SIGINT: $finished finished, $cancelled cancelled"; fi
}

"check_$1"
