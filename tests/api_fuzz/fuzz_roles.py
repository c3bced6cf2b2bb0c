import argparse
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from fuzzing.backend import Backend
from fuzzing.identities import Identities
from fuzzing.postgresql import Postgresql

HERE = Path(__file__).resolve().parent
SEED = "20261129"
ADMIN_PATHS = "^/api/v1/admin/"
SCHEMA_OPERATION = "GET /openapi.json"
ROLES = ("admin", "machines", "support", "read_only")
ROLES_THAT_MAY_DO_ALL = ("admin", "machines")
ENOUGH_TO_DO_ALL = 50
NEED_A_SESSION_OR_A_PASSWORD = {
    "POST /api/v1/admin/login", "POST /api/v1/admin/logout", "POST /api/v1/admin/me:password",
    "POST /api/v1/admin/me/totp", "POST /api/v1/admin/me/totp:confirm", "POST /api/v1/admin/me/totp:disable"}
NEED_A_SECRET_OR_A_ROLLED_OUT_KEY = {
    "POST /api/v1/gateway/join", "POST /api/v1/devices/enrol", "POST /api/v1/nodes/assign-outline",
    "GET /api/v1/admin/access-keys/{id}", "GET /api/v1/admin/devices/{id}/assignment:explain"}


def chosen():
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=("sqlite", "postgresql"))
    parser.add_argument("--roles", nargs="+", default=ROLES, choices=ROLES)
    parser.add_argument("--examples", default=os.environ.get("HTTVPS_FUZZ_EXAMPLES", "100"))
    parser.add_argument("--include", default="")
    parser.add_argument("--jobs", type=int, default=int(os.environ.get("HTTVPS_FUZZ_JOBS", "1")))
    return parser.parse_args()


def given_to(role, backend):
    known = Identities(backend)
    private = known.device.key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                                             serialization.NoEncryption())
    admin = known.token_of("admin") if role == "machines" else known.token_of(role)
    return {"admin": admin, "node": known.node_credential, "gateway": known.gateway_credential,
            "known": sorted(known.ids.values()),
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


def never_done(answers):
    return {operation for operation, seen in answers.items()
            if not any(status.startswith("2") or status == "304" for status in seen)}


def faults_of(role, backend, answers, options):
    if options.include:
        return {}
    faults = {"left out": wanted_of(role, backend.operations()) - set(answers) - {SCHEMA_OPERATION}}
    if role in ROLES_THAT_MAY_DO_ALL and int(options.examples) >= ENOUGH_TO_DO_ALL:
        faults["never done"] = never_done(answers) - NEED_A_SESSION_OR_A_PASSWORD - NEED_A_SECRET_OR_A_ROLLED_OUT_KEY
    return {name: found for name, found in faults.items() if found}


def run_role(role, dsn, options):
    backend = Backend(dsn)
    try:
        code, answers = fuzz(role, backend, options)
        faults = faults_of(role, backend, answers, options)
        if backend.process.poll() is not None:
            faults["ended"] = {"the backend"}
    finally:
        backend.stop()
    for name, found in faults.items():
        print(f"{role}: {name}: {', '.join(sorted(found))}", flush=True)
    return code == 0 and not faults


def main():
    options = chosen()
    server = Postgresql() if options.engine == "postgresql" else None
    try:
        dsns = [server.new_database(f"fuzz_{role}") if server else None for role in options.roles]
        with ThreadPoolExecutor(options.jobs) as workers:
            passed = list(workers.map(lambda role, dsn: run_role(role, dsn, options), options.roles, dsns))
    finally:
        if server:
            server.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
