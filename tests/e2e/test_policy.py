import signal
import unittest

from support import socks
from support.cases import WithDeployment
from support.deployment import wait_for


class Policy(WithDeployment):
    def set_policy(self, **fields):
        return self.deployment.api.call("PATCH", "/policy", fields)["version"]

    def wait_for_version(self, client, version):
        wait_for(lambda: client.status()["policy"]["version"] == version,
                 f"the client has policy {version}; it has {client.status()['policy']}")

    def test_policy_reaches_running_clients_and_is_obeyed_and_kept(self):
        origin = self.origin()
        tunnel = self.client().enrolled().connected()
        self.wait_for_version(tunnel, self.deployment.api.get("/policy")["version"])
        held = [socks.connect(tunnel.socks, "127.0.0.1", origin.port) for _ in range(3)]
        for connection in held:
            self.addCleanup(connection.close)
        wait_for(lambda: tunnel.status()["carriers"]["open"] == 2, "a second carrier is open")
        version = self.set_policy(carriers_most=1)
        self.wait_for_version(tunnel, version)
        wait_for(lambda: tunnel.status()["carriers"]["open"] == 1, "one carrier is left")
        for connection in held:
            self.assertEqual(socks.exchange(connection, b"goes on"), b"goes on")
        self.assertIsNone(tunnel.status()["policy"]["refused"])
        self.assertEqual(tunnel.end(signal.SIGTERM), 0)

        self.deployment.end("gateway", signal.SIGKILL)
        self.addCleanup(self.deployment.start_gateway)
        tunnel.start()
        self.assertEqual(tunnel.status()["policy"]["version"], version)


if __name__ == "__main__":
    unittest.main()
