class SocksMeter:
    def __init__(self, totals):
        self.totals = totals
        self.client = Skipper(client_handshake_size)
        self.server = Skipper(server_handshake_size)

    def sent(self, data):
        self.totals.add("up", self.client.payload(data))

    def received(self, data):
        self.totals.add("down", self.server.payload(data))


class Skipper:
    def __init__(self, handshake_size):
        self.handshake_size = handshake_size
        self.head = b""
        self.size = None

    def payload(self, data):
        if self.size is not None:
            return len(data)
        self.head += data
        self.size = self.handshake_size(self.head)
        if self.size is None or len(self.head) < self.size:
            self.size = None
            return 0
        return len(self.head) - self.size


def address_size(head, at):
    if len(head) <= at + 1:
        return None
    kind = head[at]
    return {1: 4, 4: 16}.get(kind, 1 + head[at + 1])


def after_address(head, start):
    size = address_size(head, start + 3)
    return None if size is None else start + 4 + size + 2


def client_handshake_size(head):
    if len(head) < 2:
        return None
    return after_address(head, 2 + head[1])


def server_handshake_size(head):
    return after_address(head, 2)
