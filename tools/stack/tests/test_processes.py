import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from stack import certificates, ports, process_table
from stack.failures import StackFailure
from stack.processes import Group, Launch, start, wait_for_address_file


def sleeper():
    return subprocess.Popen(["sleep", "60"])


class Identity(unittest.TestCase):
    def setUp(self):
        self.child = sleeper()
        self.addCleanup(self.child.wait)
        self.addCleanup(self.child.kill)

    def test_is_the_same_for_a_living_process(self):
        self.assertTrue(process_table.is_same(process_table.identity(self.child.pid)))

    def test_differs_when_the_number_was_given_to_another_process(self):
        known = process_table.identity(self.child.pid)
        self.assertFalse(process_table.is_same({**known, "start_ticks": known["start_ticks"] - 1}))
        self.assertFalse(process_table.is_same({**known, "boot": "another"}))

    def test_a_stranger_is_never_stopped(self):
        known = process_table.identity(self.child.pid)
        self.assertEqual(process_table.stop_all([{**known, "start_ticks": 1}]), 0)
        self.assertIsNone(self.child.poll())


class Stopping(unittest.TestCase):
    def test_ends_children_too(self):
        shell = subprocess.Popen(["sh", "-c", "sleep 60 & echo $!; wait"], stdout=subprocess.PIPE, text=True)
        child = int(shell.stdout.readline())
        known = process_table.identity(child)
        self.assertEqual(process_table.stop_all([process_table.identity(shell.pid)]), 2)
        self.assertFalse(process_table.is_same(known))
        shell.wait()
        shell.stdout.close()

    def test_ends_a_process_that_ignores_the_request(self):
        stubborn = subprocess.Popen(["sh", "-c", "trap '' TERM; echo on; while :; do sleep 0.05; done"],
                                    stdout=subprocess.PIPE, text=True)
        stubborn.stdout.readline()
        known = process_table.identity(stubborn.pid)
        process_table.stop_all([known], seconds=0.2)
        self.assertFalse(process_table.is_same(known))
        stubborn.wait()
        stubborn.stdout.close()


class Starting(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = Path(self.folder.name)
        self.group = Group()
        self.addCleanup(self.group.stop)

    def test_names_a_program_that_is_missing(self):
        with self.assertRaisesRegex(StackFailure, "no-such-program"):
            start(Launch("part", ["no-such-program"], self.path))

    def test_tells_when_a_part_ends_before_it_is_ready(self):
        running = self.group.start(Launch("part", [sys.executable, "-c", "import sys; sys.exit('out of apples')"],
                                          self.path))
        with self.assertRaises(StackFailure) as caught:
            wait_for_address_file(running, self.path / "address", seconds=10)
        self.assertIn("exit code 1", caught.exception.what)
        self.assertTrue(any("out of apples" in line for line in caught.exception.lines()))

    def test_gives_up_on_a_part_that_never_gets_ready(self):
        running = self.group.start(Launch("part", ["sleep", "60"], self.path))
        with self.assertRaisesRegex(StackFailure, "did not happen within 0.1 s"):
            wait_for_address_file(running, self.path / "address", seconds=0.1)


class Certificates(unittest.TestCase):
    def test_are_for_the_name_and_reused_while_good(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            first = certificates.reuse_or_make(folder, "gateway.test", "test authority")
            made = first["leaf"].read_bytes()
            certificates.reuse_or_make(folder, "gateway.test", "test authority")
            self.assertEqual(first["leaf"].read_bytes(), made)
            certificates.reuse_or_make(folder, "other.test", "test authority")
            self.assertNotEqual(first["leaf"].read_bytes(), made)
            self.assertEqual(first["key"].stat().st_mode & 0o777, 0o600)


class Ports(unittest.TestCase):
    def test_are_free_different_and_below_the_ephemeral_range(self):
        found = {ports.free_port() for _ in range(50)}
        self.assertEqual(len(found), 50)
        self.assertTrue(all(ports.LOWEST <= port <= ports.HIGHEST for port in found))


if __name__ == "__main__":
    unittest.main()
