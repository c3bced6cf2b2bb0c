import datetime
import unittest

from stack.settings import REGION
from support.cases import WithDeployment
from support.deployment import wait_for

WITHOUT_A_SAYING = datetime.timedelta(minutes=15)
SHORTEST, LONGEST = datetime.timedelta(minutes=12), datetime.timedelta(minutes=18)


def lease_left(client):
    until = datetime.datetime.fromisoformat(client.status()["lease_until"].replace("Z", "+00:00"))
    return until - datetime.datetime.now(datetime.timezone.utc)


class Region(WithDeployment):
    def test_list_of_the_enrolment_is_believed_for_a_quarter_of_an_hour(self):
        client = self.client().enrolled().connected()
        self.assertLessEqual(lease_left(client), WITHOUT_A_SAYING)
        self.assertGreater(lease_left(client), WITHOUT_A_SAYING - datetime.timedelta(minutes=2))
        self.assertIsNone(client.status()["region"])

    def test_chosen_region_is_asked_for_and_its_lease_heeded(self):
        client = self.client().enrolled().connected("--region", REGION)
        self.assertEqual(client.status()["region"], REGION)
        self.assertEqual(client.status()["gateway"]["id"], self.deployment.gateway_id)
        self.assertLessEqual(lease_left(client), LONGEST)
        self.assertGreater(lease_left(client), SHORTEST - datetime.timedelta(minutes=1))

    def test_region_without_a_gateway_is_named_and_nothing_is_connected(self):
        client = self.client().enrolled().start("--region", "mars")
        wait_for(lambda: (client.status()["last_error"] or {}).get("code") == "region_without_gateway",
                 "the reason is named")
        self.assertEqual(client.status()["sessions"], 0)
        self.assertIn("(region_without_gateway)", client.said())

    def test_text_that_is_no_region_ends_with_two(self):
        client = self.client().enrolled()
        for text in ("EU", "-eu", "e u", "a" * 33, "eu?x=1"):
            outcome = client.call("connect", f"--region={text}", "--state", client.state)
            self.assert_fails(outcome, 2, "region_invalid")


if __name__ == "__main__":
    unittest.main()
