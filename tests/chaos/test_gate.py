import os
import socket
import threading
import time
import unittest

from gate import Gate, GateFailure, path
from gate_cases import (
    CHUNK,
    PATIENCE,
    WithGate,
    exchange,
    never_read,
    pour,
    receive_exactly,
    receive_for,
    receive_until_silent,
    round_trip,
    run_together,
)


class Path(WithGate):
    def test_adds_its_delay_both_ways_and_a_round_trip_for_the_handshake(self):
        connection = self.connect(self.gate(path(rtt_ms=60)))
        first = round_trip(connection)
        usual = min(round_trip(connection) for _ in range(25))
        self.assertGreaterEqual(first, 0.119)
        self.assertGreaterEqual(usual, 0.060)
        self.assertLess(usual, 0.075)

    def test_handshake_costs_nothing_when_told_so(self):
        gate = self.gate(path(rtt_ms=60, connect_round_trip=False))
        self.assertLess(min(round_trip(self.connect(gate)) for _ in range(20)), 0.075)

    def test_holds_its_rate(self):
        rate = 40_000_000
        connection = self.connect(self.gate(path(rtt_ms=20, rate=rate), pour))
        connection.sendall(b"g")
        receive_for(connection, 0.5)
        measured = receive_for(connection, 3.0) * 8 / 3
        self.assertGreater(measured, 0.9 * rate)
        self.assertLess(measured, 1.1 * rate)

    def test_rate_is_shared_by_all_connections(self):
        rate = 40_000_000
        gate = self.gate(path(rate=rate), pour)
        connections = [self.connect(gate) for _ in range(4)]
        for connection in connections:
            connection.sendall(b"g")
        amounts = [0] * 4

        def count(number):
            receive_for(connections[number], 0.5)
            amounts[number] = receive_for(connections[number], 2.0) * 4

        run_together(count, 4)
        self.assertLess(sum(amounts), 1.1 * rate)
        self.assertGreater(sum(amounts), 0.9 * rate)
        self.assertGreater(min(amounts), 0.5 * rate / 4)

    def test_bytes_are_exact_both_ways_under_jitter(self):
        gate = self.gate(path(rtt_ms=10, jitter_ms=15, rate=400_000_000))
        data = os.urandom(8 << 20)
        connections = [self.connect(gate) for _ in range(3)]
        answers = [None] * 3

        def run(number):
            answers[number] = exchange(connections[number], data)

        run_together(run, 3)
        self.assertTrue(all(answer == data for answer in answers))

    def test_half_close_travels_behind_the_bytes(self):
        connection = self.connect(self.gate(path(rtt_ms=20)))
        data = os.urandom(300_000)
        sender = threading.Thread(target=lambda: (connection.sendall(data), connection.shutdown(socket.SHUT_WR)))
        sender.start()
        self.assertEqual(receive_exactly(connection, len(data)), data)
        self.assertEqual(connection.recv(1), b"")
        sender.join(PATIENCE)

    def test_bottleneck_holds_back_the_sender_and_bounds_memory(self):
        gate = self.gate(path(rtt_ms=100, rate=8_000_000, queue_ms=50), never_read)
        connection = self.connect(gate)
        connection.settimeout(1)
        sent = 0
        with self.assertRaises(TimeoutError):
            while sent < 64 << 20:
                sent += connection.send(bytes(CHUNK))
        bound = 8_000_000 / 8 * (0.05 + 0.05) + CHUNK
        self.assertLessEqual(gate.stats()["most_held"], bound)
        self.assertLess(sent, 16 << 20)

    def test_reader_that_stalls_bounds_memory_without_a_rate(self):
        gate = self.gate(path(queue_bytes=500_000), never_read)
        connection = self.connect(gate)
        connection.settimeout(1)
        with self.assertRaises(TimeoutError):
            for _ in range(1024):
                connection.sendall(bytes(CHUNK))
        self.assertEqual(gate.stats()["most_held"], 500_000)


