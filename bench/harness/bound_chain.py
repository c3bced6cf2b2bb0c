import json
import subprocess

from harness import rounds
from harness.workload import observe
from stack.failures import StackFailure

MIB_OF_WORK = 768


class BoundChain:
    proxy = "none"
    tapped_client = None

    def __init__(self, name, program, cipher):
        self.name = name
        self.program = program
        self.cipher = cipher
        self.roles = {}
        self.note = f"one thread: receive, open TLS, seal Shadowsocks {cipher}, send; and back"

    def start(self):
        pass

    def stop(self):
        pass

    def programs(self):
        return set()

    def known(self):
        return []

    def cpu(self):
        return {}

    def supports(self, metric):
        return metric in ("down8", "up8")

    def run(self, way):
        outcome = subprocess.run([str(self.program), way, self.cipher, str(MIB_OF_WORK)], capture_output=True,
                                 text=True, check=False, timeout=60)
        if outcome.returncode != 0:
            raise StackFailure("bench-bound", outcome.stderr.strip()[-300:])
        return json.loads(outcome.stdout)

    def measure(self, bench, metric):
        way = metric[:-1]
        sample = observe(bench, self, lambda: self.run(way))
        if not rounds.is_quiet(sample):
            sample = min(sample, observe(bench, self, lambda: self.run(way)), key=lambda one: one["foreign"])
        suffix = "" if way == "down" else "_up"
        result = sample["result"]
        sample["failed"] = 0
        sample["values"] = {f"{metric}_mibps": result["mibps"],
                            f"cpu_s_per_gib{suffix}": {"gateway": result["cpu_s_per_gib"]}}
        return sample
