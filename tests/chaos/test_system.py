import os
import time
import unittest

from gate import path
from support import socks
from support.cases import WithClient


class ThroughTheGate(WithClient):
    through_gate = {"gateway": {"settings": path(rtt_ms=40)}, "node": {"settings": path(rtt_ms=20)}}

    def test_bytes_pass_both_gates_and_take_their_time(self):
        origin = self.origin()
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as connection:
            self.assertEqual(socks.exchange(connection, b"warm"), b"warm")
            began = time.monotonic()
            self.assertEqual(socks.exchange(connection, b"timed"), b"timed")
            self.assertGreaterEqual(time.monotonic() - began, 0.06)
            data = os.urandom(1 << 20)
            self.assertEqual(socks.exchange(connection, data), data)
        for place in ("gateway", "node"):
            carried = self.deployment.gates[place].stats()["connections"]
            self.assertGreater(sum(each["up"] for each in carried), len(data), place)
            self.assertGreater(sum(each["down"] for each in carried), len(data), place)


if __name__ == "__main__":
    unittest.main()
