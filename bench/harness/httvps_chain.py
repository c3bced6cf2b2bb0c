import contextlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from harness.chain import HOST, Chain
from harness.generator import Held
from harness.layout import STACK
from stack.failures import StackFailure
from stack.processes import Group, Launch, wait_for_address_file

SESSIONS = 20
SESSION_LIMIT = 10000
HOLDER = "bench-idle-sessions"


class HttvpsChain(Chain):
    def __init__(self, name, cipher, folder, programs, note):
        super().__init__(name, "socks5", None, [], note)
        self.cipher = cipher
        self.folder = folder
        self.programs_folder = programs
        self.many_streams_a_session = True
        self.tapped_client = self.launch_tapped_client
        self.state = {}
        self.copies = 0

    def stack(self, action):
        return subprocess.run(
            [sys.executable, str(STACK), action, "--run-dir", str(self.folder), "--programs",
             str(self.programs_folder)],
            env={**os.environ, "NODE_CIPHER": self.cipher, "SESSION_LIMIT": str(SESSION_LIMIT)},
            capture_output=True, text=True, check=False, timeout=120)

    def start(self):
        outcome = self.stack("up")
        if outcome.returncode != 0:
            raise StackFailure(self.name, outcome.stdout[-600:] + outcome.stderr[-600:])
        self.state = json.loads((self.folder / "state.json").read_text(encoding="utf-8"))
        self.entry = as_address(self.state["socks"])
        self.tapped_gateway = as_address(self.state["gateway"])
        self.roles = {role: [pid] for role, pid in self.state["pids"].items()}

    def stop(self):
        if self.state:
            self.stack("down")
        self.state, self.roles = {}, {}

    def programs(self):
        return {"ss-server", "openssl"}

    def launch_client(self, role, extra):
        self.copies += 1
        folder = self.folder / f"{role}-{self.copies}"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.state["client_state"], folder, ignore=all_but_files)
        address_file = folder / "bench-address"
        address_file.unlink(missing_ok=True)
        launch = Launch(f"{role}-{self.copies}", [
            self.programs_folder / "httvps", "connect", "--socks", f"{HOST}:0", "--state", folder,
            "--address-file", address_file, *extra], folder)
        launch.address_file = address_file
        return launch

    def entry_of(self, group, launch):
        running = group.start(launch)
        return as_address(wait_for_address_file(running, launch.address_file))

    def launch_tapped_client(self, port):
        return self.launch_client("tapped", ["--connect-to", f"{HOST}:{port}"])

    @contextlib.contextmanager
    def session_entries(self):
        group = Group()
        try:
            yield [self.entry_of(group, self.launch_client("session", [])) for _ in range(SESSIONS)]
        finally:
            group.stop()

    def session_holder(self, _bench):
        return self.hold_sessions, None

    def enrolled_devices(self, count):
        return [self.enrol_device(self.folder / f"device-{number}") for number in range(count)]

    def enrol_device(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        outcome = subprocess.run(
            [self.programs_folder / "httvps", "enrol", "--state", folder, "-"], text=True, timeout=30,
            input=self.state["client_link"] + "\n", capture_output=True, check=False)
        if outcome.returncode != 0:
            raise StackFailure(self.name, f"no further device could be enrolled: {outcome.stderr[-300:]}")
        return folder

    def arriving_sessions(self, devices, count, a_second):
        states = [word for folder in devices for word in ("--state", folder)]
        return self.hold([*states, "--count", count, "--rate", a_second, "--at-once", count])

    def hold_sessions(self, level):
        return self.hold(["--state", self.state["client_state"], "--count", level])

    def hold(self, options):
        words = [self.programs_folder / HOLDER, "--connect-to", self.state["gateway"], *options]
        return Held(subprocess.Popen([str(word) for word in words], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True), self.name)


def all_but_files(folder, names):
    return [name for name in names if not (Path(folder) / name).is_file()]


def as_address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)
