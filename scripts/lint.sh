#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formatting, static analysis, and the emitted Verilog of the reference designs through two tools.
# Analysis is a build of its own, by clang, file by file and without precompiled headers: only what has
# changed is analysed again, and no file relies on what is precompiled or compiled beside it.
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in clang-format clang-tidy; do
  if ! command -v "$tool" >/dev/null; then
    echo "lint: error: $tool is missing" >&2
    echo "  fix: apt-get install $tool" >&2
    exit 1
  fi
done
git ls-files '*.cc' '*.h' | xargs clang-format --dry-run --Werror
cmake --preset lint >/dev/null
cmake --build --preset lint -- -k 0
for files in rtl/ref/*/filelist.f; do
  (cd "$(dirname "$files")" && verilator --lint-only -Wall --top-module "$(basename *.core .core)" \
    ../../lint.vlt -f filelist.f && iverilog -g2005 -t null -f filelist.f)
done
echo "lint: clean"
