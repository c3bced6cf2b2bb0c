import struct

FLAGS = 0x8180
TYPE_A = 1
CLASS_INTERNET = 1
POINTER_TO_NAME = 0xC00C
TIME_TO_LIVE = 60


def encode_name(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\x00"


def query(number, name):
    head = struct.pack("!6H", number, 0x0100, 1, 0, 0, 0)
    return head + encode_name(name) + struct.pack("!2H", TYPE_A, CLASS_INTERNET)


def address_of(name):
    return bytes([10, *name.encode()[:3].ljust(3, b"\x00")])


def name_in(message):
    parts, at = [], 12
    while message[at]:
        parts.append(message[at + 1:at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(parts), at + 5


def answer(message):
    name, end = name_in(message)
    head = message[:2] + struct.pack("!5H", FLAGS, 1, 1, 0, 0)
    record = struct.pack("!3HIH", POINTER_TO_NAME, TYPE_A, CLASS_INTERNET, TIME_TO_LIVE, 4)
    yield head + message[12:end] + record + address_of(name)
