import base64
import json
import signal
import stat
import unittest

from stack.relay import Relay
from support.cases import WithDeployment
from support.deployment import wait_for
from support.echo import Echo, never_answer

PRIVATE_FILE = 0o600
PRIVATE_FOLDER = 0o700


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def parts_of(link):
    shown, fragment = link.split("#")
    return shown, json.loads(base64.urlsafe_b64decode(fragment + "=" * (-len(fragment) % 4)))


def link_of(shown, content):
    fragment = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    return f"{shown}#{fragment}"


class Enrolment(WithDeployment):
    def test_keeps_its_state_for_its_owner_only(self):
        client = self.client()
        outcome = client.enrol(self.deployment.link(), "--name", "study")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertEqual(mode_of(client.state), PRIVATE_FOLDER)
        names = sorted(path.name for path in client.state.iterdir())
        self.assertEqual(names, ["device.key", "enrolment.json"])
        for name in names:
            self.assertEqual(mode_of(client.state / name), PRIVATE_FILE, name)
        self.assertIn("study", [device["name"] for device in self.deployment.devices()])
        self.assertIn('Enrolled as "study"', outcome.stdout)
        self.assertIn(str(client.state), outcome.stdout)

    def test_takes_the_state_folder_of_the_environment(self):
        client = self.client()
        chosen = client.folder / "chosen"
        for extra, expected in (({"XDG_STATE_HOME": str(chosen)}, chosen / "httvps"),
                                ({}, client.folder / ".local" / "state" / "httvps")):
            outcome = client.call("enrol", "-", text=self.deployment.link() + "\n",
                                  environment=client.environment | extra)
            self.assertEqual(outcome.returncode, 0, outcome.stderr)
            self.assertEqual(mode_of(expected), PRIVATE_FOLDER)
            self.assertEqual(mode_of(expected / "device.key"), PRIVATE_FILE)
            self.assertEqual(mode_of(expected / "enrolment.json"), PRIVATE_FILE)

    def test_takes_the_link_as_an_argument_too(self):
        client = self.client()
        outcome = client.call("enrol", self.deployment.link(), "--state", client.state)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertIn("httvps: warning: The enrolment link is on the command line", outcome.stderr)

    def test_present_enrolment_is_kept_unless_it_is_to_be_replaced(self):
        client = self.client().enrolled()
        before = (client.state / "enrolment.json").read_bytes()
        self.assert_fails(client.enrol(self.deployment.link()), 2, "already_enrolled")
        self.assertEqual((client.state / "enrolment.json").read_bytes(), before)
        self.assertEqual(client.enrol(self.deployment.link(), "--replace").returncode, 0)
        self.assertNotEqual((client.state / "enrolment.json").read_bytes(), before)
        client.connected()

    def test_link_that_was_used_up_is_named(self):
        link = self.deployment.link()
        self.assertEqual(self.client().enrol(link).returncode, 0)
        other = self.client()
        self.assert_fails(other.enrol(link), 5, "ticket_spent")
        self.assertFalse((other.state / "enrolment.json").exists())

    def test_link_with_two_uses_enrols_two_devices(self):
        link = self.deployment.link(uses=2)
        codes = [self.client().enrol(link).returncode for _ in range(3)]
        self.assertEqual(codes, [0, 0, 5])

    def test_texts_that_are_no_links_are_named(self):
        whole = self.deployment.link()
        for text in ("hello", "https://example.com/#abc", whole[:40], whole[:-30], whole.replace("#", "?"),
                     whole + whole, "httvps://127.0.0.1:1/#" + "A" * 5000):
            outcome = self.client().enrol(text)
            self.assert_fails(outcome, 2, "link_invalid")
        self.assert_fails(self.client().enrol("httvps://127.0.0.1:1/#" + "A" * 100_000), 2, "too_long")
        self.assert_fails(self.client().enrol(""), 2, "link_unreadable")

    def test_parts_of_another_deployment_are_not_believed(self):
        shown, content = parts_of(self.deployment.link())
        forged_root = base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
        outcome = self.client().enrol(link_of(shown, content | {"root": forged_root}))
        self.assertNotEqual(outcome.returncode, 0)
        self.assertRegex(outcome.stderr, r"\((unknown_key|signature_invalid)\)")
        for name in ("key_set", "config", "ticket"):
            version, purpose, body, footer = content[name].split(".")
            changed = ".".join((version, purpose, ("B" if body[9] == "A" else "A").join((body[:9], body[10:])), footer))
            outcome = self.client().enrol(link_of(shown, content | {name: changed}))
            self.assertNotEqual(outcome.returncode, 0)
            self.assertIn("(signature_invalid)", outcome.stderr)
        self.assertEqual(self.client().enrol(link_of(shown, content)).returncode, 0)

    def test_words_and_addresses_that_are_wrong_end_with_two(self):
        client = self.client()
        for words in (["--connect-to", "nowhere"], ["--connect-to", "127.0.0.1:99999"]):
            self.assert_fails(client.enrol(self.deployment.link(), *words), 2, "address_invalid")


