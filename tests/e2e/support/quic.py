import shutil
import subprocess
import tempfile
from pathlib import Path

from stack.ports import free_port
from support.deployment import DIES_WITH_THE_TEST, run_to_end
from support.udp import PATIENCE

NAME = "page.httvps.test"


def make_certificate(folder):
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    outcome = run_to_end(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                          "-keyout", key, "-out", certificate, "-days", "2", "-subj", f"/CN={NAME}"])
    if outcome.returncode != 0:
        raise AssertionError(outcome.stderr)
    return key, certificate


class QuicSite:
    def __init__(self, pages):
        self.folder = Path(tempfile.mkdtemp(prefix="httvps-quic-"))
        (self.folder / "site").mkdir()
        for name, content in pages.items():
            (self.folder / "site" / name).write_bytes(content)
        key, certificate = make_certificate(self.folder)
        self.port = free_port()
        command = [*DIES_WITH_THE_TEST, "gtlsserver", "-q", "-d", self.folder / "site", "127.0.0.1", self.port, key,
                   certificate]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fetch(self, port, *names):
        place = Path(tempfile.mkdtemp(prefix="fetched-", dir=self.folder))
        pages = [f"https://{NAME}/{name}" for name in names]
        outcome = run_to_end([*DIES_WITH_THE_TEST, "gtlsclient", "-q", "--exit-on-all-streams-close",
                              f"--timeout={PATIENCE}s", f"--download={place}", "127.0.0.1", port, *pages])
        if outcome.returncode != 0:
            raise AssertionError(outcome.stdout + outcome.stderr)
        return {name: (place / name).read_bytes() for name in names}

    def stop(self):
        self.process.kill()
        self.process.wait(timeout=10)
        shutil.rmtree(self.folder, ignore_errors=True)
