import argparse
import signal
import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[1])

from stack import demo, state
from stack.bring_up import Stack, bring_up
from stack.console import Progress, complain, say
from stack.failures import StackFailure
from stack.settings import QUICK_USAGE_INTERVAL, Settings


def refuse_second(settings):
    if state.living(settings):
        known = state.read(settings)
        use = f"; use it: {curl_line(known['socks'], known['origin'])}" if known else ""
        raise StackFailure("stack", f"it is already running; {settings.state_file} says where",
                           f"make down stops it{use}")


def curl_line(socks, url):
    return f"curl --socks5-hostname {socks} {url}"


def run_demo(settings):
    settings.run = settings.folder("demo")
    settings.usage_interval = QUICK_USAGE_INTERVAL
    settings.plan = {"quota_bytes": demo.QUOTA, "reset": "month"}
    state.stop(settings)
    demo.demo(settings)


def run_up(settings):
    refuse_second(settings)
    began = time.monotonic()
    stack = Stack(settings)
    try:
        with Progress("starting backend, node, gateway and client"):
            bring_up(settings, stack)
    except BaseException:
        stack.stop()
        raise
    state.write(settings, stack)
    tell_up(settings, stack, time.monotonic() - began)


def tell_up(settings, stack, seconds):
    say(f"Running after {seconds:.0f} s: backend {stack.addresses['backend']}, "
        f"gateway https://{stack.addresses['gateway']}/, node with {settings.cipher}")
    say(f"Try it: {curl_line(stack.addresses['socks'], stack.origin.url)}")
    say(f"Operate it: {settings.programs / 'httvpsctl'} --server {stack.addresses['backend']} "
        f"--token-file {stack.admin_token_file} stats overview")
    say(f"Where everything is: {settings.state_file}")
    say("Stop it: make down")
    say("Link for another device (it is a key; give it to nobody else):")
    say(stack.link)


def run_down(settings):
    stopped = state.stop(settings)
    say(f"Stopped {', '.join(stopped)}." if stopped else "Nothing of the stack was running.")


ACTIONS = {"demo": run_demo, "up": run_up, "down": run_down}


def parse_arguments():
    parser = argparse.ArgumentParser(
        description="Start the whole HTTVPS stack on this machine.",
        epilog="Environment: NODE_CIPHER (chacha20-ietf-poly1305, aes-128-gcm, aes-256-gcm), "
               "URL (demo: fetch this instead of the local origin), SESSION_LIMIT (sessions of one device).")
    parser.add_argument("action", choices=sorted(ACTIONS))
    parser.add_argument("--run-dir", type=Path, help="folder for keys, logs and state (default build/run)")
    parser.add_argument("--programs", type=Path, help="folder of the built programs (default build/release/bin)")
    return parser.parse_args()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    options = parse_arguments()
    try:
        ACTIONS[options.action](Settings(options))
    except StackFailure as failure:
        for line in failure.lines():
            complain(line)
        return 1
    except KeyboardInterrupt:
        complain("stopped")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
