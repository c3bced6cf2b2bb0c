import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path

from harness import cpu_times
from harness.chain import HOST
from harness.httvps_chain import HttvpsChain
from harness.layout import MEMORY_FILES, ROOT, RUN
from harness.main import raise_descriptor_limit
from harness.origin import Origin
from harness.peers import AES
from stack import programs
from stack.console import complain, say
from stack.failures import StackFailure

HOLDERS = 4
DEVICES = 8
PAGE_BYTES = 16384
SETTLE_SECONDS = 10
TOOLS = ("bench-sink", "bench-idle-sessions")
PAGE = "page"


def parse_arguments():
    parser = argparse.ArgumentParser(description="Hold a crowd of idle and active sessions on one gateway.")
    parser.add_argument("--idle", type=int, default=10000, help="idle sessions, one carrier each (default 10000)")
    parser.add_argument("--active", type=int, default=1000, help="sessions that fetch a page each second (default 1000)")
    parser.add_argument("--seconds", type=int, default=15, help="how long they fetch (default 15)")
    parser.add_argument("--carrier", choices=("http1", "http2"), default="http2", help="kind of carrier")
    parser.add_argument("--programs", type=Path, default=ROOT / "build" / "release" / "bin")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bench" / "crowd.json", help="results file")
    return parser.parse_args()


def shares(total, parts):
    return [total // parts + (1 if place < total % parts else 0) for place in range(parts)]


def gateway_cpu(chain):
    return chain.cpu()["gateway"]


def hold(chain, devices, count, extra):
    states = [word for folder in devices for word in ("--state", folder)]
    return chain.hold([*states, "--count", count, *extra])


def over(chain, seconds):
    began, busy = gateway_cpu(chain), cpu_times.busy_machine()
    time.sleep(seconds)
    return {"gateway_cores": (gateway_cpu(chain) - began) / seconds,
            "machine_cores": (cpu_times.busy_machine() - busy) / seconds,
            "gateway_mib": chain.resident_kib("gateway") / 1024}


def run_crowd(options, chain, origin):
    (origin.files / PAGE).write_bytes(os.urandom(PAGE_BYTES))
    kind = ["--carrier", options.carrier]
    devices = chain.enrolled_devices(DEVICES)
    rest = chain.resident_kib("gateway") / 1024
    began = time.monotonic()
    idle = [hold(chain, devices, count, kind) for count in shares(options.idle, HOLDERS)]
    arrived = time.monotonic() - began
    time.sleep(SETTLE_SECONDS)
    quiet = over(chain, SETTLE_SECONDS)
    fetching = ["--fetch", f"/{PAGE}", "--target", f"{HOST}:{origin.web_port}", *kind]
    active = hold(chain, devices, options.active, fetching)
    busy = over(chain, options.seconds)
    fetched = active.release()
    still = [one.release() for one in idle]
    return {"idle_sessions": sum(one["done"] for one in still), "active_sessions": active.opened["done"],
            "fetching_sessions": fetched["done"], "seconds_to_arrive": arrived, "rest_mib": rest,
            "idle": quiet, "active": busy,
            "kib_per_idle_session": (quiet["gateway_mib"] - rest) * 1024 / options.idle,
            **{name: fetched[name] for name in ("fetches", "fetch_failures", "fetched_bytes", "fetch_p50_ms",
                                                "fetch_p95_ms")}}


def lines_of(options, result):
    idle, active = result["idle"], result["active"]
    return [
        f"{result['idle_sessions']} of {options.idle} idle sessions are up at the end; they arrived in "
        f"{result['seconds_to_arrive']:.1f} s",
        f"idle: gateway {idle['gateway_mib']:.0f} MiB, {result['kib_per_idle_session']:.1f} KiB a session, "
        f"{idle['gateway_cores'] * 100:.1f} % of a core",
        f"{result['fetching_sessions']} of {options.active} active sessions are up at the end: {result['fetches']} "
        f"pages of {PAGE_BYTES} bytes in {options.seconds} s, {result['fetch_failures']} failed, p50 "
        f"{result['fetch_p50_ms']:.1f} ms, p95 {result['fetch_p95_ms']:.1f} ms",
        f"active: gateway {active['gateway_mib']:.0f} MiB, {active['gateway_cores'] * 100:.0f} % of a core; the machine "
        f"{active['machine_cores']:.2f} of {cpu_times.CORES} cores",
    ]


def shortfalls(options, result):
    expected = options.active * options.seconds
    rules = {
        "idle sessions were lost": result["idle_sessions"] == options.idle,
        "active sessions were lost": result["fetching_sessions"] == options.active,
        "pages failed": result["fetch_failures"] == 0,
        "pages came too slowly": result["fetches"] >= 0.9 * expected,
        "pages were cut": result["fetched_bytes"] >= result["fetches"] * PAGE_BYTES,
    }
    return [sentence for sentence, kept in rules.items() if not kept]


def run(options):
    RUN.mkdir(parents=True, exist_ok=True)
    raise_descriptor_limit()
    programs.require(["nginx", "openssl", "ss-server"])
    programs.require_built(options.programs, TOOLS, "crowd")
    os.environ["GATEWAY_CONNECTIONS"] = str(options.idle + options.active + 1000)
    origin = Origin(RUN, options.programs.resolve() / "bench-sink", MEMORY_FILES)
    chain = HttvpsChain("crowd", AES, RUN / "crowd", options.programs.resolve(), "HTTVPS, aes-256-gcm node")
    try:
        origin.start()
        chain.start()
        result = run_crowd(options, chain, origin)
    finally:
        chain.stop()
        origin.stop()
    options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    say("\n".join(lines_of(options, result)))
    missing = shortfalls(options, result)
    for sentence in missing:
        complain(sentence)
    return 1 if missing else 0


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return run(parse_arguments())
    except StackFailure as failure:
        for line in failure.lines():
            complain(line)
        return 1
    except KeyboardInterrupt:
        complain("stopped")
        return 130
