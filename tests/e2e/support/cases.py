import unittest

from support.client import Client
from support.deployment import Deployment
from support.echo import Echo


class WithDeployment(unittest.TestCase):
    more = {}
    through_gate = {}

    @classmethod
    def setUpClass(cls):
        cls.deployment = Deployment(cls.through_gate, **cls.more)
        cls.addClassCleanup(cls.deployment.stop)

    def client(self, state=None):
        client = Client(self.deployment, state)
        self.addCleanup(client.stop)
        return client

    def origin(self, host="127.0.0.1", serve=None):
        origin = Echo(host, serve)
        self.addCleanup(origin.stop)
        return origin

    def assert_fails(self, outcome, code, label):
        self.assertEqual(outcome.returncode, code, outcome.stdout + outcome.stderr)
        self.assertIn(f"({label})", outcome.stderr)
        self.assertEqual(len(outcome.stderr.splitlines()), 1, outcome.stderr)
        self.assertTrue(outcome.stderr.startswith("httvps: "), outcome.stderr)


class WithClient(WithDeployment):
    def setUp(self):
        self.tunnel = self.client().enrolled().connected()
