import hashlib
import ssl
import unittest

from stack import certificates
from support.cases import WithDeployment
from support.tls_front import TlsFront


class Code(WithDeployment):
    def setUp(self):
        host, port = self.deployment.backend_url.removeprefix("http://").rsplit(":", 1)
        paths = self.deployment.paths
        self.front = TlsFront((host, int(port)), paths["chain"], paths["key"])
        self.addCleanup(self.front.stop)

    def code(self):
        return self.deployment.api.post(f"/users/{self.deployment.user}/enrolment-codes",
                                        {"gateway_id": self.deployment.gateway_id})["code"]

    def enrol(self, client, code, *words, server=None):
        server = server or self.front.url
        return client.call("enrol", "--code", "-", "--server", server, "--state", client.state, *words, text=code + "\n")

    def authority(self):
        return ["--server-ca", self.deployment.paths["authority"]]

    def pin(self):
        leaf = self.deployment.paths["leaf"].read_text(encoding="ascii")
        return ["--server-pin", hashlib.sha256(ssl.PEM_cert_to_DER_cert(leaf)).hexdigest()]

    def test_code_enrols_a_device_that_connects(self):
        client = self.client()
        outcome = self.enrol(client, self.code(), "--name", "kitchen", *self.authority())
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn('Enrolled as "kitchen"', outcome.stdout)
        self.assertIn("kitchen", [device["name"] for device in self.deployment.devices()])
        client.connected()

    def test_pinned_certificate_needs_no_authority(self):
        outcome = self.enrol(self.client(), self.code().lower(), *self.pin())
        self.assertEqual(outcome.returncode, 0)
        self.assertNotIn("warning", outcome.stderr)

    def test_code_on_the_command_line_is_taken_with_a_warning(self):
        client, code = self.client(), self.code()
        outcome = client.call("enrol", "--code", code, "--server", self.front.url, "--state", client.state,
                              *self.authority())
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn("httvps: warning: The enrolment code is on the command line", outcome.stderr)
        self.assertNotIn(code, outcome.stderr)

    def test_server_that_is_not_trusted_gets_no_code(self):
        client, code = self.client(), self.code()
        served = self.front.served
        self.assert_fails(self.enrol(client, code), 5, "server_not_trusted")
        self.assert_fails(self.enrol(client, code, "--server-pin", "0" * 64), 5, "server_not_trusted")
        other = certificates.make(client.folder, "elsewhere.test", "another authority")
        self.assert_fails(self.enrol(client, code, "--server-ca", other["authority"]), 5, "server_not_trusted")
        self.assertEqual(self.front.served, served)
        self.assertEqual(self.enrol(client, code, *self.authority()).returncode, 0)

    def test_code_serves_one_device_once(self):
        code = self.code()
        self.assertEqual(self.enrol(self.client(), code, *self.authority()).returncode, 0)
        other = self.client()
        self.assert_fails(self.enrol(other, code, *self.authority()), 5, "code_spent")
        self.assert_fails(self.enrol(other, "00000-00000", *self.authority()), 5, "code_unknown")
        self.assertFalse((other.state / "enrolment.json").exists())

    def test_present_enrolment_is_kept_and_the_code_too(self):
        client, code = self.client().enrolled(), self.code()
        self.assert_fails(self.enrol(client, code, *self.authority()), 2, "already_enrolled")
        self.assertEqual(self.enrol(client, code, "--replace", *self.authority()).returncode, 0)

    def test_plain_http_is_for_this_machine_only(self):
        client, code = self.client(), self.code()
        self.assert_fails(self.enrol(client, code, server="http://192.0.2.1:80"), 2, "server_not_https")
        self.assertEqual(self.enrol(client, code, server=self.deployment.backend_url).returncode, 0)

    def test_wrong_words_are_named(self):
        client = self.client()
        self.assert_fails(client.call("enrol", "--state", client.state), 2, "enrolment_unnamed")
        self.assert_fails(self.enrol(client, ""), 2, "code_unreadable")
        self.assert_fails(self.enrol(client, "ABCDE-FGHJ"), 2, "code_malformed")
        self.assert_fails(self.enrol(client, "ABCDE-FGHJK", "--server-pin", "00"), 2, "pin_malformed")
        self.assert_fails(self.enrol(client, "ABCDE-FGHJK", "--server-ca", "/nonexistent"), 2, "authority_unreadable")
        self.assert_fails(self.enrol(client, "ABCDE-FGHJK", server="control.test"), 2, "server_address_invalid")
        self.assert_fails(self.enrol(client, "ABCDE-FGHJK", server="https://127.0.0.1:1"), 4, "server_unreachable")
        for words in (["--code", "ABCDE-FGHJK"], ["--server", self.front.url],
                      ["link", "--code", "ABCDE-FGHJK", "--server", self.front.url]):
            self.assertEqual(client.call("enrol", *words).returncode, 2, words)


if __name__ == "__main__":
    unittest.main()
