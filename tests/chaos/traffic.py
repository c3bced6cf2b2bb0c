import asyncio
import hashlib
import ipaddress
import random
import struct
import time

HEADER = struct.Struct("!QQQQ")
PIECE = 16384
BLOCK = (1 << 20) + 7
STEP = 104_729
PATIENCE = 30
TICK = 0.01
LEAST_PIECE = 512


class Body:
    block = random.Random(BLOCK).randbytes(BLOCK) * 2

    def __init__(self, seed):
        self.begin = seed * STEP

    def at(self, offset, size):
        begin = (self.begin + offset) % BLOCK
        return self.block[begin:begin + size]

    def digest(self, size):
        hashed = hashlib.sha256()
        for offset in range(0, size, PIECE):
            hashed.update(self.at(offset, min(PIECE, size - offset)))
        return hashed.digest()


class Origin:
    def __init__(self):
        self.server = None
        self.port = None
        self.arrivals = {}

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0, backlog=512)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def serve(self, reader, writer):
        try:
            seed, up, down, pace = HEADER.unpack(await reader.readexactly(HEADER.size))
            sending = asyncio.ensure_future(send_body(writer, Body(seed + 1), (down, pace)))
            hashed, moments = hashlib.sha256(), self.arrivals.setdefault(seed, [])
            while up > 0:
                data = await reader.read(min(up, PIECE))
                if not data:
                    raise ConnectionError("the upload ended early")
                hashed.update(data)
                moments.append(time.monotonic())
                up -= len(data)
            await sending
            writer.write(hashed.digest())
            await writer.drain()
        except (OSError, EOFError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    def stop(self):
        self.server.close()


async def send_body(writer, body, amount):
    size, pace = amount
    piece = max(int(pace * TICK), LEAST_PIECE) if pace else PIECE
    began = time.monotonic()
    for offset in range(0, size, piece):
        writer.write(body.at(offset, min(piece, size - offset)))
        await writer.drain()
        if pace:
            await asyncio.sleep(began + (offset + piece) / pace - time.monotonic())


async def through_socks(proxy, port):
    host, proxy_port = proxy.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(proxy_port), limit=1 << 18)
    writer.write(b"\x05\x01\x00")
    await reader.readexactly(2)
    writer.write(b"\x05\x01\x00\x01" + ipaddress.ip_address("127.0.0.1").packed + struct.pack("!H", port))
    reply = await reader.readexactly(10)
    if reply[1] != 0:
        raise ConnectionError(f"SOCKS reply {reply[1]}")
    return reader, writer


class Stream:
    def __init__(self, number, up, down, pace=0, up_pace=0):
        self.number = number
        self.up, self.down, self.pace, self.up_pace = up, down, pace, up_pace
        self.received = 0
        self.moments = []
        self.up_moments = []
        self.failure = None
        self.exact = False
        self.began = None
        self.finished = None

    async def run(self, proxy, port):
        self.began = time.monotonic()
        writer = None
        try:
            reader, writer = await through_socks(proxy, port)
            await self.move(reader, writer)
        except (OSError, EOFError, asyncio.TimeoutError) as failure:
            self.failure = f"{type(failure).__name__}: {failure}"
        finally:
            self.finished = time.monotonic()
            if writer is not None:
                writer.close()

    @property
    def seed(self):
        return self.number * 1000

    async def move(self, reader, writer):
        writer.write(HEADER.pack(self.seed, self.up, self.down, self.pace))
        sending = asyncio.ensure_future(send_body(writer, Body(self.seed), (self.up, self.up_pace)))
        try:
            hashed = await self.receive(reader)
            async with asyncio.timeout(PATIENCE):
                await sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        async with asyncio.timeout(PATIENCE):
            seen = await reader.readexactly(32)
        mine, theirs = Body(self.seed), Body(self.seed + 1)
        self.exact = seen == mine.digest(self.up) and hashed.digest() == theirs.digest(self.down)

    async def receive(self, reader):
        theirs, hashed = Body(self.seed + 1), hashlib.sha256()
        while self.received < self.down:
            wanted = min(PIECE, self.down - self.received)
            async with asyncio.timeout(PATIENCE):
                data = await reader.read(wanted)
            if not data:
                raise ConnectionError(f"ended after {self.received} of {self.down} bytes")
            if data != theirs.at(self.received, len(data)):
                raise ConnectionError(f"wrong bytes between {self.received} and {self.received + len(data)}")
            hashed.update(data)
            self.received += len(data)
            self.moments.append(time.monotonic())
        return hashed


def stall_after(moments, cut, until):
    if not moments or moments[0] > cut or moments[-1] <= cut:
        return None
    before = max(moment for moment in moments if moment <= cut)
    later = [moment for moment in moments if cut < moment <= until]
    edges = [before, *later]
    gaps = [after - one for one, after in zip(edges, edges[1:])]
    return max(gaps) if gaps else until - before


async def run_streams(proxy, streams, during=None):
    origin = await Origin().start()
    helper = asyncio.ensure_future(during()) if during else None
    try:
        await asyncio.gather(*(stream.run(proxy, origin.port) for stream in streams))
    finally:
        if helper is not None:
            helper.cancel()
        origin.stop()
    for stream in streams:
        stream.up_moments = origin.arrivals.get(stream.seed, [])
    return streams


def share_below(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else None


def stalls_of(ways, cuts):
    edges = [*cuts, float("inf")]
    found = []
    for cut, until in zip(edges, edges[1:]):
        last = min(until, cut + 60)
        stalls = (stall_after(moments, cut, last) for moments in ways)
        found += [stall for stall in stalls if stall is not None]
    return found
