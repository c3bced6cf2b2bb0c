import json
import re
import subprocess

from common import project_files, relative, run_main, text_of

HEADING = re.compile(r"^### +(.+?)\s*$")
KINDS = {"class", "struct", "enum", "function", "prototype", "typedef", "variable", "union"}
CONCEPT = re.compile(r"^\s*concept\s+(\w+)\s*=", re.MULTILINE)
NAMESPACE = re.compile(r"^namespace\s+([\w:]+)\s*{", re.MULTILINE)


def is_public_header(root, path):
    name = relative(root, path)
    return "/include/httvps/" in name and not name.startswith(("tests/", "bench/"))


def public_headers(root):
    return [path for path in project_files(root, ".hpp") if is_public_header(root, path)]


def read_tags(headers):
    command = ["ctags", "--options=NONE", "--output-format=json", "--fields=+aSK", "--c++-kinds=+p-m", "--language-force=C++"]
    command += ["-o", "-"] + [str(path) for path in headers]
    outcome = subprocess.run(command, capture_output=True, check=True)
    return [json.loads(line) for line in outcome.stdout.decode().splitlines()]


def is_public_macro(tag):
    name = tag["name"]
    return name.startswith("HTTVPS_") and not name.endswith("_IMPL") and "CONCAT" not in name


def is_inside_a_declaration(tag):
    return tag["pattern"].removeprefix("/^").startswith((" ", "concept "))


def is_detail(scopes):
    return any(scope.endswith("detail") for scope in scopes)


def symbol_of(tag):
    if tag["kind"] == "macro":
        return tag["name"] if is_public_macro(tag) else None
    scope = tag.get("scope", "")
    inner = scope.split("::")
    if tag["kind"] not in KINDS or tag.get("scopeKind") != "namespace" or inner[0] != "httvps":
        return None
    if is_inside_a_declaration(tag) or is_detail(inner) or tag["name"].startswith(("operator", "__anon")):
        return None
    return f"{scope}::{tag['name']}"


def concepts_of(header):
    text = text_of(header)
    space = NAMESPACE.search(text)
    return {f"{space.group(1)}::{name}" for name in CONCEPT.findall(text)} if space else set()


def public_symbols(root):
    headers = public_headers(root)
    if not headers:
        return {}
    found = {}
    for tag in read_tags(headers):
        symbol = symbol_of(tag)
        if symbol:
            found.setdefault(symbol, tag["path"].removeprefix(str(root) + "/"))
    for header in headers:
        for symbol in concepts_of(header):
            found.setdefault(symbol, relative(root, header))
    return found


def entries_of(page):
    entries, open_names = {}, []
    for number, line in enumerate(text_of(page).splitlines(), 1):
        heading = HEADING.match(line)
        if heading:
            open_names = [name.strip(" `") for name in heading.group(1).split(",")]
            entries.update({name: [number, 0] for name in open_names})
        elif line.startswith("#"):
            open_names = []
        elif line.strip():
            for name in open_names:
                entries[name][1] += 1
    return entries


def find_problems(root):
    symbols = public_symbols(root)
    documented, problems = set(), []
    for page in sorted((root / "docs" / "reference").glob("*.md")):
        for name, (number, lines) in entries_of(page).items():
            place = f"{relative(root, page)}:{number}"
            if name not in symbols:
                problems.append(f"{place}: {name} is not a public symbol (dead entry)")
            elif lines == 0:
                problems.append(f"{place}: {name} has an empty entry")
            documented.add(name)
    for name in sorted(set(symbols) - documented):
        problems.append(f"{symbols[name]}: {name} has no entry in docs/reference")
    return problems


if __name__ == "__main__":
    run_main(find_problems)
