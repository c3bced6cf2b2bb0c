import socket
import ssl
import threading


class TlsFront:
    def __init__(self, upstream, chain, key):
        self.upstream = upstream
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(chain, key)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.served = 0
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}"

    def accept(self):
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(plain,), daemon=True).start()

    def serve(self, plain):
        plain.settimeout(20)
        try:
            with self.context.wrap_socket(plain, server_side=True) as secure:
                secure.sendall(self.answer_to(read_message(secure)))
                self.served += 1
        except OSError:
            plain.close()

    def answer_to(self, request):
        with socket.create_connection(self.upstream, timeout=20) as backend:
            backend.sendall(request)
            return read_message(backend)

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def read_message(connection):
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += received(connection)
    head, rest = seen.split(b"\r\n\r\n", 1)
    sizes = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(rest) < sum(sizes):
        rest += received(connection)
    return head + b"\r\n\r\n" + rest


def received(connection):
    data = connection.recv(65536)
    if not data:
        raise ConnectionError("the peer ended the message early")
    return data
