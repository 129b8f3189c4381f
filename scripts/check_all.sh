#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that is too slow for `make test`, in parts:
#
#   check_all.sh BUILD_FOLDER [PART...]
#
#   lint         format, static analysis, emitted Verilog
#   tests        the tests with deep random runs and mutants
#   fuseconv     the FuSeConv study on the RTL, at a small size
#   sparsecache  2 M accesses of every layer of the SparseCache study on the RTL of the cache
#   variants     the study's 25 networks against ONNX Runtime
#   sanitizers   the tests under the address and undefined-behaviour sanitizers
#
# A part that fails does not stop the others; the last line names it.
set -uo pipefail
cd "$(dirname "$0")/.."
build=$1
shift

lint() { scripts/lint.sh; }
tests() { SYSTOLE_DEEP=1 scripts/test.sh "$build"; }
fuseconv() {
  "$build/systole" study fuseconv --rtl --rows 16 --cols 16 --size 96 --store "$build/study"
}
sparsecache() {
  "$build/systole" study sparsecache --networks lenet,alexnet,vgg-16,squeezenet \
    --accesses 2000000 --rtl --window 2000000 --store "$build/sparsecache"
}
variants() {
  if [ -d models/node_modules/onnxruntime-node ]; then
    scripts/variants.sh "$build/systole" "$build/variants"
  else
    echo "check-all: onnxruntime-node is not installed: the networks are not compared"
  fi
}
sanitizers() {
  cmake --preset asan >/dev/null && cmake --build --preset asan && scripts/test.sh build-asan
}

all=(lint tests fuseconv sparsecache variants sanitizers)
[ $# -gt 0 ] || set -- "${all[@]}"
for part in "$@"; do
  if [[ " ${all[*]} " != *" $part "* ]]; then
    echo "check-all: error: there is no part $part" >&2
    echo "  fix: make check-all PARTS=\"${all[*]}\", or some of them" >&2
    exit 2
  fi
done

failed=()
for part in "$@"; do
  echo "check-all: $part"
  SECONDS=0
  "$part" || failed+=("$part")
  echo "check-all: $part took $((SECONDS / 60)) min $((SECONDS % 60)) s"
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "check-all: failed: ${failed[*]}"
  exit 1
fi
echo "check-all: passed: $*"
