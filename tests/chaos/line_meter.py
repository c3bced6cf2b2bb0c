import socket
import threading
import time

RAMP = 4
PROBE_MS = 250


class Pouring:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        try:
            while True:
                threading.Thread(target=self.pour, args=(self.listener.accept()[0],), daemon=True).start()
        except OSError:
            return

    def pour(self, connection):
        piece = bytes(1 << 20)
        with connection:
            try:
                connection.recv(1)
                while True:
                    connection.sendall(piece)
            except OSError:
                return

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def speed_of(connection, seconds, each_second=lambda: None):
    space, amount = bytearray(1 << 20), 0
    began = time.monotonic()
    until, next_second = began + RAMP + seconds, began + 1
    while (now := time.monotonic()) < until:
        got = connection.recv_into(space)
        amount += got if now >= began + RAMP else 0
        if now >= next_second:
            each_second()
            next_second += 1
    each_second()
    return amount / (now - began - RAMP)


class Pings:
    def __init__(self, tunnel):
        self.tunnel = tunnel
        self.seen = tunnel.status()["pings"]["count"]
        self.taken = []

    def take(self):
        report = self.tunnel.status()["pings"]
        fresh = report["count"] - self.seen
        if fresh > len(report["recent_ms"]):
            raise AssertionError(f"{fresh} answers since the last look and {len(report['recent_ms'])} are kept")
        now = time.monotonic()
        self.taken += [(now, each) for each in report["recent_ms"][len(report["recent_ms"]) - fresh:]]
        self.seen = report["count"]

    def between(self, began, until):
        return [each for moment, each in self.taken if began < moment <= until]


def with_those_not_sent(samples):
    found = []
    for each in samples:
        while each > 0:
            found.append(each)
            each -= PROBE_MS
    return found
