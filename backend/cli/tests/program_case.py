import json
import os
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

PROGRAMS = Path(os.environ["HTTVPS_PROGRAMS"])
PROGRAM = PROGRAMS / "httvpsctl"
PASSWORD = "correct horse battery"


class Backend:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="httvpsctl-"))
        names = {
            "BACKEND_DB_DSN": f"sqlite://{self.folder}/backend.db",
            "BACKEND_SECRET_KEY_FILE": "secret-key",
            "BACKEND_ROOT_KEY_FILE": "root-key",
            "BACKEND_ADMIN_TOKEN_FILE": "admin-token",
            "BACKEND_GATEWAY_SECRET": "gateway-secret-of-the-test-1",
            "BACKEND_LISTEN": "127.0.0.1:0",
            "BACKEND_ADDRESS_FILE": "address",
        }
        self.environment = {**os.environ, **names}
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [PROGRAMS / "httvps-backend"], env=self.environment, cwd=self.folder, stdout=self.log, stderr=subprocess.STDOUT
        )
        self.address = self.wait_for_address()

    def wait_for_address(self):
        path = self.folder / "address"
        for _ in range(2000):
            if path.exists() and path.read_text().endswith("\n"):
                return "http://" + path.read_text().strip()
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError((self.folder / "log").read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        shutil.rmtree(self.folder)


class ProgramCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backend = Backend()

    @classmethod
    def tearDownClass(cls):
        cls.backend.stop()

    def run_ctl(self, *words, stdin="", token=True, code=0, more=None):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.backend.folder),
            "XDG_CONFIG_HOME": str(self.backend.folder / "config"),
            "HTTVPS_ADMIN_SERVER": self.backend.address,
            **(more or {}),
        }
        if token:
            environment["HTTVPS_ADMIN_TOKEN"] = (self.backend.folder / "admin-token").read_text().strip()
        outcome = subprocess.run(
            [PROGRAM, *words], input=stdin, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual(outcome.returncode, code, (words, outcome.stdout, outcome.stderr))
        return outcome

    def json_of(self, *words, **more):
        return json.loads(self.run_ctl(*words, "-o", "json", **more).stdout)
