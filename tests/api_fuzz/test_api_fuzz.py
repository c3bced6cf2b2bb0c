import os
import subprocess
import unittest
from pathlib import Path

from fuzzing import environment

HERE = Path(__file__).resolve().parent


class Fuzz:
    engine = ""

    def test_every_operation_answers_as_it_is_declared_to_every_role(self):
        python = environment.prepared()
        outcome = subprocess.run(
            [str(python), str(HERE / "fuzz_roles.py"), "--engines", self.engine,
             "--examples", os.environ["HTTVPS_FUZZ_EXAMPLES"]],
            text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=580)
        print(outcome.stdout[-6000:])
        self.assertEqual(outcome.returncode, 0, outcome.stdout[-20000:])


class Sqlite(Fuzz, unittest.TestCase):
    engine = "sqlite"


class Postgresql(Fuzz, unittest.TestCase):
    engine = "postgresql"


if __name__ == "__main__":
    unittest.main()
