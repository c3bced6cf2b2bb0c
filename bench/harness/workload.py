import os
import time

from harness import cpu_times, rounds
from harness.chain import cpu_of

MIB = 1 << 20
GIB = 1 << 30
BULK = ("down8", "up8")
WORK = {
    "down8": ("down", {"conns": 8, "bytes": 512 * MIB, "path": "/big", "timeout": 25}),
    "up8": ("up", {"conns": 8, "bytes": 256 * MIB, "path": "/count", "timeout": 25}),
    "streams": ("conn", {"conns": 50, "count": 2000, "path": "/tiny", "timeout": 15}),
    "ttfb": ("ttfb", {"count": 1000, "path": "/tiny", "timeout": 15}),
}


class Bench:
    def __init__(self, generator, origin, chains):
        self.generator = generator
        self.origin = origin
        self.chains = chains

    def own_cpu(self):
        pids = [pid for chain in self.chains for pids in chain.roles.values() for pid in pids]
        known = sum(cpu_of(pid) for pid in pids + self.origin.pids())
        return known + sum(os.times()[:4])


def observe(bench, chain, work):
    roles_before, own_before = chain.cpu(), bench.own_cpu()
    busy_before, began = cpu_times.busy_machine(), time.monotonic()
    result = work()
    wall = time.monotonic() - began
    busy = cpu_times.busy_machine() - busy_before
    own = bench.own_cpu() - own_before
    roles = {role: spent - roles_before[role] for role, spent in chain.cpu().items()}
    return {"wall": wall, "cpu": roles, "result": result,
            "foreign": rounds.foreign_share(busy, own, wall, cpu_times.CORES)}


def measure(bench, chain, metric):
    mode, options = WORK[metric]
    sample = observe(bench, chain, lambda: bench.generator.run(chain, mode, options))
    if not rounds.is_quiet(sample):
        again = observe(bench, chain, lambda: bench.generator.run(chain, mode, options))
        sample = min(sample, again, key=lambda one: one["foreign"])
    sample["failed"] = sample["result"]["failed"]
    sample["values"] = values_of(metric, sample)
    return sample


def values_of(metric, sample):
    result = sample["result"]
    if result["done"] == 0 or (metric in BULK and result["failed"]):
        return {}
    if metric in BULK:
        moved = (result["body_down"] + result["body_up"]) / GIB
        suffix = "" if metric == "down8" else "_up"
        return {f"{metric}_mibps": result["mibps"],
                f"cpu_s_per_gib{suffix}": {role: spent / moved for role, spent in sample["cpu"].items()}}
    if metric == "streams":
        return {"streams_per_s": result["per_second"], "streams_p50_ms": result["p50_ms"],
                "streams_p99_ms": result["p99_ms"],
                "cpu_ms_per_stream": {role: 1000 * spent / result["done"]
                                      for role, spent in sample["cpu"].items()}}
    return {"ttfb_p50_ms": result["ttfb_p50_ms"], "ttfb_p95_ms": result["ttfb_p95_ms"]}


def warm_up(bench, chain):
    bench.generator.run(chain, "down", {"conns": 4, "bytes": 64 * MIB, "path": "/big", "timeout": 20})
    bench.generator.run(chain, "conn", {"conns": 20, "count": 100, "path": "/tiny", "timeout": 20})
