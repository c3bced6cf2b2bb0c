import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from fuzzing.backend import Backend
from fuzzing.identities import Identities
from fuzzing.postgresql import Postgresql

HERE = Path(__file__).resolve().parent
SEED = "20261129"
ADMIN_PATHS = "^/api/v1/admin/"
SCHEMA_OPERATION = "GET /openapi.json"
ROLES = ("read_only", "support", "admin", "machines")
ALL_FAILURES_SHOWN = 40


def chosen():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=("sqlite", "postgresql"))
    parser.add_argument("--roles", nargs="+", default=ROLES, choices=ROLES)
    parser.add_argument("--examples", default=os.environ.get("HTTVPS_FUZZ_EXAMPLES", "100"))
    parser.add_argument("--include", default="")
    return parser.parse_args()


def given_to(role, backend):
    known = Identities(backend)
    private = known.device.key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                                             serialization.NoEncryption())
    admin = known.token_of("admin") if role == "machines" else known.token_of(role)
    return {"admin": admin, "node": known.node_credential, "gateway": known.gateway_credential, "ids": known.ids,
            "device_token": known.device.token, "device_key": private.hex()}


def command_for(role, backend, options):
    words = [Path(sys.executable).parent / "schemathesis", "--config-file", HERE / "schemathesis.toml", "run",
             f"{backend.url}/openapi.json", "--phases", "examples,coverage,fuzzing", "--checks", "all", "--seed", SEED,
             "--max-examples", options.examples, "--continue-on-failure", "--no-shrink", "--warnings", "off",
             "--request-timeout", "20", "--suppress-health-check", "all"]
    if options.include:
        return [*words, "--include-path-regex", options.include]
    return [*words, "--exclude-path-regex" if role == "machines" else "--include-path-regex", ADMIN_PATHS]


def fuzz(role, backend, options):
    tally = backend.folder / "tally.json"
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "NO_COLOR": "1",
                   "HTTVPS_FUZZ_GIVEN": json.dumps(given_to(role, backend)), "HTTVPS_FUZZ_TALLY": str(tally)}
    began = time.monotonic()
    outcome = subprocess.run([str(word) for word in command_for(role, backend, options)], env=environment, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd=backend.folder)
    answers = json.loads(tally.read_text(encoding="utf-8")) if tally.exists() else {}
    calls = sum(sum(each.values()) for each in answers.values())
    print(f"{role}: {len(answers)} operations, {calls} calls, {time.monotonic() - began:.0f} s, "
          f"exit code {outcome.returncode}", flush=True)
    if outcome.returncode != 0:
        print(outcome.stdout, flush=True)
    return outcome.returncode, answers


def wanted_of(role, operations):
    is_admin = {each for each in operations if each.split(" ")[1].startswith("/api/v1/admin/")}
    return operations - is_admin if role == "machines" else is_admin


def run_role(role, dsn, options):
    backend = Backend(dsn)
    try:
        code, answers = fuzz(role, backend, options)
        left_out = wanted_of(role, backend.operations()) - set(answers) - {SCHEMA_OPERATION}
        alive = backend.process.poll() is None
    finally:
        backend.stop()
    if left_out and not options.include:
        print(f"{role}: left out: {', '.join(sorted(left_out))}")
    return code == 0 and alive and (options.include or not left_out)


def main():
    options = chosen()
    server = Postgresql() if options.engine == "postgresql" else None
    try:
        passed = [run_role(role, server.new_database(f"fuzz_{role}") if server else None, options)
                  for role in options.roles]
    finally:
        if server:
            server.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
