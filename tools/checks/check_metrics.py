import re

from common import project_files, relative, run_main, text_of

DECLARATION = re.compile(r'"(httvps_[a-z0-9_]+)"\s*,\s*(?:\.help = )?((?:"[^"]*"\s*)+)')
MENTION = re.compile(r'"(httvps_(?:gateway|backend|client|node)_[a-z0-9_]+)"')
ROW = re.compile(r"^\|\s*`(httvps_[a-z0-9_]+)`\s*\|\s*(.*?)\s*\|")
FOLDERS = ("gateway/", "backend/", "client-sdk/", "cli/", "node/")


def declared_metrics(root):
    found = {}
    for path in project_files(root, ".cpp", ".hpp"):
        name = relative(root, path)
        if name.startswith(FOLDERS) and "/tests/" not in name:
            for metric in MENTION.findall(text_of(path) or ""):
                found.setdefault(metric, None)
            for metric, text in DECLARATION.findall(text_of(path) or ""):
                found[metric] = "".join(re.findall(r'"([^"]*)"', text))
    return found


def documented_metrics(page):
    rows = (ROW.match(line) for line in text_of(page).splitlines())
    return {row.group(1): row.group(2) for row in rows if row}


def find_problems(root):
    declared = declared_metrics(root)
    documented = documented_metrics(root / "docs" / "metrics.md")
    problems = [f"docs/metrics.md: {name} has no row" for name in sorted(set(declared) - set(documented))]
    problems += [f"docs/metrics.md: {name} is not a metric (dead row)" for name in sorted(set(documented) - set(declared))]
    for name in sorted(set(declared) & set(documented)):
        if declared[name] not in (None, documented[name]):
            problems.append(f"docs/metrics.md: {name}: the program says: {declared[name]}")
    return problems


if __name__ == "__main__":
    run_main(find_problems)
