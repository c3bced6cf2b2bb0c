import os
import pwd
import subprocess
import tempfile
import time
from pathlib import Path

PASSWORD = "a-password-for-tests"
DIES_WITH_THE_TEST = ["setpriv", "--pdeathsig", "KILL"]


def programs():
    return sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]


def unprivileged():
    return pwd.getpwnam("postgres") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


class Postgresql:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="httvps-fuzz-pg-"))
        self.account = unprivileged()
        secret = self.folder / "password"
        secret.write_text(PASSWORD + "\n", encoding="utf-8")
        for path in (self.folder, secret):
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        subprocess.run([*self.as_account(), programs() / "initdb", "-D", self.folder / "data", "-U", "postgres", "-A",
                        "scram-sha-256", "--pwfile", secret, "-E", "UTF8", "--no-locale", "--no-sync"],
                       check=True, capture_output=True, cwd="/")
        self.server = subprocess.Popen(
            [*DIES_WITH_THE_TEST, *self.as_account(), programs() / "postgres", "-D", self.folder / "data", "-k",
             self.folder, "-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.wait()

    def as_account(self):
        if os.geteuid() != 0:
            return []
        return ["setpriv", f"--reuid={self.account.pw_uid}", f"--regid={self.account.pw_gid}", "--clear-groups",
                "--pdeathsig", "KILL"]

    def query(self, sql):
        return subprocess.run([programs() / "psql", "-h", self.folder, "-U", "postgres", "-c", sql], check=False,
                              capture_output=True, env={**os.environ, "PGPASSWORD": PASSWORD})

    def wait(self, seconds=30):
        deadline = time.monotonic() + seconds
        while self.query("SELECT 1").returncode != 0:
            if time.monotonic() > deadline or self.server.poll() is not None:
                raise RuntimeError("PostgreSQL does not start")
            time.sleep(0.1)

    def new_database(self, name):
        self.query(f"CREATE DATABASE {name}").check_returncode()
        return f"postgres://postgres:{PASSWORD}@/{name}?host={self.folder}"

    def stop(self):
        self.server.terminate()
        self.server.wait(timeout=20)
        subprocess.run(["rm", "-rf", str(self.folder)], check=True)
