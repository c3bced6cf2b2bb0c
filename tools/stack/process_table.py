import os
import signal
import time


def start_ticks(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return int(file.read().rsplit(")", 1)[1].split()[19])
    except (OSError, IndexError, ValueError):
        return None


def state_letter(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return None


def command_line(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        return None


def boot():
    with open("/proc/sys/kernel/random/boot_id", encoding="utf-8") as file:
        return file.read().strip()


def identity(pid):
    return {"pid": pid, "start_ticks": start_ticks(pid), "boot": boot(), "command": command_line(pid)}


def is_same(known):
    pid = known["pid"]
    alive = state_letter(pid) not in (None, "Z", "X")
    return alive and start_ticks(pid) == known["start_ticks"] and boot() == known["boot"]


def children(pid):
    found = []
    try:
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/children", encoding="utf-8") as file:
                found += [int(child) for child in file.read().split()]
    except OSError:
        pass
    return found


def family(pid):
    members = [pid]
    for child in children(pid):
        members += family(child)
    return members


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def reap(pid):
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


def wait_until_gone(members, seconds):
    deadline = time.monotonic() + seconds
    while True:
        left = [known for known in members if is_same(known)]
        if not left or time.monotonic() >= deadline:
            return left
        for known in left:
            reap(known["pid"])
        time.sleep(0.02)


def stop_all(known_processes, seconds=5):
    members = []
    for known in known_processes:
        if is_same(known):
            members += [identity(pid) for pid in family(known["pid"])]
    for member in members:
        send(member["pid"], signal.SIGTERM)
    stubborn = wait_until_gone(members, seconds)
    for member in stubborn:
        send(member["pid"], signal.SIGKILL)
    wait_until_gone(stubborn, 2)
    return len(members)