class Cuts(WithGate):
    def test_cut_loses_what_is_in_flight_and_resets_both_sides(self):
        gate = self.gate(path(rtt_ms=400, connect_round_trip=False))
        connection = self.connect(gate)
        connection.sendall(b"lost on the way")
        self.wait_for(lambda: gate.stats()["held"] == 15, "the bytes are in the gate")
        gate.cut_all()
        self.assertEqual(receive_until_silent(connection), (b"", "reset"))
        self.wait_for(lambda: self.far.endings == ["ConnectionResetError"], "the far side is reset")
        stats = gate.stats()
        self.assertEqual((stats["cut"], stats["live"], stats["held"]), (1, 0, 0))
        self.assertEqual(stats["connections"][0]["cause"], "cut_on_command")

    def test_cut_with_fin_ends_both_sides_in_order(self):
        gate = self.gate(path(cut_how="fin"))
        connection = self.connect(gate)
        round_trip(connection)
        gate.cut_all()
        self.assertEqual(receive_until_silent(connection, 3), (b"", "fin"))
        self.wait_for(lambda: self.far.endings == ["fin"], "the far side sees the end")
        self.assertEqual(gate.stats()["live"], 0)

    def test_cut_of_one_leaves_the_others(self):
        gate = self.gate()
        first, second = self.connect(gate), self.connect(gate)
        round_trip(first)
        round_trip(second)
        gate.cut(1)
        self.assertEqual(receive_until_silent(first, 3), (b"", "reset"))
        round_trip(second)
        self.assertEqual(gate.live_ids(), [2])
        with self.assertRaises(GateFailure):
            gate.cut(1)

    def test_cuts_on_its_period(self):
        gate = self.gate(path(cut_every_ms=150))
        for _ in range(3):
            connection = self.connect(gate)
            self.assertEqual(receive_until_silent(connection, 3)[1], "reset")
        stats = gate.stats()
        self.assertEqual(stats["cut"], 3)
        gaps = [after - before for before, after in zip(stats["cut_times"], stats["cut_times"][1:])]
        self.assertGreaterEqual(min(gaps), 0.149)

    def test_cuts_a_connection_that_has_carried_so_many_bytes(self):
        gate = self.gate(path(cut_after_down=10_000, cut_how="fin"), pour)
        connection = self.connect(gate)
        connection.sendall(b"g")
        data, ending = receive_until_silent(connection, 3)
        self.assertEqual((len(data), ending), (10_000, "fin"))
        self.assertEqual(gate.stats()["connections"][0]["cause"], "cut_after_bytes")

    def test_limits_can_be_set_for_one_connection_to_come(self):
        gate = self.gate(path(cut_how="fin"), pour)
        gate.limit(2, cut_after_down=5_000)
        for size in (None, 5_000):
            connection = self.connect(gate)
            connection.sendall(b"g")
            if size is None:
                receive_exactly(connection, 1 << 20)
            else:
                self.assertEqual(len(receive_until_silent(connection, 3)[0]), size)

    def test_seed_fixes_the_times_of_the_cuts(self):
        first, again, other = (self.cut_gaps(seed) for seed in (5, 5, 6))
        self.assertTrue(all(abs(one - two) < 0.04 for one, two in zip(first, again)), (first, again))
        self.assertTrue(any(abs(one - two) > 0.04 for one, two in zip(first, other)), (first, other))

    def cut_gaps(self, seed):
        gate = self.gate(path(cut_every_ms=10, cut_jitter_ms=300), seed=seed)
        self.wait_for(lambda: len(gate.stats()["cut_times"]) >= 8, "eight cuts")
        times = gate.stats()["cut_times"]
        return [after - before for before, after in zip(times, times[1:8])]


