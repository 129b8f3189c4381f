#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `make study`: the FuSeConv study with every layer of every network variant on the RTL. Results are
# kept in out/study layer by layer: an interrupted study continues where it was.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p out
study() { build/systole study fuseconv --rtl "$@"; }
study --rows 32 --cols 32 --json out/study-32x32.json
study --rows 16 --cols 16 --networks mobilenet-v2 --json out/study-16x16.json
study --rows 64 --cols 64 --networks mobilenet-v2 --json out/study-64x64.json
