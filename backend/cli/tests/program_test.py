import base64
import hashlib
import hmac
import json
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import yaml

import tls_front

PROGRAM = sys.argv.pop(1)
BACKEND = sys.argv.pop(1)
PASSWORD = "correct horse battery"


def code_of(secret, moment):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(moment // 30)), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1000000:06d}"


class Backend:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="httvpsctl-"))
        names = {
            "BACKEND_DB_DSN": f"sqlite://{self.folder}/backend.db",
            "BACKEND_SECRET_KEY_FILE": "secret-key",
            "BACKEND_ROOT_KEY_FILE": "root-key",
            "BACKEND_ADMIN_TOKEN_FILE": "admin-token",
            "BACKEND_GATEWAY_SECRET": "gateway-secret-of-the-test-1",
            "BACKEND_LISTEN": "127.0.0.1:0",
            "BACKEND_ADDRESS_FILE": "address",
        }
        self.environment = {**os.environ, **names}
        self.log = (self.folder / "log").open("wb")
        self.process = subprocess.Popen(
            [BACKEND], env=self.environment, cwd=self.folder, stdout=self.log, stderr=subprocess.STDOUT
        )
        self.address = self.wait_for_address()

    def wait_for_address(self):
        path = self.folder / "address"
        for _ in range(2000):
            if path.exists() and path.read_text().endswith("\n"):
                return "http://" + path.read_text().strip()
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        raise RuntimeError((self.folder / "log").read_text())

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        self.log.close()
        shutil.rmtree(self.folder)


class ProgramCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.backend = Backend()

    @classmethod
    def tearDownClass(cls):
        cls.backend.stop()

    def run_ctl(self, *words, stdin="", token=True, code=0, more=None):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.backend.folder),
            "XDG_CONFIG_HOME": str(self.backend.folder / "config"),
            "HTTVPS_ADMIN_SERVER": self.backend.address,
            **(more or {}),
        }
        if token:
            environment["HTTVPS_ADMIN_TOKEN"] = (self.backend.folder / "admin-token").read_text().strip()
        outcome = subprocess.run(
            [PROGRAM, *words], input=stdin, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        self.assertEqual(outcome.returncode, code, (words, outcome.stdout, outcome.stderr))
        return outcome

    def json_of(self, *words, **more):
        return json.loads(self.run_ctl(*words, "-o", "json", **more).stdout)


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
        self.assertRegex(self.run_ctl("audit", "verify").stdout, r"^\d+ lines follow each other; the last is \d+ with hash [0-9a-f]{64}\n")
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
                env={"PATH": f"{Path(PROGRAM).parent}:{os.environ['PATH']}"},
            )
            self.assertEqual(ran.stdout.split(), wanted, typed)
        for shell in ("zsh", "fish"):
            self.assertIn("httvpsctl __complete", self.run_ctl("completion", shell).stdout)
        self.run_ctl("completion", "cmd", code=2)

    def test_backup_and_restore_are_done_by_the_program_beside(self):
        place = self.backend.folder
        settings = self.backend.environment
        made = self.run_ctl("backup-key", "--to", str(place / "pair"), token=False)
        public = made.stdout.strip()
        self.assertRegex(public, r"^[A-Za-z0-9_-]{43}$")
        self.assertEqual((place / "pair").stat().st_mode & 0o777, 0o600)
        made = self.run_ctl("backup", "--to", str(place / "copy"), "--recipient", public, token=False, more=settings)
        digest = re.search(r"SHA-256 ([0-9a-f]{64})", made.stdout)[1]
        words = ("restore", "--from", str(place / "copy"), "--key-file", str(place / "pair"))
        self.assertIn("The backup is whole", self.run_ctl(*words, "--check", token=False).stdout)
        unsigned = self.run_ctl(*words, "--check", "--root", public, token=False, code=6)
        self.assertIn("(backup_unproven)", unsigned.stderr)
        unproven = self.run_ctl(*words, token=False, more=settings, code=6)
        self.assertIn("(backup_unproven)", unproven.stderr)
        words = (*words, "--sha256", digest)
        taken = self.run_ctl(*words, token=False, more=settings, code=7)
        self.assertIn("(restore_target_not_empty)", taken.stderr)
        empty = {**settings, "BACKEND_DB_DSN": f"sqlite://{place}/restored.db"}
        self.assertIn("rows are restored and verified", self.run_ctl(*words, token=False, more=empty).stdout)
        self.assertIn("Write backup first", self.run_ctl("--profile", "x", "backup", token=False, code=2).stderr)

    def test_migrate_moves_the_database_of_the_settings(self):
        target = self.backend.folder / "moved.db"
        words = ("migrate", "--from", "sqlite", "--to", f"sqlite://{target}")
        moved = self.run_ctl(*words, token=False, more=self.backend.environment)
        self.assertRegex(moved.stdout, r"(?m)^api_tokens rows 1 sha256 [0-9a-f]{64}$")
        self.assertRegex(moved.stdout, r"\d+ rows copied and verified\n$")
        again = self.run_ctl(*words, token=False, more=self.backend.environment, code=1)
        self.assertIn("(copy_target_not_empty)", again.stderr)

    def test_migrate_shows_and_changes_the_schema(self):
        own = {**self.backend.environment, "BACKEND_DB_DSN": f"sqlite://{self.backend.folder}/schema.db"}
        waiting = self.run_ctl("migrate", "status", token=False, more=own).stdout
        self.assertRegex(waiting, r"(?m)^0001 accounts waiting$")
        self.assertNotIn("waiting", self.run_ctl("migrate", "up", token=False, more=own).stdout)
        down = self.run_ctl("migrate", "down", "--to", "12", token=False, more=own).stdout
        self.assertRegex(down, r"(?m)^0012 life_cycles applied$")
        self.assertRegex(down, r"(?m)^0013 replicas waiting$")
        self.assertIn("--to is required", self.run_ctl("migrate", "down", token=False, more=own, code=2).stderr)

    def test_rescue_lets_an_administrator_in_again_and_ends_his_sessions(self):
        settings = self.backend.environment
        own = {"XDG_CONFIG_HOME": str(self.backend.folder / "locked")}
        admin = self.json_of("admin", "create", "--name", "Locked", "--role", "support", "--password-file", "-", stdin=PASSWORD + "\n")["id"]
        self.run_ctl("login", "--name", "Locked", token=False, more=own, stdin=PASSWORD + "\n")
        self.assertIn("Locked", self.run_ctl("whoami", token=False, more=own).stdout)
        later = self.backend.folder / "later-password"
        later.write_text("another quite long password\n")
        later.chmod(0o600)
        reset = self.run_ctl("rescue", "reset-admin", "Locked", "--password-file", str(later), token=False, more=settings)
        self.assertEqual(reset.stdout, "Locked has a new password, no TOTP and no sessions\n")
        self.run_ctl("whoami", token=False, more=own, code=1)
        self.run_ctl("login", "--name", "Locked", token=False, more=own, stdin=PASSWORD + "\n", code=1)
        self.run_ctl("login", "--name", "Locked", token=False, more=own, stdin=later.read_text())
        self.assertIn(f" rescue.reset_admin {admin}", self.run_ctl("audit", "tail", "-n", "9").stdout)
        self.run_ctl("admin", "change", admin, "--state", "disabled")
        self.run_ctl("login", "--name", "Locked", token=False, more=own, stdin=later.read_text(), code=1)
        self.assertEqual(self.run_ctl("rescue", "unlock", "Locked", token=False, more=settings).stdout, "Locked is active\n")
        self.run_ctl("login", "--name", "Locked", token=False, more=own, stdin=later.read_text())
        self.assertIn(f" rescue.unlock {admin}", self.run_ctl("audit", "tail", "-n", "3").stdout)
        self.run_ctl("rescue", "unlock", "Nobody", token=False, more=settings, code=1)
        asked = self.run_ctl("rescue", "reset-admin", "Locked", token=False, more=settings, code=2)
        self.assertIn("Give --password-file", asked.stderr)

    def test_keyring_shows_and_changes_the_file_of_keys(self):
        own = {**self.backend.environment, "BACKEND_KEY_RING_FILE": str(self.backend.folder / "ring-of-ctl")}
        self.run_ctl("keyring", "add", "--name", "first", token=False, more=own)
        self.run_ctl("keyring", "add", "--name", "second", token=False, more=own)
        self.assertEqual(self.run_ctl("keyring", "activate", "second", token=False, more=own).stdout, "first\nsecond active\n")
        self.assertEqual(self.run_ctl("keyring", "show", token=False, more=own).stdout, "first\nsecond active\n")

    def test_work_on_the_database_says_where_it_is_to_be_done(self):
        alone = self.backend.folder / "alone"
        alone.mkdir()
        shutil.copy(PROGRAM, alone / "httvpsctl")
        told = subprocess.run([alone / "httvpsctl", "backup", "--to", "x"], capture_output=True, text=True, check=False)
        self.assertEqual(told.returncode, 1)
        self.assertIn(f"which is not at {alone}/httvps-backend. Run it on the host", told.stderr)

    def test_help_and_version(self):
        self.assertRegex(self.run_ctl("--version").stdout, r"^httvpsctl \d+\.\d+\.\d+\n$")
        page = self.run_ctl("plan", "create", "--help").stdout
        self.assertIn("one of none, day, week, month, month_rolling, year", page)
        self.assertIn("1 to 10000", page)
        self.assertNotIn("--password ", self.run_ctl("admin", "create", "--help").stdout)


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


