import json
import os
import subprocess

from support.deployment import DIES_WITH_THE_TEST, PROGRAMS, run_to_end, wait_for

PROGRAM = PROGRAMS / "httvps"


class Client:
    def __init__(self, deployment, state=None):
        self.deployment = deployment
        self.folder = deployment.new_client()
        self.state = state or self.folder / "state"
        self.runtime = self.folder / "runtime"
        self.runtime.mkdir(mode=0o700)
        self.address_file = self.folder / "address"
        self.process = None

    @property
    def environment(self):
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.runtime)}

    def call(self, *words, text="", environment=None, before=()):
        return run_to_end([*before, PROGRAM, *words], text, env=environment or self.environment, cwd=self.folder)

    def enrol(self, link, *words):
        return self.call("enrol", "-", "--state", self.state, *words, text=link + "\n")

    def enrolled(self, *words):
        outcome = self.enrol(self.deployment.link(), *words)
        if outcome.returncode != 0:
            raise AssertionError(outcome.stderr)
        return self

    def start(self, *words):
        self.address_file.unlink(missing_ok=True)
        command = [*DIES_WITH_THE_TEST, PROGRAM, "connect", "--socks", "127.0.0.1:0", "--state", self.state,
                   "--address-file", self.address_file, *self.path_words(), *words]
        with open(self.folder / "client.log", "ab") as log:
            self.process = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log, cwd=self.folder, env=self.environment)
        wait_for(self.address_file.exists, f"the client listens; it said: {self.said()}")
        self.socks = self.address_file.read_text(encoding="utf-8").strip()
        return self

    def path_words(self):
        return ["--connect-to", self.deployment.client_path] if "gateway" in self.deployment.gates else []

    def connected(self, *words):
        self.start(*words)
        self.wait_until("connected")
        return self

    def said(self):
        return (self.folder / "client.log").read_text(encoding="utf-8", errors="replace")

    def status(self):
        outcome = self.call("status", "--json", "--state", self.state)
        return json.loads(outcome.stdout) if outcome.returncode == 0 else {"state": "not running"}

    def wait_until(self, state, seconds=20):
        wait_for(lambda: self.status()["state"] == state, f"the client is {state}; it said: {self.said()}", seconds)

    def wait_until_counted(self, size):
        device, expected = self.status()["device"]["id"], {"up": size, "down": size}
        wait_for(lambda: self.deployment.usage_of(device) == expected,
                 f"the backend counts {expected}, it has {self.deployment.usage_of(device)}")

    def signal(self, number):
        self.process.send_signal(number)

    def end(self, number, seconds=10):
        self.signal(number)
        return self.process.wait(timeout=seconds)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(timeout=10)
