#!/usr/bin/env python3
import base64
import hashlib
import json
import pathlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from nacl import bindings

NOW = 1800000000
HOUR = 3600
DAY = 24 * HOUR
GATEWAY = "gw_0000000000000000000000000a"
OTHER_GATEWAY = "gw_0000000000000000000000000b"
EXPORTER = bytes(range(32))
OTHER_EXPORTER = bytes(range(1, 33))


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Key:
    def __init__(self, name):
        self.seed = hashlib.sha256(("httvps vector " + name).encode()).digest()
        self.private = Ed25519PrivateKey.from_private_bytes(self.seed)
        self.public = self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.kid = hashlib.sha256(self.public).hexdigest()[:16]

    def sign(self, message):
        return self.private.sign(message)

    def described(self):
        return {"seed": self.seed.hex(), "public": b64(self.public), "kid": self.kid}


ROOT, SIGNER, DEVICE, STRANGER, RETIRED = (Key(name) for name in ("root", "signer", "device", "stranger", "retired"))


def pre_authentication_encode(pieces):
    encoded = len(pieces).to_bytes(8, "little")
    for piece in pieces:
        encoded += len(piece).to_bytes(8, "little") + piece
    return encoded


def paseto(key, context, payload, kid=None):
    header = b"v4.public."
    footer = ('{"kid":"%s"}' % (kid or key.kid)).encode()
    body = payload.encode()
    proof = key.sign(pre_authentication_encode([header, body, footer, context.encode()]))
    return header.decode() + b64(body + proof) + "." + b64(footer)


def listed(keys):
    return [{"kid": key.kid, "public": b64(key.public)} for key in keys]


def key_set_payload(version, keys, not_after=NOW + 90 * DAY, retired=()):
    claims = {"version": version, "not_after": not_after, "keys": listed(keys)}
    return compact({**claims, "retired": listed(retired)} if retired else claims)


ACCESS = {
    "sub": "dev_0000000000000000000000000a",
    "subscription": "sub_0000000000000000000000000a",
    "device_key": b64(DEVICE.public),
    "gateways": [GATEWAY],
    "region": "eu",
    "plan": {"session_limit": 3, "up_bps": 1000000, "down_bps": None},
    "iat": NOW,
    "exp": NOW + HOUR,
}
TICKET = {
    "ticket": "tkt_0000000000000000000000000a",
    "user": "usr_0000000000000000000000000a",
    "gateway": GATEWAY,
    "exp": NOW + DAY,
    "uses": 1,
}
CONFIG = {
    "version": 1,
    "issued": NOW,
    "not_after": NOW + 30 * DAY,
    "gateways": [
        {
            "id": GATEWAY,
            "host": "www.example.com",
            "addresses": ["192.0.2.1:443", "[2001:db8::1]:443"],
            "mode": "direct",
            "pins": [b64(hashlib.sha256(b"first").digest()), b64(hashlib.sha256(b"second").digest())],
            "path": "/assets/app-3f9a",
            "cookie": "sid_7c1e",
        }
    ],
}

POLICY = {
    "version": 7,
    "issued": NOW,
    "carriers_most": 2,
    "keepalive": {"least_s": 12, "most_s": 20},
    "carrier_age": {"least_s": 1800, "most_s": 3000},
    "carrier_idle_s": 60,
}

KEY_SET = key_set_payload(2, [SIGNER], retired=[RETIRED])
KEY_SET_TOKEN = paseto(ROOT, "htv1/key-set", KEY_SET)
ACCESS_TOKEN = paseto(SIGNER, "htv1/access-token", compact(ACCESS))
TICKET_TOKEN = paseto(SIGNER, "htv1/ticket", compact(TICKET))
CONFIG_TOKEN = paseto(SIGNER, "htv1/config", compact(CONFIG))
POLICY_TOKEN = paseto(SIGNER, "htv1/policy", compact(POLICY))


