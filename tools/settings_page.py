import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "config.md"
PROGRAMS = {
    "httvps-backend": ["settings"],
    "httvps-gateway": ["--describe-settings"],
    "httvps-node": ["settings"],
}
HEAD = """# Configuration

Every setting is declared once in its program with kind, default, bounds and meaning. Later beats earlier: default, JSON
file (`--config`), environment, command line. Unknown names are errors; all problems are reported at once. The tables are
what the programs print; `make settings` writes them anew and the CI script fails when they differ.

`.env.example` names what a deployment usually sets. The programs read the environment and not that file:
`set -a; . ./.env; set +a; httvps-backend`.
"""


def table_of(folder, program):
    command = [str(folder / program), *PROGRAMS[program]]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()


def page_from(folder):
    tables = [f"\n## {program}\n\n{table_of(folder, program)}\n" for program in PROGRAMS]
    return HEAD + "".join(tables)


def main():
    mode, folder = sys.argv[1], Path(sys.argv[2]).resolve()
    page = page_from(folder)
    if mode == "write":
        PAGE.write_text(page, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page:
        sys.exit("docs/config.md is not what the programs print: run make settings")


if __name__ == "__main__":
    main()
