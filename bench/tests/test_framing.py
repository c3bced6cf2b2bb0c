import unittest

from harness.framing import RecordCounter, overhead


def record(kind, size):
    return bytes([kind, 3, 3]) + size.to_bytes(2, "big") + bytes(size)


class RecordCounting(unittest.TestCase):
    def setUp(self):
        self.wire = record(22, 120) + record(20, 1) + record(23, 16401) + record(23, 57)

    def test_takes_tag_and_type_off_application_records_only(self):
        self.assertEqual(RecordCounter().plaintext(self.wire), 16401 - 17 + 57 - 17)

    def test_is_the_same_for_every_split(self):
        for size in (1, 2, 4, 5, 7, 1000, 16406):
            counter = RecordCounter()
            parts = [self.wire[at:at + size] for at in range(0, len(self.wire), size)]
            self.assertEqual(sum(counter.plaintext(part) for part in parts), 16401 - 17 + 57 - 17, size)


class Overhead(unittest.TestCase):
    def test_is_framing_over_payload(self):
        self.assertAlmostEqual(overhead(1010, 1000), 0.01)

    def test_is_absent_without_payload(self):
        self.assertIsNone(overhead(10, 0))


if __name__ == "__main__":
    unittest.main()
