#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs every test program of a build folder and ends with `N passed, M failed, K skipped`, counted test
# by test; skipped ones are named. A program that dies before it reports counts as one failure.
set -uo pipefail
build=$(cd "$1" && pwd)
results="$build/test-results"
rm -rf "$results"
mkdir -p "$results/tmp"
export TEST_TMPDIR="$results/tmp/"  # of this build alone: two test runs may go on at a time

cd "$build" || exit 1
limit=3000  # seconds a program, against one that hangs
[ -z "${SYSTOLE_DEEP:-}" ] || limit=14400
GTEST_OUTPUT="xml:$results/" GTEST_BRIEF=1 ctest -j "$(nproc)" --output-on-failure --timeout "$limit"
status=$?

passed=0 failed=0 skipped=0
for xml in "$results"/*.xml; do
  [ -e "$xml" ] || continue
  read -r all bad off < <(sed -nE \
    's/.*<testsuites tests="([0-9]+)" failures="([0-9]+)" disabled="[0-9]+" errors="([0-9]+)".*/\1 \2 \3/p' "$xml")
  left_out=$(grep -c '<testcase .*result="skipped"' "$xml")
  sed -nE 's/.*<testcase name="([^"]*)".*result="skipped".*classname="([^"]*)".*/skipped: \2.\1/p' "$xml"
  bad=$((bad + off))
  failed=$((failed + bad))
  skipped=$((skipped + left_out))
  passed=$((passed + all - bad - left_out))
done
programs=$(ls "$build"/test_* 2>/dev/null | wc -l)
reports=$(ls "$results"/*.xml 2>/dev/null | wc -l)
if [ "$reports" -lt "$programs" ]; then
  echo "$((programs - reports)) test programs ended without a report"
  failed=$((failed + programs - reports))
fi
[ $status -eq 0 ] || [ $failed -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
