import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements.txt"


def python_of(folder):
    return folder / "bin" / "python3"


def prepared():
    folder = Path(os.environ["HTTVPS_FUZZ_ENVIRONMENT"])
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    mark = folder / "installed"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="utf-8") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        install_if_changed(folder, mark, wanted)
    return python_of(folder)


def install_if_changed(folder, mark, wanted):
    if not mark.exists() or mark.read_text(encoding="utf-8") != wanted:
        run(sys.executable, "-m", "venv", "--clear", folder)
        run(python_of(folder), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
            "--requirement", REQUIREMENTS)
        mark.write_text(wanted, encoding="utf-8")


def run(*command):
    outcome = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600, check=False)
    if outcome.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {outcome.stdout[-2000:]}{outcome.stderr[-2000:]}")
