import socket
import threading
import time


class Echo:
    def __init__(self, host="127.0.0.1", serve=None):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.listener = socket.create_server((host, 0), family=family, backlog=64)
        self.host = host
        self.port = self.listener.getsockname()[1]
        self.serve = serve or echo_until_end
        self.accepted = 0
        self.received = 0
        self.held = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted += 1
            self.held.append(connection)
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        try:
            self.serve(self, connection)
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for connection in self.held:
            connection.close()


def echo_until_end(origin, connection):
    while data := connection.recv(65536):
        origin.received += len(data)
        connection.sendall(data)


def answer_when_whole(size):
    def serve(origin, connection):
        seen = b""
        while len(seen) < size:
            seen += connection.recv(65536)
        origin.received += len(seen)
        time.sleep(0.3)
        connection.sendall(b"seen " + seen)
    return serve


def never_answer(origin, connection):
    while data := connection.recv(65536):
        origin.received += len(data)
