import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "tidy"
DEFAULT_CACHE = Path.home() / ".cache" / "httvps-tidy"
CACHE = Path(os.environ.get("HTTVPS_TIDY_CACHE", DEFAULT_CACHE))
SCOPE_SOURCE = ROOT / "tools" / "tidy_scope" / "own_code.cpp"
SCOPE_PLUGIN = BUILD / "own_code.so"
CLANG_HEADERS = Path("/usr/lib/llvm-19/include")
KEEP_SECONDS = 60 * 24 * 3600
TEST_CHECKS = ",".join(
    [
        "-*",
        "bugprone-infinite-loop",
        "bugprone-unused-return-value",
        "bugprone-assert-side-effect",
        "cppcoreguidelines-avoid-reference-coroutine-parameters",
        "cppcoreguidelines-avoid-capturing-lambda-coroutines",
    ]
)
COROUTINE = re.compile(r"\bco_(await|return|yield)\b|\bHTTVPS_CO_")


def run(command, **options):
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, **options)


def is_test(name):
    return "/tests/" in f"/{name}"


def compile_entries():
    entries = json.loads((BUILD / "compile_commands.json").read_text())
    chosen = {}
    for entry in entries:
        path = Path(entry["file"])
        if path.is_relative_to(ROOT) and not path.is_relative_to(ROOT / "build"):
            chosen[path.relative_to(ROOT).as_posix()] = entry
    return dict(sorted(chosen.items()))


def arguments_of(entry):
    words = shlex.split(entry["command"])
    words = words[next(at for at, word in enumerate(words) if "clang" in Path(word).name) :]
    kept, skip = [], False
    for word in words:
        if skip or word in ("-o", "-c"):
            skip = word == "-o"
            continue
        kept.append(word)
    return kept


def fresh_dependencies(entry):
    command = [*arguments_of(entry), "-MM", "-MF", "-", "-w"]
    outcome = subprocess.run(command, cwd=entry["directory"], capture_output=True, check=False)
    words = outcome.stdout.decode().replace("\\\n", " ").split()[1:]
    paths = [(Path(entry["directory"]) / word).resolve() for word in words]
    return sorted(path.relative_to(ROOT).as_posix() for path in paths if path.is_relative_to(ROOT))


class TidyCache:
    def __init__(self):
        self.clean = CACHE / "clean"
        self.lists = CACHE / "dependencies"
        self.clean.mkdir(parents=True, exist_ok=True)
        self.lists.mkdir(parents=True, exist_ok=True)
        self.world = self.digest_of_world()
        self.hashes = {}

    def digest_of_world(self):
        packages = [line.split()[1] for line in (ROOT / "tools/packages.txt").read_text().splitlines()]
        versions = run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *packages]).stdout
        rules = b"".join(path.read_bytes() for path in (ROOT / ".clang-tidy", SCOPE_SOURCE))
        chosen = f"{TEST_CHECKS} {COROUTINE.pattern}".encode()
        return hashlib.sha256(versions + rules + chosen).hexdigest()

    def hash_of(self, name):
        if name not in self.hashes:
            path = ROOT / name
            content = path.read_bytes() if path.is_file() else b""
            self.hashes[name] = hashlib.sha256(content).hexdigest()
        return self.hashes[name]

    def digest_of(self, entry, dependencies):
        command = " ".join(arguments_of(entry)).replace(str(ROOT), ".")
        parts = [self.world, command] + [f"{name} {self.hash_of(name)}" for name in dependencies]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def list_of(self, name):
        return self.lists / hashlib.sha256(name.encode()).hexdigest()

    def is_clean(self, name, entry):
        known = self.list_of(name)
        if known.is_file() and (self.clean / self.digest_of(entry, json.loads(known.read_text()))).exists():
            return True
        dependencies = fresh_dependencies(entry)
        known.write_text(json.dumps(dependencies))
        return (self.clean / self.digest_of(entry, dependencies)).exists()

    def remember(self, name, entry):
        dependencies = json.loads(self.list_of(name).read_text())
        (self.clean / self.digest_of(entry, dependencies)).touch()

    def prune(self):
        oldest = time.time() - KEEP_SECONDS
        for path in [*self.clean.iterdir(), *self.lists.iterdir()]:
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def checks_for(name):
    if is_test(name):
        return [f"--checks={TEST_CHECKS}"]
    if COROUTINE.search((ROOT / name).read_text(encoding="utf-8")):
        return ["--checks=-clang-analyzer-*"]
    return []


def build_scope_plugin():
    if SCOPE_PLUGIN.exists() and SCOPE_PLUGIN.stat().st_mtime > SCOPE_SOURCE.stat().st_mtime:
        return
    outcome = run(["clang++-19", "-std=c++17", "-O1", "-fno-rtti", "-fPIC", "-shared", "-isystem", str(CLANG_HEADERS),
                   str(SCOPE_SOURCE), "-o", str(SCOPE_PLUGIN)])
    if outcome.returncode != 0:
        sys.exit(outcome.stderr.decode())


def tidy_file(name):
    start = time.monotonic()
    outcome = run(["clang-tidy-19", f"--load={SCOPE_PLUGIN}", "-p", str(BUILD), "--quiet", *checks_for(name), name])
    return outcome.returncode == 0, time.monotonic() - start, outcome.stdout.decode()


def newest_first(names):
    told = run(["git", "log", "--format=", "--name-only"]).stdout.decode().splitlines()
    age = {}
    for name in told:
        age.setdefault(name, len(age))
    return sorted(names, key=lambda name: age.get(name, -1))


def tidy_before(deadline):
    return lambda name: tidy_file(name) if time.monotonic() < deadline else None


def asked():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=float("inf"),
                        help="begin no file later than this; those that changed last come first")
    parser.add_argument("only", nargs="*", help="how the names of the wanted files begin")
    return parser.parse_args()


def changed_files(cache, entries, jobs):
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        clean = list(pool.map(lambda item: cache.is_clean(*item), entries.items()))
    changed = newest_first(name for name, known in zip(entries, clean) if not known)
    print(f"tidy: {len(entries)} files, {len(changed)} changed since they were last clean", flush=True)
    return changed


def look_at(changed, entries, cache, jobs, deadline):
    failed, waiting = 0, 0
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        for at, (name, outcome) in enumerate(zip(changed, pool.map(tidy_before(deadline), changed)), 1):
            if outcome is None:
                waiting += 1
                continue
            passed, seconds, output = outcome
            print(f"[{at}/{len(changed)}] {'ok    ' if passed else 'FAILED'} {seconds:5.1f} s {name}", flush=True)
            if passed:
                cache.remember(name, entries[name])
            else:
                failed += 1
                print(output, flush=True)
    return failed, waiting


def main():
    options = asked()
    deadline = time.monotonic() + options.seconds
    configured = run(["cmake", "--preset", "tidy"])
    if configured.returncode != 0:
        sys.exit(configured.stderr.decode())
    build_scope_plugin()
    entries = compile_entries()
    if options.only:
        entries = {name: entry for name, entry in entries.items() if name.startswith(tuple(options.only))}
    if not entries:
        sys.exit("tidy: no source file to look at")
    cache = TidyCache()
    cache.prune()
    jobs = int(os.environ.get("JOBS", "2"))
    changed = changed_files(cache, entries, jobs)
    failed, waiting = look_at(changed, entries, cache, jobs, deadline)
    print(f"tidy: {len(entries) - failed - waiting} files clean, {failed} failed")
    if waiting:
        print(f"tidy: {waiting} files were NOT looked at in {options.seconds:.0f} s; make tidy looks at all of them")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
