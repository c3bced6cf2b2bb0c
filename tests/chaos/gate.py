import json
import os
import subprocess
import threading
from pathlib import Path

DIES_WITH_ITS_STARTER = ["setpriv", "--pdeathsig", "KILL"]
PATIENCE = 5


class GateFailure(Exception):
    pass


def path(rtt_ms=0, rate=0, jitter_ms=0, **more):
    ways = {}
    for way in ("up", "down"):
        ways |= {f"{way}_delay_ms": rtt_ms / 2, f"{way}_jitter_ms": jitter_ms, f"{way}_rate": rate}
    return ways | more


class Gate:
    def __init__(self, target, settings=None, seed=1, listen="127.0.0.1:0", program=None):
        self.target = target
        self.settings = settings or {}
        self.seed = seed
        self.listen = listen
        self.program = program or Path(os.environ["HTTVPS_PROGRAMS"]) / "httvps-gate"
        self.lock = threading.Lock()
        self.process = None
        self.address = None

    def start(self):
        command = [*DIES_WITH_ITS_STARTER, self.program, "--to", self.target, "--listen", self.listen,
                   "--seed", self.seed, "--settings", json.dumps(self.settings)]
        self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, start_new_session=True)
        first = self.process.stdout.readline()
        if not first:
            raise GateFailure(f"the gate ended with {self.process.wait(PATIENCE)}")
        self.address = json.loads(first)["listen"]
        return self

    @property
    def port(self):
        return int(self.address.rsplit(":", 1)[1])

    def ask(self, **command):
        with self.lock:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
            answer = json.loads(self.process.stdout.readline() or '{"error": "gate_ended"}')
        if "error" in answer:
            raise GateFailure(f"{command}: {answer['error']}")
        return answer

    def cut_all(self):
        self.ask(cut="all")

    def cut(self, connection):
        self.ask(cut=connection)

    def freeze(self, connection):
        self.ask(freeze=connection)

    def limit(self, connection, **limits):
        self.ask(limit={"id": connection, **limits})

    def set(self, **settings):
        self.ask(set=settings)

    def stats(self):
        return self.ask(stats=True)

    def live_ids(self):
        return [each["id"] for each in self.stats()["connections"] if each["state"] == "live"]

    def cpu_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(PATIENCE)
        self.process.stdout.close()
