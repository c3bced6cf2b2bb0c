import os
import unittest

from stack.parts import Gateway
from stack.ports import free_port
from stack.settings import HOST
from support import socks
from support.client import Client
from support.deployment import Deployment, wait_for
from support.echo import Echo

DRAIN = "4000"


class TwoGateways(Deployment):
    def start_gateway(self):
        super().start_gateway()
        self.second = Gateway(self.settings)
        self.second.folder = self.settings.folder("second")
        self.second.address_file = self.second.folder / "address"
        launch = self.second.launch(self.paths, self.backend_part.gateway_secret, self.backend_url)
        launch.role = "second"
        launch.environment |= {"GATEWAY_NAME": "second-gateway", "GATEWAY_LISTEN": f"{HOST}:{free_port()}",
                               "GATEWAY_HEARTBEAT_INTERVAL": "200", "GATEWAY_DRAIN": DRAIN}
        self.second.wait(self.launch(launch))

    def approved_gateway(self):
        ready = {each["name"]: each for each in self.api.get("/gateways")["items"] if each["state"] == "approved"}
        return ready["local-gateway"]["id"] if len(ready) == 2 and all_heard(ready) else None

    def gateway(self, gateway_id):
        return next(each for each in self.api.get("/gateways")["items"] if each["id"] == gateway_id)


def all_heard(gateways):
    return all(each["heartbeat"] for each in gateways.values())


class Draining(unittest.TestCase):
    def setUp(self):
        self.deployment = TwoGateways(GATEWAY_DRAIN=DRAIN)
        self.addCleanup(self.deployment.stop)
        client = Client(self.deployment)
        self.addCleanup(client.stop)
        self.tunnel = client.enrolled().connected()
        self.origin = Echo("127.0.0.1", None)
        self.addCleanup(self.origin.stop)

    def gateway_of_client(self):
        return self.tunnel.status().get("gateway", {}).get("id")

    def test_device_moves_and_its_running_stream_may_finish(self):
        left = self.gateway_of_client()
        data = os.urandom(100_000)
        with socks.connect(self.tunnel.socks, "127.0.0.1", self.origin.port) as running:
            self.assertEqual(socks.exchange(running, b"before"), b"before")
            self.deployment.api.post(f"/gateways/{left}:drain", None)
            wait_for(lambda: self.gateway_of_client() not in (left, None), "the client moves", 10)
            self.assertEqual(socks.exchange(running, data), data)
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", self.origin.port, b"moved"), b"moved")
        self.assertIsNone(self.tunnel.process.poll())
        wait_for(lambda: self.deployment.gateway(left)["heartbeat"]["state"] == "drained", "the gateway is drained")
        self.deployment.api.post(f"/gateways/{left}:undrain", None)
        wait_for(lambda: self.deployment.gateway(left)["heartbeat"]["state"] == "serving", "the gateway serves again")

    def test_stream_that_outlasts_the_drain_ends_and_the_device_goes_on(self):
        left = self.gateway_of_client()
        with socks.connect(self.tunnel.socks, "127.0.0.1", self.origin.port) as running:
            self.assertEqual(socks.exchange(running, b"before"), b"before")
            self.deployment.api.post(f"/gateways/{left}:drain", None)
            self.assertTrue(socks.ends_with_an_error(running))
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", self.origin.port, b"after"), b"after")
        self.assertNotEqual(self.gateway_of_client(), left)
