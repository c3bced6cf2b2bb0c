import json
import subprocess

from harness.chain import HOST
from stack.failures import StackFailure


class Generator:
    def __init__(self, program, origin):
        self.program = program
        self.origin = origin

    def arguments(self, chain, mode, options, entries=None):
        port = self.origin.sink_port if mode == "up" else self.origin.web_port
        words = [str(self.program), mode, "--to", f"{HOST}:{port}", "--proxy", chain.proxy]
        if chain.proxy != "none":
            for host, entry_port in entries or [chain.entry]:
                words += ["--via", f"{host}:{entry_port}"]
        for name, value in options.items():
            words += [f"--{name}", str(value)]
        return words

    def run(self, chain, mode, options, entries=None):
        words = self.arguments(chain, mode, options, entries)
        outcome = subprocess.run(words, capture_output=True, text=True, check=False,
                                 timeout=options.get("timeout", 30) + 30)
        return parse(outcome.stdout, outcome.stderr, chain.name)

    def hold(self, chain, options, entries=None):
        words = self.arguments(chain, "idle", options, entries)
        return Held(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.DEVNULL, text=True), chain.name)


def parse(text, errors, name):
    lines = text.strip().splitlines()
    if not lines:
        raise StackFailure("bench-loadgen", f"no result for {name}: {errors.strip()[-300:]}")
    return json.loads(lines[-1])


class Held:
    def __init__(self, child, name):
        self.child = child
        self.opened = parse(child.stdout.readline(), "", name)

    def release(self):
        self.child.stdin.close()
        last = self.child.stdout.read()
        self.child.wait(30)
        self.child.stdout.close()
        return json.loads(last.strip() or "{}")
