import os
import signal
import stat
import unittest

from support import socks
from support.cases import WithDeployment
from support.deployment import wait_for


class Status(WithDeployment):
    def test_tells_what_the_client_does(self):
        tunnel = self.client().enrolled("--name", "desk").connected()
        data = os.urandom(4_000)
        socks.echo(tunnel.socks, "127.0.0.1", self.origin().port, data)
        status = tunnel.status()
        self.assertEqual(status["state"], "connected")
        self.assertEqual(status["device"]["name"], "desk")
        self.assertEqual(status["gateway"]["id"], self.deployment.gateway_id)
        self.assertEqual(status["socks"]["address"], tunnel.socks)
        self.assertEqual(status["process"], tunnel.process.pid)
        self.assertEqual((status["streams"]["opened"], status["sessions"]), (1, 1))
        self.assertEqual(status["bytes"], {"up": 4_000, "down": 4_000})
        self.assertIsNone(status["last_error"])

    def test_tells_it_in_words(self):
        tunnel = self.client().enrolled().connected()
        outcome = tunnel.call("status", "--state", tunnel.state)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        for words in ("Connected to gateway gateway.httvps.test", f"SOCKS5 at {tunnel.socks}", "Bytes: 0 B up",
                      "Nothing has failed so far."):
            self.assertIn(words, outcome.stdout)

    def test_names_what_keeps_the_client_from_connecting(self):
        tunnel = self.client().enrolled().connected()
        self.deployment.end("gateway", signal.SIGKILL)
        self.addCleanup(self.deployment.start_gateway)
        wait_for(lambda: tunnel.status()["state"] == "resuming", "the client tries to resume")
        wait_for(lambda: tunnel.status()["last_error"]["code"] == "gateway_refused", "the reason is named")
        words = tunnel.call("status", "--state", tunnel.state).stdout
        self.assertIn("Not connected", words)
        self.assertIn("(gateway_refused)", words)

    def test_only_its_owner_may_ask(self):
        tunnel = self.client().enrolled().connected()
        sockets = [path for path in tunnel.runtime.rglob("*") if stat.S_ISSOCK(path.stat().st_mode)]
        self.assertEqual(len(sockets), 1)
        self.assertEqual(stat.S_IMODE(sockets[0].stat().st_mode) & 0o077, 0)
        self.assertEqual(stat.S_IMODE(sockets[0].parent.stat().st_mode), 0o700)

    def test_ends_with_eight_when_the_client_has_stopped_or_crashed(self):
        tunnel = self.client().enrolled()
        for number in (signal.SIGTERM, signal.SIGKILL):
            tunnel.connected().end(number)
            self.assert_fails(tunnel.call("status", "--state", tunnel.state), 8, "not_running")


if __name__ == "__main__":
    unittest.main()
