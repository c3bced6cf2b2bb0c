import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "checks"))
sys.path.insert(0, str(ROOT / "tools"))


class SampleTreeTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.root = Path(self.folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def assert_names(self, problems, *needles):
        for needle in needles:
            self.assertTrue(any(needle in problem for problem in problems), f"{needle} not in {problems}")
        self.assertEqual(len(problems), len(needles), problems)
