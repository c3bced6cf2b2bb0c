import random
import socket

LOWEST = 20000
HIGHEST = 32000
given = set()


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port():
    for _ in range(2000):
        port = random.randint(LOWEST, HIGHEST)
        if port not in given and is_free(port):
            given.add(port)
            return port
    raise OSError(f"no free port between {LOWEST} and {HIGHEST} on 127.0.0.1")
