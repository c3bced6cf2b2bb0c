import os
import time
from pathlib import Path

from harness import cpu_times, rounds


def parents():
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
            except OSError:
                continue
            found[int(folder.name)] = int(fields[1])
    return found


def descendants():
    known, wanted, found = parents(), {os.getpid()}, []
    while wanted:
        wanted = {pid for pid, parent in known.items() if parent in wanted}
        found += wanted
    return found


def own_seconds():
    return sum(os.times()[:4]) + sum(cpu_times.used_by(pid) for pid in descendants())


def observe(work):
    busy_before, own_before, began = cpu_times.busy_machine(), own_seconds(), time.monotonic()
    result = work()
    wall = time.monotonic() - began
    busy, own = cpu_times.busy_machine() - busy_before, own_seconds() - own_before
    return {"result": result, "wall": wall, "foreign": rounds.foreign_share(busy, own, wall, cpu_times.CORES)}
