import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fuzzing.identities import Device
from requests.auth import AuthBase

DEVICE_PATHS = re.compile(r"^/api/v1/(devices|me|regions)\b")


class Credentials(AuthBase):
    def __init__(self, given):
        self.given = given
        self.device = Device(given["device_token"],
                             Ed25519PrivateKey.from_private_bytes(bytes.fromhex(given["device_key"])))

    def __call__(self, request):
        path = request.path_url
        if path.startswith("/api/v1/admin/"):
            request.headers["Authorization"] = f"Bearer {self.given['admin']}"
        elif path.startswith("/api/v1/outline/"):
            request.headers["Authorization"] = f"Bearer {self.given['node']}"
        elif DEVICE_PATHS.match(path):
            self.forward(request, path)
        elif path.startswith("/api/v1/"):
            request.headers["Authorization"] = f"Bearer {self.given['gateway']}"
        return request

    def forward(self, request, path):
        request.headers["X-HTTVPS-Gateway"] = f"Bearer {self.given['gateway']}"
        if not path.startswith("/api/v1/devices/enrol"):
            body = request.body or b""
            content = body.encode() if isinstance(body, str) else body
            request.headers["Authorization"] = self.device.proof(request.method, path, content)
