import socket
import threading
import time
import unittest

from gate import Gate

PATIENCE = 20
CHUNK = 1 << 16


class Origin:
    def __init__(self, serve):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.address = "127.0.0.1:{}".format(self.listener.getsockname()[1])
        self.serve = serve
        self.endings = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            try:
                self.serve(connection)
                self.endings.append("fin")
            except OSError as ending:
                self.endings.append(type(ending).__name__)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def echo(connection):
    while data := connection.recv(CHUNK):
        connection.sendall(data)


def pour(connection):
    connection.recv(1)
    while True:
        connection.sendall(bytes(CHUNK))


def never_read(connection):
    time.sleep(PATIENCE)


def receive_exactly(connection, size):
    parts, left = [], size
    while left > 0:
        part = connection.recv(min(left, CHUNK))
        if not part:
            raise ConnectionError(f"ended {left} bytes early")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def receive_for(connection, seconds):
    amount, deadline = 0, time.monotonic() + seconds
    while time.monotonic() < deadline:
        amount += len(connection.recv(CHUNK))
    return amount


def receive_until_silent(connection, seconds=0.5):
    connection.settimeout(seconds)
    data = b""
    try:
        while part := connection.recv(CHUNK):
            data += part
    except TimeoutError:
        return data, "silent"
    except ConnectionError:
        return data, "reset"
    return data, "fin"


def round_trip(connection):
    began = time.monotonic()
    connection.sendall(b"x")
    connection.recv(1)
    return time.monotonic() - began


def exchange(connection, data):
    sender = threading.Thread(target=connection.sendall, args=(data,), daemon=True)
    sender.start()
    answer = receive_exactly(connection, len(data))
    sender.join(PATIENCE)
    return answer


def run_together(action, count):
    threads = [threading.Thread(target=action, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)


class WithGate(unittest.TestCase):
    def origin(self, serve=echo):
        made = Origin(serve)
        self.addCleanup(made.stop)
        return made

    def gate(self, settings=None, serve=echo, **more):
        self.far = self.origin(serve)
        made = Gate(self.far.address, settings, **more).start()
        self.addCleanup(made.stop)
        return made

    def connect(self, gate):
        connection = socket.create_connection(("127.0.0.1", gate.port), timeout=PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.addCleanup(connection.close)
        return connection

    def wait_for(self, condition, what):
        deadline = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.01)
