import re

from common import run_main, text_of

EFFECTS = ["Changed behaviour", "Deprecated", "Added", "Fixed", "Security", "Removed"]
EMPTY_WORDS = re.compile(r"fixes and improvements|various|minor changes", re.IGNORECASE)


def unreleased_lines(text):
    found = re.search(r"^## Unreleased\s*$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return None if found is None else found.group(1).splitlines()


def section_problems(lines):
    effect, counts = None, {}
    for line in lines:
        if line.startswith("### "):
            effect = line[4:].strip()
            counts[effect] = 0
        elif line.startswith("- "):
            if effect is None:
                yield f"docs/CHANGELOG.md: a line stands before any effect heading: {line}"
            else:
                counts[effect] += 1
        if EMPTY_WORDS.search(line):
            yield f"docs/CHANGELOG.md: says nothing: {line.strip()}"
    if not any(counts.values()):
        yield "docs/CHANGELOG.md: the Unreleased section is empty"
    for effect, count in counts.items():
        if effect not in EFFECTS:
            yield f"docs/CHANGELOG.md: {effect} is none of: {', '.join(EFFECTS)}"
        elif count == 0:
            yield f"docs/CHANGELOG.md: {effect} has no line"


def find_problems(root):
    page = root / "docs" / "CHANGELOG.md"
    if not page.is_file():
        return ["docs/CHANGELOG.md is missing"]
    lines = unreleased_lines(text_of(page))
    if lines is None:
        return ["docs/CHANGELOG.md: there is no section ## Unreleased"]
    return list(section_problems(lines))


if __name__ == "__main__":
    run_main(find_problems)
