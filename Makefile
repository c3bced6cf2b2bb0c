.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.PHONY: help demo up down test check bench bench-backend crowd fmt tidy fuzz api-fuzz mutants asan tsan coverage settings clean

URL ?=
NODE_CIPHER ?=
ROUNDS ?=
ONLY ?=
FUZZ_SECONDS ?= 60
API_EXAMPLES ?= 100
API_OPTIONS ?=
export URL NODE_CIPHER ROUNDS ONLY

help:
	@printf '%s\n' \
	  'make demo       build, start the whole stack here, show tunnel, account, credentials and usage, stop' \
	  '                make demo URL=https://example.com/ fetches that page instead of the local origin' \
	  'make up         the same stack left running; build/run/state.json says where' \
	  '                make up NODE_CIPHER=aes-256-gcm picks the cipher of the Shadowsocks node' \
	  'make down       stop what make up started' \
	  'make test       build and run every test, then check that every required test ran' \
	  'make check      formatter, linters and the repository checks' \
	  'make bench      HTTVPS beside its peers on the same work; ROUNDS=n for more rounds' \
	  'make bench-backend  the control plane on PostgreSQL against its goals; results in build/bench/backend.json' \
	  'make crowd      10 000 idle and 1000 active sessions on one gateway' \
  'make fmt        format every C++ file' \
	  'make tidy       clang-tidy on what changed since it was last clean' \
	  'make fuzz       every decoder under libFuzzer, FUZZ_SECONDS=60 each' \
	  'make api-fuzz   schemathesis against the control plane: every operation, each role, both engines, API_EXAMPLES=100' \
	  "                make api-fuzz API_OPTIONS='--engines sqlite --roles support --include users' runs a part of it" \
	  'make mutants    plant one fault at a time and see the tests catch it; results in build/mutants/results.json' \
  '                make mutants ONLY="wire gateway.usage" tries the faults whose names begin so' \
	  'make asan       lib, gateway, node, SDK and fuzz corpora under AddressSanitizer and UBSan' \
	  'make tsan       the threaded modules under ThreadSanitizer' \
	  'make coverage   line coverage of the tests, into build/coverage/report' \
	  'make settings   write docs/config.md from what the programs print' \
	  'make clean      stop what make up started and remove build/'

demo up:
	@tools/install_packages build test
	@tools/build release httvps-backend httvps-gateway httvps httvpsctl
	@python3 tools/stack/stack.py $@

down:
	@python3 tools/stack/stack.py down

test:
	@tools/install_packages build test
	@tools/install_outline_server
	@tools/run_tests dev
	@python3 tools/checks/check_requirements.py build/dev/junit.xml

check:
	@tools/install_packages build check
	@tools/check

bench:
	@tools/install_packages build test bench
	@tools/build release httvps-backend httvps-gateway httvps httvpsctl bench-loadgen bench-bound bench-sink bench-idle-sessions bench-links
	@python3 bench/run.py

bench-backend:
	@tools/install_packages build test
	@tools/build release httvps-backend bench-backend bench-bare-select
	@python3 bench/backend.py

crowd:
	@tools/install_packages build test bench
	@tools/build release httvps-backend httvps-gateway httvps httvpsctl bench-sink bench-idle-sessions
	@python3 bench/crowd.py

fmt:
	@tools/install_packages build
	@tools/fmt

tidy:
	@tools/install_packages build check
	@python3 tools/tidy.py

fuzz:
	@tools/install_packages build
	@tools/fuzz $(FUZZ_SECONDS)

api-fuzz:
	@tools/install_packages build test
	@tools/build dev httvps-backend
	@tests/api_fuzz/run --examples $(API_EXAMPLES) --jobs 2 $(API_OPTIONS)

mutants:
	@tools/install_packages build test
	@python3 tools/mutants/run.py

asan:
	@tools/install_packages build test
	@tools/run_tests asan lib gateway node client-sdk tests/integration/gateway tests/integration/node tests/integration/pool tests/integration/outline tests/fuzz

tsan:
	@tools/install_packages build test
	@tools/run_tests tsan lib/base lib/net gateway 'tests/integration/gateway:SeveralThreads|Upgrade.Streams'

coverage:
	@tools/install_packages build test
	@tools/coverage

settings:
	@tools/build dev httvps-backend httvps-gateway httvps-node
	@python3 tools/settings_page.py write build/dev/bin

clean:
	@[ ! -e build/run/processes.json ] || python3 tools/stack/stack.py down
	rm -rf build
