import argparse
import json
import os
import subprocess
import time
from pathlib import Path

from harness import cpu_times, results, table
from harness.backend_goals import GOALS, judge
from harness.layout import ROOT

LONGEST_SECONDS = 600
RESULTS = ROOT / "build" / "bench" / "backend.json"


def parse():
    parser = argparse.ArgumentParser(description="The control plane on PostgreSQL against its goals.")
    parser.add_argument("--programs", type=Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--only", default="", help="steps such as validation,usage")
    parser.add_argument("--rows", type=int, help="rows of each large table; the default is a million")
    parser.add_argument("--short", action="store_true", help="a few requests of each kind: no figures, a test")
    return parser.parse_args()


def command(chosen):
    words = [str(chosen.programs / "bench-backend")]
    if chosen.short:
        words.append("--short")
    if chosen.rows:
        words.append(f"--rows={chosen.rows}")
    if chosen.only:
        words.append(f"--only={chosen.only}")
    return words


def run(words):
    used_before, started = cpu_times.busy_machine(), time.monotonic()
    finished = subprocess.run(words, stdout=subprocess.PIPE, timeout=LONGEST_SECONDS, check=False,
                              env={**os.environ, "HTTVPS_TEST_DURABILITY": "full"})
    if finished.returncode != 0:
        return None
    measured = json.loads(finished.stdout)
    busy = cpu_times.busy_machine() - used_before
    measured["machine_load"] = busy / (time.monotonic() - started) / cpu_times.CORES
    return measured


def content(measured, chosen):
    return {"figures": measured["figures"], "not_measured": measured["reasons"],
            "targets": judge(measured), "machine": results.machine(),
            "machine_load": round(measured["machine_load"], 3), "short": chosen.short,
            "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def missing_figures(measured, is_test):
    explained = set() if is_test else set(measured["reasons"])
    return {goal.figure for goal in GOALS} - set(measured["figures"]) - explained


def main():
    chosen = parse()
    measured = run(command(chosen))
    if measured is None:
        print("bench-backend: the measurement failed; its last line says why")
        return 1
    made = content(measured, chosen)
    results.write(chosen.out, made)
    print("\n".join(table.verdicts(made["targets"])))
    for name, reason in sorted(made["not_measured"].items()):
        print(f"{name}: {reason}")
    print(f"{chosen.out}: {len(GOALS)} goals in {measured['figures']['seconds']:.0f} s")
    missing = missing_figures(measured, chosen.short)
    if missing:
        print(f"bench-backend: neither measured nor explained: {', '.join(sorted(missing))}")
    return 1 if missing else 0
