import fnmatch
import sys
import xml.etree.ElementTree as tree
from pathlib import Path

from common import repository_root

COLUMNS = ["issue", "requirement", "kind", "name"]


def read_rows(table):
    lines = table.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].split("\t") != COLUMNS:
        return [], [f"{table.name}: the first line must be: {' '.join(COLUMNS)} (tabs between)"]
    rows, problems = [], []
    for number, line in enumerate(lines[1:], start=2):
        cells = line.split("\t")
        if len(cells) != len(COLUMNS) or not all(cells):
            problems.append(f"{table.name}:{number}: needs {len(COLUMNS)} filled cells")
            continue
        rows.append((number, dict(zip(COLUMNS, cells))))
    return rows, problems


def tests_that_ran(junit):
    root = tree.parse(junit).getroot()
    return {case.get("name") for case in root.iter("testcase") if case.get("status") == "run"}


def make_targets(makefile):
    targets = set()
    for line in makefile.read_text(encoding="utf-8").splitlines():
        if line and not line[0].isspace() and ":" in line and "=" not in line.split(":")[0]:
            targets.update(line.split(":")[0].split())
    return targets


def command_problem(root, name):
    words = name.split()
    if words[0] == "make" and words[1] in make_targets(root / "Makefile"):
        return None
    if (root / words[0]).is_file():
        return None
    return f"no such command: {name}"


def test_problem(name, ran):
    if fnmatch.filter(ran, name):
        return None
    return f"did not run: {name}"


def find_problems(root, junit):
    table = root / "tests" / "requirements.tsv"
    if not junit.is_file():
        return [f"{junit} is missing: the tests did not run"]
    rows, problems = read_rows(table)
    if not rows:
        problems.append(f"{table.name}: no requirement is listed")
    ran = tests_that_ran(junit)
    checks = {
        "test": lambda name: test_problem(name, ran),
        "command": lambda name: command_problem(root, name),
    }
    for number, row in rows:
        check = checks.get(row["kind"], lambda name: "kind must be test or command")
        problem = check(row["name"])
        if problem:
            problems.append(f"{table.name}:{number}: {row['requirement']}: {problem}")
    return problems


def main():
    root = repository_root()
    problems = find_problems(root, Path(sys.argv[1]).resolve())
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"requirements: {len(problems)} not shown")
    print("requirements: every named test ran")


if __name__ == "__main__":
    main()