def documents():
    plain = key_set_payload(2, [SIGNER])
    yield {"name": "key set", "context": "htv1/key-set", "key": "root", "payload": plain, "token": paseto(ROOT, "htv1/key-set", plain)}
    yield {"name": "key set with a retired key", "context": "htv1/key-set", "key": "root", "payload": KEY_SET, "token": KEY_SET_TOKEN}
    yield {"name": "access token", "context": "htv1/access-token", "key": "signer", "payload": compact(ACCESS), "token": ACCESS_TOKEN}
    every = compact({**ACCESS, "gateways": ["*"], "region": ""})
    yield {"name": "access token for every gateway", "context": "htv1/access-token", "key": "signer", "payload": every, "token": paseto(SIGNER, "htv1/access-token", every)}
    yield {"name": "ticket", "context": "htv1/ticket", "key": "signer", "payload": compact(TICKET), "token": TICKET_TOKEN}
    yield {"name": "client configuration", "context": "htv1/config", "key": "signer", "payload": compact(CONFIG), "token": CONFIG_TOKEN}
    yield {"name": "policy", "context": "htv1/policy", "key": "signer", "payload": compact(POLICY), "token": POLICY_TOKEN}


def refusal(name, context, token, error, now=NOW, grace=0):
    return {"name": name, "context": context, "token": token, "now": now, "grace": grace, "error": error}


def broken_access(name, **changes):
    claims = {key: value for key, value in {**ACCESS, **changes}.items() if value != "absent"}
    return refusal(name, "htv1/access-token", paseto(SIGNER, "htv1/access-token", compact(claims)), "claims_invalid")


def raw_access(name, payload):
    return refusal(name, "htv1/access-token", paseto(SIGNER, "htv1/access-token", payload), "claims_invalid")


def broken_policy(name, **changes):
    payload = compact({**POLICY, **changes})
    return refusal(name, "htv1/policy", paseto(SIGNER, "htv1/policy", payload), "claims_invalid")


def policy_checks():
    context = "htv1/policy"
    yield refusal("good policy", context, POLICY_TOKEN, None)
    yield refusal("policy of long ago, while its key is listed", context, POLICY_TOKEN, None, NOW + 89 * DAY)
    yield refusal("policy from the future", context, POLICY_TOKEN, "token_not_yet_valid", NOW - 121)
    yield refusal("policy signed by a retired key", context, paseto(RETIRED, context, compact(POLICY)), None)
    yield refusal("policy signed by a stranger", context, paseto(STRANGER, context, compact(POLICY)), "unknown_key")
    yield refusal("configuration as policy", context, CONFIG_TOKEN, "wrong_context")
    yield refusal("policy as configuration", "htv1/config", POLICY_TOKEN, "wrong_context")
    yield refusal("policy with members of later versions", context, paseto(SIGNER, context, compact({**POLICY, "padding": {"most": 9}})), None)
    yield broken_policy("policy without carriers", carriers_most=0)
    yield broken_policy("policy of seven carriers", carriers_most=7)
    yield broken_policy("keep-alive too quick", keepalive={"least_s": 9, "most_s": 20})
    yield broken_policy("keep-alive too slow", keepalive={"least_s": 12, "most_s": 61})
    yield broken_policy("keep-alive reversed", keepalive={"least_s": 21, "most_s": 20})
    yield broken_policy("carriers too young", carrier_age={"least_s": 59, "most_s": 3000})
    yield broken_policy("age of carriers without its end", carrier_age={"least_s": 1800})
    yield broken_policy("idle for too short a time", carrier_idle_s=4)
    yield broken_policy("policy of version 0", version=0)


