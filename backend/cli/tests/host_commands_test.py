import re
import shutil
import subprocess
import unittest

from program_case import PASSWORD, PROGRAM, ProgramCase


class HostCommands(ProgramCase):
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


if __name__ == "__main__":
    unittest.main()
