import contextlib

from harness import cpu_times
from stack import process_table
from stack.processes import Group

HOST = "127.0.0.1"


class Chain:
    def __init__(self, name, proxy, entry, launches, note):
        self.name = name
        self.proxy = proxy
        self.entry = entry
        self.launches = launches
        self.note = note
        self.tapped_client = None
        self.tapped_gateway = None
        self.many_streams_a_session = False
        self.group = Group()
        self.roles = {}

    def start(self):
        for role, launch in self.launches:
            running = self.group.start(launch)
            self.roles.setdefault(role, []).append(running.pid)

    def stop(self):
        self.group.stop()
        self.roles = {}

    def programs(self):
        return {launch.command[0] for _, launch in self.launches}

    def entry_of(self, group, launch):
        group.start(launch)
        return launch.listens

    def known(self):
        return self.group.known()

    def supports(self, metric):
        return metric in ("down8", "up8", "streams", "ttfb")

    def cpu(self):
        return {role: sum(cpu_of(pid) for pid in pids) for role, pids in self.roles.items()}

    def resident_kib(self, role):
        return sum(resident_of(pid) for pid in self.roles.get(role, []))

    @contextlib.contextmanager
    def session_entries(self):
        yield [self.entry]

    def session_holder(self, bench):
        if "gateway" not in self.roles:
            return None, "this chain has no gateway"
        if self.many_streams_a_session:
            return None, "sessions of this chain come and go with its streams"

        def hold(level):
            return bench.generator.hold(self, {"conns": 25, "count": level, "path": "/tiny", "timeout": 60})

        return hold, None


def cpu_of(pid):
    return sum(cpu_times.used_by(member) for member in process_table.family(pid))


def resident_of(pid):
    return sum(cpu_times.resident_kib(member) for member in process_table.family(pid))


def tunnel_chain(name, entry, launches, note):
    return Chain(name, "socks5", entry, launches, note)
