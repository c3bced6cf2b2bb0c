import json
import os
import signal
import subprocess
import sys
import threading
import time

from faults import LIST, ROOT, chosen_faults, read_faults, source_problems
from workshop import Workshop

LEAST = 240
STOP_SECONDS = 5
RESULTS = ROOT / "build" / "mutants" / "results.json"


class Stopped(Exception):
    pass


class Tally:
    def __init__(self, total):
        self.total = total
        self.lock = threading.Lock()
        self.verdicts = []

    def add(self, verdict):
        with self.lock:
            self.verdicts.append(verdict)
            place = f"[{len(self.verdicts)}/{self.total}]"
            print(f"{place:>9} {line_of(verdict)}", flush=True)


def line_of(verdict):
    return f"{verdict.state:<12} {verdict.seconds:6.1f} s  {verdict.fault.id}  {verdict.caught_by}".rstrip()


def stop_on(number, frame):
    raise Stopped()


def baseline_problems(workshop, faults):
    for target, tests in sorted({(fault.target, fault.tests) for fault in faults}):
        passed = workshop.test(target, tests)
        if passed.state != "passed":
            yield f"{target} {tests}: {passed.state} without a fault\n{passed.detail}"


def work(workshop, waiting, tally):
    while waiting:
        try:
            fault = waiting.pop(0)
        except IndexError:
            return
        tally.add(workshop.try_fault(fault))


def stop_all(workshops):
    for workshop in workshops:
        workshop.stop()


def try_all(workshops, faults):
    tally = Tally(len(faults))
    waiting = sorted(faults, key=lambda fault: (fault.target, fault.file))
    threads = [threading.Thread(target=work, args=(each, waiting, tally), daemon=True) for each in workshops]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    except Stopped:
        waiting.clear()
        stop_all(workshops)
        for thread in threads:
            thread.join(STOP_SECONDS)
        print("mutants: stopped; what was tried is in the table", flush=True)
    return [verdict for verdict in tally.verdicts if verdict.state != "stopped"]


def tree_name():
    command = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def row_of(verdict, tree):
    return {
        **verdict.fault._asdict(),
        "tree": tree,
        "state": verdict.state,
        "seconds": round(verdict.seconds, 1),
        "caught_by": verdict.caught_by,
    }


def save(verdicts, every):
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else []
    listed = {fault.id: fault._asdict() for fault in every}
    kept = {row["id"]: row for row in known if listed.get(row["id"], {}).items() <= row.items() and row["id"] in listed}
    tree = tree_name()
    kept.update({verdict.fault.id: row_of(verdict, tree) for verdict in verdicts})
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(sorted(kept.values(), key=lambda row: row["id"]), indent=1) + "\n", encoding="utf-8")


def report(verdicts, faults, started):
    print("\nverdict       seconds  fault  first test that failed")
    for verdict in sorted(verdicts, key=lambda verdict: (verdict.state, verdict.fault.id)):
        print(line_of(verdict))
    for verdict in verdicts:
        if verdict.state != "killed":
            fault = verdict.fault
            print(f"\n{verdict.state}: {fault.id} in {fault.file}\n  - {fault.old}\n  + {fault.new}\n{verdict.detail}")
    killed = sum(verdict.state == "killed" for verdict in verdicts)
    print(f"\nmutants: {killed} of {len(faults)} killed in {time.monotonic() - started:.0f} s; {RESULTS.relative_to(ROOT)}")
    return killed == len(faults)


def main():
    started = time.monotonic()
    words = sys.argv[1:] + os.environ.get("ONLY", "").split()
    every = read_faults(LIST)
    faults = chosen_faults(every, words)
    problems = source_problems(faults)
    if len(every) < LEAST:
        problems.append(f"{len(every)} faults are listed, at least {LEAST} are wanted")
    if not faults:
        problems.append(f"no fault begins with {' or '.join(words)}")
    if problems:
        sys.exit("mutants: " + "\nmutants: ".join(problems))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop_on)
    workshops = [Workshop(number) for number in range(min(int(os.environ.get("JOBS", "2")), len(faults)))]
    targets = sorted({fault.target for fault in faults})
    try:
        for workshop in workshops:
            print(f"building {len(targets)} test programs in {workshop.source.relative_to(ROOT)}", flush=True)
            workshop.prepare(targets)
        problems = list(baseline_problems(workshops[0], faults))
    except Stopped:
        stop_all(workshops)
        sys.exit("mutants: stopped before the first fault")
    if problems:
        sys.exit("\n".join(problems))
    verdicts = try_all(workshops, faults)
    save(verdicts, every)
    sys.exit(0 if report(verdicts, faults, started) else 1)


if __name__ == "__main__":
    main()
