import json
import os
import subprocess
import unittest

import yaml

from program_case import PROGRAM, ProgramCase


class Program(ProgramCase):
    def test_yes_or_no_needs_no_value(self):
        counted = self.json_of("keys", "rewrap", "--plan")
        self.assertEqual(counted["total"], self.json_of("keys", "rewrap", "--plan", "true")["total"])
        self.run_ctl("keys", "rewrap", "--plan", "perhaps", code=2)

    def test_users_are_created_listed_and_paged(self):
        made = [self.json_of("user", "create", "--name", f"User {number}")["id"] for number in range(3)]
        first = self.json_of("user", "list", "--page-size", "1")
        self.assertEqual(len(first["items"]), 1)
        self.assertNotEqual(first["next_page_token"], "")
        everyone = self.json_of("user", "list", "--all", "--page-size", "1")
        listed = [one["id"] for one in everyone["items"]]
        self.assertEqual(listed, sorted(listed))
        self.assertLessEqual(set(made), set(listed))
        table = self.run_ctl("user", "list", "--all").stdout.splitlines()
        self.assertRegex(table[0], r"^ID +NAME +STATE ")
        self.assertEqual(len(table), len(listed) + 1)

    def test_user_is_changed_against_the_tag_of_now_or_a_given_one(self):
        user = self.json_of("user", "create", "--name", "Before", "--note", "kept")["id"]
        self.assertEqual(self.json_of("user", "change", user, "--name", "After")["name"], "After")
        self.assertEqual(self.json_of("user", "get", user)["note"], "kept")
        stale = self.run_ctl("user", "change", user, "--name", "Late", "--if-match", '"stale"', code=1)
        self.assertIn("(precondition_failed)", stale.stderr)
        self.assertIn("get it again and repeat", stale.stderr)
        self.assertEqual(self.json_of("user", "get", user)["name"], "After")
        self.run_ctl("user", "change", "usr_" + "0" * 26, "--name", "Nobody", code=3)

    def test_yaml_says_what_json_says(self):
        self.run_ctl("user", "create", "--name", "yes: no")
        self.assertEqual(
            yaml.safe_load(self.run_ctl("user", "list", "--all", "-o", "yaml").stdout),
            self.json_of("user", "list", "--all"),
        )

    def test_subscription_is_made_shown_suspended_and_resumed(self):
        user = self.json_of("user", "create", "--name", "Subscriber")["id"]
        plan = self.json_of(
            "plan", "create", "--code", "eu-basic", "--name", "Basic", "--regions", "eu", "--regions", "us",
            "--reset", "month", "--data", "-", stdin='{"device_limit": 3, "name": "loses"}'
        )
        self.assertEqual((plan["name"], plan["device_limit"], plan["regions"]), ("Basic", 3, ["eu", "us"]))
        sub = self.json_of("sub", "create", "--user-id", user, "--plan-id", plan["id"])["id"]
        self.assertEqual(self.json_of("sub", "get", sub)["standing"], "active")
        self.assertEqual(self.json_of("sub", "suspend", sub)["standing"], "suspended")
        self.assertEqual(self.json_of("sub", "resume", sub)["standing"], "active")

    def test_token_is_made_used_and_revoked(self):
        made = self.json_of("token", "create", "--name", "reader", "--scopes", "users:read")
        file = self.backend.folder / "reader"
        file.touch(mode=0o600)
        file.write_text(made["secret"] + "\n")
        words = ("--token-file", str(file))
        self.run_ctl("user", "list", *words)
        denied = self.run_ctl("plan", "list", *words, code=1)
        self.assertIn("(scope_denied)", denied.stderr)
        self.run_ctl("token", "revoke", made["token"]["id"])
        self.assertIn("next: Run httvpsctl login", self.run_ctl("user", "list", *words, code=1).stderr)
        file.chmod(0o644)
        self.assertIn("key_file_exposed", self.run_ctl("user", "list", *words, code=1).stderr)

    def test_problems_name_field_request_and_next_step(self):
        outcome = self.run_ctl("plan", "create", "--code", "UPPER", "--name", "x", code=1)
        self.assertEqual(outcome.stdout, "")
        self.assertIn("(invalid_request)", outcome.stderr)
        self.assertRegex(outcome.stderr, r"/code: .* \(bad_format\)")
        self.assertRegex(outcome.stderr, r"request id: \w+")
        self.assertIn("next: ", outcome.stderr)

    def test_exit_codes(self):
        self.run_ctl("sub", "get", "sub_" + "0" * 26, code=3)
        for words in ([], ["dance"], ["user"], ["user", "create"], ["sub", "get"], ["user", "list", "--speed", "9"],
                      ["user", "list", "-o", "xml"], ["plan", "create", "--code", "a", "--name", "b", "--reset", "x"],
                      ["plan", "create", "--code", "a", "--name", "b", "--device-limit", "0"]):
            self.run_ctl(*words, code=2)
        self.assertIn("There is no token", self.run_ctl("user", "list", token=False, code=2).stderr)
        gone = self.run_ctl("user", "list", "--server", "http://127.0.0.1:1", code=1)
        self.assertIn("does not answer", gone.stderr)
        self.assertIn("--insecure-http", self.run_ctl("user", "list", "--server", "http://192.0.2.1", code=2).stderr)

    def test_every_operation_of_the_running_backend_has_its_command(self):
        listed = {(one["method"], one["path"]) for one in self.json_of("commands")}
        fetched = subprocess.run(
            ["curl", "-sf", self.backend.address + "/openapi.json"], capture_output=True, check=True
        )
        served = {
            (method.upper(), path)
            for path, methods in json.loads(fetched.stdout)["paths"].items()
            for method, operation in methods.items()
            if "x-required-role" in operation or path == "/api/v1/admin/login"
        }
        self.assertEqual(listed, served)

    def test_audit_is_shown_verified_and_usage_summed(self):
        self.run_ctl("user", "create", "--name", "Audited")
        lines = self.run_ctl("audit", "tail", "-n", "1").stdout.splitlines()
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], r" user\.create usr_")
        self.assertRegex(self.run_ctl("audit", "verify").stdout, r"^\d+ lines are whole and follow each other; the last is \d+ with hash [0-9a-f]{64}\n")
        self.assertEqual(self.json_of("usage", "top"), [])
        self.assertIs(self.json_of("usage", "verify")["agree"], True)
        self.run_ctl("usage", "verify", "--day", "2026-13-99", code=1)

    def test_doctor_names_what_is_well_and_what_is_not(self):
        well = self.run_ctl("doctor").stdout
        for line in ("ok   server: ", "warn tls: plain http", "ok   database: ", "ok   usage lag: ", "ok   token: ", "ok   usage backlog: ",
                     "ok   access keys: "):
            self.assertIn(line, well)
        self.assertRegex(well, r"(?m)^ok   schema: version (\d+) of \1$")
        self.assertRegex(well, r"(?m)^(ok  |warn) disk: \d+ MiB are free for the database")
        bad = {"HTTVPS_ADMIN_TOKEN": "htv_" + "0" * 36}
        refused = self.run_ctl("doctor", token=False, more=bad, code=1)
        self.assertIn("fail token: ", refused.stdout)
        gone = self.run_ctl("doctor", "--server", "http://127.0.0.1:1", code=1)
        self.assertIn("fail server: ", gone.stdout)

    def test_metrics_are_shown_as_they_are(self):
        shown = self.run_ctl("metrics", "show").stdout
        self.assertIn("\n# TYPE httvps_backend_http_requests_total counter\n", shown)
        self.assertRegex(shown, r'\nhttvps_backend_build_info\{version="[^"]+"\} 1\n')

    def test_completion_of_bash_loads_and_completes(self):
        script = self.run_ctl("completion", "bash").stdout
        for words, wanted in (
            (["httvpsctl", "pla"], ["plan"]),
            (["httvpsctl", "user", "su"], ["suspend"]),
            (["httvpsctl", "plan", "create", "--reset", "month"], ["month", "month_rolling"]),
            (["httvpsctl", "admin", "create", "--pass"], ["--password-file"]),
            (["httvpsctl", "restore", "--key"], ["--key-file", "--key-set"]),
            (["httvpsctl", "backup"], ["backup", "backup-key"]),
        ):
            typed = " ".join(words)
            ask = f"{script}\nCOMP_WORDS=({typed})\nCOMP_CWORD={len(words) - 1}\n_httvpsctl\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n"
            ran = subprocess.run(
                ["bash", "-eu", "-c", ask], capture_output=True, text=True, check=True,
                env={"PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"},
            )
            self.assertEqual(ran.stdout.split(), wanted, typed)
        for shell in ("zsh", "fish"):
            self.assertIn("httvpsctl __complete", self.run_ctl("completion", shell).stdout)
        self.run_ctl("completion", "cmd", code=2)

    def test_help_and_version(self):
        self.assertRegex(self.run_ctl("--version").stdout, r"^httvpsctl \d+\.\d+\.\d+\n$")
        page = self.run_ctl("plan", "create", "--help").stdout
        self.assertIn("one of none, day, week, month, month_rolling, year", page)
        self.assertIn("1 to 10000", page)
        self.assertNotIn("--password ", self.run_ctl("admin", "create", "--help").stdout)


class Follow(ProgramCase):
    def test_audit_tail_goes_on_as_lines_come(self):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.backend.folder),
            "HTTVPS_ADMIN_SERVER": self.backend.address,
            "HTTVPS_ADMIN_TOKEN": (self.backend.folder / "admin-token").read_text().strip(),
        }
        self.run_ctl("user", "create", "--name", "Before")
        process = subprocess.Popen(
            [PROGRAM, "audit", "tail", "-n", "1", "-f"], stdout=subprocess.PIPE, env=environment, text=True
        )
        try:
            first = process.stdout.readline()
            self.assertRegex(first, r" user\.create usr_")
            made = [self.json_of("user", "create", "--name", f"Later {number}")["id"] for number in range(2)]
            self.assertEqual([process.stdout.readline().split()[-1] for _ in made], made)
            self.assertIsNone(process.poll())
        finally:
            process.kill()
            process.communicate()


if __name__ == "__main__":
    unittest.main()