class EnrolmentState(WithDeployment):
    def test_folder_that_others_may_read_is_refused(self):
        client = self.client()
        client.state.mkdir(mode=0o755)
        self.assert_fails(client.enrol(self.deployment.link()), 6, "state_exposed")

    def test_folder_that_cannot_be_made_is_named(self):
        client = self.client()
        client.state.write_text("a file")
        self.assert_fails(client.enrol(self.deployment.link()), 6, "state_unreadable")

    def test_full_disk_is_named_and_leaves_no_half_written_file(self):
        client = self.client()
        link = self.deployment.link()
        outcome = client.call("enrol", "-", "--state", client.state, text=link + "\n", before=("prlimit", "--fsize=512"))
        self.assert_fails(outcome, 6, "state_unwritable")
        self.assertFalse((client.state / "enrolment.json").exists())
        self.assertEqual([path.name for path in client.state.iterdir() if path.stat().st_size == 512], [])

    def test_same_link_serves_again_after_a_full_disk(self):
        client = self.client()
        link = self.deployment.link()
        client.call("enrol", "-", "--state", client.state, text=link + "\n", before=("prlimit", "--fsize=512"))
        outcome = client.enrol(link)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        client.connected()


class EnrolmentPath(WithDeployment):
    def test_goes_where_it_is_told_and_keeps_the_gateways_name(self):
        relay = Relay(("127.0.0.1", self.deployment.gateway_port)).start()
        self.addCleanup(relay.stop)
        client = self.client()
        outcome = client.enrol(self.deployment.link(), "--connect-to", f"127.0.0.1:{relay.address[1]}")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertEqual(relay.totals.snapshot()["connections"], 1)

    def test_server_that_is_not_the_gateway_is_refused(self):
        stranger = self.client_of_another_deployment()
        outcome = self.client().enrol(self.deployment.link(), "--connect-to", f"127.0.0.1:{stranger.gateway_port}")
        self.assert_fails(outcome, 5, "gateway_key_mismatch")

    def client_of_another_deployment(self):
        other = type(self.deployment)()
        self.addCleanup(other.stop)
        return other

    def test_server_without_tls_is_named(self):
        plain = Echo(serve=lambda origin, connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"))
        self.addCleanup(plain.stop)
        outcome = self.client().enrol(self.deployment.link(), "--connect-to", f"127.0.0.1:{plain.port}")
        self.assert_fails(outcome, 4, "gateway_tls_failed")

    def test_nobody_there_is_named(self):
        silent = Echo(serve=never_answer)
        silent.stop()
        outcome = self.client().enrol(self.deployment.link(), "--connect-to", f"127.0.0.1:{silent.port}")
        self.assert_fails(outcome, 4, "gateway_refused")


class EnrolmentDuringOutages(WithDeployment):
    def test_same_link_serves_once_the_backend_is_back(self):
        client, link = self.client(), self.deployment.link()
        self.deployment.end("backend", signal.SIGKILL)
        self.assert_fails(client.enrol(link), 4, "backend_unavailable")
        self.deployment.start_backend()
        outcome = client.enrol(link)
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def test_same_link_serves_once_the_gateway_is_back(self):
        client, link = self.client(), self.deployment.link()
        self.deployment.end("gateway", signal.SIGKILL)
        self.assert_fails(client.enrol(link), 4, "gateway_refused")
        self.deployment.start_gateway()
        outcome = wait_for(lambda: self.attempt(client, link), "the gateway enrols again")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)

    def attempt(self, client, link):
        outcome = client.enrol(link)
        return outcome if outcome.returncode == 0 else None


if __name__ == "__main__":
    unittest.main()
