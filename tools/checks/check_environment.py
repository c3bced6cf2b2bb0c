import re

from common import run_main, text_of

KEY = re.compile(r"^([A-Z][A-Z0-9_]*)=")
ROW_KEY = re.compile(r"`([A-Z][A-Z0-9_]{3,})`")


def find_problems(root):
    example = root / ".env.example"
    page = root / "docs" / "config.md"
    documented = set(ROW_KEY.findall(text_of(page)))
    problems = []
    for number, line in enumerate(text_of(example).splitlines(), 1):
        key = KEY.match(line)
        if line.strip() and key is None:
            problems.append(f".env.example:{number}: not KEY=value")
        elif key and key.group(1) not in documented:
            problems.append(f".env.example:{number}: {key.group(1)} has no row in docs/config.md")
    return problems


if __name__ == "__main__":
    run_main(find_problems)
