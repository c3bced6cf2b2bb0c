import re

from common import project_files, relative, run_main, text_of

TABLE = re.compile(r"error_entry\s+\w+\s*\[\s*\]\s*=?\s*\{(.*?)\n\s*\};|error_entry,\s*\d+>\s*\w+\s*\{(.*?)\n\s*\};", re.DOTALL)
ENTRY = re.compile(r",\s*\"([a-z0-9_]+)\"\s*,\s*(?=\")")
OWNER = re.compile(r"error_table\s+\w+\s*[({]\s*\"([a-z0-9_]+)\"")
SECTION = re.compile(r"^## +`?([a-z0-9_]+)`?\s*$")
ROW = re.compile(r"^\|\s*`([a-z0-9_]+)`\s*\|")
FOLDERS = ("lib/", "gateway/", "backend/", "client-sdk/", "cli/", "node/")


def labels_in_source(root):
    labels, problems = {}, []
    for path in project_files(root, ".cpp"):
        name = relative(root, path)
        text = text_of(path) or ""
        tables = [first or second for first, second in TABLE.findall(text)]
        if not name.startswith(FOLDERS) or "/tests/" in name or not tables:
            continue
        owner = OWNER.search(text)
        entries = [label for table in tables for label in ENTRY.findall(table)]
        if owner is None or not entries:
            problems.append(f"{name}: an error table that this check cannot read")
            continue
        labels.update({(owner.group(1), label): name for label in entries})
    return labels, problems


def labels_in_page(page):
    labels, module = {}, None
    for number, line in enumerate(text_of(page).splitlines(), 1):
        section = SECTION.match(line)
        if line.startswith("## "):
            module = section.group(1) if section else None
        row = ROW.match(line)
        if row and module:
            labels[(module, row.group(1))] = number
    return labels


def find_problems(root):
    in_source, problems = labels_in_source(root)
    page = root / "docs" / "errors.md"
    in_page = labels_in_page(page)
    for key in sorted(set(in_source) - set(in_page)):
        problems.append(f"{in_source[key]}: {key[0]}.{key[1]} has no row in docs/errors.md")
    for key in sorted(set(in_page) - set(in_source)):
        problems.append(f"docs/errors.md:{in_page[key]}: {key[0]}.{key[1]} is in no error table (dead row)")
    return problems


if __name__ == "__main__":
    run_main(find_problems)
