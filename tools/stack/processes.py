import json
import os
import socket
import subprocess
import time

from stack import process_table
from stack.failures import StackFailure

MAIN_NAMES = ("listen", "socks")


class Launch:
    def __init__(self, role, command, folder, environment=None, listens=None):
        self.role = role
        self.command = [str(word) for word in command]
        self.folder = folder
        self.environment = environment or {}
        self.listens = listens

    @property
    def log(self):
        return self.folder / f"{self.role}.log"


class Running:
    def __init__(self, launch, child):
        self.role = launch.role
        self.log = launch.log
        self.child = child
        self.pid = child.pid
        self.known = process_table.identity(child.pid)

    def has_ended(self):
        return self.child.poll() is not None

    def refresh(self):
        self.known = process_table.identity(self.pid)


def start(launch):
    with open(launch.log, "ab") as log:
        try:
            child = subprocess.Popen(
                launch.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=launch.folder,
                env={**os.environ, **launch.environment},
                start_new_session=True,
            )
        except OSError as cause:
            raise StackFailure(launch.role, f"cannot start {launch.command[0]}: {cause.strerror}") from cause
    running = Running(launch, child)
    if launch.listens is not None:
        wait_for_port(running, launch.listens)
    running.refresh()
    return running


def fail_if_ended(running):
    if running.has_ended():
        raise StackFailure(
            running.role,
            f"ended with exit code {running.child.returncode} while starting",
            "the lines above come from its log; fix what they name and run the command again",
            running.log,
        )


def wait_for(running, is_ready, waited_for, seconds):
    deadline = time.monotonic() + seconds
    while True:
        answer = is_ready()
        if answer:
            return answer
        fail_if_ended(running)
        if time.monotonic() >= deadline:
            raise StackFailure(
                running.role, f"{waited_for} did not happen within {seconds} s", "read its log", running.log
            )
        time.sleep(0.02)


def accepts(address):
    try:
        with socket.create_connection(address, timeout=1):
            return True
    except OSError:
        return False


def wait_for_port(running, address, seconds=10):
    return wait_for(running, lambda: accepts(address), f"listening on {address[0]}:{address[1]}", seconds)


def address_in(path):
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    if text.startswith("{"):
        text = main_address(text)
    return text if ":" in text else ""


def main_address(text):
    try:
        addresses = json.loads(text)
    except ValueError:
        return ""
    return next((addresses[name] for name in MAIN_NAMES if name in addresses), "")


def wait_for_address_file(running, path, seconds=20):
    return wait_for(running, lambda: address_in(path), f"writing its address to {path.name}", seconds)


class Group:
    def __init__(self):
        self.members = []

    def start(self, launch):
        running = start(launch)
        self.members.append(running)
        return running

    def pids(self):
        return {running.role: running.pid for running in self.members}

    def known(self):
        return [running.known for running in self.members]

    def stop(self):
        for running in reversed(self.members):
            process_table.stop_all([running.known])
            running.child.wait(timeout=5)
        self.members = []
