import itertools
import time

from fuzzing.identities import PASSWORD

MONTH = 30 * 86400
VERBS_BEFORE = {"resume": "suspend", "restore": "retire", "release": "quarantine", "undrain": "drain",
                "DELETE nodes": "drain"}
WAIT_FOR_APPROVAL = {"approve", "reject"}
BODIES = {
    "POST admins": {"name": "grace", "role": "read_only", "password": PASSWORD},
    "PATCH admins/{id}": {"state": "disabled"},
    "POST tokens": {"name": "robot"},
    "PATCH tokens/{id}": {"name": "renamed"},
    "POST users": {"name": "grace"},
    "PATCH users/{id}": {"note": "called"},
    "POST users/{id}/enrolment-links": {"gateway_id": "GATEWAY"},
    "POST users/{id}/enrolment-codes": {"gateway_id": "GATEWAY"},
    "POST bulk/users": {"users": [{"name": "hopper"}, {"name": "lamarr"}]},
    "POST plans": {"code": "spare", "name": "Spare"},
    "PATCH plans/{id}": {"name": "Renamed"},
    "POST subscriptions": {"user_id": "STRANGER", "plan_id": "PLAN"},
    "PATCH subscriptions/{id}": {"quota_bytes": 1000000},
    "POST subscriptions/{id}:extend": {"days": 3},
    "PATCH devices/{id}": {"name": "renamed"},
    "POST nodes": {"name": "oak", "region": "eu", "host": "192.0.2.8", "port": 8388},
    "PATCH nodes/{id}": {"weight": 7},
    "POST gateways": {"name": "invited anew", "region": "eu"},
    "PATCH gateways/{id}": {"name": "renamed"},
    "POST regions": {"code": "north"},
    "PATCH regions/{id}": {"latitude_millionths": 7, "longitude_millionths": 8},
    "POST regions/{id}:place": {"latitude_millionths": 7, "longitude_millionths": 8},
    "PATCH settings": {"usage_journal_days": 77},
    "POST keys:rewrap": {"plan": True}}


class Entities:
    def __init__(self, known):
        self.known = known
        self.admin = known.backend.admin
        self.numbers = itertools.count(1)

    def call_for(self, method, own_path):
        area, _, rest = own_path.partition("/")
        call = {"headers": {"If-Match": "*"}} if method != "GET" and "{id}" in rest else {}
        if "{id}" in rest:
            call["path"] = {"id": self.one_of(area, method, rest.rpartition(":")[2])}
        if f"{method} {own_path}" in BODIES:
            call["body"] = self.filled(BODIES[f"{method} {own_path}"])
        return call

    def filled(self, body):
        marks = {"GATEWAY": lambda: self.known.gateway_id, "PLAN": lambda: self.known.ids["plans"],
                 "STRANGER": lambda: self.users()}
        return {member: marks[value]() if isinstance(value, str) and value in marks else value
                for member, value in body.items()}

    def one_of(self, area, method, verb):
        if verb == "explain":
            return self.known.device.id
        if method == "GET" or area == "access-keys" or verb.startswith("{id}/enrolment"):
            return self.known.ids[area]
        if verb in WAIT_FOR_APPROVAL:
            return self.waiting_gateway()
        made = getattr(self, area.replace("-", "_"))()
        before = VERBS_BEFORE.get(f"{method} {area}") or VERBS_BEFORE.get(verb)
        if before:
            self.admin("POST", f"/{area}/{made}:{before}")
        return made

    def name(self):
        return f"fresh-{next(self.numbers)}"

    def users(self):
        return self.admin("POST", "/users", {"name": self.name()})["id"]

    def plans(self):
        return self.admin("POST", "/plans", {"code": self.name(), "name": "Fresh"})["id"]

    def subscriptions(self):
        return self.subscribe(self.users())

    def subscribe(self, user):
        ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + MONTH))
        return self.admin("POST", "/subscriptions", {"user_id": user, "plan_id": self.known.ids["plans"],
                                                     "expires_at": ends})["id"]

    def devices(self):
        return self.known.enrol().id

    def enrolment_tickets(self):
        user = self.users()
        self.subscribe(user)
        self.admin("POST", f"/users/{user}/enrolment-links", {"gateway_id": self.known.gateway_id})
        return self.admin("GET", f"/enrolment-tickets?user_id={user}")["items"][0]["id"]

    def admins(self):
        return self.admin("POST", "/admins", {"name": self.name(), "role": "read_only", "password": PASSWORD})["id"]

    def tokens(self):
        return self.admin("POST", "/tokens", {"name": self.name()})["token"]["id"]

    def nodes(self):
        body = {"name": self.name(), "region": "eu", "host": "192.0.2.9", "port": 9000}
        return self.admin("POST", "/nodes", body)["node"]["id"]

    def gateways(self):
        return self.known.join(self.name())[0]

    def waiting_gateway(self):
        name = self.name()
        invited = self.admin("POST", "/gateways", {"name": name, "region": "eu", "needs_approval": True})
        order = self.known.join_order(name, invited["join_token"])
        return self.known.backend.call("POST", "/gateway/join", order)["gateway_id"]

    def join_tokens(self):
        name = self.name()
        self.admin("POST", "/gateways", {"name": name, "region": "eu"})
        listed = self.admin("GET", "/join-tokens")["items"]
        return next(each["id"] for each in listed if each["name"] == name)

    def regions(self):
        return self.admin("POST", "/regions", {"code": self.name()})["code"]
