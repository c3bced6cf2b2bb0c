import unittest

import tls_front
from program_case import PASSWORD, ProgramCase


class Https(ProgramCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        folder = cls.backend.folder
        cls.authority = tls_front.make_authority(folder, "authority")
        cls.stranger = tls_front.make_authority(folder, "stranger")
        tls_front.make_certificate(folder, "authority", "DNS:localhost")
        cls.front = tls_front.Front(cls.backend.address, tls_front.tls_context(folder))
        cls.address = f"https://localhost:{cls.front.port}"

    @classmethod
    def tearDownClass(cls):
        cls.front.close()
        super().tearDownClass()

    def test_authority_of_the_file_is_trusted_and_kept_in_the_profile(self):
        words = ("--server", self.address, "--ca-file", str(self.authority))
        self.assertIn("ok   tls: the certificate is good", self.run_ctl("doctor", *words).stdout)
        self.run_ctl("admin", "create", "--name", "bea", "--role", "admin", "--password-file", "-", *words, stdin=PASSWORD + "\n")
        self.run_ctl("login", "--name", "bea", *words, stdin=PASSWORD + "\n", token=False)
        empty = {"HTTVPS_ADMIN_SERVER": ""}
        self.assertEqual(self.json_of("whoami", token=False, more=empty)["name"], "bea")

    def test_wrong_authority_or_name_is_refused_before_the_token_is_sent(self):
        for server, authority in ((self.address, self.stranger),
                                  (self.address.replace("localhost", "127.0.0.1"), self.authority)):
            told = self.run_ctl("user", "list", "--server", server, "--ca-file", str(authority), code=1).stderr
            self.assertIn("does not answer", told)
            self.assertRegex(told, r"\((tls|certificate)_\w+\)")
        self.run_ctl("user", "list", "--server", self.address, "--profile", "other", code=1)
        missing = self.run_ctl("user", "list", "--server", self.address, "--ca-file", "/nonexistent", code=1)
        self.assertIn("authority file cannot be used", missing.stderr)


class Repeats(ProgramCase):
    def test_post_whose_answer_was_lost_is_repeated_and_done_once(self):
        front = tls_front.Front(self.backend.address, answers_to_drop=1)
        made = self.json_of("user", "create", "--name", "Once", "--server", f"http://127.0.0.1:{front.port}")
        front.close()
        self.assertEqual(front.answers_to_drop, 0)
        everyone = self.json_of("user", "list", "--all")["items"]
        self.assertEqual([one["id"] for one in everyone if one["name"] == "Once"], [made["id"]])

    def test_server_that_never_answers_tells_the_key_to_repeat_with(self):
        front = tls_front.Front(self.backend.address, answers_to_drop=100)
        told = self.run_ctl("user", "create", "--name", "Lost", "--server", f"http://127.0.0.1:{front.port}", code=1).stderr
        front.close()
        self.assertEqual(len([one for one in front.seen if one.startswith(b"POST")]), 3)
        key = told.split("--idempotency-key ")[1].split()[0].rstrip(".")
        made = self.json_of("user", "create", "--name", "Lost", "--idempotency-key", key)
        everyone = self.json_of("user", "list", "--all")["items"]
        self.assertEqual([one["id"] for one in everyone if one["name"] == "Lost"], [made["id"]])

    def test_key_that_is_given_is_sent_and_checked(self):
        first = self.json_of("user", "create", "--name", "Keyed", "--idempotency-key", "chosen-1")
        self.assertEqual(self.json_of("user", "create", "--name", "Keyed", "--idempotency-key", "chosen-1"), first)
        other = self.run_ctl("user", "create", "--name", "Other", "--idempotency-key", "chosen-1", code=1)
        self.assertIn("(idempotency_key_reused)", other.stderr)
        self.run_ctl("user", "create", "--name", "Other", "--idempotency-key", "two words", code=2)
        self.run_ctl("user", "list", "--idempotency-key", "x", code=2)


if __name__ == "__main__":
    unittest.main()
