import subprocess
import sys
from pathlib import Path


def repository_root():
    return Path(__file__).resolve().parents[2]


def listed_by_git(root):
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    outcome = subprocess.run(command, capture_output=True, check=False)
    if outcome.returncode != 0 or not (root / ".git").exists():
        return None
    return [root / name for name in outcome.stdout.decode().split("\0") if name]


def project_files(root, *suffixes):
    listed = listed_by_git(root)
    if listed is None:
        listed = [path for path in root.rglob("*")]
    chosen = {path for path in listed if path.is_file() and not path.is_symlink()}
    if suffixes:
        chosen = {path for path in chosen if path.name.endswith(suffixes)}
    return sorted(chosen)


def text_of(path):
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def relative(root, path):
    return path.relative_to(root).as_posix()


def run_main(find_problems):
    problems = find_problems(repository_root())
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
