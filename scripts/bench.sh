#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the benchmark programs of a build folder, one after the other.
set -euo pipefail
for program in "$1"/bench_*; do
  if [ -x "$program" ]; then "$program" --benchmark_counters_tabular=true; fi
done
