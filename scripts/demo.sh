#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `make run`: two trained networks, quantized by Systole, on a generated 16x16 array, compared with ONNX
# Runtime where it is installed; then the pruned LeNet as a program on the generated data cache, with and
# without the null cache; then area and delay of the array with and without ST-OS. Exit status 1 when one byte or cycle differs.
set -euo pipefail
cd "$(dirname "$0")/.."
systole=build/systole
array=(--rows 16 --cols 16 --dataflow os+stos)

# demo NAME TITLE MODEL INPUT SAMPLES: labels.npy and calibration.npy stand beside the samples.
demo() {
  local name=$1 title=$2 model=$3 input=$4=$5 labels=${5%/*}/labels.npy out=out/$1 compare=()
  local calibration=$4=${5%/*}/calibration.npy
  echo
  echo "== $title"
  mkdir -p "$out"
  "$systole" quantize "$model" --calibrate "$calibration" -o "$out/$name.int8.onnx"
  if [ -d models/node_modules/onnxruntime-node ]; then
    rm -rf "$out/onnxruntime"
    node models/ort_run.mjs "$out/$name.int8.onnx" --input "$input" -o "$out/onnxruntime"
    compare=(--compare "$out/onnxruntime")
  else
    echo "demo: onnxruntime-node is not installed: no comparison with ONNX Runtime"
  fi
  "$systole" run "$out/$name.int8.onnx" --input "$input" --labels "$labels" \
    "${array[@]}" "${compare[@]}" --json "$out/$name.json"
}

demo lenet5 "LeNet-5, trained on MNIST digits" models/lenet/lenet5.onnx \
  input models/lenet/digits.npy

classifier=models/direction/classifier.onnx
if [ -f "$classifier" ]; then
  demo direction "MobileNetV3 text-direction classifier" "$classifier" \
    x models/direction/samples.npy
else
  echo
  echo "demo: the text-direction classifier was not fetched (npm): only LeNet-5 ran"
fi

echo
echo "== SparseCache: the pruned LeNet-5 on a data cache, with and without the null cache"
"$systole" study sparsecache --networks lenet --rtl --json out/sparsecache.json

echo
echo "== What ST-OS costs: the core with it over the core without, mapped to gates"
"$systole" study overhead --sizes 8,16 --no-power --json out/overhead.json
