import hashlib
import os
import signal
import socket
import threading
import unittest

from stack.ports import free_port
from stack.relay import Relay
from support import socks
from support.cases import WithClient, WithDeployment
from support.deployment import wait_for
from support.echo import answer_when_whole

LARGE = 6 << 20


class Socks(WithClient):
    def test_reaches_targets_by_name_ipv4_and_ipv6(self):
        four, six = self.origin("127.0.0.1"), self.origin("::1")
        for host, origin in (("127.0.0.1", four), ("::1", six), ("localhost", four)):
            data = os.urandom(50_000)
            self.assertEqual(socks.echo(self.tunnel.socks, host, origin.port, data), data, host)
        self.assertEqual((four.accepted, six.accepted), (2, 1))

    def test_carries_megabytes_both_ways_unchanged(self):
        origin = self.origin()
        data = os.urandom(LARGE)
        answer = socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, data)
        self.assertEqual(hashlib.sha256(answer).digest(), hashlib.sha256(data).digest())

    def test_thirty_connections_at_once_keep_their_bytes_apart(self):
        origin = self.origin()
        bodies = [bytes([number]) * (10_000 + number) for number in range(30)]
        answers = [None] * len(bodies)

        def run(number):
            answers[number] = socks.echo(self.tunnel.socks, "localhost", origin.port, bodies[number])

        threads = [threading.Thread(target=run, args=(number,)) for number in range(len(bodies))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(answers, bodies)

    def test_answer_arrives_whole_after_the_application_has_ended(self):
        data = os.urandom(200_000)
        origin = self.origin(serve=answer_when_whole(len(data)))
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            self.assertEqual(socks.receive_exactly(connection, len(data) + 5), b"seen " + data)
            self.assertEqual(connection.recv(1), b"")

    def test_targets_that_fail_cost_their_own_connection_only(self):
        origin = self.origin()
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as healthy:
            self.assertEqual(socks.exchange(healthy, b"before"), b"before")
            for host, port in (("127.0.0.1", free_port()), ("no-such-name.invalid", 80), ("::1", free_port())):
                with socks.connect(self.tunnel.socks, host, port) as connection:
                    connection.sendall(b"hello")
                    self.assertTrue(socks.ends_with_an_error(connection), host)
            self.assertEqual(socks.exchange(healthy, b"after"), b"after")

    def test_opens_after_the_first_find_a_node_connection_made_ahead(self):
        origin = self.origin()
        before = self.deployment.metric("httvps_gateway_predial_hits_total")
        for _ in range(6):
            socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, b"hello")
        self.assertGreaterEqual(self.deployment.metric("httvps_gateway_predial_hits_total"), before + 5)

    def test_usage_at_the_backend_is_what_the_origin_saw(self):
        origin = self.origin()
        for size in (1, 20_000, 700_000):
            socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, os.urandom(size))
        self.tunnel.wait_until_counted(720_001)


class SocksPath(WithDeployment):
    def test_connect_to_dials_there_and_keeps_the_gateways_name(self):
        relay = Relay(("127.0.0.1", self.deployment.gateway_port)).start()
        self.addCleanup(relay.stop)
        tunnel = self.client().enrolled().connected("--connect-to", f"127.0.0.1:{relay.address[1]}")
        data = os.urandom(10_000)
        self.assertEqual(socks.echo(tunnel.socks, "127.0.0.1", self.origin().port, data), data)
        self.assertEqual(relay.totals.snapshot()["connections"], 1)
        status = tunnel.status()
        self.assertEqual(status["gateway"]["address"], f"127.0.0.1:{relay.address[1]}")
        self.assertEqual(status["gateway"]["host"], "gateway.httvps.test")

    def test_port_that_is_taken_ends_with_seven(self):
        tunnel = self.client().enrolled().connected()
        other = self.client().enrolled()
        self.assert_fails(other.call("connect", "--socks", tunnel.socks, "--state", other.state), 7, "address_in_use")

    def test_second_client_of_one_state_ends_with_seven(self):
        tunnel = self.client().enrolled().connected()
        outcome = tunnel.call("connect", "--socks", "127.0.0.1:0", "--state", tunnel.state)
        self.assert_fails(outcome, 7, "already_running")
        self.assertEqual(tunnel.status()["state"], "connected")

    def test_address_for_other_machines_needs_a_word(self):
        client = self.client().enrolled()
        outcome = client.call("connect", "--socks", "0.0.0.0:0", "--state", client.state)
        self.assert_fails(outcome, 2, "bind_not_loopback")

    def test_damaged_and_exposed_state_is_named(self):
        client = self.client().enrolled()
        record = client.state / "enrolment.json"
        whole = record.read_text(encoding="utf-8")
        for text in ("", "{}", whole[:100], whole.replace("v4.public", "v3.public")):
            record.write_text(text, encoding="utf-8")
            outcome = client.call("connect", "--socks", "127.0.0.1:0", "--state", client.state)
            self.assertIn(outcome.returncode, (1, 6), outcome.stderr)
            self.assertRegex(outcome.stderr, r"\((state_damaged|token_invalid|key_set_invalid)\)$")
        record.write_text(whole, encoding="utf-8")
        record.chmod(0o644)
        outcome = client.call("connect", "--socks", "127.0.0.1:0", "--state", client.state)
        self.assert_fails(outcome, 6, "state_exposed")


class SocksDuringOutages(WithClient):
    def test_node_that_is_down_costs_the_stream_and_comes_back(self):
        origin = self.origin()
        self.deployment.end("node", signal.SIGTERM)
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as connection:
            connection.sendall(b"hello")
            self.assertTrue(socks.ends_with_an_error(connection))
        self.assertEqual(self.tunnel.status()["state"], "connected")
        self.deployment.start_node()
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, b"again"), b"again")

    def test_backend_that_is_down_is_not_felt_and_usage_is_reported_once_later(self):
        origin = self.origin()
        self.deployment.end("backend", signal.SIGKILL)
        data = os.urandom(300_000)
        for _ in range(3):
            self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, data), data)
        self.deployment.start_backend()
        self.tunnel.wait_until_counted(900_000)
        self.assertEqual(socks.echo(self.tunnel.socks, "127.0.0.1", origin.port, data), data)

    def test_revoked_device_is_told_why(self):
        tunnel = self.client().enrolled("--name", "lost").start()
        tunnel.wait_until("connected")
        device = next(each for each in self.deployment.devices() if each["name"] == "lost")
        self.deployment.api.post(f"/devices/{device['id']}:revoke", {})
        wait_for(lambda: "device_revoked" in tunnel.said(), "the client says why")
        with self.assertRaises(socks.Refused) as refused:
            socks.connect(tunnel.socks, "127.0.0.1", 9)
        self.assertEqual(refused.exception.reply, 2)
        self.assertEqual(tunnel.status()["last_error"]["code"], "device_revoked")


if __name__ == "__main__":
    unittest.main()
