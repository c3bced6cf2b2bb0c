import argparse
import json
import os
import resource
import signal
import sys
import time
from pathlib import Path

from harness import results, table
from harness.catalogue import build_chains, chosen
from harness.generator import Generator
from harness.layout import MEMORY_FILES, RESULTS, ROOT, RUN
from harness.origin import Origin
from harness.samples import Samples
from harness.schedule import EVERY_METRIC, Plan, run_all
from harness.workload import Bench
from stack import certificates, process_table, programs
from stack.console import complain, say
from stack.failures import StackFailure

DEFAULT_ROUNDS = 5
TOOLS = ("bench-loadgen", "bench-bound", "bench-sink", "bench-idle-sessions", "bench-links")
LEFTOVERS = RUN / "processes.json"


def parse_arguments():
    parser = argparse.ArgumentParser(description="Measure HTTVPS beside its peers on the same work.")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS") or DEFAULT_ROUNDS),
                        help=f"rounds over all chains (default {DEFAULT_ROUNDS}, or ROUNDS of the environment)")
    parser.add_argument("--minutes", type=float, default=None,
                        help=f"time limit (default 10; with more than {DEFAULT_ROUNDS} rounds: none)")
    parser.add_argument("--only", default="", help="comma list of chain names or name starts")
    parser.add_argument("--metrics", default="", help=f"comma list of {', '.join(EVERY_METRIC)}")
    parser.add_argument("--programs", type=Path, default=ROOT / "build" / "release" / "bin",
                        help="folder of the built programs")
    parser.add_argument("--out", type=Path, default=RESULTS, help="results file")
    options = parser.parse_args()
    options.programs = options.programs.resolve()
    return options


def words(text, allowed=None):
    found = [word for word in text.split(",") if word]
    unknown = [word for word in found if allowed is not None and word not in allowed]
    if unknown:
        raise StackFailure("options", f"unknown: {', '.join(unknown)}", f"choose from {', '.join(allowed)}")
    return found


def seconds_allowed(options):
    if options.minutes is not None:
        return options.minutes * 60
    return 600 if options.rounds <= DEFAULT_ROUNDS else 365 * 24 * 3600


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def stop_leftovers():
    if LEFTOVERS.exists():
        process_table.stop_all(json.loads(LEFTOVERS.read_text(encoding="utf-8")))
        LEFTOVERS.unlink()


def remember(bench):
    known = bench.origin.known() + [one for chain in bench.chains for one in chain.known()]
    LEFTOVERS.write_text(json.dumps(known), encoding="utf-8")


def start_all(bench):
    bench.origin.start()
    for chain in bench.chains:
        chain.start()
        remember(bench)
        say(f"started {chain.name}: {chain.note}")


def stop_all(bench):
    for chain in reversed(bench.chains):
        chain.stop()
    bench.origin.stop()
    LEFTOVERS.unlink(missing_ok=True)


def prepare(options):
    RUN.mkdir(parents=True, exist_ok=True)
    stop_leftovers()
    programs.require(["nginx", "openssl"])
    programs.require_built(options.programs, TOOLS, "bench")
    origin = Origin(RUN, options.programs / "bench-sink", MEMORY_FILES)
    paths = certificates.reuse_or_make(RUN, "gateway.bench.test", "HTTVPS bench")
    chains = chosen(build_chains(RUN, paths, options.programs, origin), words(options.only))
    programs.require({program for chain in chains for program in chain.programs()})
    return Bench(Generator(options.programs / "bench-loadgen", origin), origin, chains)


def report(bench, samples, options):
    content = results.build(samples, bench.chains, options.rounds)
    results.write(options.out, content)
    results.write(options.out.with_name("samples.json"), samples.taken)
    names = [chain.name for chain in bench.chains]
    for lines in (table.figures(samples, names), table.ratios(samples, names), table.verdicts(content["targets"])):
        say("\n" + "\n".join(lines))
    loud = [f"{name} ({', '.join(one['only_noisy'])})" for name, one in content["chains"].items() if one["only_noisy"]]
    if loud:
        say(f"\nonly measured while others used over {content['noisy_above']:.0%} of the machine: {'; '.join(loud)}")
    say(f"\nothers used {content['foreign_load']:.1%} of the machine (median); results: {options.out}")


def run(options):
    metrics = words(options.metrics, EVERY_METRIC)
    deadline = time.monotonic() + seconds_allowed(options)
    raise_descriptor_limit()
    bench, samples = prepare(options), Samples()
    try:
        start_all(bench)
        run_all(bench, Plan(options.rounds, metrics, deadline, say), samples)
    finally:
        stop_all(bench)
    report(bench, samples, options)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        run(parse_arguments())
    except StackFailure as failure:
        for line in failure.lines():
            complain(line)
        return 1
    except KeyboardInterrupt:
        complain("stopped")
        return 130
    return 0
