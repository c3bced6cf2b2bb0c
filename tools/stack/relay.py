import asyncio
import threading

CHUNK = 256 * 1024


class ByteMeter:
    def __init__(self, totals):
        self.totals = totals

    def sent(self, data):
        self.totals.add("up", len(data))

    def received(self, data):
        self.totals.add("down", len(data))


class Totals:
    def __init__(self):
        self.lock = threading.Lock()
        self.amounts = {"up": 0, "down": 0, "connections": 0}

    def add(self, name, amount):
        with self.lock:
            self.amounts[name] += amount

    def snapshot(self):
        with self.lock:
            return dict(self.amounts)


class Relay:
    def __init__(self, upstream, make_meter=ByteMeter, listen=("127.0.0.1", 0)):
        self.upstream = upstream
        self.make_meter = make_meter
        self.listen = listen
        self.totals = Totals()
        self.ready = threading.Event()
        self.loop = None
        self.address = None
        self.stopping = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()
        if not self.ready.wait(10) or self.address is None:
            raise OSError("the relay could not listen on 127.0.0.1")
        return self

    def stop(self):
        if self.loop is not None and self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.stopping.set)
            self.thread.join(5)

    def run(self):
        asyncio.run(self.serve())

    async def serve(self):
        self.loop = asyncio.get_running_loop()
        self.stopping = asyncio.Event()
        try:
            server = await asyncio.start_server(self.carry, *self.listen, limit=CHUNK)
        except OSError:
            self.ready.set()
            return
        self.address = server.sockets[0].getsockname()[:2]
        self.ready.set()
        await self.stopping.wait()
        server.close()

    async def carry(self, reader, writer):
        self.totals.add("connections", 1)
        try:
            far_reader, far_writer = await asyncio.open_connection(*self.upstream, limit=CHUNK)
        except OSError:
            writer.transport.abort()
            return
        meter = self.make_meter(self.totals)
        try:
            await asyncio.gather(
                pump(reader, far_writer, meter.sent), pump(far_reader, writer, meter.received)
            )
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
            far_writer.transport.abort()
        finally:
            writer.close()
            far_writer.close()


async def pump(reader, writer, observe):
    while data := await reader.read(CHUNK):
        observe(data)
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
