import ipaddress
import socket
import struct
import threading

from support.socks import PATIENCE, Refused, encode_address, receive_exactly, split

LONGEST = 65535


class UdpOrigin:
    def __init__(self, answer, host="127.0.0.1"):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))
        self.host, self.port = self.socket.getsockname()[:2]
        self.answer = answer
        self.sender = None
        self.packets = 0
        self.received = 0
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                data, sender = self.socket.recvfrom(LONGEST)
            except OSError:
                return
            self.sender = sender
            self.packets += 1
            self.received += len(data)
            for reply in self.answer(data):
                self.socket.sendto(reply, sender)

    def stop(self):
        self.socket.close()


def echo(data):
    yield data


class Association:
    def __init__(self, proxy, patience=PATIENCE):
        self.control = socket.create_connection(split(proxy), timeout=patience)
        self.control.sendall(b"\x05\x01\x00")
        if receive_exactly(self.control, 2) != b"\x05\x00":
            raise ConnectionError("the proxy wants a password")
        self.control.sendall(b"\x05\x03\x00\x01\x00\x00\x00\x00\x00\x00")
        reply = receive_exactly(self.control, 10)
        if reply[1] != 0:
            self.control.close()
            raise Refused(reply[1])
        self.relay = (str(ipaddress.ip_address(reply[4:8])), int.from_bytes(reply[8:10], "big"))
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(patience)
        self.socket.connect(self.relay)

    def send(self, host, port, data):
        self.socket.send(b"\x00\x00\x00" + encode_address(host) + struct.pack("!H", port) + data)

    def receive(self):
        data = self.socket.recv(LONGEST)
        size = {1: 4, 4: 16}[data[3]]
        end = 4 + size + 2
        host = str(ipaddress.ip_address(data[4:4 + size]))
        return host, int.from_bytes(data[end - 2:end], "big"), data[end:]

    def exchange(self, host, port, data):
        self.send(host, port, data)
        return self.receive()[2]

    def close(self):
        self.socket.close()
        self.control.close()

    def __enter__(self):
        return self

    def __exit__(self, *failure):
        self.close()


class Forwarder:
    def __init__(self, proxy, host, port):
        self.association = Association(proxy)
        self.association.socket.settimeout(None)
        self.target = (host, port)
        self.local = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.local.bind(("127.0.0.1", 0))
        self.port = self.local.getsockname()[1]
        self.application = None
        for work in (self.send_on, self.bring_back):
            threading.Thread(target=work, daemon=True).start()

    def send_on(self):
        while True:
            try:
                data, self.application = self.local.recvfrom(LONGEST)
                self.association.send(*self.target, data)
            except OSError:
                return

    def bring_back(self):
        while True:
            try:
                data = self.association.receive()[2]
                self.local.sendto(data, self.application)
            except OSError:
                return

    def stop(self):
        self.local.close()
        self.association.close()
