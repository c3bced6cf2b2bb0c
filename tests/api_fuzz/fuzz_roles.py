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
from fuzzing.postgresql import DIES_WITH_THE_TEST, Postgresql
from fuzzing.rehearsal import calls_for
from fuzzing.roles import MACHINES
from fuzzing.verdict import ADMIN_PATHS, faults_of

HERE = Path(__file__).resolve().parent
SEED = "20261129"
PHASES = "examples,coverage,fuzzing,stateful"
ENGINES = ("sqlite", "postgresql")
ROLES = ("admin", "support", "read_only", MACHINES)


def chosen():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engines", nargs="+", default=ENGINES, choices=ENGINES)
    parser.add_argument("--roles", nargs="+", default=ROLES, choices=ROLES)
    parser.add_argument("--examples", default="100", help="examples an operation in the fuzzing phase")
    parser.add_argument("--include", default="", help="only operations whose path this expression finds")
    parser.add_argument("--jobs", type=int, default=1, help="roles that run at once, each on its own backend")
    return parser.parse_args()


def given_to(role, backend):
    known = Identities(backend)
    private = known.device.key.private_bytes(serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
                                             serialization.NoEncryption())
    return {"role": role, "rehearsed": calls_for(role, known),
            "admin": known.token_of("admin" if role == MACHINES else role), "node": known.node_credential,
            "gateway": known.gateway_credential, "known": sorted(known.ids.values()),
            "device_id": known.device.id, "other_device_id": known.ids["devices"],
            "device_token": known.device.token, "device_key": private.hex()}


def command_for(role, backend, options):
    words = [*DIES_WITH_THE_TEST, Path(sys.executable).parent / "schemathesis", "--config-file",
             HERE / "schemathesis.toml", "run", backend.document_file(), "--url", backend.url,
             "--phases", PHASES, "--checks", "all", "--seed", SEED, "--max-examples", options.examples,
             "--continue-on-failure", "--no-shrink", "--warnings", "off",
             "--request-timeout", "20", "--suppress-health-check", "all", "--generation-database", "none"]
    area = f"^(?!{ADMIN_PATHS})" if role == MACHINES else f"^(?={ADMIN_PATHS})"
    return [*words, "--include-path-regex", f"{area}.*(?:{options.include})"]


def fuzz(name, role, backend, options):
    tally = backend.folder / "tally.json"
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), "NO_COLOR": "1",
                   "HYPOTHESIS_STORAGE_DIRECTORY": str(Path(os.environ["HTTVPS_FUZZ_ENVIRONMENT"]) / "hypothesis"),
                   "HTTVPS_FUZZ_GIVEN": json.dumps(given_to(role, backend)), "HTTVPS_FUZZ_TALLY": str(tally)}
    began = time.monotonic()
    outcome = subprocess.run([str(word) for word in command_for(role, backend, options)], env=environment, text=True,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, cwd=backend.folder)
    answers = json.loads(tally.read_text(encoding="utf-8")) if tally.exists() else {}
    calls = {label: sum(seen.values()) for label, seen in answers.items()}
    print(f"{name}: {len(calls)} operations, {sum(calls.values())} calls, at least {min(calls.values(), default=0)} "
          f"an operation, {time.monotonic() - began:.0f} s, exit code {outcome.returncode}", flush=True)
    if outcome.returncode != 0:
        print(outcome.stdout, flush=True)
    return outcome.returncode, answers


def run_role(engine, role, dsn, options):
    name = f"{engine} {role}"
    backend = Backend(dsn)
    try:
        code, answers = fuzz(name, role, backend, options)
        faults = faults_of(role, backend.operations(), answers, wants_all=not options.include)
        if backend.process.poll() is not None:
            faults["ended"] = {"the backend"}
    finally:
        backend.stop()
    for fault, found in faults.items():
        print(f"{name}: {fault}: {', '.join(sorted(found))}", flush=True)
    return code == 0 and not faults


def main():
    options = chosen()
    server = Postgresql() if "postgresql" in options.engines else None
    pairs = [(engine, role) for role in options.roles for engine in options.engines]
    try:
        dsns = [server.new_database(f"fuzz_{role}") if engine == "postgresql" else None for engine, role in pairs]
        with ThreadPoolExecutor(options.jobs) as workers:
            passed = list(workers.map(lambda pair, dsn: run_role(*pair, dsn, options), pairs, dsns))
    finally:
        if server:
            server.stop()
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
