import re

from common import project_files, relative, run_main, text_of

RULES = {
    "machine path": re.compile(r"(^|[^A-Za-z0-9_.])/(wor[k]|far[m]|roo[t])/"),
    "registry host": re.compile(
        r"npmj[s][.]|[.]de[b]ian[.](org|net)|pyp[i][.]org|[c]rates[.]io|prox[y][.]golang|ghc[r][.]io"
    ),
    "switched-off lint or test": re.compile(
        r"NOLIN[T]|clang-format of[f]|eslint-[d]isable|@ts-ignor[e]|GTEST_SKI[P]|shellcheck [d]isable"
    ),
    "unfinished mark": re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b"),
}
SKIPPED_FOLDERS = ("tests/fuzz/corpus/",)


def line_problems(name, number, line):
    return [f"{name}:{number}: {rule}" for rule, pattern in RULES.items() if pattern.search(line)]


def find_problems(root):
    problems = []
    for path in project_files(root):
        name = relative(root, path)
        text = None if name.startswith(SKIPPED_FOLDERS) else text_of(path)
        for number, line in enumerate((text or "").splitlines(), 1):
            problems += line_problems(name, number, line)
    return problems


if __name__ == "__main__":
    run_main(find_problems)
