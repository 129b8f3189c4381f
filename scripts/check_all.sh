#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything: lint, the tests with deep random runs and mutants, the FuSeConv study on the RTL at a small
# size, its networks against ONNX Runtime, 2 M accesses of every layer of the SparseCache study on the
# RTL of the cache, and the tests under the sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1
scripts/lint.sh
SYSTOLE_DEEP=1 scripts/test.sh "$build"
"$build/systole" study fuseconv --rtl --rows 16 --cols 16 --size 96 --store "$build/study"
"$build/systole" study sparsecache --networks lenet,alexnet,vgg-16,squeezenet --accesses 2000000 \
  --rtl --window 2000000 --store "$build/sparsecache"
if [ -d models/node_modules/onnxruntime-node ]; then
  scripts/variants.sh "$build/systole" "$build/variants"
else
  echo "check-all: onnxruntime-node is not installed: the 25 variants are not compared with ONNX Runtime"
fi
cmake --preset asan >/dev/null
cmake --build --preset asan
scripts/test.sh build-asan
