#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Regenerates rtl/ref; $1 is the program. The list of designs is that of the test which compares
# them, so the test writes them.
set -euo pipefail
for tests in test_systolic test_nullcache; do
  SYSTOLE_UPDATE_GOLDEN=1 "$(dirname "$1")/$tests" --gtest_filter='Reference*.*' --gtest_brief=1
done
git -C "$(dirname "$0")/.." --no-pager diff --stat -- rtl/ref
