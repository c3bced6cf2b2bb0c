import asyncio
import hashlib
import os
import time
import unittest

from gate import path
from scenario import RATE, TRIES, Outliving, told
from support import socks
from support.deployment import wait_for
from traffic import Stream

STREAMS = 20
DOWN, DOWN_PACE = 2_500_000, 250_000
UP, UP_PACE = 1_000_000, 100_000
UP_TO_THE_END, FIRST = 40_000, 1000
CARRIERS_AT_ONCE = 2
PAST_THE_EDGE = 20
REPEATED, RESUMED, UPLOADED = 30_000, 1_500_001, 600_001
SMALLEST_DATA_RECORD = 500
PATIENCE = 5


class Cut:
    def __init__(self, connection, said_by_client, said_by_gateway):
        self.connection = connection
        self.attached = last_of(said_by_client, "carrier_attached", local_port=connection["client_port"])
        number = self.attached and self.attached["carrier"]
        self.ready = last_of(said_by_client, "carrier_ready", carrier=number)
        self.ended = last_of(said_by_client, "carrier_ended", carrier=number)
        self.ended_there = last_of(said_by_gateway, "carrier_ended", carrier=number)

    @property
    def is_told(self):
        return self.attached is not None and self.ended is not None

    def inside_a_record_of_data(self, way):
        record = self.connection[f"{way}_record"]
        return record["size"] >= SMALLEST_DATA_RECORD and 0 < record["inside"] < record["size"]

    def before_welcome(self):
        return self.is_told and not self.ended["ready"] and self.connection["up"] > self.attached["sent"]

    def inside_hello(self):
        inside = self.connection["up_record"]["inside"]
        return self.is_told and not self.ended["ready"] and inside > 0 and (
            self.connection["up"] - inside == self.attached["sent"])

    def while_resuming(self):
        there = self.ended_there
        return self.is_told and self.ended["ready"] and there is not None and there["repeated"] > 0 and (
            there["repeated"] + there["awaiting_repeat"] > self.connection["down"])

    def inside_a_frame_down(self):
        return self.is_told and self.ended["ready"] and self.inside_a_record_of_data("down")

    def inside_a_frame_up(self):
        return self.is_told and self.ended["ready"] and self.inside_a_record_of_data("up")


def last_of(text, event, **wanted):
    found = [line for line in told(text, event) if all(line[name] == value for name, value in wanted.items())]
    return found[-1] if found else None


def answer_the_whole(origin, connection):
    hashed, left = hashlib.sha256(), UP_TO_THE_END
    while left > 0 and (data := connection.recv(65536)):
        origin.received += len(data)
        left -= len(data)
        hashed.update(data)
    connection.sendall(hashed.digest())
    connection.recv(1)


class Phases(Outliving):
    settings = path(rtt_ms=60, rate=RATE * 5)
    words = ("--carriers", "http2", "--log-level", "debug")
    more = {"GATEWAY_LOG_LEVEL": "debug"}

    def newest_carrier(self):
        said = self.tunnel.said()
        attached = told(said, "carrier_attached")
        ready = last_of(said, "carrier_ready", carrier=attached[-1]["carrier"]) if attached else None
        return (attached[-1], ready) if ready else None

    def plan(self):
        attached, ready = wait_for(self.newest_carrier, "the newest carrier is ready")
        return {"before_welcome": {"cut_after_down": attached["received"] + PAST_THE_EDGE},
                "inside_hello": {"cut_after_up": attached["sent"] + PAST_THE_EDGE},
                "while_resuming": {"cut_after_down": ready["received"] + REPEATED},
                "inside_a_frame_down": {"cut_after_down": ready["received"] + RESUMED},
                "inside_a_frame_up": {"cut_after_up": ready["sent"] + UPLOADED}}

    def cuts_since(self, first):
        reached = [each for each in self.gate.stats()["connections"]
                   if each["id"] >= first and each["cause"] == "cut_after_bytes"]
        said = self.tunnel.said(), self.deployment.written("gateway")
        return [Cut(each, *said) for each in reached]

    async def meet(self, phase, limits):
        first = self.gate.stats()["total"] + 1
        for number in range(first, first + CARRIERS_AT_ONCE):
            self.gate.limit(number, **limits)
        self.gate.cut_all()
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            await asyncio.sleep(0.1)
            cuts = self.cuts_since(first)
            if any(getattr(cut, phase)() for cut in cuts):
                return True
            if len(cuts) == CARRIERS_AT_ONCE and all(cut.is_told for cut in cuts):
                return False
        return False

    async def meet_all(self):
        await asyncio.sleep(0.5)
        for phase, limits in self.plan_of_phases.items():
            for _ in range(TRIES):
                if await self.meet(phase, limits):
                    self.met[phase] = time.monotonic()
                    break
            await asyncio.sleep(0.3)

    def resume_once(self):
        origin = self.origin()
        with socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) as connection:
            self.assertEqual(socks.exchange(connection, b"open"), b"open")
            self.gate.cut_all()
            self.assertEqual(socks.exchange(connection, b"resumed"), b"resumed")

    def test_twenty_streams_outlive_a_cut_in_every_phase(self):
        self.resume_once()
        self.plan_of_phases, self.met = self.plan(), {}
        streams = self.move([Stream(number, UP, DOWN, DOWN_PACE, UP_PACE) for number in range(STREAMS)],
                            self.meet_all)
        self.tell(carriers=self.words[1], met=list(self.met), cuts=self.gate.stats()["cut"])
        self.assertEqual(list(self.met), list(self.plan_of_phases))
        self.assertLess(max(self.met.values()), min(stream.finished for stream in streams))

    def down_bytes(self):
        return {each["id"]: each["down"] for each in self.gate.stats()["connections"] if each["state"] == "live"}

    def ends_heard(self):
        return len(told(self.deployment.written("gateway"), "stream_finished"))

    def test_cut_between_the_ends_of_twenty_streams_and_their_acknowledgement(self):
        origin, heard_before = self.origin(serve=answer_the_whole), self.ends_heard()
        data = [os.urandom(UP_TO_THE_END) for _ in range(STREAMS)]
        connections = [socks.connect(self.tunnel.socks, "127.0.0.1", origin.port) for _ in data]
        for connection, bytes_of_one in zip(connections, data):
            self.addCleanup(connection.close)
            connection.sendall(bytes_of_one[:FIRST])
        wait_for(lambda: origin.received == STREAMS * FIRST, "every stream is open")
        time.sleep(0.5)
        self.gate.set(down_stopped=True)
        self.addCleanup(self.gate.set, down_stopped=False)
        before = self.down_bytes()
        for connection, bytes_of_one in zip(connections, data):
            connection.sendall(bytes_of_one[FIRST:])
            connection.shutdown(1)
        wait_for(lambda: self.ends_heard() == heard_before + STREAMS, "the gateway heard every end")
        self.assertEqual({**self.down_bytes(), **before}, self.down_bytes(), "an acknowledgement may have come")
        self.gate.cut_all()
        self.gate.set(down_stopped=False)
        for connection, bytes_of_one in zip(connections, data):
            self.assertEqual(socks.receive_exactly(connection, 32), hashlib.sha256(bytes_of_one).digest())
            self.assertEqual(connection.recv(1), b"")
        self.assertEqual(origin.accepted, STREAMS)
        self.tell(carriers=self.words[1], met=["between_fin_and_ack"], streams=STREAMS)


class PhasesHttp1(Phases):
    words = ("--carriers", "http1", "--log-level", "debug")


if __name__ == "__main__":
    unittest.main()
