import asyncio
import unittest

from harness.browsing import LEAST, MOST, OBJECTS, PAGES, PageOrigin, head_of, pages, payload_of


async def ask(port, request, size):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(head_of(request, size))
    answer = await reader.readexactly(size)
    writer.close()
    return len(answer)


class Trace(unittest.TestCase):
    def test_is_the_same_each_time_and_within_its_bounds(self):
        trace = pages()
        self.assertEqual(trace, pages())
        self.assertEqual([len(page) for page in trace], [OBJECTS + 1] * PAGES)
        self.assertTrue(all(LEAST <= size <= MOST for page in trace for _, size in page))

    def test_payload_counts_requests_and_answers(self):
        self.assertEqual(payload_of([[(400, 1000)], [(500, 2000), (600, 3000)]]), 7500)


class Origin(unittest.TestCase):
    def test_reads_a_request_of_its_size_and_answers_as_many_bytes_as_asked(self):
        self.assertEqual(len(head_of(700, 5)), 700)
        origin = PageOrigin().start()
        try:
            self.assertEqual(asyncio.run(ask(origin.port, 700, 123_456)), 123_456)
        finally:
            origin.stop()


if __name__ == "__main__":
    unittest.main()
