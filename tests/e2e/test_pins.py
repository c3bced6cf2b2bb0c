import shutil
import signal
import unittest

from stack import certificates
from stack.settings import GATEWAY_NAME, REGION
from support import socks
from support.cases import WithDeployment
from support.deployment import wait_for


class Pins(WithDeployment):
    def setUp(self):
        folder = self.deployment.settings.folder("next-certificate")
        for name in ("ca.key", "ca.crt"):
            shutil.copy(self.deployment.paths["authority"].with_name(name), folder / name)
        certificates.make_leaf(folder, GATEWAY_NAME)
        self.next = {"chain": folder / "leaf.crt", "key": folder / "leaf.key"}

    def restart_gateway(self, **more):
        self.deployment.end("gateway", signal.SIGTERM)
        self.deployment.more = more
        self.deployment.start_gateway()

    def known_pins(self):
        return self.deployment.api.get("/gateways")["items"][0]["pins"]

    def test_tls_key_is_exchanged_without_cutting_off_who_knows_both(self):
        origin = self.origin()
        told, untold = self.client().enrolled(), self.client().enrolled()
        self.assertEqual(len(self.known_pins()), 1)
        self.restart_gateway(GATEWAY_TLS_NEXT_KEY=str(self.next["key"]))
        first, second = wait_for(lambda: len(self.known_pins()) == 2 and self.known_pins(), "both pins are known")
        told.connected("--region", REGION)
        self.assertEqual(told.end(signal.SIGTERM), 0)
        newcomer = self.client().enrolled()

        self.restart_gateway(GATEWAY_TLS_CERTIFICATE=str(self.next["chain"]),
                             GATEWAY_TLS_KEY=str(self.next["key"]))
        wait_for(lambda: self.known_pins() == [second], "the next pin is the present one")
        self.assertNotEqual(first, second)
        for client in (told, newcomer):
            client.connected()
            self.assertEqual(socks.echo(client.socks, "127.0.0.1", origin.port, b"still here"), b"still here")
        untold.start()
        wait_for(lambda: (untold.status()["last_error"] or {}).get("code") == "gateway_key_mismatch",
                 "a client that knows the former pin alone names the mismatch")


if __name__ == "__main__":
    unittest.main()
