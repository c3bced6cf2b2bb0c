import asyncio
import re
import time
import unittest

from gate import path
from scenario import RATE, Outliving
from support import socks
from traffic import Stream

AWAY = 5
PACE = 20_000
FROZEN = re.compile(r'"event":"carrier_frozen"')


class Outage(Outliving):
    rtt_ms = 60
    settings = path(rtt_ms=60, rate=RATE)
    words = ("--log-level", "info")
    outages = 2

    def lose_the_network(self):
        self.gate.set(hold=True)
        for connection in self.gate.live_ids():
            self.gate.freeze(connection)

    def regain_the_network(self):
        self.gate.set(hold=False)

    def assert_nothing_was_learnt(self, before):
        told = self.tunnel.status()["carriers"]
        budgets = self.tunnel.state / "budgets"
        kept = budgets.read_text(encoding="utf-8") if budgets.exists() else ""
        frozen = self.gate.stats()["frozen"] - before
        self.tell(outages=self.outages, frozen=frozen, learnt=len(FROZEN.findall(self.tunnel.said())),
                  down_budget=told["down_budget"], carriers_dialled=told["dialled"])
        self.assertGreaterEqual(frozen, self.outages)
        self.assertEqual(FROZEN.findall(self.tunnel.said()), [])
        self.assertEqual((told["down_budget"], kept), (0, ""))

    async def outages_during_a_transfer(self):
        for _ in range(self.outages):
            await asyncio.sleep(2)
            self.lose_the_network()
            await asyncio.sleep(AWAY)
            self.regain_the_network()
            await asyncio.sleep(3)

    def test_outages_during_a_transfer_teach_no_budget(self):
        before = self.gate.stats()["frozen"]
        seconds = self.outages * (AWAY + 5)
        streams = [Stream(number, 10_000, PACE * seconds, PACE) for number in range(4)]
        self.move(streams, self.outages_during_a_transfer)
        self.assert_nothing_was_learnt(before)

    def test_outages_while_idle_teach_no_budget(self):
        before = self.gate.stats()["frozen"]
        origin = self.origin()
        for number in range(self.outages + 1):
            text = bytes([number]) * 8192
            self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, text), text)
            if number < self.outages:
                time.sleep(1)
                self.lose_the_network()
                time.sleep(AWAY)
                self.regain_the_network()
        self.assert_nothing_was_learnt(before)

    def test_streams_that_open_during_an_outage_teach_no_budget(self):
        before = self.gate.stats()["frozen"]
        origin = self.origin()
        for number in range(self.outages):
            text = bytes([number]) * 8192
            self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, text), text)
            self.lose_the_network()
            with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as connection:
                connection.sendall(text)
                time.sleep(AWAY)
                self.regain_the_network()
                self.assertEqual(socks.receive_exactly(connection, len(text)), text)
        self.assert_nothing_was_learnt(before)


if __name__ == "__main__":
    unittest.main()
