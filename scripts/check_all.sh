#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything: lint, the tests with deep random runs and mutants, and the tests under the sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
scripts/lint.sh "$build" deep
SYSTOLE_DEEP=1 scripts/test.sh "$build"
"$build/systole" study fuseconv --rtl --rows 16 --cols 16 --size 96 --store "$build/study"
cmake --preset asan >/dev/null
cmake --build --preset asan
scripts/test.sh build-asan
