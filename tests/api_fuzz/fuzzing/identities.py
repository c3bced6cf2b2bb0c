import base64
import hashlib
import itertools
import json
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from fuzzing.backend import GATEWAY_SECRET

CLOCK_SKEW = 30
PASSWORD = "correct horse battery"
ACCESS_KEY = "ss://YWVzLTI1Ni1nY206aHVudGVyMmh1bnRlcjI@192.0.2.7:8388"


def base64url(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def public_part(key):
    return base64url(key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))


class Device:
    def __init__(self, token, key, public_id=""):
        self.token = token
        self.key = key
        self.id = public_id
        self.turn = itertools.cycle(range(-CLOCK_SKEW, CLOCK_SKEW))

    def proof(self, method, path, body):
        seconds = str(int(time.time()) + next(self.turn))
        message = f"htv1/request{method}\n{path}\n{seconds}\n".encode() + hashlib.sha256(body).digest()
        return f"HTTVPS-Device {self.token}~{seconds}~{base64url(self.key.sign(message))}"


class Identities:
    def __init__(self, backend):
        self.backend = backend
        self.ids = {}
        self.fill_accounts()
        self.fill_pool()
        self.device = self.enrol()
        self.ids["devices"] = self.enrol().id

    def fill_accounts(self):
        admin = self.backend.admin
        user = admin("POST", "/users", {"name": "Ada"})["id"]
        plan = admin("POST", "/plans", {"code": "basic", "name": "Basic", "device_limit": 1000})["id"]
        subscription = admin("POST", "/subscriptions", {"user_id": user, "plan_id": plan})["id"]
        token = admin("POST", "/tokens", {"name": "spare"})["token"]["id"]
        account = admin("POST", "/admins", {"name": "spare", "role": "support", "password": PASSWORD})["id"]
        self.ids |= {"users": user, "plans": plan, "subscriptions": subscription, "tokens": token, "admins": account}

    def fill_pool(self):
        made = self.backend.admin("POST", "/nodes", {"name": "orchard", "region": "eu", "host": "192.0.2.8",
                                                     "port": 8388})
        self.node_credential = made["credential"]
        self.backend.admin("POST", "/nodes", {"name": "elm", "region": "eu", "access_key": ACCESS_KEY})
        self.gateway_id, self.gateway_credential = self.join("gate")
        spare, _ = self.join("spare")
        self.ids |= {"nodes": made["node"]["id"], "gateways": spare, "regions": "eu"}

    def join(self, name):
        pin = base64url(bytes([len(name)]) * 32)
        made = self.backend.call("POST", "/gateway/join", {
            "secret": GATEWAY_SECRET, "name": name, "region": "eu", "host": f"{name}.example",
            "addresses": ["127.0.0.1:443"], "pins": [pin], "x25519_public": public_part(X25519PrivateKey.generate())})
        return made["gateway_id"], made["credential"]

    def enrol(self):
        link = self.backend.admin("POST", f"/users/{self.ids['users']}/enrolment-links",
                                  {"gateway_id": self.gateway_id})["link"]
        fragment = link.split("#", 1)[1]
        parts = json.loads(base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4)))
        key = Ed25519PrivateKey.generate()
        made = self.backend.call("POST", "/devices/enrol", {
            "ticket": parts["ticket"], "device_key": public_part(key), "name": "laptop", "platform": "linux"},
            {"X-HTTVPS-Gateway": f"Bearer {self.gateway_credential}"})
        return Device(made["token"], key, made["device_id"])

    def session_of(self, role):
        name = f"fuzz-{role}"
        self.backend.admin("POST", "/admins", {"name": name, "role": role, "password": PASSWORD})
        return self.backend.call("POST", "/admin/login", {"name": name, "password": PASSWORD})["token"]

    def token_of(self, role):
        return self.backend.admin("POST", "/tokens", {"name": "fuzz", "role": role})["secret"]
