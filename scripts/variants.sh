#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Five mobile networks in five variants through the files a user would write: built, rewritten by `systole
# fuse`, quantized, run on the RTL, and compared tensor by tensor with ONNX Runtime.
#
#   scripts/variants.sh build/systole OUT_FOLDER [SIZE]
#
# Exit status 1 when one byte, one cycle or one tensor differs.
set -euo pipefail
systole=$(realpath "$1")
out=$2 size=${3:-64}
cd "$(dirname "$0")/.."
mkdir -p "$out"
networks="mobilenet-v1 mobilenet-v2 mnasnet-b1 mobilenet-v3-small mobilenet-v3-large"

# check NAME MODEL SAMPLES: quantizes the model, runs it and prints one line.
check() {
  local name=$1 model=$2 samples=$3 int8=$out/$1.int8.onnx
  "$systole" quantize "$model" --calibrate "input=$samples" -o "$int8" >/dev/null
  rm -rf "$out/$name.ort"
  node models/ort_run.mjs "$int8" --input "input=$samples" -o "$out/$name.ort" >/dev/null
  "$systole" run "$int8" --input "input=$samples" --compare "$out/$name.ort" \
    --rows 16 --cols 16 >"$out/$name.txt"
  echo "$name: $(grep -E '^[0-9]+ layers ' "$out/$name.txt" | grep -oE '[0-9]+ of [0-9]+') layers on the RTL," \
    "$(grep 'tensors compared' "$out/$name.txt" | sed 's/^onnxruntime-node [^:]*: //')"
  rm -rf "$out/$name.ort"
}

for network in $networks; do
  base=$out/$network.onnx samples=$out/$network.npy
  "$systole" model "$network" --size "$size" --samples "$samples" --sample-count 1 -o "$base" >/dev/null
  check "$network-baseline" "$base" "$samples"
  for variant in full half full50 half50; do
    published=()
    case $variant in *50) published=(--published "$network") ;; esac
    "$systole" fuse "$base" --variant "$variant" "${published[@]}" -o "$out/$network-$variant.onnx" >/dev/null
    check "$network-$variant" "$out/$network-$variant.onnx" "$samples"
  done
done
