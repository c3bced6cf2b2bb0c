from harness.browsing import PageOrigin, browse_once
from stack.processes import Group
from stack.relay import Relay

MIB = 1 << 20
HEADER = 5
APPLICATION_DATA = 23
TAG_AND_TYPE = 17
SOCKS = "socks5"


class RecordCounter:
    def __init__(self):
        self.header = b""
        self.left = 0

    def plaintext(self, data):
        total, at = 0, 0
        while at < len(data):
            if self.left:
                step = min(self.left, len(data) - at)
                self.left -= step
                at += step
                continue
            step = min(HEADER - len(self.header), len(data) - at)
            self.header += data[at:at + step]
            at += step
            if len(self.header) == HEADER:
                total += self.begin_record()
        return total

    def begin_record(self):
        kind, length = self.header[0], int.from_bytes(self.header[3:5], "big")
        self.header, self.left = b"", length
        return max(0, length - TAG_AND_TYPE) if kind == APPLICATION_DATA else 0


class TlsMeter:
    def __init__(self, totals):
        self.totals = totals
        self.up = RecordCounter()
        self.down = RecordCounter()

    def sent(self, data):
        self.totals.add("up", self.up.plaintext(data))

    def received(self, data):
        self.totals.add("down", self.down.plaintext(data))


def overhead(plaintext, payload):
    return (plaintext - payload) / payload if payload else None


def measure_framing(bench, chain):
    if chain.tapped_client is None:
        return {}, "the client of this chain cannot be pointed at a counting relay"
    relay = Relay(chain.tapped_gateway, TlsMeter).start()
    group = Group()
    try:
        entries = [chain.entry_of(group, chain.tapped_client(relay.address[1]))]
        bench.generator.run(chain, "conn", {"conns": 2, "count": 10, "path": "/tiny", "timeout": 15}, entries)
        values = transfer(bench, chain, entries, relay)
        return values | (browsing(entries, relay) if chain.proxy == SOCKS else {}), None
    finally:
        group.stop()
        relay.stop()


def plaintext_during(relay, work):
    before = relay.totals.snapshot()
    outcome = work()
    after = relay.totals.snapshot()
    return sum(after[way] - before[way] for way in ("up", "down")), outcome


def transfer(bench, chain, entries, relay):
    plaintext, result = plaintext_during(relay, lambda: bench.generator.run(
        chain, "down", {"conns": 8, "bytes": 64 * MIB, "path": "/big", "timeout": 30}, entries))
    if result["failed"]:
        return {}
    return {"framing_ratio": overhead(plaintext, result["tunnel_down"] + result["tunnel_up"])}


def browsing(entries, relay):
    origin = PageOrigin().start()
    try:
        plaintext, payload = plaintext_during(relay, lambda: browse_once(entries[0], origin))
    finally:
        origin.stop()
    return {"browsing_ratio": overhead(plaintext, payload)}
