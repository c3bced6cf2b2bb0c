import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).resolve().parents[1] / "tools"))

from harness.crowd import main

if __name__ == "__main__":
    sys.exit(main())
