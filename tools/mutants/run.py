import collections
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tools" / "mutants" / "mutants.tsv"
SCRATCH = ROOT / "build" / "mutants"
COLUMNS = ["id", "file", "old", "new", "target", "tests"]
LEAST = 40
TEST_SECONDS = 90
WORKERS = int(os.environ.get("JOBS", "2"))

Mutant = collections.namedtuple("Mutant", COLUMNS)
Outcome = collections.namedtuple("Outcome", ["mutant", "state", "seconds", "detail"])


def read_list(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    if lines[0].split("\t") != COLUMNS:
        sys.exit(f"{path.name}: the first line must be: {' '.join(COLUMNS)}")
    rows = [line.split("\t") for line in lines[1:]]
    bad = [row for row in rows if len(row) != len(COLUMNS)]
    names = collections.Counter(row[0] for row in rows)
    twice = [name for name, count in names.items() if count > 1]
    if bad or twice:
        sys.exit(f"{path.name}: unreadable rows {bad}, ids used twice {twice}")
    return [Mutant(*row) for row in rows]


def mutate(text, mutant):
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if line.strip() == mutant.old]
    if len(places) != 1:
        return None
    line = lines[places[0]]
    indent = line[: len(line) - len(line.lstrip())]
    lines[places[0]] = indent + mutant.new
    return "\n".join(lines)


class Workshop:
    def __init__(self, number):
        self.source = SCRATCH / f"worker-{number}"
        self.build = self.source / "build" / "dev"
        self.environment = {**os.environ, "CCACHE_BASEDIR": str(self.source), "CCACHE_NOHASHDIR": "1"}

    def copy_tree(self):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
        wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
        for name in wanted:
            self.copy_file(name)
        for path in list(self.source.rglob("*")):
            name = path.relative_to(self.source).as_posix()
            if path.is_file() and not name.startswith("build/") and name not in wanted:
                path.unlink()

    def copy_file(self, name):
        target = self.source / name
        content = (ROOT / name).read_bytes()
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            shutil.copymode(ROOT / name, target)

    def run(self, command, seconds=None):
        return subprocess.run(
            command,
            cwd=self.source,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )

    def prepare(self, targets):
        self.copy_tree()
        for command in (["cmake", "--preset", "dev"], self.build_command(targets)):
            outcome = self.run(command)
            if outcome.returncode != 0:
                sys.exit(f"mutants: the tree does not build:\n{outcome.stdout.decode()[-4000:]}")

    def build_command(self, targets):
        return ["cmake", "--build", str(self.build), "-j", "1", "--target", *targets]

    def test(self, mutant):
        binary = next(path for path in self.build.rglob(mutant.target) if path.is_file())
        command = [str(binary), f"--gtest_filter={mutant.tests}", "--gtest_brief=1"]
        try:
            outcome = self.run(command, TEST_SECONDS)
        except subprocess.TimeoutExpired:
            return False, f"no end after {TEST_SECONDS} s"
        text = outcome.stdout.decode(errors="replace")
        if "Running 0 tests" in text or "0 tests ran" in text or "0 tests from 0" in text:
            return None, "the filter selects no test"
        return outcome.returncode == 0, text[-400:]

    def try_mutant(self, mutant):
        path = self.source / mutant.file
        original = path.read_text(encoding="utf-8") if path.is_file() else ""
        changed = mutate(original, mutant)
        if changed is None:
            return "not applicable", "the old line is not there exactly once"
        path.write_text(changed, encoding="utf-8")
        try:
            built = self.run(self.build_command([mutant.target]))
            if built.returncode != 0:
                return "not building", built.stdout.decode(errors="replace")[-800:]
            passed, detail = self.test(mutant)
            states = {True: "SURVIVED", False: "killed", None: "not tested"}
            return states[passed], detail
        finally:
            path.write_text(original, encoding="utf-8")


def baseline_problems(workshop, mutants):
    suites = {(mutant.target, mutant.tests): mutant for mutant in mutants}
    for mutant in suites.values():
        passed, detail = workshop.test(mutant)
        if not passed:
            yield f"{mutant.target} {mutant.tests} does not pass without a fault: {detail}"


def work(workshop, waiting, outcomes, total, lock):
    while True:
        try:
            mutant = waiting.get_nowait()
        except queue.Empty:
            return
        start = time.monotonic()
        state, detail = workshop.try_mutant(mutant)
        outcome = Outcome(mutant, state, time.monotonic() - start, detail)
        with lock:
            outcomes.append(outcome)
            print(f"[{len(outcomes)}/{total}] {state:<14} {outcome.seconds:5.1f} s {mutant.id}", flush=True)


def run_all(workshops, mutants):
    waiting, outcomes, lock = queue.Queue(), [], threading.Lock()
    for mutant in mutants:
        waiting.put(mutant)
    arguments = (waiting, outcomes, len(mutants), lock)
    threads = [threading.Thread(target=work, args=(workshop, *arguments)) for workshop in workshops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def report(outcomes):
    for outcome in outcomes:
        if outcome.state != "killed":
            mutant = outcome.mutant
            print(f"\n{outcome.state}: {mutant.id} in {mutant.file}\n  - {mutant.old}\n  + {mutant.new}")
            if outcome.state != "SURVIVED":
                print(f"  {outcome.detail}")
    killed = sum(outcome.state == "killed" for outcome in outcomes)
    print(f"\nmutants: {killed} of {len(outcomes)} killed")
    return killed


def main():
    every = read_list(LIST)
    wanted = sys.argv[1:]
    mutants = [mutant for mutant in every if not wanted or any(mutant.id.startswith(word) for word in wanted)]
    if not wanted and len(mutants) < LEAST:
        sys.exit(f"mutants: {len(mutants)} faults are listed, at least {LEAST} are wanted")
    targets = sorted({mutant.target for mutant in mutants})
    workshops = [Workshop(number) for number in range(min(WORKERS, len(mutants)))]
    for workshop in workshops:
        print(f"building {len(targets)} test programs in {workshop.source.relative_to(ROOT)}", flush=True)
        workshop.prepare(targets)
    problems = list(baseline_problems(workshops[0], mutants))
    if problems:
        sys.exit("\n".join(problems))
    outcomes = run_all(workshops, mutants)
    sys.exit(0 if report(outcomes) == len(mutants) else 1)


if __name__ == "__main__":
    main()
