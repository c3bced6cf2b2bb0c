import time

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from schemathesis.auths import AuthContext, set_on_case

from fuzzing.backend import GATEWAY_SECRET
from fuzzing.entities import Entities
from fuzzing.identities import PASSWORD, base64url, public_part
from fuzzing.roles import MACHINES
from fuzzing.totp import code_of

OWN = "/api/v1/admin"
FRESH_PASSWORD = "another horse battery"


def calls_for(role, known):
    return calls_of_machines(known) if role == MACHINES else calls_of_administrators(role, known)


def calls_of_machines(known):
    return {
        "POST /api/v1/gateway/join": [{"body": known.join_order("rehearsed", GATEWAY_SECRET)}],
        "POST /api/v1/devices/enrol": [{"body": {
            "ticket": known.ticket(), "device_key": public_part(Ed25519PrivateKey.generate()), "name": "phone",
            "platform": "linux"}}],
        "POST /api/v1/enrolment-codes:redeem": [{"body": {
            "code": known.enrolment_code(), "device_key": public_part(Ed25519PrivateKey.generate())}}],
        "POST /api/v1/gateway/successors": [{"bearer": known.draining_gateway(),
                                             "body": {"devices": [known.device.id]}}],
        "POST /api/v1/gateway/heartbeat": [{"body": heartbeat_of(known.gateway_id)}],
        "POST /api/v1/outline/heartbeat": [{"body": heartbeat_of(known.ids["nodes"])}],
        "POST /api/v1/me/devices/{id}:revoke": [{"path": {"id": known.enrol().id}}],
        "POST /api/v1/nodes/assign-outline": [{"body": {"token": known.device.token, "region": ""}}]}


def heartbeat_of(owner):
    return {"node_id": owner, "region": "eu", "uptime_sec": 1, "active_sessions": 0, "cpu_load": 0, "mem_load": 0,
            "bytes_up": 0, "bytes_down": 0, "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}


def calls_of_administrators(role, known):
    entities = Entities(known)
    calls = {}
    for label in known.backend.operations():
        method, path = label.split(" ")
        call = entities.call_for(method, path.removeprefix(f"{OWN}/")) if path.startswith(f"{OWN}/") else {}
        if call:
            calls[label] = [call]
    return calls | calls_of_the_own_account(role, known)


def calls_of_the_own_account(role, known):
    confirmed = known.login(role)
    recovery = known.confirm_totp(confirmed)
    fresh = known.login(role)
    secret = known.own(fresh, "POST", "/me/totp")["secret"]
    passwords = {"present": PASSWORD, "fresh": FRESH_PASSWORD}
    return {
        f"POST {OWN}/login": [{"body": {"name": known.login(role).name, "password": PASSWORD}}],
        f"POST {OWN}/logout": [{"bearer": known.login(role).token}],
        f"GET {OWN}/me": [{"bearer": known.login(role).token}],
        f"POST {OWN}/me:password": [{"bearer": known.login(role).token, "body": passwords}],
        f"POST {OWN}/me/totp": [{"bearer": known.login(role).token}],
        f"POST {OWN}/me/totp:confirm": [{"bearer": fresh.token, "body": {"code": ""}, "totp_secret": secret}],
        f"POST {OWN}/me/totp:disable": [{"bearer": confirmed.token,
                                         "body": {"password": PASSWORD, "code": recovery}}]}


def cases_of(operation, calls):
    for prepared in calls.get(operation.label, ()):
        terms = {"headers": prepared.get("headers", {}), "path_parameters": prepared.get("path", {})}
        if "body" in prepared:
            terms |= {"body": dict(prepared["body"]), "media_type": "application/json"}
        if "totp_secret" in prepared:
            terms["body"]["code"] = code_of(prepared["totp_secret"])
        case = operation.Case(**terms)
        set_on_case(case, AuthContext(operation=operation, app=operation.app), None)
        yield case