def document_checks():
    context = "htv1/access-token"
    forged = paseto(STRANGER, context, compact(ACCESS), kid=SIGNER.kid)
    yield refusal("good", context, ACCESS_TOKEN, None)
    yield refusal("last good second", context, ACCESS_TOKEN, None, NOW + HOUR)
    yield refusal("expired", context, ACCESS_TOKEN, "token_expired", NOW + HOUR + 1)
    yield refusal("expired within grace", context, ACCESS_TOKEN, None, NOW + HOUR + 600, 600)
    yield refusal("expired past grace", context, ACCESS_TOKEN, "token_expired", NOW + HOUR + 601, 600)
    yield refusal("two minutes early", context, ACCESS_TOKEN, None, NOW - 120)
    yield refusal("from the future", context, ACCESS_TOKEN, "token_not_yet_valid", NOW - 121)
    yield refusal("forged with a known key id", context, forged, "signature_invalid")
    yield refusal("signed by a stranger", context, paseto(STRANGER, context, compact(ACCESS)), "unknown_key")
    yield refusal("signed by the root", context, paseto(ROOT, context, compact(ACCESS)), "unknown_key")
    old = paseto(RETIRED, context, compact(ACCESS))
    yield refusal("not expired, signed by a retired key", context, old, "unknown_key", NOW, 30 * DAY)
    yield refusal("expired, signed by a retired key, to be renewed", context, old, None, NOW + 2 * HOUR, 30 * DAY)
    yield refusal("expired, signed by a retired key, with the grace of a gateway without backend", context, old, "unknown_key", NOW + 2 * HOUR, DAY)
    yield refusal("ticket signed by a retired key", "htv1/ticket", paseto(RETIRED, "htv1/ticket", compact(TICKET)), None)
    yield refusal("configuration signed by a retired key", "htv1/config", paseto(RETIRED, "htv1/config", compact(CONFIG)), None)
    yield refusal("ticket as token", context, TICKET_TOKEN, "wrong_context")
    yield refusal("token as ticket", "htv1/ticket", ACCESS_TOKEN, "wrong_context")
    yield refusal("context of another protocol", context, paseto(SIGNER, "htv2/access-token", compact(ACCESS)), "signature_invalid")
    yield refusal("truncated in the footer", context, ACCESS_TOKEN[:-1], "token_invalid")
    yield refusal("truncated in the body", context, ACCESS_TOKEN.split(".")[2].join(["v4.public.", ""])[:-2] + "." + ACCESS_TOKEN.split(".")[3], "signature_invalid")
    yield refusal("without footer", context, ACCESS_TOKEN.rsplit(".", 1)[0], "token_invalid")
    yield refusal("empty", context, "", "token_invalid")
    yield refusal("another version", context, "v3" + ACCESS_TOKEN[2:], "token_invalid")
    yield refusal("padded", context, ACCESS_TOKEN + "=", "token_invalid")
    yield refusal("longer than 8 KiB", context, "v4.public." + "A" * 8192, "too_long")
    yield refusal("unknown members", context, paseto(SIGNER, context, compact({**ACCESS, "new": {"deep": [1]}})), None)
    yield raw_access("duplicate member", compact(ACCESS)[:-1] + ',"sub":"dev_other"}')
    yield raw_access("duplicate member inside the plan", compact(ACCESS).replace('"session_limit":3', '"session_limit":3,"session_limit":9'))
    yield raw_access("array instead of object", "[]")
    yield raw_access("trailing text", compact(ACCESS) + "{}")
    yield broken_access("no subject", sub="absent")
    yield broken_access("number as subject", sub=7)
    yield broken_access("subject with a space", sub="dev a")
    yield broken_access("subject too long", sub="d" * 65)
    yield broken_access("short device key", device_key=b64(DEVICE.public[:31]))
    yield broken_access("no gateway", gateways=[])
    yield broken_access("star among gateways", gateways=["*", GATEWAY])
    yield broken_access("too many gateways", gateways=["gw_%d" % i for i in range(33)])
    yield broken_access("fraction as session limit", plan={**ACCESS["plan"], "session_limit": 1.5})
    yield broken_access("negative rate", plan={**ACCESS["plan"], "up_bps": -1})
    yield broken_access("rate missing", plan={"session_limit": 3, "up_bps": 1})
    yield broken_access("lives longer than an hour", exp=NOW + HOUR + 1)
    yield broken_access("ends before it starts", exp=NOW)
    yield refusal("good ticket", "htv1/ticket", TICKET_TOKEN, None)
    yield refusal("expired ticket", "htv1/ticket", TICKET_TOKEN, "ticket_expired", NOW + DAY + 1)
    yield refusal("expired ticket has no grace", "htv1/ticket", TICKET_TOKEN, "ticket_expired", NOW + DAY + 1, 600)
    yield refusal("ticket without uses", "htv1/ticket", paseto(SIGNER, "htv1/ticket", compact({**TICKET, "uses": 0})), "claims_invalid")
    yield refusal("good configuration", "htv1/config", CONFIG_TOKEN, None)
    yield refusal("expired configuration", "htv1/config", CONFIG_TOKEN, "config_expired", NOW + 30 * DAY + 1)
    yield refusal("key set expired", "htv1/ticket", TICKET_TOKEN, "key_set_expired", NOW + 90 * DAY + 1)
    for name, change in (("address without port", {"addresses": ["192.0.2.1"]}), ("unknown mode", {"mode": "magic"}), ("no pin", {"pins": []}), ("relative path", {"path": "assets"})):
        entry = {**CONFIG["gateways"][0], **change}
        yield refusal(name, "htv1/config", paseto(SIGNER, "htv1/config", compact({**CONFIG, "gateways": [entry]})), "claims_invalid")
    yield from policy_checks()
    yield refusal("gateway twice", "htv1/config", paseto(SIGNER, "htv1/config", compact({**CONFIG, "gateways": CONFIG["gateways"] * 2})), "claims_invalid")


