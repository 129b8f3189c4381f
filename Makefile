# SPDX-License-Identifier: Apache-2.0
# A thin front to scripts/, CMake and ctest: `make help` lists the targets.
SHELL := /bin/bash
BUILD := build
STAMP := $(BUILD)/.setup
export CMAKE_BUILD_PARALLEL_LEVEL ?= $(shell nproc)

.PHONY: help setup build all run figures test lint rtl bench check-all format clean study study-overhead
.DEFAULT_GOAL := help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## ?(.*)/  make \1\t\2/' | expand -t 20

setup: $(STAMP)  ## install what is missing (packages, pinned npm packages)
$(STAMP): scripts/setup.sh models/package.json models/package-lock.json
	@scripts/setup.sh
	@mkdir -p $(BUILD) && touch $@

build: $(STAMP)  ## build the program, build/systole
	@test -f $(BUILD)/build.ninja || cmake --preset release >/dev/null
	@cmake --build --preset release --target systole

all: build  ## build the program, the tests and the benchmarks
	@cmake --build --preset release

run: build  ## run trained networks on a generated array and a generated cache
	@scripts/demo.sh

figures: build  ## make the pictures of docs/figures again
	@$(BUILD)/systole study fuseconv --svg docs/figures >/dev/null
	@$(BUILD)/systole study sparsecache --svg docs/figures >/dev/null
	@$(BUILD)/systole study sparsecache --networks lenet,alexnet,vgg-16,squeezenet --sweeps entries --svg out/figures >/dev/null
	@cp out/figures/sparsecache-entries.svg docs/figures/

test: all  ## build and pass the tests
	@scripts/test.sh $(BUILD)

lint: $(STAMP)  ## clang-format, clang-tidy, lint of the emitted Verilog
	@scripts/lint.sh

rtl: build  ## regenerate rtl/ref
	@cmake --build --preset release --target test_systolic test_nullcache
	@scripts/rtl_ref.sh $(BUILD)/systole

study: build  ## run the FuSeConv study on the RTL: 25 networks, resumable
	@scripts/study.sh

study-overhead: build  ## ST-OS at four sizes, ten null caches: area, clock, power, energy; resumable
	@$(BUILD)/systole study overhead --sizes 8,16,12x20,32 --networks mobilenet-v2,mobilenet-v2/half \
	  --cycles 300 --blocks --svg docs/figures --json out/study-overhead.json
	@$(BUILD)/systole study overhead --parts caches --changes approximation,parallel,no-merger,drop,lru,drop+lru \
	  --pruned lenet,alexnet,squeezenet --windows /fc1/Gemm,/conv2/Conv --blocks --svg docs/figures \
	  --json out/study-overhead-caches.json

bench: all  ## run the benchmarks
	@scripts/bench.sh $(BUILD)

check-all: all  ## lint, deep random runs, mutants, studies on the RTL, sanitizers: hours; PARTS="..." for some
	@scripts/check_all.sh $(BUILD) $(PARTS)

format:  ## format the C++ sources in place
	@git ls-files '*.cc' '*.h' | xargs clang-format -i

clean:  ## remove the build folders and the demo's results
	@rm -rf build build-debug build-asan build-lint out
