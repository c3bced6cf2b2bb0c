import json
import os
import re
from collections import Counter
from pathlib import Path

import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fuzzing.identities import Device
from requests.auth import AuthBase

GIVEN = json.loads(os.environ["HTTVPS_FUZZ_GIVEN"])
TALLY = Path(os.environ["HTTVPS_FUZZ_TALLY"])
DEVICE_PATHS = re.compile(r"^/api/v1/(devices|me|regions)\b")
PAGE_TOKEN = re.compile(r"[A-Za-z0-9_-]{0,128}")
IDEMPOTENCY_KEY = re.compile(r"[!-~]{1,240}")
FIRST_PAGE = "MQ"
REAL_ID_EVERY = 2
CALLS = Counter()
ANSWERS = {}


class Credentials(AuthBase):
    def __init__(self):
        self.device = Device(GIVEN["device_token"],
                             Ed25519PrivateKey.from_private_bytes(bytes.fromhex(GIVEN["device_key"])))

    def __call__(self, request):
        path = request.path_url
        if path.startswith("/api/v1/admin/"):
            request.headers["Authorization"] = f"Bearer {GIVEN['admin']}"
        elif path.startswith("/api/v1/outline/"):
            request.headers["Authorization"] = f"Bearer {GIVEN['node']}"
        elif DEVICE_PATHS.match(path):
            self.forward(request, path)
        elif path.startswith("/api/v1/"):
            request.headers["Authorization"] = f"Bearer {GIVEN['gateway']}"
        return request

    def forward(self, request, path):
        request.headers["X-HTTVPS-Gateway"] = f"Bearer {GIVEN['gateway']}"
        if not path.startswith("/api/v1/devices/enrol"):
            body = request.body or b""
            content = body.encode() if isinstance(body, str) else body
            request.headers["Authorization"] = self.device.proof(request.method, path, content)


schemathesis.auth.set_from_requests(Credentials())


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    known = GIVEN["ids"].get(kind_of(context.operation.path))
    CALLS["ids"] += 1
    if known and path_parameters and "id" in path_parameters and CALLS["ids"] % REAL_ID_EVERY == 0:
        return {**path_parameters, "id": known}
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    changed = dict(query or {})
    if "wait" in changed:
        changed["wait"] = 0
    if PAGE_TOKEN.fullmatch(str(changed.get("page_token", "!"))):
        changed["page_token"] = "" if CALLS["ids"] % REAL_ID_EVERY else FIRST_PAGE
    return changed if query else query


@schemathesis.hook
def map_headers(context, headers):
    key = (headers or {}).get("Idempotency-Key")
    if not isinstance(key, str) or not IDEMPOTENCY_KEY.fullmatch(key):
        return headers
    CALLS["keys"] += 1
    return {**headers, "Idempotency-Key": f"{key}-{CALLS['keys']}"}


@schemathesis.hook
def after_call(context, case, response):
    seen = ANSWERS.setdefault(case.operation.label, Counter())
    seen[str(response.status_code)] += 1
    if context is not None:
        TALLY.write_text(json.dumps(ANSWERS), encoding="utf-8")


def kind_of(path):
    found = re.match(r"^/api/v1/(?:admin|me)/([a-z]+)/\{id\}", path)
    return found.group(1) if found else None
