#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Formatting, static analysis, and the emitted Verilog of the reference designs through two tools.
# lint.sh BUILD [deep]: the path-sensitive analyzer takes most of half an hour and runs with `deep` only
# (make check-all).
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
checks=()
[ "${2:-}" = deep ] || checks=('--checks=-clang-analyzer-*')
for tool in clang-format clang-tidy; do
  if ! command -v "$tool" >/dev/null; then
    echo "lint: error: $tool is missing" >&2
    echo "  fix: apt-get install $tool" >&2
    exit 1
  fi
done
git ls-files '*.cc' '*.h' | xargs clang-format --dry-run --Werror
# The harness is compiled with a Verilated model: it has no entry in the compile database.
git ls-files 'base/*.cc' 'gen/*.cc' 'models/*.cc' 'sw/*.cc' 'synth/*.cc' 'tb/*.cc' | grep -v '^tb/.*harness/' |
  xargs -P "$(nproc)" -n 4 clang-tidy -p "$build" --quiet "${checks[@]}"
for files in rtl/ref/*/filelist.f; do
  (cd "$(dirname "$files")" && verilator --lint-only -Wall --top-module "$(basename *.core .core)" \
    ../../lint.vlt -f filelist.f && iverilog -g2005 -t null -f filelist.f)
done
echo "lint: clean"
