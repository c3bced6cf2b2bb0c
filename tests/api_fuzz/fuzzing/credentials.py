import re
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fuzzing.identities import Device
from requests.auth import AuthBase

CASE_HEADER = "X-Schemathesis-TestCaseId"
CREDENTIAL_HEADERS = {"Authorization", "X-HTTVPS-Gateway"}
AREA = re.compile(r"^\S+ /api/v1/([a-z]+)/")
DEVICE_PATHS = re.compile(r"^/api/v1/(devices|me|regions)\b")


def mutations_of(case):
    return getattr(case.meta.phase.data, "mutations", ())


def leaves_out_a_credential(mutation):
    wanted = mutation.original_value if "required" in mutation.keywords else ()
    return isinstance(wanted, list) and not CREDENTIAL_HEADERS.isdisjoint(wanted)


class Credentials(AuthBase):
    def __init__(self, given):
        self.given = given
        self.withheld = set()
        self.rehearsed = {label: [prepared["bearer"] for prepared in calls if "bearer" in prepared]
                         for label, calls in given["rehearsed"].items()}
        self.device = Device(given["device_token"],
                             Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given["device_key"])))

    def withhold_where_left_out(self, case):
        if case.meta is not None and any(map(leaves_out_a_credential, mutations_of(case))):
            self.withheld.add(case.id)

    def __call__(self, request):
        path = request.path_url
        if request.headers.get(CASE_HEADER) in self.withheld:
            return request
        if DEVICE_PATHS.match(path):
            self.forward(request, path)
        elif path.startswith("/api/v1/"):
            request.headers["Authorization"] = f"Bearer {self.bearer(f'{request.method} {unquote(path)}')}"
        return request

    def bearer(self, label):
        waiting = self.rehearsed.get(label)
        if waiting:
            return waiting.pop(0)
        area = AREA.search(label)
        return self.given[{"admin": "admin", "outline": "node"}.get(area and area.group(1), "gateway")]

    def forward(self, request, path):
        request.headers["X-HTTVPS-Gateway"] = f"Bearer {self.given['gateway']}"
        if not path.startswith("/api/v1/devices/enrol"):
            body = request.body or b""
            content = body.encode() if isinstance(body, str) else body
            request.headers["Authorization"] = self.device.proof(request.method, path, content)
