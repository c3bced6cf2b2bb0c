import hashlib
import os
import subprocess
import tempfile
import types
import unittest
from pathlib import Path

from stack.bring_up import Stack, bring_up
from stack.origin import LARGE_FILE, PAGES
from stack.settings import HOST, Settings

PROGRAMS = Path(os.environ["HTTVPS_PROGRAMS"])
SECONDS = 60


class ExamplesOnARealStack(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="httvps-examples-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        settings = Settings(types.SimpleNamespace(run_dir=cls.folder / "run", programs=PROGRAMS))
        cls.stack = Stack(settings)
        cls.addClassCleanup(cls.stack.stop)
        bring_up(settings, cls.stack)
        cls.state = cls.folder / "device"
        cls.enrolled = cls.run_example("enrol", cls.state, data=cls.stack.link.encode() + b"\n")

    @classmethod
    def run_example(cls, name, *words, data=b""):
        command = [str(PROGRAMS / f"example-{name}"), *(str(word) for word in words)]
        return subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)

    def origin(self):
        return f"{HOST}:{self.stack.origin.port}"

    def test_the_link_enrols_a_device_that_the_backend_knows(self):
        self.assertEqual(self.enrolled.returncode, 0, self.enrolled.stderr)
        device = self.enrolled.stdout.decode().split("enrolled as ")[1].split()[0]
        known = [item["id"] for item in self.stack.api.get("/devices")["items"]]
        self.assertIn(device, known)

    def test_a_second_enrolment_into_the_same_folder_is_refused_by_name(self):
        again = self.run_example("enrol", self.state, data=self.stack.link.encode() + b"\n")
        self.assertEqual(again.returncode, 1)
        self.assertIn(b"already_enrolled", again.stderr)

    def test_a_stream_brings_the_page(self):
        outcome = self.run_example("open-stream", self.state, self.origin(), "/about.html")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn(b"HTTP/1.1 200 OK", outcome.stdout)
        self.assertTrue(outcome.stdout.endswith(PAGES["about.html"].encode()))
        self.assertIn(b"connected to", outcome.stderr)

    def test_a_target_that_refuses_has_a_name(self):
        outcome = self.run_example("open-stream", self.state, f"{HOST}:1", "/")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn(b"target_unreachable_or_closed", outcome.stderr)

    def test_a_folder_without_enrolment_has_a_name(self):
        outcome = self.run_example("open-stream", self.folder / "nobody", self.origin(), "/")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn(b"not_enrolled", outcome.stderr)

    def test_a_size_that_is_no_number_is_wrong_usage(self):
        outcome = self.run_example("send-in-place", self.state, self.origin(), "/incoming/none", "many")
        self.assertEqual(outcome.returncode, 2)
        self.assertIn(b"usage", outcome.stderr)

    def test_a_file_shorter_than_its_size_is_named(self):
        outcome = self.run_example("send-in-place", self.state, self.origin(), "/incoming/short.bin", 100, data=b"short")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn(b"io_failure", outcome.stderr)

    def test_bytes_written_in_place_arrive_whole(self):
        data = (self.stack.origin.pages / LARGE_FILE).read_bytes()
        outcome = self.run_example("send-in-place", self.state, self.origin(), "/incoming/sent.bin", len(data),
                                   data=data)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn(b"201 Created", outcome.stdout)
        self.assertEqual(self.stack.origin.digest("incoming/sent.bin"), hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    unittest.main()
