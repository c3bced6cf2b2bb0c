import json
import os
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path
from unittest import mock

from stack import demo, parts, process_table
from stack.failures import StackFailure
from stack.settings import ROOT

NOBODY = {"pid": 0, "start_ticks": -1, "boot": ""}
STAND_INS = Path(__file__).resolve().parent / "stand_ins"


class WithStandIns(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="httvps-stack-")
        self.addCleanup(self.folder.cleanup)
        self.run_dir = Path(self.folder.name)

    def stack(self, action, **extra):
        environment = {**os.environ, "STAND_IN_COUNTS": str(self.run_dir / "counts.json"),
                       "NODE_CIPHER": "", "URL": "", **extra}
        return subprocess.run(
            [sys.executable, str(ROOT / "tools" / "stack" / "stack.py"), action, "--run-dir", str(self.run_dir),
             "--programs", str(STAND_INS)], capture_output=True, text=True, env=environment, timeout=60, check=False)

    def state(self):
        return json.loads((self.run_dir / "state.json").read_text(encoding="utf-8"))

    def test_demo_fetches_counts_and_stops_everything(self):
        outcome = self.stack("demo")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        for words in ("SHA-256 the same", "counted", "Left by   orchard-1", "200 OK, \"A garden\"", "make up",
                      "httvpsctl approved the gateway", "of the plan's 1024 MiB 512 are left", "revoked the device",
                      "Local plan is active,", "1 of 100 devices, regions with a healthy node: local\n",
                      "took a new credential", "sessions: 1, memory in use: 25%", "Shown     join with approval"):
            self.assertIn(words, outcome.stdout)
        for secret in ("htv_stand_in", "stand_in_join_token", "httvps://stand-in/#ticket"):
            self.assertNotIn(secret, outcome.stdout + outcome.stderr)
        self.assertLessEqual(len(outcome.stdout.splitlines()), 20)
        self.assertEqual(processes_in(self.run_dir), [])

    def test_a_device_that_keeps_its_tunnel_after_its_revocation_fails_the_demo(self):
        stack = mock.Mock(names={"device": {"id": "dev_1"}}, running={"gateway": mock.Mock(log=Path("/nonexistent"))})
        stack.client.status.return_value = {"state": "connected", "last_error": None}
        with mock.patch.object(demo, "REVOCATION_SECONDS", 0.2), self.assertRaisesRegex(StackFailure, "turned out"):
            demo.revoke_device(stack)

    def test_a_gateway_that_keeps_its_credential_fails_the_demo(self):
        stack = mock.Mock(names={"gateway": {"id": "gw_1"}}, running={"gateway": mock.Mock(log=Path("/nonexistent"))})
        stack.operator.run.return_value = {"items": [{"owner_id": "gw_1", "created_at": "then", "state": "valid"}]}
        with mock.patch.object(demo, "RENEWAL_SECONDS", 0.2), self.assertRaisesRegex(StackFailure, "no new credential"):
            demo.tell_gateway(stack)

    def test_a_device_whose_question_is_refused_fails_the_demo_with_its_words(self):
        client = parts.Client(mock.Mock(programs=Path("/bin"), folder=lambda name: self.run_dir))
        client.program = self.run_dir / "refuses"
        client.program.write_text("#!/bin/sh\necho device_revoked >&2\nexit 5\n", encoding="utf-8")
        client.program.chmod(0o700)
        with self.assertRaisesRegex(StackFailure, "account ended with exit code 5: device_revoked"):
            client.ask("account")

    def test_demo_counts_a_url_between_curl_and_the_socks_port(self):
        self.assertEqual(self.stack("up").returncode, 0)
        url = self.state()["origin"]
        try:
            outcome = self.stack("demo", URL=url)
        finally:
            self.stack("down")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn(f"Fetched   {url}", outcome.stdout)

    def test_up_leaves_a_state_that_down_ends(self):
        outcome = self.stack("up", NODE_CIPHER="aes-256-gcm")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        try:
            state = self.state()
            self.assertIn(state["client_link"], outcome.stdout)
            self.assertEqual(state["node_cipher"], "aes-256-gcm")
            self.assertEqual(sorted(state["pids"]), ["backend", "client", "gateway", "node"])
            with urllib.request.urlopen(state["origin"], timeout=5) as page:
                self.assertIn(b"Orchard", page.read())
            again = self.stack("up")
            self.assertEqual(again.returncode, 1)
            self.assertIn("already running", again.stderr)
            self.assertIn(f"curl --socks5-hostname {state['socks']} {state['origin']}", again.stderr)
        finally:
            down = self.stack("down")
        self.assertIn("Stopped client, gateway, node, origin, backend.", down.stdout)
        self.assertFalse((self.run_dir / "state.json").exists())
        self.assertIn("Nothing", self.stack("down").stdout)

    def test_a_part_that_fails_is_named_with_its_last_lines(self):
        outcome = self.stack("up", STAND_IN_GATEWAY_FAILS="1")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("FAILED: gateway", outcome.stderr)
        self.assertIn("the certificate is from the moon", outcome.stderr)
        self.assertIn("What to do", outcome.stderr)
        self.assertEqual(processes_in(self.run_dir), [])

    def test_an_unknown_cipher_is_refused_before_anything_starts(self):
        outcome = self.stack("up", NODE_CIPHER="rot13")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("rot13", outcome.stderr)

    def test_a_session_limit_that_is_no_number_is_refused_by_name(self):
        outcome = self.stack("up", SESSION_LIMIT="many")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("SESSION_LIMIT=many", outcome.stderr)

    def test_nothing_keeps_a_secret_in_its_arguments(self):
        self.assertEqual(self.stack("up").returncode, 0)
        try:
            state = self.state()
            secrets = [json.loads((self.run_dir / "node" / "ss-server.json").read_text())["password"],
                       state["client_link"]]
            for command in processes_in(self.run_dir):
                for secret in secrets:
                    self.assertNotIn(secret, command)
        finally:
            self.stack("down")


def processes_in(folder):
    commands = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            inside = os.readlink(f"/proc/{name}/cwd").startswith(str(folder))
        except OSError:
            continue
        if inside:
            commands.append(process_table.command_line(int(name)))
    return commands


class Comparing(unittest.TestCase):
    def compare(self, backend, counted):
        stack, relay = mock.Mock(), mock.Mock()
        stack.api.get.return_value = {"total": backend, "items": [{"node_id": "n"}]}
        stack.names = {"node": {"id": "n", "name": "orchard-1"}, "device": {"id": "dev_1"}}
        stack.running = {"gateway": mock.Mock(log=Path("/nonexistent")), "client": mock.Mock(known=NOBODY)}
        stack.client.status.return_value = {"last_error": {"code": "device_revoked"}}
        relay.totals.snapshot.return_value = counted
        with mock.patch.object(demo, "REPORT_SECONDS", 0), mock.patch.object(demo, "say"):
            demo.compare_usage(mock.Mock(usage_interval=0), stack, relay)

    def test_accepts_equal_figures(self):
        self.compare({"up": 3, "down": 5}, {"up": 3, "down": 5, "connections": 1})

    def test_refuses_one_byte_more_or_less_either_way(self):
        for backend in ({"up": 4, "down": 5}, {"up": 2, "down": 5}, {"up": 3, "down": 6}, {"up": 3, "down": 4}):
            with self.assertRaisesRegex(StackFailure, "counted"):
                self.compare(backend, {"up": 3, "down": 5, "connections": 1})


if __name__ == "__main__":
    unittest.main()
