import argparse
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from harness.catalogue import build_chains
from harness.framing import measure_framing
from harness.generator import Generator
from harness.origin import MIB, Origin, digest_of_start
from harness.workload import Bench
from stack import certificates

SIZE = 16 * MIB
SETTINGS = {"programs": None, "chains": ()}


def curl(chain, words):
    proxy = ["--socks5-hostname", f"{chain.entry[0]}:{chain.entry[1]}"] if chain.proxy == "socks5" else []
    return subprocess.run(["curl", "--silent", "--show-error", "--fail", "--noproxy", "", "--max-time", "30",
                           *proxy, *words], capture_output=True, check=True).stdout


def digest_of(data):
    return subprocess.run(["sha256sum"], input=data, capture_output=True, check=True).stdout.split()[0].decode()


class EveryChain(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="httvps-bench-smoke-")
        run = Path(cls.folder.name)
        cls.origin = Origin(run, SETTINGS["programs"] / "bench-sink", run, 2 * SIZE)
        cls.origin.start()
        paths = certificates.make(run, "gateway.bench.test", "HTTVPS bench smoke")
        built = build_chains(run, paths, SETTINGS["programs"], cls.origin)
        cls.chains = [chain for chain in built if chain.name in SETTINGS["chains"]]
        cls.bench = Bench(Generator(SETTINGS["programs"] / "bench-loadgen", cls.origin), cls.origin, cls.chains)

    @classmethod
    def tearDownClass(cls):
        cls.origin.stop()
        cls.folder.cleanup()

    def test_is_there(self):
        self.assertEqual([chain.name for chain in self.chains], list(SETTINGS["chains"]))

    def test_carries_bytes_unharmed_and_counts_them(self):
        for chain in self.chains:
            with self.subTest(chain=chain.name):
                try:
                    chain.start()
                    self.check_download(chain)
                    self.check_upload(chain)
                    self.check_load(chain)
                finally:
                    chain.stop()

    def test_can_be_tapped_to_count_framing(self):
        for chain in self.chains:
            if chain.tapped_client is None:
                continue
            with self.subTest(chain=chain.name):
                try:
                    chain.start()
                    values, reason = measure_framing(self.bench, chain)
                finally:
                    chain.stop()
                self.assertIsNone(reason)
                self.assertGreaterEqual(values["framing_ratio"], 0)
                self.assertLess(values["framing_ratio"], 0.2)

    def check_download(self, chain):
        url = f"http://127.0.0.1:{self.origin.web_port}/big"
        data = curl(chain, ["--range", f"0-{SIZE - 1}", url])
        self.assertEqual(digest_of(data), digest_of_start(self.origin.files / "big", SIZE))

    def check_upload(self, chain):
        url = f"http://127.0.0.1:{self.origin.sink_port}/sha256"
        answer = curl(chain, ["--header", "Expect:", "--data-binary", f"@{self.origin.files / 'big'}", url])
        self.assertEqual(answer.decode().strip(), digest_of_start(self.origin.files / "big", 2 * SIZE))

    def check_load(self, chain):
        generator = self.bench.generator
        down = generator.run(chain, "down", {"conns": 4, "bytes": SIZE, "path": "/big", "timeout": 20})
        up = generator.run(chain, "up", {"conns": 4, "bytes": SIZE, "path": "/count", "timeout": 20})
        streams = generator.run(chain, "conn", {"conns": 10, "count": 100, "path": "/tiny", "timeout": 20})
        held = generator.hold(chain, {"conns": 5, "count": 20, "path": "/tiny", "timeout": 20})
        self.assertEqual((down["failed"], down["body_down"]), (0, SIZE))
        self.assertEqual((up["failed"], up["body_up"]), (0, SIZE))
        self.assertEqual((streams["failed"], streams["done"]), (0, 100))
        self.assertEqual((held.opened["done"], held.release()["failed"]), (20, 0))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", type=Path, required=True)
    parser.add_argument("--chains", required=True)
    options = parser.parse_args()
    SETTINGS["programs"] = options.programs.resolve()
    SETTINGS["chains"] = tuple(options.chains.split(","))
    unittest.main(argv=[sys.argv[0]], verbosity=2)


if __name__ == "__main__":
    main()
