import ipaddress
import socket
import struct
import threading

PATIENCE = 30


class Refused(Exception):
    def __init__(self, reply):
        super().__init__(f"SOCKS reply {reply}")
        self.reply = reply


def receive_exactly(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError(f"ended after {len(data)} of {size} bytes")
        data += more
    return data


def encode_address(host):
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bytes([3, len(host)]) + host.encode()
    return bytes([1 if address.version == 4 else 4]) + address.packed


def connect(proxy, host, port, patience=PATIENCE):
    connection = socket.create_connection(split(proxy), timeout=patience)
    connection.sendall(b"\x05\x01\x00")
    if receive_exactly(connection, 2) != b"\x05\x00":
        raise ConnectionError("the proxy wants a password")
    connection.sendall(b"\x05\x01\x00" + encode_address(host) + struct.pack("!H", port))
    reply = receive_exactly(connection, 10)[1]
    if reply != 0:
        connection.close()
        raise Refused(reply)
    return connection


def split(address):
    host, port = address.rsplit(":", 1)
    return host.strip("[]"), int(port)


def exchange(connection, data):
    sender = threading.Thread(target=send_quietly, args=(connection, data), daemon=True)
    sender.start()
    answer = receive_exactly(connection, len(data))
    sender.join(PATIENCE)
    return answer


def send_quietly(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        pass


def echo(proxy, host, port, data):
    with connect(proxy, host, port) as connection:
        return exchange(connection, data)


def ends_with_an_error(connection):
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return False
