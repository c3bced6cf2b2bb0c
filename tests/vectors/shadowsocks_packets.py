#!/usr/bin/env python3
import hashlib
import hmac
import ipaddress
import json
import pathlib

from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

PASSWORD = "correct horse"
METHODS = {
    "chacha20-ietf-poly1305": (32, ChaCha20Poly1305),
    "aes-128-gcm": (16, AESGCM),
    "aes-256-gcm": (32, AESGCM),
}
LONGEST = 65507
TARGETS = (
    {"bytes": ipaddress.ip_address("192.0.2.53").packed.hex(), "port": 53},
    {"bytes": ipaddress.ip_address("2001:db8::53").packed.hex(), "port": 443},
    {"domain": "resolver.example", "port": 853},
)


def master_key(password, size):
    key, last = b"", b""
    while len(key) < size:
        last = hashlib.md5(last + password.encode()).digest()
        key += last
    return key[:size]


def session_key(master, salt):
    extracted = hmac.new(salt, master, hashlib.sha1).digest()
    key, last = b"", b""
    for counter in range(1, 3):
        last = hmac.new(extracted, last + b"ss-subkey" + bytes([counter]), hashlib.sha1).digest()
        key += last
    return key[: len(master)]


def pattern(size):
    return bytes((7 * i + i // 256) % 256 for i in range(size))


def salt_of(size, number):
    return hashlib.sha512(f"httvps packet salt {number}".encode()).digest()[:size]


def encoded(target):
    port = target["port"].to_bytes(2, "big")
    if "domain" in target:
        name = target["domain"].encode()
        return b"\x03" + bytes([len(name)]) + name + port
    address = bytes.fromhex(target["bytes"])
    return (b"\x01" if len(address) == 4 else b"\x04") + address + port


def sealed(method, number, plain):
    size, cipher = METHODS[method]
    salt = salt_of(size, number)
    key = session_key(master_key(PASSWORD, size), salt)
    return salt + cipher(key).encrypt(bytes(12), plain, None)


def good_packets():
    number = 0
    for method, (size, _) in METHODS.items():
        for target in TARGETS:
            for length in (0, 1, 47, 1252):
                packet = sealed(method, number, encoded(target) + pattern(length))
                yield {
                    "method": method,
                    "password": PASSWORD,
                    "salt": salt_of(size, number).hex(),
                    "target": target,
                    "pattern_payload": length,
                    "sealed": packet.hex(),
                }
                number += 1


def longest_packet():
    method, target = "aes-256-gcm", TARGETS[0]
    room = LONGEST - 32 - 16 - len(encoded(target))
    packet = sealed(method, 1000, encoded(target) + pattern(room))
    return {
        "method": method,
        "password": PASSWORD,
        "salt": salt_of(32, 1000).hex(),
        "target": target,
        "pattern_payload": room,
        "sealed_sha256": hashlib.sha256(packet).hexdigest(),
    }


def flipped(packet, at):
    changed = bytearray(packet)
    changed[at] ^= 1
    return bytes(changed)


def bad_packets():
    method = "chacha20-ietf-poly1305"
    good = sealed(method, 2000, encoded(TARGETS[0]) + b"payload")
    faults = (
        ("nothing", b"", "packet_too_short"),
        ("salt alone", good[:32], "packet_too_short"),
        ("half a tag", good[:47], "packet_too_short"),
        ("changed salt", flipped(good, 0), "tag_mismatch"),
        ("changed payload", flipped(good, 40), "tag_mismatch"),
        ("changed tag", flipped(good, -1), "tag_mismatch"),
        ("cut tag", good[:-1], "tag_mismatch"),
        ("no target", sealed(method, 2001, b""), "malformed_target"),
        ("unknown kind", sealed(method, 2002, b"\x02\x00\x00\x00\x00\x00\x35"), "malformed_target"),
        ("cut ipv4", sealed(method, 2003, b"\x01\xc0\x00\x02\x35\x00"), "malformed_target"),
        ("cut ipv6", sealed(method, 2004, b"\x04" + bytes(17)), "malformed_target"),
        ("cut name", sealed(method, 2005, b"\x03\x05four\x00\x35"), "malformed_target"),
        ("empty name", sealed(method, 2006, b"\x03\x00\x00\x35"), "malformed_target"),
        ("kind alone", sealed(method, 2007, b"\x03"), "malformed_target"),
        ("port zero", sealed(method, 2008, b"\x01\xc0\x00\x02\x35\x00\x00"), "malformed_target"),
    )
    for name, packet, error in faults:
        yield {"name": name, "method": method, "password": PASSWORD, "sealed": packet.hex(), "error": error}


def main():
    vectors = {
        "source": "Shadowsocks AEAD 2017 UDP packets: salt, then the target as SOCKS5 address and the payload sealed"
        " with the session key and a zero nonce; computed with Python hashlib, hmac and cryptography;"
        " pattern byte i = (7 * i + i / 256) mod 256",
        "packets": [*good_packets(), longest_packet()],
        "faults": list(bad_packets()),
    }
    page = pathlib.Path(__file__).with_name("shadowsocks_packets.json")
    page.write_text(json.dumps(vectors, indent=1, ensure_ascii=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