def key_set_check(name, token, error, least_version=0, now=NOW):
    return {"name": name, "token": token, "least_version": least_version, "now": now, "error": error}


def key_set_checks():
    context = "htv1/key-set"
    wrong_kid = compact({"version": 2, "not_after": NOW + DAY, "keys": [{"kid": ROOT.kid, "public": b64(SIGNER.public)}]})
    yield key_set_check("good", KEY_SET_TOKEN, None)
    yield key_set_check("same version again", KEY_SET_TOKEN, None, 2)
    yield key_set_check("older than known", KEY_SET_TOKEN, "key_set_rollback", 3)
    yield key_set_check("expired", KEY_SET_TOKEN, "key_set_expired", 0, NOW + 90 * DAY + 1)
    yield key_set_check("signed by a stranger", paseto(STRANGER, context, key_set_payload(2, [STRANGER])), "unknown_key")
    yield key_set_check("forged", paseto(STRANGER, context, key_set_payload(2, [STRANGER]), kid=ROOT.kid), "signature_invalid")
    yield key_set_check("wrong context", paseto(ROOT, "htv1/config", key_set_payload(2, [SIGNER])), "wrong_context")
    yield key_set_check("no keys", paseto(ROOT, context, key_set_payload(2, [])), "claims_invalid")
    yield key_set_check("key twice", paseto(ROOT, context, key_set_payload(2, [SIGNER, SIGNER])), "claims_invalid")
    yield key_set_check("key both current and retired", paseto(ROOT, context, key_set_payload(2, [SIGNER], retired=[SIGNER])), "claims_invalid")
    yield key_set_check("more than 16 retired keys", paseto(ROOT, context, key_set_payload(2, [SIGNER], retired=[Key(f"retired {n}") for n in range(17)])), "claims_invalid")
    yield key_set_check("key id of another key", paseto(ROOT, context, wrong_kid), "claims_invalid")
    yield key_set_check("version zero", paseto(ROOT, context, key_set_payload(0, [SIGNER])), "claims_invalid")


def knock_proof(device, gateway, exporter):
    return b64(device.sign(b"htv1" + gateway.encode() + exporter))


def access_knock(token=ACCESS_TOKEN, device=DEVICE, gateway=GATEWAY, exporter=EXPORTER):
    return token + "~" + knock_proof(device, gateway, exporter)


def ticket_knock(device=DEVICE, gateway=GATEWAY, exporter=EXPORTER, shown=None):
    return "~".join([TICKET_TOKEN, b64((shown or device).public), knock_proof(device, gateway, exporter)])


def knock_check(name, cookie, error, gateway=GATEWAY, exporter=EXPORTER, now=NOW):
    return {"name": name, "cookie": cookie, "gateway": gateway, "exporter": exporter.hex(), "now": now, "error": error}


