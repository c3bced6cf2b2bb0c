import sys
from pathlib import Path

from common import run_main

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "mutants"))

from faults import read_faults, source_problems


def find_problems(root):
    return source_problems(read_faults(root / "tools" / "mutants" / "mutants.tsv"), root)


if __name__ == "__main__":
    run_main(find_problems)
