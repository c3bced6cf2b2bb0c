import asyncio
import random
import threading

SEED = 20261128
PAGES = 6
CONNECTIONS = 6
OBJECTS = 40
DOCUMENT = 30_000
MEDIAN, SPREAD = 12_000, 1.2
LEAST, MOST = 500, 400_000
REQUEST_LEAST, REQUEST_MOST = 350, 900
THINK = 0.5
PATIENCE = 20
SIZE_DIGITS = 16


def sizes_of_a_page(source):
    drawn = [int(source.lognormvariate(0, SPREAD) * MEDIAN) for _ in range(OBJECTS)]
    return [DOCUMENT] + [min(MOST, max(LEAST, size)) for size in drawn]


def pages():
    source = random.Random(SEED)
    return [[(source.randint(REQUEST_LEAST, REQUEST_MOST), size) for size in sizes_of_a_page(source)]
            for _ in range(PAGES)]


def payload_of(trace):
    return sum(request + size for page in trace for request, size in page)


class PageOrigin:
    def __init__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.server = None

    def start(self):
        self.thread.start()
        self.server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self.serve, "127.0.0.1", 0), self.loop).result(PATIENCE)
        return self

    @property
    def port(self):
        return self.server.sockets[0].getsockname()[1]

    @staticmethod
    async def serve(reader, writer):
        try:
            while head := await reader.readexactly(2 * SIZE_DIGITS):
                await reader.readexactly(int(head[:SIZE_DIGITS]) - len(head))
                writer.write(bytes(int(head[SIZE_DIGITS:])))
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, OSError):
            writer.close()

    async def close(self):
        self.server.close()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.close(), self.loop).result(PATIENCE)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)


def head_of(request, size):
    return f"{request:0{SIZE_DIGITS}d}{size:0{SIZE_DIGITS}d}".encode().ljust(request, b"r")


async def through_socks(entry, port):
    reader, writer = await asyncio.open_connection(*entry)
    writer.write(b"\x05\x01\x00" + b"\x05\x01\x00\x01\x7f\x00\x00\x01" + port.to_bytes(2, "big"))
    answer = await reader.readexactly(12)
    if answer[:2] != b"\x05\x00" or answer[3] != 0:
        raise ConnectionError("the proxy refused the connection")
    return reader, writer


async def fetch(entry, port, objects):
    reader, writer = await through_socks(entry, port)
    for request, size in objects:
        writer.write(head_of(request, size))
        await reader.readexactly(size)
    writer.close()


async def browse(entry, port, trace):
    for page in trace:
        await fetch(entry, port, page[:1])
        lanes = (page[1 + lane::CONNECTIONS] for lane in range(CONNECTIONS))
        await asyncio.gather(*(fetch(entry, port, lane) for lane in lanes))
        await asyncio.sleep(THINK)


def browse_once(entry, origin):
    trace = pages()
    asyncio.run(asyncio.wait_for(browse(entry, origin.port, trace), PATIENCE + PAGES * THINK))
    return payload_of(trace)