def knock_checks():
    good, ticket = access_knock(), ticket_knock()
    yield {**knock_check("access token", good, None), "token": ACCESS_TOKEN, "kind": "access"}
    yield {**knock_check("ticket", ticket, None), "token": TICKET_TOKEN, "kind": "ticket"}
    yield knock_check("replayed on another connection", good, "proof_invalid", exporter=OTHER_EXPORTER)
    yield knock_check("ticket replayed on another connection", ticket, "proof_invalid", exporter=OTHER_EXPORTER)
    yield knock_check("token of another gateway", access_knock(gateway=OTHER_GATEWAY), "wrong_gateway", gateway=OTHER_GATEWAY)
    yield knock_check("ticket of another gateway", ticket_knock(gateway=OTHER_GATEWAY), "wrong_gateway", gateway=OTHER_GATEWAY)
    yield knock_check("proof for another gateway", access_knock(gateway=OTHER_GATEWAY), "proof_invalid")
    yield knock_check("stolen token, own key", access_knock(device=STRANGER), "proof_invalid")
    yield knock_check("ticket with a key that did not sign", ticket_knock(shown=STRANGER), "proof_invalid")
    yield knock_check("expired token", good, "token_expired", now=NOW + HOUR + 1)
    yield knock_check("expired ticket", ticket, "ticket_expired", now=NOW + DAY + 1)
    yield knock_check("token in the ticket form", "~".join([ACCESS_TOKEN, b64(DEVICE.public), knock_proof(DEVICE, GATEWAY, EXPORTER)]), "wrong_context")
    yield knock_check("ticket in the token form", access_knock(token=TICKET_TOKEN), "wrong_context")
    yield knock_check("truncated proof", good[:-2], "knock_invalid")
    yield knock_check("no proof", ACCESS_TOKEN, "knock_invalid")
    yield knock_check("empty", "", "knock_invalid")
    yield knock_check("no token", good[good.index("~"):], "knock_invalid")
    yield knock_check("four parts", ticket + "~" + "AA", "knock_invalid")
    yield knock_check("longer than 4 KiB", "v" * 4097, "too_long")


def device_proof(method, path, body, at=NOW, token=ACCESS_TOKEN, device=DEVICE, written=None):
    message = "htv1/request%s\n%s\n%d\n" % (method, path, at)
    proof = device.sign(message.encode() + hashlib.sha256(body).digest())
    return "HTTVPS-Device %s~%s~%s" % (token, written or str(at), b64(proof))


def proof_check(name, header, error, method="POST", path="/api/v1/devices/token", body="{}", now=NOW):
    return {"name": name, "header": header, "method": method, "path": path, "body": body, "now": now, "error": error}


def proof_checks():
    good = device_proof("POST", "/api/v1/devices/token", b"{}")
    yield {**proof_check("good", good, None), "token": ACCESS_TOKEN}
    yield {**proof_check("without a body", device_proof("GET", "/api/v1/me", b""), None, "GET", "/api/v1/me", ""), "token": ACCESS_TOKEN}
    yield proof_check("last good second", good, None, now=NOW + 120)
    yield proof_check("too old", good, "proof_expired", now=NOW + 121)
    yield proof_check("from the future", good, "proof_expired", now=NOW - 121)
    yield proof_check("another method", good, "proof_invalid", method="GET")
    yield proof_check("another path", good, "proof_invalid", path="/api/v1/me")
    yield proof_check("another body", good, "proof_invalid", body="{ }")
    yield proof_check("another key", device_proof("POST", "/api/v1/devices/token", b"{}", device=STRANGER), "proof_invalid")
    yield proof_check("another scheme", "Bearer" + good[len("HTTVPS-Device"):], "proof_invalid")
    yield proof_check("seconds with a leading zero", device_proof("POST", "/api/v1/devices/token", b"{}", written="0%d" % NOW), "proof_invalid")
    yield proof_check("seconds not a number", device_proof("POST", "/api/v1/devices/token", b"{}", written="18e8"), "proof_invalid")
    yield proof_check("truncated", good[:-2], "proof_invalid")
    yield proof_check("empty", "", "proof_invalid")
    late = device_proof("POST", "/api/v1/devices/token", b"{}", at=NOW + 30 * DAY + HOUR)
    yield {**proof_check("renewal in the last second", late, None, now=NOW + 30 * DAY + HOUR), "grace": 30 * DAY}
    later = device_proof("POST", "/api/v1/devices/token", b"{}", at=NOW + 30 * DAY + HOUR + 1)
    yield {**proof_check("renewal too late", later, "token_expired", now=NOW + 30 * DAY + HOUR + 1), "grace": 30 * DAY}


