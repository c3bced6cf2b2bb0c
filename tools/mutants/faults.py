import collections
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "tools" / "mutants" / "mutants.tsv"
COLUMNS = ["id", "file", "old", "new", "target", "tests"]

Fault = collections.namedtuple("Fault", COLUMNS)


def read_faults(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].split("\t") != COLUMNS:
        sys.exit(f"{path.name}: the first line must be: {' '.join(COLUMNS)} (tabs between)")
    rows = [line.split("\t") for line in lines[1:]]
    bad = [row for row in rows if len(row) != len(COLUMNS) or not all(row)]
    names = collections.Counter(row[0] for row in rows)
    twice = [name for name, count in names.items() if count > 1]
    if bad or twice:
        sys.exit(f"{path.name}: unreadable rows {bad}, ids used twice {twice}")
    return [Fault(*row) for row in rows]


def chosen_faults(every, words):
    return [fault for fault in every if not words or any(fault.id.startswith(word) for word in words)]


def planted(text, fault):
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if line.strip() == fault.old]
    if len(places) != 1 or fault.old == fault.new:
        return None
    line = lines[places[0]]
    indent = line[: len(line) - len(line.lstrip())]
    lines[places[0]] = indent + fault.new
    return "\n".join(lines)


def source_problem(fault, root):
    path = root / fault.file
    if not path.is_file():
        return f"{fault.id}: {fault.file} is not there"
    if planted(path.read_text(encoding="utf-8"), fault) is None:
        return f"{fault.id}: the old line is not in {fault.file} exactly once, or the new one is the same"
    return None


def source_problems(faults, root=ROOT):
    found = (source_problem(fault, root) for fault in faults)
    return [problem for problem in found if problem]
