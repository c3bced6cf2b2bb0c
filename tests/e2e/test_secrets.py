import base64
import json
import os
import signal
import unittest
from pathlib import Path

from stack import process_table
from support import socks
from support.cases import WithDeployment
from support.deployment import wait_for

PAYLOAD = b"the payload nobody may write down"


def texts_of(secret):
    raw = secret.encode() if isinstance(secret, str) else secret
    return {raw, base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"="), raw.hex().encode()}


class Secrets(WithDeployment):
    def setUp(self):
        self.link = self.deployment.link()
        self.tunnel = self.client()
        enrolled = self.tunnel.enrol(self.link)
        self.assertEqual(enrolled.returncode, 0, enrolled.stderr)
        self.told = enrolled.stdout + enrolled.stderr

    def planted(self):
        record = json.loads((self.tunnel.state / "enrolment.json").read_text(encoding="utf-8"))
        content = json.loads(base64.urlsafe_b64decode(self.link.split("#")[1] + "=="))
        key = (self.tunnel.state / "device.key").read_bytes().strip()
        payload = record["config"].split(".")[2]
        config = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))[:-64]
        gateway = json.loads(config)["gateways"][0]
        return {"link": self.link.split("#")[1], "ticket": content["ticket"], "token": record["token"], "key": key,
                "path": gateway["path"], "cookie": gateway["cookie"], "payload": PAYLOAD,
                "node password": self.deployment.node_part.password,
                "gateway secret": self.deployment.backend_part.gateway_secret,
                "admin token": self.deployment.backend_part.admin_token()}

    def assert_leaves_no_core(self, pid):
        folder = Path("/proc") / str(pid)
        core = [line for line in (folder / "limits").read_text(encoding="ascii").splitlines()
                if line.startswith("Max core file size")]
        self.assertEqual(core[0].split()[4:6], ["0", "0"], process_table.command_line(pid))
        kinds = (folder / "coredump_filter").read_text(encoding="ascii").strip()
        self.assertEqual(int(kinds, 16), 0, process_table.command_line(pid))

    def assert_clean(self, where, text):
        for name, secret in self.planted().items():
            for form in texts_of(secret):
                self.assertNotIn(form, text, f"{name} in {where}")

    def use_the_tunnel(self):
        self.tunnel.connected("--log-level", "debug")
        origin = self.origin()
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, PAYLOAD), PAYLOAD)
        with socks.connect(self.tunnel.socks, "no-such-name.invalid", 80) as connection:
            connection.sendall(PAYLOAD)
            self.assertTrue(socks.ends_with_an_error(connection))

    def test_are_in_no_log_no_message_and_no_argument(self):
        self.use_the_tunnel()
        running = [*self.deployment.parts.values(), self.tunnel.process]
        for each in running:
            self.assert_clean("an argument", process_table.command_line(each.pid).encode())
        status = self.tunnel.call("status", "--json", "--state", self.tunnel.state)
        self.assert_clean("the status", status.stdout.encode())
        self.tunnel.end(signal.SIGTERM)
        self.assert_clean("what the client says", (self.told + self.tunnel.said()).encode())
        self.assertIn("tunnel_connected", self.tunnel.said())
        for role in ("gateway", "backend"):
            self.assert_clean(f"the log of the {role}", self.deployment.written(role).encode())
        self.assertIn("session_opened", self.deployment.written("gateway"))

    def test_are_in_no_core_dump(self):
        self.tunnel.connected()
        ours = [self.deployment.parts[role] for role in ("backend", "gateway")]
        for each in [*ours, self.tunnel.process]:
            self.assert_leaves_no_core(each.pid)

    def test_are_in_no_error_message(self):
        self.deployment.end("gateway", signal.SIGKILL)
        self.addCleanup(self.deployment.start_gateway)
        self.tunnel.start("--log-level", "debug")
        wait_for(lambda: "Not connected" in self.tunnel.said(), "the client says that it is not connected")
        attempts = [self.tunnel.enrol(self.link), self.tunnel.enrol(self.link, "--replace"),
                    self.tunnel.enrol(self.link[:-10], "--replace"),
                    self.tunnel.call("enrol", self.link + "x", "--state", os.devnull)]
        for outcome in attempts:
            self.assertNotEqual(outcome.returncode, 0)
            self.assert_clean("an error", (outcome.stdout + outcome.stderr).encode())
        self.assert_clean("what the client says", self.tunnel.said().encode())


if __name__ == "__main__":
    unittest.main()
