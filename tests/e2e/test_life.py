import os
import signal
import socket
import threading
import time
import unittest

from stack.relay import Relay
from support import socks
from support.cases import WithClient, WithDeployment
from support.deployment import wait_for


class Stopping(WithDeployment):
    def test_ends_within_seconds_when_told(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            tunnel = self.client().enrolled().connected()
            began = time.monotonic()
            self.assertEqual(tunnel.end(number), 0)
            self.assertLess(time.monotonic() - began, 4)
            self.assertTrue(tunnel.said().endswith("Stopped.\n"), tunnel.said())

    def test_ends_with_connections_open_and_tells_them(self):
        tunnel = self.client().enrolled().connected()
        origin = self.origin()
        held = [socks.connect(tunnel.socks, "127.0.0.1", origin.port) for _ in range(5)]
        for connection in held:
            self.addCleanup(connection.close)
            self.assertEqual(socks.exchange(connection, b"open"), b"open")
        began = time.monotonic()
        self.assertEqual(tunnel.end(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 5)
        for connection in held:
            self.assertTrue(has_ended(connection))
        wait_for(lambda: self.deployment.metric("httvps_gateway_sessions") == 0, "the gateway lets the session go")

    def test_ends_while_nobody_answers(self):
        tunnel = self.client().enrolled().connected()
        self.deployment.end("gateway", signal.SIGKILL)
        self.addCleanup(self.deployment.start_gateway)
        tunnel.wait_until("resuming")
        began = time.monotonic()
        self.assertEqual(tunnel.end(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 4)

    def test_ends_under_load(self):
        tunnel = self.client().enrolled().connected()
        origin = self.origin()
        for _ in range(4):
            flood = threading.Thread(target=pour, args=(tunnel.socks, origin.port), daemon=True)
            flood.start()
        wait_for(lambda: origin.received > 1 << 20, "bytes flow")
        began = time.monotonic()
        self.assertEqual(tunnel.end(signal.SIGTERM), 0)
        self.assertLess(time.monotonic() - began, 5)


class Returning(WithClient):
    def test_comes_back_after_the_gateway_was_killed(self):
        origin = self.origin()
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as old:
            self.assertEqual(socks.exchange(old, b"old"), b"old")
            self.deployment.end("gateway", signal.SIGKILL)
            self.deployment.start_gateway()
            self.assertTrue(socks.ends_with_an_error(old))
        self.tunnel.wait_until("connected", 40)
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, b"new"), b"new")
        self.assertEqual(self.tunnel.status()["sessions"], 2)
        self.assertIsNone(self.tunnel.process.poll())

    def test_running_stream_may_finish_while_the_gateway_drains(self):
        origin = self.origin()
        data = os.urandom(300_000)
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as running:
            self.assertEqual(socks.exchange(running, b"before"), b"before")
            gateway = self.deployment.parts["gateway"]
            os.kill(gateway.pid, signal.SIGTERM)
            wait_for(lambda: "gateway_draining" in self.deployment.written("gateway"), "the gateway drains")
            self.assertEqual(socks.exchange(running, data), data)
        self.assertEqual(gateway.child.wait(timeout=15), 0)
        del self.deployment.parts["gateway"]
        self.deployment.start_gateway()
        self.tunnel.wait_until("connected", 40)
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, data), data)

    def test_connection_made_while_the_gateway_is_away_waits_for_it(self):
        origin = self.origin()
        self.deployment.end("gateway", signal.SIGKILL)
        self.tunnel.wait_until("resuming")
        answers = []
        asking = threading.Thread(target=lambda: answers.append(keep_asking(self.tunnel.socks, origin.port)))
        asking.start()
        self.deployment.start_gateway()
        asking.join(40)
        self.assertEqual(answers, [b"patient"])

    def test_bytes_before_and_after_the_return_are_counted_once(self):
        origin = self.origin()
        socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, b"x" * 10_000)
        self.tunnel.wait_until_counted(10_000)
        self.deployment.end("gateway", signal.SIGKILL)
        self.deployment.start_gateway()
        self.tunnel.wait_until("connected", 40)
        socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, b"x" * 5_000)
        self.tunnel.wait_until_counted(15_000)


class CutPath(WithDeployment):
    def test_stream_goes_on_over_a_path_that_was_cut(self):
        relay = Relay(("127.0.0.1", self.deployment.gateway_port)).start()
        address = relay.address
        tunnel = self.client().enrolled().connected("--connect-to", f"127.0.0.1:{address[1]}")
        origin = self.origin()
        with socks.connect(tunnel.socks, "127.0.0.1", origin.port) as old:
            self.assertEqual(socks.exchange(old, b"old"), b"old")
            relay.stop()
            tunnel.wait_until("resuming")
            relay = Relay(("127.0.0.1", self.deployment.gateway_port), listen=address).start()
            self.addCleanup(relay.stop)
            self.assertEqual(socks.exchange(old, b"still here"), b"still here")
        tunnel.wait_until("connected", 40)
        self.assertEqual(socks.echo(tunnel.socks, "127.0.0.1", origin.port, b"new"), b"new")


def has_ended(connection):
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def pour(proxy, port):
    with socks.connect(proxy, "127.0.0.1", port) as connection:
        try:
            while True:
                connection.sendall(bytes(65536))
                connection.setblocking(False)
                drop_what_came(connection)
                connection.settimeout(socks.PATIENCE)
        except OSError:
            return


def drop_what_came(connection):
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return


def keep_asking(proxy, port):
    deadline = time.monotonic() + 30
    while True:
        try:
            return socks.echo(proxy, "127.0.0.1", port, b"patient")
        except (OSError, socks.Refused, socket.timeout):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


if __name__ == "__main__":
    unittest.main()