class Terminal(ProgramCase):
    def type_into(self, words, *answers):
        ours, theirs = pty.openpty()
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.backend.folder),
            "HTTVPS_ADMIN_SERVER": self.backend.address,
            "HTTVPS_ADMIN_TOKEN": (self.backend.folder / "admin-token").read_text().strip(),
        }
        process = subprocess.Popen(
            [PROGRAM, *words], stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True
        )
        os.close(theirs)
        shown = ""
        for prompt, answer in answers:
            while not shown.endswith(prompt + ": "):
                shown += process.stderr.read(1)
            os.write(ours, (answer + "\n").encode())
        echoed = ""
        outcome = process.communicate(timeout=30)
        while select.select([ours], [], [], 0)[0]:
            try:
                echoed += os.read(ours, 4096).decode()
            except OSError:
                break
        os.close(ours)
        return process.returncode, outcome[0], shown + outcome[1], echoed

    def test_new_password_is_asked_twice_without_echo(self):
        words = ("admin", "create", "--name", "carl", "--role", "support", "-o", "json")
        code, told, _, echoed = self.type_into(words, ("password", PASSWORD), ("password again", PASSWORD))
        self.assertEqual(code, 0)
        self.assertEqual(json.loads(told)["name"], "carl")
        self.assertNotIn(PASSWORD, echoed)

    def test_password_typed_differently_changes_nothing(self):
        words = ("admin", "create", "--name", "dora", "--role", "support")
        code, told, errors, _ = self.type_into(words, ("password", PASSWORD), ("password again", PASSWORD + "x"))
        self.assertEqual((code, told), (2, ""))
        self.assertIn("The two passwords differ.", errors)
        self.assertNotIn("dora", self.run_ctl("admin", "list", "--all").stdout)


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


class Login(ProgramCase):
    def login(self, *lines, code=0):
        return self.run_ctl("login", "--name", "ada", stdin="".join(f"{line}\n" for line in lines), token=False, code=code)

    def test_login_with_an_authenticator_and_logout(self):
        self.run_ctl("admin", "create", "--name", "ada", "--role", "admin", "--password-file", "-", stdin=PASSWORD + "\n")
        self.assertIn("(login_refused)", self.login("wrong horse battery", code=1).stderr)
        self.assertIn("as admin", self.login(PASSWORD).stdout)
        profile = self.backend.folder / "config" / "httvps" / "ctl.json"
        self.assertEqual(profile.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.json_of("whoami", token=False)["name"], "ada")
        secret = self.json_of("me", "create-totp", token=False)["secret"]
        now = time.time()
        codes = self.json_of("me", "confirm-totp", "--code", code_of(secret, now - 30), token=False)
        self.assertEqual(len(codes["recovery_codes"]), 10)
        self.assertIn("Nothing came", self.login(PASSWORD, code=2).stderr)
        self.login(PASSWORD, code_of(secret, now))
        stolen = self.run_ctl("whoami", "--server", self.backend.address.replace("127.0.0.1", "localhost"), token=False, code=2)
        self.assertIn("no token for this server", stolen.stderr)
        self.run_ctl("logout", token=False)
        self.run_ctl("whoami", token=False, code=2)
        profile.chmod(0o644)
        self.assertIn("chmod 600", self.run_ctl("whoami", token=False, code=1).stderr)
        profile.unlink()

    def test_whoami_with_an_api_token_says_so(self):
        self.assertEqual(self.json_of("whoami")["credential"], "API token")


if __name__ == "__main__":
    unittest.main()
