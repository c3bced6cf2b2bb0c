import base64
import hashlib
import itertools
import json
import time
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from fuzzing.backend import GATEWAY_SECRET
from fuzzing.totp import code_of

CLOCK_SKEW = 30
PATIENCE = 30
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
        self.shown = set()

    def proof(self, method, path, body):
        call = f"{method} {path} {hashlib.sha256(body).hexdigest()}"
        seconds = int(time.time()) if method == "GET" else self.unused_moment(call)
        message = f"htv1/request{method}\n{path}\n{seconds}\n".encode() + hashlib.sha256(body).digest()
        return f"HTTVPS-Device {self.token}~{seconds}~{base64url(self.key.sign(message))}"

    def unused_moment(self, call):
        while True:
            now = int(time.time())
            for seconds in range(now - CLOCK_SKEW + 2, now + CLOCK_SKEW - 1):
                if (call, seconds) not in self.shown:
                    self.shown.add((call, seconds))
                    return seconds
            time.sleep(0.5)


@dataclass
class Session:
    name: str
    token: str


class Identities:
    def __init__(self, backend):
        self.backend = backend
        self.ids = {}
        self.numbers = itertools.count(1)
        self.fill_accounts()
        self.fill_pool()
        self.device = self.enrol()
        self.ids["devices"] = self.enrol().id
        self.fill_keys()
        self.ids["enrolment-tickets"] = self.backend.admin("GET", "/enrolment-tickets")["items"][0]["id"]

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
        self.backend.admin("POST", "/gateways", {"name": "invited", "region": "eu"})
        invitation = self.backend.admin("GET", "/join-tokens")["items"][0]["id"]
        self.ids |= {"nodes": made["node"]["id"], "gateways": spare, "regions": "eu", "join-tokens": invitation}

    def fill_keys(self):
        deadline = time.monotonic() + PATIENCE
        while not (found := self.backend.admin("GET", "/access-keys")["items"]):
            if time.monotonic() > deadline:
                raise RuntimeError("no key of a gateway was made")
            time.sleep(0.2)
        self.ids["access-keys"] = found[0]["id"]
        self.backend.call("POST", "/nodes/assign-outline", {"token": self.device.token, "region": ""}, self.gateway())

    def gateway(self):
        return {"Authorization": f"Bearer {self.gateway_credential}"}

    def join_order(self, name, secret):
        return {"secret": secret, "name": name, "region": "eu", "host": f"{name}.example",
                "addresses": ["127.0.0.1:443"], "pins": [base64url(bytes([len(name)]) * 32)],
                "x25519_public": public_part(X25519PrivateKey.generate())}

    def join(self, name):
        made = self.backend.call("POST", "/gateway/join", self.join_order(name, GATEWAY_SECRET))
        return made["gateway_id"], made["credential"]

    def draining_gateway(self):
        known, credential = self.join("leaving")
        self.backend.admin("POST", f"/gateways/{known}:drain")
        return credential

    def ticket(self):
        link = self.backend.admin("POST", f"/users/{self.ids['users']}/enrolment-links",
                                  {"gateway_id": self.gateway_id})["link"]
        fragment = link.split("#", 1)[1]
        return json.loads(base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4)))["ticket"]

    def enrolment_code(self):
        return self.backend.admin("POST", f"/users/{self.ids['users']}/enrolment-codes",
                                  {"gateway_id": self.gateway_id})["code"]

    def enrol(self):
        key = Ed25519PrivateKey.generate()
        made = self.backend.call("POST", "/devices/enrol", {
            "ticket": self.ticket(), "device_key": public_part(key), "name": "laptop", "platform": "linux"},
            {"X-HTTVPS-Gateway": f"Bearer {self.gateway_credential}"})
        return Device(made["token"], key, made["device_id"])

    def login(self, role):
        name = f"fuzz-{role}-{next(self.numbers)}"
        self.backend.admin("POST", "/admins", {"name": name, "role": role, "password": PASSWORD})
        return Session(name, self.backend.call("POST", "/admin/login", {"name": name, "password": PASSWORD})["token"])

    def own(self, session, method, path, content=None):
        return self.backend.call(method, f"/admin{path}", content, {"Authorization": f"Bearer {session.token}"})

    def confirm_totp(self, session):
        secret = self.own(session, "POST", "/me/totp")["secret"]
        return self.own(session, "POST", "/me/totp:confirm", {"code": code_of(secret)})["recovery_codes"][0]

    def token_of(self, role):
        return self.backend.admin("POST", "/tokens", {"name": "fuzz", "role": role})["secret"]
