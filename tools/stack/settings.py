import os
from pathlib import Path

from stack.failures import StackFailure

ROOT = Path(__file__).resolve().parents[2]
CIPHERS = ("chacha20-ietf-poly1305", "aes-128-gcm", "aes-256-gcm")
HOST = "127.0.0.1"
GATEWAY_NAME = "gateway.httvps.test"
REGION = "local"
USUAL_USAGE_INTERVAL = 5000
QUICK_USAGE_INTERVAL = 500


class Settings:
    def __init__(self, options):
        self.run = (options.run_dir or ROOT / "build" / "run").resolve()
        self.programs = (options.programs or ROOT / "build" / "release" / "bin").resolve()
        self.cipher = chosen_cipher(os.environ.get("NODE_CIPHER") or CIPHERS[0])
        self.url = chosen_url(os.environ.get("URL") or "")
        self.usage_interval = USUAL_USAGE_INTERVAL
        self.plan = {}
        self.session_limit = chosen_number("SESSION_LIMIT", os.environ.get("SESSION_LIMIT") or "64")

    @property
    def state_file(self):
        return self.run / "state.json"

    def folder(self, name):
        self.run.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.run / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path


def chosen_cipher(name):
    if name not in CIPHERS:
        raise StackFailure("settings", f"NODE_CIPHER={name} is not known", f"choose one of {', '.join(CIPHERS)}")
    return name


def chosen_number(name, text):
    if not text.isdecimal() or int(text) == 0:
        raise StackFailure("settings", f"{name}={text} is no number", "give a whole number from 1 up")
    return int(text)


def chosen_url(text):
    if text and not text.startswith(("http://", "https://")):
        raise StackFailure("settings", f"URL={text} is no web address", "give a whole one: URL=https://example.com/")
    return text
