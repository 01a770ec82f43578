# A thin front: every command is a script in tools/ and brings in what it needs. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help demo build test test-all fuzz train ablation generate evaluate bench tune peers wheel install reference coverage format check-format tidy clean

export JOBS PYTHON WHEEL_PYTHON MODEL TARGET WIDTHS OUT NAME ADD DATA LIBTORCH SELF_ENSEMBLE ARCHS SCHEDULES

help: ## List these commands
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: JOBS=<parallel jobs> PYTHON=<python3 to build the environment with>"

demo: ## Set up, build and upscale a photo: the 30-second tour (minutes the first time)
	@tools/setup.sh build
	@tools/demo.sh

build: ## Build the library, the models and the command-line tool into build/
	@tools/setup.sh build
	@tools/build.sh

test: ## Build everything and run the tests (quick size)
	@tools/setup.sh test
	@tools/build.sh --tests
	@tools/test.sh quick

test-all: ## Run every test, each row of the variant list and the wheel in a fresh environment included
	@tools/setup.sh fuzz
	@tools/build.sh --tests
	@tools/test.sh all

fuzz: ## Run libFuzzer on what reads untrusted bytes, 10 minutes a target [MINUTES=1]
	@tools/setup.sh fuzz
	@tools/build.sh --tests
	@tools/fuzz.sh $(or $(MINUTES),10)

train: ## Train, compile and measure a tiny network: the tour (minutes); or ARGS="<options of slimscale_train>"
	@tools/setup.sh train
	@tools/train.sh $(ARGS)

ablation: ## One narrow width alone, joint, with contrast, ...: ARGS="--data <folder> --validate <folder> --backbone <file> ..."
	@tools/setup.sh train
	@tools/ablation.sh $(ARGS)

generate: ## Compile a trained file: MODEL=<file> [TARGET=cpu|cuda|arm] [WIDTHS=16,64] [OUT=<folder>] [NAME=<name>] [ADD=1] [ARCHS=75,86] [SCHEDULES=<table>]
	@tools/setup.sh $(if $(findstring cuda,$(TARGET))$(filter jetson,$(TARGET)),gpu,build)
	@tools/generate.sh

evaluate: ## Measure a trained file: MODEL=<file> DATA=<images> [WIDTHS=16,64] [SELF_ENSEMBLE=1] [LIBTORCH=1]
	@tools/setup.sh $(if $(filter 1,$(LIBTORCH)),train,build)
	@tools/evaluate.sh

bench: ## Time every width of every model on every target of this machine [ARGS="--sizes 360p,1080p --html bench.html"]
	@tools/setup.sh build
	@tools/build.sh bench_widths
	@build/bin/bench_widths $(ARGS)

tune: ## Search the schedules' parameters on this machine, 10 minutes [ARGS="--targets avx512 --blocks conv3x3_64_64 --minutes 1"]
	@tools/setup.sh build
	@tools/build.sh slimscale_tune
	@build/bin/slimscale_tune $(ARGS)

peers: ## Time slimscale beside PyTorch, ONNX Runtime, OpenVINO and ncnn (downloads about 3 GB once) [ARGS=...]
	@tools/setup.sh build
	@tools/build.sh slimscale_generate slimscale_runtime_archive
	@bench/peers/peers.sh $(ARGS)

wheel: ## Build the Python wheel into build/wheels/ [WHEEL_PYTHON=/path/to/python3.12]
	@tools/setup.sh wheel
	@tools/wheel.sh

install: build ## Install library, headers, CLI and CMake/pkg-config files: PREFIX=/usr/local
	@build/venv/bin/cmake --install build --prefix "$(or $(PREFIX),/usr/local)"

reference: ## Write the API reference into build/reference/html; a warning of Doxygen's is an error
	@tools/setup.sh reference
	@tools/reference.sh

coverage: ## Line coverage of what ships, feeds or measures, as a table
	@tools/setup.sh coverage
	@tools/coverage.sh

format: ## Format all C and C++ files
	@tools/setup.sh format
	@tools/format.sh

check-format: ## Say which files `make format` would change
	@tools/setup.sh format
	@tools/format.sh --check

tidy: ## Run clang-tidy over what the build compiles
	@tools/setup.sh tidy
	@tools/build.sh --tests
	@tools/tidy.sh

clean: ## Remove what was built; keeps the Python environments, so nothing is downloaded again
	@find build -mindepth 1 -maxdepth 1 ! -name venv ! -name peers-venv -exec rm -rf {} +
