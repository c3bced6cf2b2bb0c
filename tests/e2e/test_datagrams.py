import hashlib
import os
import signal
import threading
import unittest

from support import dns
from support.cases import WithClient, WithDeployment
from support.deployment import wait_for
from support.quic import QuicSite
from support.udp import Association, Forwarder, UdpOrigin, echo


class Datagrams(WithClient):
    def udp_origin(self, answer=echo, host="127.0.0.1"):
        origin = UdpOrigin(answer, host)
        self.addCleanup(origin.stop)
        return origin

    def association(self):
        association = Association(self.tunnel.socks)
        self.addCleanup(association.close)
        return association

    def test_names_are_asked_and_answered(self):
        resolver = self.udp_origin(dns.answer)
        association = self.association()
        for number in range(20):
            name = f"n{number}.example.net"
            reply = association.exchange("127.0.0.1", resolver.port, dns.query(number, name))
            self.assertEqual(reply[:2], number.to_bytes(2, "big"))
            self.assertEqual(reply[-4:], dns.address_of(name))

    def test_many_applications_at_once_keep_their_answers_apart(self):
        resolver = self.udp_origin(dns.answer)
        replies = [None] * 30

        def ask(number):
            with Association(self.tunnel.socks) as association:
                query = dns.query(7, f"a{number}.example.net")
                replies[number] = association.exchange("localhost", resolver.port, query)[-4:]

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(replies))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(replies, [dns.address_of(f"a{number}.example.net") for number in range(len(replies))])

    def test_datagrams_of_every_size_pass_whole(self):
        origin = self.udp_origin()
        association = self.association()
        for size in (0, 1, 512, 1252, 1452):
            data = os.urandom(size)
            self.assertEqual(association.exchange("127.0.0.1", origin.port, data), data, size)

    def test_answer_of_another_address_is_heard(self):
        stranger = self.udp_origin()
        origin = UdpOrigin(lambda data: ())
        self.addCleanup(origin.stop)
        seen = []
        origin.answer = lambda data: seen.append(data) or ()
        association = self.association()
        association.send("127.0.0.1", stranger.port, b"first")
        self.assertEqual(association.receive()[:2], ("127.0.0.1", stranger.port))
        association.send("127.0.0.1", origin.port, b"second")
        wait_for(lambda: seen == [b"second"], "the second target hears the datagram")

    def test_quic_pages_arrive_whole(self):
        pages = {"small": b"hello over HTTP/3\n", "large": os.urandom(3 << 20)}
        site = QuicSite(pages)
        self.addCleanup(site.stop)
        forwarder = Forwarder(self.tunnel.socks, "127.0.0.1", site.port)
        self.addCleanup(forwarder.stop)
        fetched = site.fetch(forwarder.port, *pages)
        for name, content in pages.items():
            self.assertEqual(hashlib.sha256(fetched[name]).digest(), hashlib.sha256(content).digest(), name)

    def test_usage_counts_the_payload_of_datagrams(self):
        origin = self.udp_origin()
        association = self.association()
        for size in (100, 1000, 200):
            association.exchange("127.0.0.1", origin.port, os.urandom(size))
        self.tunnel.wait_until_counted(1300)

    def test_node_that_is_down_costs_datagrams_only(self):
        origin = self.udp_origin()
        association = self.association()
        self.assertEqual(association.exchange("127.0.0.1", origin.port, b"before"), b"before")
        self.deployment.end("node", signal.SIGTERM)
        association.send("127.0.0.1", origin.port, b"lost")
        self.deployment.start_node()
        association.socket.settimeout(0.5)

        def is_back():
            try:
                return association.exchange("127.0.0.1", origin.port, b"after") == b"after"
            except TimeoutError:
                return False

        wait_for(is_back, "the flow works again")


class DatagramsAcrossCuts(WithDeployment):
    through_gate = {"gateway": {}}

    def test_mapping_and_answers_outlive_the_carriers(self):
        tunnel = self.client().enrolled().connected()
        gate = self.deployment.gates["gateway"]
        origin = UdpOrigin(echo)
        self.addCleanup(origin.stop)
        with Association(tunnel.socks, patience=0.5) as association:
            self.assertEqual(association.exchange("127.0.0.1", origin.port, b"before"), b"before")
            mapped = origin.sender
            for number in range(3):
                gate.cut_all()
                resumes = number + 1
                wait_for(lambda: tunnel.status()["carriers"]["resumes"] >= resumes, "the tunnel is resumed")
                origin.socket.sendto(b"unasked %d" % number, mapped)
                self.assertEqual(association.receive()[2], b"unasked %d" % number)
            self.assertEqual(association.exchange("127.0.0.1", origin.port, b"after"), b"after")
        self.assertEqual(origin.sender, mapped)


if __name__ == "__main__":
    unittest.main()
