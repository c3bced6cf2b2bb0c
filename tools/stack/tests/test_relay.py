import socket
import threading
import unittest

from stack.relay import Relay
from stack.socks_meter import SocksMeter


class Upstream:
    def __init__(self, answer):
        self.answer = answer
        self.received = b""
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def address(self):
        return self.socket.getsockname()[:2]

    def serve(self):
        connection, _ = self.socket.accept()
        with connection:
            while data := connection.recv(65536):
                self.received += data
            connection.sendall(self.answer)

    def close(self):
        self.thread.join(5)
        self.socket.close()


def exchange(relay, data):
    with socket.create_connection(relay.address, timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


class Relaying(unittest.TestCase):
    def run_through(self, data, answer, **options):
        upstream = Upstream(answer)
        relay = Relay(upstream.address, **options).start()
        try:
            received = exchange(relay, data)
            upstream.close()
            return received, upstream.received, relay.totals.snapshot()
        finally:
            relay.stop()

    def test_counts_every_byte_both_ways_across_a_half_close(self):
        data, answer = b"q" * 100_003, b"a" * 300_007
        received, arrived, totals = self.run_through(data, answer)
        self.assertEqual((received, arrived), (answer, data))
        self.assertEqual(totals, {"up": 100_003, "down": 300_007, "connections": 1})

    def test_leaves_socks_handshakes_out(self):
        request = b"\x05\x02\x00\x02" + b"\x05\x01\x00\x03\x04host\x00\x50" + b"GET /"
        reply = b"\x05\x00" + b"\x05\x00\x00\x01" + bytes(6) + b"page"
        _, _, totals = self.run_through(request, reply, make_meter=SocksMeter)
        self.assertEqual(totals, {"up": 5, "down": 4, "connections": 1})


class SocksMetering(unittest.TestCase):
    def count(self, parts, way):
        totals = {"up": 0, "down": 0}
        sink = type("Sink", (), {"add": lambda _, name, amount: totals.__setitem__(name, totals[name] + amount)})()
        meter = SocksMeter(sink)
        for part in parts:
            getattr(meter, way)(part)
        return totals

    def test_is_the_same_for_every_split(self):
        request = b"\x05\x01\x00" + b"\x05\x01\x00\x04" + bytes(16) + b"\x00\x50" + b"hello"
        reply = b"\x05\x00" + b"\x05\x00\x00\x03\x03abc\x00\x50" + b"answer"
        for size in range(1, 40):
            sent = self.count([request[at:at + size] for at in range(0, len(request), size)], "sent")
            received = self.count([reply[at:at + size] for at in range(0, len(reply), size)], "received")
            self.assertEqual((sent["up"], received["down"]), (5, 6), size)

    def test_counts_nothing_of_an_unfinished_handshake(self):
        self.assertEqual(self.count([b"\x05\x01\x00\x05\x01\x00\x03\x0fexample"], "sent")["up"], 0)


if __name__ == "__main__":
    unittest.main()
