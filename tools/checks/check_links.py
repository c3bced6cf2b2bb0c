import re

from common import project_files, relative, run_main, text_of

LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
FOREIGN = re.compile(r"^[a-z]+:")


def find_problems(root):
    problems = []
    for page in project_files(root, ".md"):
        text = FENCE.sub("", text_of(page) or "")
        for target in LINK.findall(text):
            if not FOREIGN.match(target) and not (page.parent / target).exists():
                problems.append(f"{relative(root, page)}: dead link {target}")
    return problems


if __name__ == "__main__":
    run_main(find_problems)
