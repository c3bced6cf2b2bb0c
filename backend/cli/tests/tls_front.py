import socket
import ssl
import subprocess
import threading
from pathlib import Path

PIECE = 65536


def run_openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def make_authority(folder, name):
    run_openssl(
        folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem",
    )
    return Path(folder) / f"{name}.pem"


def make_certificate(folder, authority, names):
    (Path(folder) / "names.ext").write_text(f"subjectAltName={names}\n")
    run_openssl(
        folder, "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=front",
        "-keyout", "front.key", "-out", "front.csr",
    )
    run_openssl(
        folder, "x509", "-req", "-in", "front.csr", "-CA", f"{authority}.pem", "-CAkey", f"{authority}.key",
        "-CAcreateserial", "-days", "2", "-extfile", "names.ext", "-out", "front.pem",
    )


def copy_until_end(source, target):
    try:
        while piece := source.recv(PIECE):
            target.sendall(piece)
    except OSError:
        pass
    for end in (source, target):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


class Front:
    def __init__(self, backend_address, context=None, answers_to_drop=0):
        host, port = backend_address.removeprefix("http://").rsplit(":", 1)
        self.backend = (host, int(port))
        self.context = context
        self.answers_to_drop = answers_to_drop
        self.seen = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        try:
            if self.context is not None:
                client = self.context.wrap_socket(client, server_side=True)
        except (OSError, ssl.SSLError):
            client.close()
            return
        with client, socket.create_connection(self.backend) as inner:
            if self.answers_to_drop > 0:
                self.drop_answer(client, inner)
                return
            back = threading.Thread(target=copy_until_end, args=(inner, client), daemon=True)
            back.start()
            copy_until_end(client, inner)
            back.join()

    def drop_answer(self, client, inner):
        request = client.recv(PIECE)
        self.seen.append(request)
        if request.startswith(b"POST"):
            self.answers_to_drop -= 1
            inner.sendall(request)
            inner.recv(PIECE)
            return
        inner.sendall(request)
        client.sendall(inner.recv(PIECE))

    def close(self):
        self.listener.close()


def tls_context(folder):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(folder) / "front.pem", Path(folder) / "front.key")
    return context
