import asyncio
import os
import time
import unittest

from gate import path
from scenario import told
from support import socks
from support.cases import WithClient, WithDeployment
from support.deployment import wait_for
from traffic import Stream, run_streams


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


class NodeLeg(WithDeployment):
    through_gate = {"node": {"settings": path(rtt_ms=150)}}
    most_bytes, pace = 2_000_000, 500_000

    def setUp(self):
        self.tunnel = self.client().enrolled().connected("--log-level", "debug")
        self.gate = self.deployment.gates["node"]

    def busiest(self):
        live = [each for each in self.gate.stats()["connections"] if each["state"] == "live"]
        return max(live, key=lambda each: each["down"])["id"]

    def state_of(self, number):
        return next(each["state"] for each in self.gate.stats()["connections"] if each["id"] == number)

    def failures(self):
        return [line["code"] for line in told(self.tunnel.said(), "stream_failed")]

    def made_streams(self):
        return [Stream(number, 20_000, self.most_bytes, self.pace) for number in range(5)]

    def assert_others_exact(self, streams, broken):
        self.assertTrue(all(stream.exact for stream in streams if stream is not broken))
        self.assertTrue(0 < broken.received < self.most_bytes)
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", self.origin().port, b"after"), b"after")

    def test_a_cut_during_a_transfer_resets_its_stream_only(self):
        async def cut_one():
            await asyncio.sleep(2)
            self.gate.cut(self.busiest())

        streams = self.made_streams()
        asyncio.run(run_streams(self.tunnel.socks, streams, cut_one))
        broken = [stream for stream in streams if stream.failure]
        self.assertEqual(len(broken), 1, [stream.failure for stream in broken])
        self.assert_others_exact(streams, broken[0])
        self.assertEqual(self.failures(), ["node_protocol_error"])
        self.assertEqual(self.tunnel.status()["carriers"]["resumes"], 0)

    def test_a_frozen_connection_holds_up_its_stream_only_and_goes_with_it(self):
        streams = self.made_streams()

        async def freeze_one_and_give_it_up():
            origin_run = asyncio.ensure_future(run_streams(self.tunnel.socks, streams))
            await asyncio.sleep(2)
            frozen = self.busiest()
            self.gate.freeze(frozen)
            while sum(stream.exact for stream in streams) < len(streams) - 1:
                await asyncio.sleep(0.05)
            held = next(stream for stream in streams if not stream.exact)
            before = held.received
            await asyncio.sleep(1)
            self.assertEqual(held.received, before)
            origin_run.cancel()
            await asyncio.gather(origin_run, return_exceptions=True)
            return frozen, held

        frozen, held = asyncio.run(freeze_one_and_give_it_up())
        self.assert_others_exact(streams, held)
        self.assertEqual(self.failures(), [])
        wait_for(lambda: self.state_of(frozen) == "closed", "the gateway lets the frozen connection go")
        wait_for(lambda: self.deployment.metric("httvps_gateway_streams") == 0, "no stream is left behind")


if __name__ == "__main__":
    unittest.main()
