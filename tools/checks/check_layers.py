import re

from common import project_files, relative, run_main, text_of

INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.MULTILINE)
RULE_NAMES = {"may", "never", "only", "at_most"}


def read_table(path):
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    bad = [row for row in rows if len(row) != 3 or row[1] not in RULE_NAMES]
    if bad:
        raise SystemExit(f"{path.name}: cannot read the row {bad[0]}")
    return rows


def is_under(name, folder):
    return name == folder or name.startswith(folder + "/")


def module_of(name, modules):
    owners = [module for module in modules if is_under(name, module)]
    return max(owners, key=len, default=None)


def own_prefix(module):
    folder = module.removeprefix("lib/").removeprefix("client-sdk/")
    return "httvps/sdk/" if folder == "cpp" else f"httvps/{folder}/"


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def include_problems(name, text, module, rows):
    allowed = [own_prefix(module)] + [row[2] for row in rows if row[:2] == [module, "may"]]
    denied = [row[2] for row in rows if is_under(name, row[0]) and row[1] == "never"]
    for found in INCLUDE.finditer(text):
        target = found.group(1)
        place = f"{name}:{line_of(text, found.start())}"
        if target.startswith("httvps/") and not target.startswith(tuple(allowed)):
            yield f"{place}: {module} may not include {target}"
        for prefix in denied:
            if target.startswith(prefix):
                yield f"{place}: {module} never includes {target}"


def confined_problems(name, text, rows):
    by_word = {}
    for folder, rule, word in rows:
        if rule == "only":
            by_word.setdefault(word, []).append(folder)
    for word, folders in by_word.items():
        found = re.search(rf"(?<![\w:]){re.escape(word)}|::{re.escape(word)}", text)
        if found and not any(is_under(name, folder) for folder in folders):
            yield f"{name}:{line_of(text, found.start())}: {word} belongs in {', '.join(folders)} only"


def crowd_problems(texts, rows):
    for limit, rule, prefix in rows:
        if rule != "at_most":
            continue
        users = [name for name, text in texts.items() if any(t.startswith(prefix) for t in INCLUDE.findall(text))]
        headers = [name for name in users if name.endswith(".hpp") and "/include/" in name]
        if len(users) > int(limit):
            yield f"{prefix} is included by {len(users)} files, at most {limit} may: {', '.join(users)}"
        for name in headers:
            yield f"{name}: {prefix} stays out of public headers"


def find_problems(root):
    rows = read_table(root / "tools" / "layers.tsv")
    modules = {row[0] for row in rows if row[1] == "may"}
    texts = {relative(root, path): text_of(path) or "" for path in project_files(root, ".cpp", ".hpp")}
    problems = []
    for name, text in texts.items():
        module = module_of(name, modules)
        if module is None:
            problems.append(f"{name}: tools/layers.tsv does not say what this folder may include")
            continue
        problems += include_problems(name, text, module, rows)
        problems += confined_problems(name, text, rows)
    return problems + list(crowd_problems(texts, rows))


if __name__ == "__main__":
    run_main(find_problems)