def link(members=None, address="www.example.com:443"):
    parts = {"root": b64(ROOT.public), "key_set": KEY_SET_TOKEN, "config": CONFIG_TOKEN, "ticket": TICKET_TOKEN}
    return "httvps://%s/#%s" % (address, b64(compact({**parts, **(members or {})}).encode()))


def link_check(name, text, error, now=NOW):
    return {"name": name, "link": text, "now": now, "error": error}


def link_checks():
    other_ticket = paseto(SIGNER, "htv1/ticket", compact({**TICKET, "gateway": OTHER_GATEWAY}))
    yield link_check("good", link(), None)
    yield link_check("IPv6 address", link(address="[2001:db8::1]:8443"), None)
    yield link_check("with a line end", link() + "\r\n", None)
    yield link_check("ticket expired", link(), "ticket_expired", NOW + DAY + 1)
    yield link_check("root of a stranger", link({"root": b64(STRANGER.public)}), "unknown_key")
    yield link_check("ticket of another gateway", link({"ticket": other_ticket}), "wrong_gateway")
    yield link_check("ticket where the configuration belongs", link({"config": TICKET_TOKEN}), "wrong_context")
    yield link_check("no ticket", link({"ticket": None}), "link_invalid")
    yield link_check("truncated", link()[:-1], "link_invalid")
    yield link_check("another scheme", "https" + link()[len("httvps"):], "link_invalid")
    yield link_check("no fragment", "httvps://www.example.com:443/", "link_invalid")
    yield link_check("no address", "httvps:///#" + link().split("#")[1], "link_invalid")
    yield link_check("empty", "", "link_invalid")
    yield link_check("longer than 8 KiB", link() + "A" * 8192, "too_long")


def sealed_boxes():
    recipient = hashlib.sha256(b"httvps vector box recipient").digest()
    sender = hashlib.sha256(b"httvps vector box sender").digest()
    public, ephemeral = (bindings.crypto_scalarmult_base(secret) for secret in (recipient, sender))
    content = compact({"url": "ss://Y2hhY2hhMjAtaWV0Zi1wb2x5MTMwNTpzZWNyZXQ@192.0.2.7:8388"}).encode()
    nonce = hashlib.blake2b(ephemeral + public, digest_size=24).digest()
    sealed = ephemeral + bindings.crypto_box(content, nonce, public, sender)
    assert bindings.crypto_box_seal_open(sealed, public, recipient) == content
    common = {"secret": recipient.hex(), "public": b64(public)}
    yield {"name": "good", **common, "sealed": b64(sealed), "content": content.decode(), "error": None}
    yield {"name": "changed", **common, "sealed": b64(sealed[:-1] + bytes([sealed[-1] ^ 1])), "error": "sealed_box_invalid"}
    yield {"name": "truncated", **common, "sealed": b64(sealed[:47]), "error": "sealed_box_invalid"}
    yield {"name": "another recipient", "secret": sender.hex(), "public": b64(ephemeral), "sealed": b64(sealed), "error": "sealed_box_invalid"}


def main():
    vectors = {
        "source": "tests/vectors/identity_vectors.py (Python cryptography and PyNaCl)",
        "now": NOW,
        "keys": {"root": ROOT.described(), "signer": SIGNER.described(), "device": DEVICE.described(), "stranger": STRANGER.described(), "retired": RETIRED.described()},
        "key_set": KEY_SET_TOKEN,
        "documents": list(documents()),
        "document_checks": list(document_checks()),
        "key_set_checks": list(key_set_checks()),
        "knock_checks": list(knock_checks()),
        "proof_checks": list(proof_checks()),
        "link_checks": list(link_checks()),
        "sealed_boxes": list(sealed_boxes()),
    }
    path = pathlib.Path(__file__).with_name("identity.json")
    path.write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    main()
