import json
import signal
import unittest

from support.cases import WithDeployment
from support.deployment import wait_for


class DevicePages(WithDeployment):
    def ask(self, client, *words):
        return client.call(*words, "--state", client.state)

    def told(self, client, *words):
        outcome = self.ask(client, *words, "--output", "json")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        return json.loads(outcome.stdout)

    def id_of(self, client):
        return json.loads((client.state / "enrolment.json").read_text(encoding="utf-8"))["device_id"]


class Device(DevicePages):
    def test_account_says_plan_traffic_and_devices(self):
        client = self.client().enrolled("--name", "study")
        account = self.told(client, "account")
        self.assertEqual(account["device_id"], self.id_of(client))
        self.assertEqual((account["device_name"], account["user_name"]), ("study", "Ada"))
        self.assertEqual(account["subscription"]["plan"], "Test plan")
        self.assertEqual(account["device_limit"], 100)
        lines = self.ask(client, "account").stdout
        for words in (f"study ({self.id_of(client)})", "Ada", "Test plan, active", "no limit", " of 100"):
            self.assertIn(words, lines)

    def test_regions_are_those_of_the_plan(self):
        client = self.client().enrolled()
        codes = [region["code"] for region in self.told(client, "regions")["regions"]]
        self.assertEqual(len(codes), 1)
        self.assertIn(codes[0], self.ask(client, "regions").stdout)

    def test_devices_are_listed_and_this_one_is_marked(self):
        client = self.client().enrolled("--name", "hall")
        devices = self.told(client, "devices")["devices"]
        own = [each["id"] for each in devices if each["is_this_device"]]
        self.assertEqual(own, [self.id_of(client)])
        marked = [line for line in self.ask(client, "devices").stdout.splitlines() if "(this device)" in line]
        self.assertEqual(len(marked), 1)
        self.assertTrue(marked[0].startswith(self.id_of(client)))

    def test_running_client_is_asked_and_opens_nothing_for_it(self):
        client = self.client().enrolled().connected()
        before = client.status()["carriers"]["dialled"]
        sessions = self.deployment.metric("httvps_gateway_sessions_opened_total")
        self.assertEqual(self.told(client, "account")["device_id"], self.id_of(client))
        self.assertEqual(len(self.told(client, "regions")["regions"]), 1)
        self.assertEqual(client.status()["carriers"]["dialled"], before)
        self.assertEqual(self.deployment.metric("httvps_gateway_sessions_opened_total"), sessions)

    def test_revoked_device_is_gone_from_the_list_and_is_refused(self):
        keeper, lost = self.client().enrolled(), self.client().enrolled("--name", "lost")
        outcome = self.ask(keeper, "devices", "revoke", self.id_of(lost))
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        self.assertEqual(outcome.stdout, f"lost ({self.id_of(lost)}) has lost its access.\n")
        left = [each["id"] for each in self.told(keeper, "devices")["devices"]]
        self.assertNotIn(self.id_of(lost), left)
        refused = self.ask(lost, "account")
        self.assertEqual(refused.returncode, 5)
        self.assertRegex(refused.stderr, r"\((device_revoked|gateway_did_not_recognise)\)")

    def test_own_device_is_revoked_only_when_it_is_meant(self):
        client = self.client().enrolled().connected()
        own = self.id_of(client)
        self.assert_fails(self.ask(client, "devices", "revoke", own), 2, "own_device_unconfirmed")
        self.assertEqual(self.told(client, "account")["device_id"], own)
        outcome = self.ask(client, "devices", "revoke", own, "--this-device")
        self.assertEqual(outcome.returncode, 0, outcome.stderr)
        wait_for(lambda: (client.status()["last_error"] or {}).get("code") == "device_revoked", "the client is put out")
        self.assert_fails(self.ask(client, "account"), 5, "device_revoked")

    def test_unknown_devices_and_texts_that_are_no_ids_are_named(self):
        asked_alone, running = self.client().enrolled(), self.client().enrolled().connected()
        for client in (asked_alone, running):
            self.assert_fails(self.ask(client, "devices", "revoke", "dev_" + "0" * 26), 5, "device_not_found")
            for text in ("DEV_1", "../me", "dev 1", "a" * 65):
                self.assert_fails(self.ask(client, "devices", "revoke", text), 2, "device_id_invalid")

    def test_device_that_is_not_enrolled_is_named(self):
        for words in (["account"], ["regions"], ["devices"], ["devices", "revoke", "dev_1"]):
            self.assert_fails(self.ask(self.client(), *words), 3, "not_enrolled")


class DeviceDuringOutages(DevicePages):
    def test_gateway_that_is_away_is_named(self):
        asked_alone, running = self.client().enrolled(), self.client().enrolled().connected()
        self.deployment.end("gateway", signal.SIGKILL)
        for client in (asked_alone, running):
            self.assert_fails(self.ask(client, "account"), 4, "gateway_refused")
        self.deployment.start_gateway()
        for client in (asked_alone, running):
            wait_for(lambda asking=client: self.ask(asking, "account").returncode == 0, "the gateway answers again")

    def test_backend_that_is_away_is_named(self):
        client = self.client().enrolled().connected()
        self.deployment.end("backend", signal.SIGKILL)
        self.assert_fails(self.ask(client, "devices"), 4, "backend_unavailable")
        self.deployment.start_backend()
        wait_for(lambda: self.ask(client, "devices").returncode == 0, "the backend answers again")


if __name__ == "__main__":
    unittest.main()
