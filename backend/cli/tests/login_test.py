import base64
import hashlib
import hmac
import json
import os
import pty
import select
import struct
import subprocess
import time
import unittest

from program_case import PASSWORD, PROGRAM, ProgramCase


def code_of(secret, moment):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(moment // 30)), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1000000:06d}"


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