class Freezes(WithGate):
    def test_delivers_exactly_so_many_bytes_and_then_nothing(self):
        gate = self.gate(path(freeze_after_down=16_384), pour)
        connection = self.connect(gate)
        connection.sendall(b"g")
        data, ending = receive_until_silent(connection)
        self.assertEqual((len(data), ending), (16_384, "silent"))
        stats = gate.stats()
        self.assertEqual((stats["frozen"], stats["live"]), (1, 1))
        self.assertEqual(stats["connections"][0]["down"], 16_384)
        self.assertEqual(self.far.endings, [])

    def test_upload_freezes_at_exactly_so_many_bytes(self):
        gate = self.gate(path(freeze_after_up=10_000, rtt_ms=10))
        connection = self.connect(gate)
        connection.sendall(os.urandom(30_000))
        data, ending = receive_until_silent(connection)
        self.assertLessEqual(len(data), 10_000)
        self.assertEqual(ending, "silent")
        self.assertEqual(gate.stats()["connections"][0]["up"], 10_000)

    def test_exactly_so_many_bytes_do_not_freeze(self):
        gate = self.gate(path(freeze_after_down=10_000))
        connection = self.connect(gate)
        data = os.urandom(10_000)
        self.assertEqual(exchange(connection, data), data)
        self.assertEqual(gate.stats()["frozen"], 0)
        connection.sendall(b"x")
        self.assertEqual(receive_until_silent(connection), (b"", "silent"))
        self.assertEqual(gate.stats()["frozen"], 1)

    def test_freeze_on_command_swallows_the_end_as_well(self):
        gate = self.gate()
        connection = self.connect(gate)
        round_trip(connection)
        gate.freeze(1)
        connection.sendall(b"x")
        self.assertEqual(receive_until_silent(connection), (b"", "silent"))
        connection.close()
        self.wait_for(lambda: gate.stats()["live"] == 0, "a closed connection is not live")
        time.sleep(0.2)
        self.assertEqual(self.far.endings, [])


class Arrivals(WithGate):
    def assert_refused(self, gate):
        with self.assertRaises(ConnectionResetError):
            connection = self.connect(gate)
            connection.settimeout(3)
            connection.recv(1)

    def test_refuses_the_connection_over_the_cap_and_counts_it(self):
        gate = self.gate(path(cap=3))
        held = [self.connect(gate) for _ in range(3)]
        for connection in held:
            round_trip(connection)
        self.assert_refused(gate)
        stats = gate.stats()
        self.assertEqual((stats["live"], stats["most_live"], stats["refused"]), (3, 3, 1))

    def test_connection_that_closed_makes_room_at_once(self):
        gate = self.gate(path(cap=2))
        for _ in range(200):
            with socket.create_connection(("127.0.0.1", gate.port), timeout=PATIENCE) as first, \
                    socket.create_connection(("127.0.0.1", gate.port), timeout=PATIENCE) as second:
                round_trip(first)
                round_trip(second)
        stats = gate.stats()
        self.assertEqual((stats["total"], stats["most_live"], stats["refused"]), (400, 2, 0))

    def test_frozen_connection_counts_as_live(self):
        gate = self.gate(path(cap=1))
        round_trip(self.connect(gate))
        gate.freeze(1)
        self.assert_refused(gate)
        self.assertEqual(gate.stats()["refused"], 1)

    def test_held_connections_are_served_when_let_go(self):
        gate = self.gate(path(hold=True))
        connection = self.connect(gate)
        connection.sendall(b"wait")
        self.assertEqual(receive_until_silent(connection), (b"", "silent"))
        self.assertEqual(gate.stats()["total"], 0)
        gate.set(hold=False)
        connection.settimeout(PATIENCE)
        self.assertEqual(receive_exactly(connection, 4), b"wait")

    def test_target_that_refuses_resets_the_client(self):
        closed = socket.create_server(("127.0.0.1", 0))
        address = "127.0.0.1:{}".format(closed.getsockname()[1])
        closed.close()
        gate = Gate(address).start()
        self.addCleanup(gate.stop)
        self.assert_refused(gate)
        self.wait_for(lambda: gate.stats()["connections"], "the gate saw it")
        self.assertEqual(gate.stats()["connections"][0]["cause"], "target_refused")


class Control(WithGate):
    def test_names_what_it_does_not_understand_and_goes_on(self):
        gate = self.gate()
        for command, label in (({"sing": True}, "invalid_argument"), ({"cut": 99}, "not_found"),
                               ({"set": {"colour": 1}}, "unknown_setting"),
                               ({"set": {"cap": -1}}, "invalid_setting")):
            with self.assertRaises(GateFailure) as refused:
                gate.ask(**command)
            self.assertIn(label, str(refused.exception))
        self.assertEqual(gate.stats()["total"], 0)

    def test_ends_when_its_input_ends(self):
        gate = self.gate()
        gate.process.stdin.close()
        self.assertEqual(gate.process.wait(PATIENCE), 0)
        gate.process.stdout.close()


if __name__ == "__main__":
    unittest.main()
