from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RUN = ROOT / "build" / "bench" / "run"
RESULTS = ROOT / "build" / "bench" / "results.json"
MEMORY_FILES = Path("/dev/shm")
STACK = ROOT / "tools" / "stack" / "stack.py"
