import collections
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from faults import ROOT, planted

SCRATCH = ROOT / "build" / "mutants"
TEST_SECONDS = 60
BUILD_SECONDS = 1800
PAUSE_SECONDS = 5
BEGUN_TEST = re.compile(r"^\[ RUN      \] (\S+)$", re.MULTILINE)
FAILED_TEST = re.compile(r"^\[  FAILED  \] (\S+?),? ", re.MULTILINE)

Verdict = collections.namedtuple("Verdict", ["fault", "state", "seconds", "caught_by", "detail"])
Finished = collections.namedtuple("Finished", ["status", "text", "was_paused"])
Tested = collections.namedtuple("Tested", ["state", "caught_by", "detail"])


def children_of(parent):
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent:
            yield int(path.parent.name)


def kill_with_children(process):
    family, at = [process.pid], 0
    while at < len(family):
        family.extend(children_of(family[at]))
        at += 1
    for each in family:
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue


def catcher_in(outcome):
    failed = FAILED_TEST.search(outcome.text)
    if failed:
        return failed.group(1)
    last = (BEGUN_TEST.findall(outcome.text) or ["before any test"])[-1]
    return f"{last} (no end)" if outcome.status is None else f"{last} (abort)"


class Workshop:
    def __init__(self, number):
        self.source = SCRATCH / f"worker-{number}"
        self.build = self.source / "build" / "dev"
        self.environment = {**os.environ, "CCACHE_BASEDIR": str(self.source), "CCACHE_NOHASHDIR": "1"}
        self.running = None
        self.stopped = False

    def stop(self):
        self.stopped = True
        if self.running:
            kill_with_children(self.running)

    def copy_tree(self):
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
        wanted = {name for name in listed.split("\0") if name and (ROOT / name).is_file()}
        for name in wanted:
            self.copy_file(name)
        for folder, inner, files in os.walk(self.source):
            if Path(folder) == self.source and "build" in inner:
                inner.remove("build")
            for name in files:
                path = Path(folder) / name
                if path.relative_to(self.source).as_posix() not in wanted:
                    path.unlink()

    def copy_file(self, name):
        target = self.source / name
        content = (ROOT / name).read_bytes()
        if not target.is_file() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            shutil.copymode(ROOT / name, target)

    def run(self, command, seconds):
        self.running = subprocess.Popen(
            command,
            cwd=self.source,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        longest = 0.0
        for _ in range(seconds):
            began = time.monotonic()
            try:
                output = self.running.communicate(timeout=1)[0]
                status = self.running.returncode
                return Finished(status, output.decode(errors="replace"), longest > PAUSE_SECONDS)
            except subprocess.TimeoutExpired:
                longest = max(longest, time.monotonic() - began)
        kill_with_children(self.running)
        output = self.running.communicate()[0].decode(errors="replace")
        return Finished(None, output, longest > PAUSE_SECONDS)

    def prepare(self, targets):
        self.copy_tree()
        for command in (["cmake", "--preset", "dev"], self.build_command(targets)):
            outcome = self.run(command, BUILD_SECONDS)
            if outcome.status != 0:
                sys.exit(f"mutants: the tree does not build:\n{outcome.text[-4000:]}")
        self.environment["CCACHE_READONLY"] = "1"

    def build_command(self, targets):
        return ["cmake", "--build", str(self.build), "-j", "1", "--target", *targets]

    def program(self, target):
        return next(path for path in self.build.rglob(target) if path.is_file())

    def test(self, target, tests):
        command = [str(self.program(target)), f"--gtest_filter={tests}", "--gtest_fail_fast"]
        outcome = self.run(command, TEST_SECONDS)
        if outcome.status != 0 and outcome.was_paused and not self.stopped:
            outcome = self.run(command, TEST_SECONDS)
        if "Running 0 tests" in outcome.text or "0 tests ran" in outcome.text:
            return Tested("not tested", "", "the filter selects no test")
        if outcome.status == 0:
            return Tested("passed", "", "")
        return Tested("failed", catcher_in(outcome), outcome.text[-1200:])

    def try_fault(self, fault):
        path = self.source / fault.file
        original = path.read_text(encoding="utf-8")
        began = time.monotonic()
        path.write_text(planted(original, fault), encoding="utf-8")
        try:
            state, caught_by, detail = self.judge(fault)
        finally:
            path.write_text(original, encoding="utf-8")
        return Verdict(fault, state, time.monotonic() - began, caught_by, detail)

    def judge(self, fault):
        built = self.run(self.build_command([fault.target]), BUILD_SECONDS)
        if self.stopped:
            return "stopped", "", ""
        if built.status != 0:
            return "not building", "", built.text[-800:]
        tested = self.test(fault.target, fault.tests)
        if self.stopped:
            return "stopped", "", ""
        names = {"passed": "SURVIVED", "failed": "killed", "not tested": "not tested"}
        return names[tested.state], tested.caught_by, tested.detail
