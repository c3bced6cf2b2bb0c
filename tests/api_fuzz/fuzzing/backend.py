import json
import os
import secrets
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

PROGRAM = Path(os.environ["HTTVPS_PROGRAMS"]) / "httvps-backend"
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))
GATEWAY_SECRET = "a-gateway-secret-for-tests"


def write_private(path, text):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


class Backend:
    def __init__(self, dsn=None):
        self.folder = Path(tempfile.mkdtemp(prefix="httvps-fuzz-"))
        write_private(self.folder / "dsn", dsn or f"sqlite://{self.folder}/backend.sqlite3")
        write_private(self.folder / "secret-key", secrets.token_hex(32) + "\n")
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", PROGRAM], cwd=self.folder, stderr=subprocess.DEVNULL,
            env={"BACKEND_DB_DSN_FILE": f"{self.folder}/dsn", "BACKEND_SECRET_KEY_FILE": f"{self.folder}/secret-key",
                 "BACKEND_ROOT_KEY_FILE": f"{self.folder}/root-key", "BACKEND_GATEWAY_SECRET": GATEWAY_SECRET,
                 "BACKEND_ADMIN_TOKEN_FILE": f"{self.folder}/token", "BACKEND_GATEWAY_AUTO_APPROVE": "true",
                 "BACKEND_LISTEN": "127.0.0.1:0", "BACKEND_ADDRESS_FILE": f"{self.folder}/address",
                 "BACKEND_LOG_FILE": f"{self.folder}/log", "BACKEND_ADMIN_RATE": "100000",
                 "BACKEND_DEVICE_RATE": "100000"})
        self.url = f"http://{self.wait()}"
        self.token = (self.folder / "token").read_text(encoding="utf-8").strip()

    def wait(self, seconds=20):
        deadline = time.monotonic() + seconds
        while not (self.folder / "address").exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("the backend does not start")
            time.sleep(0.02)
        return (self.folder / "address").read_text(encoding="utf-8").strip()

    def call(self, method, path, content=None, headers=None):
        data = None if content is None else json.dumps(content).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", method=method, data=data,
                                         headers={"Content-Type": "application/json", **(headers or {})})
        try:
            with NO_PROXY.open(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as cause:
            raise RuntimeError(f"{method} {path}: {cause.code} {cause.read().decode()}") from cause

    def admin(self, method, path, content=None):
        return self.call(method, f"/admin{path}", content, {"Authorization": f"Bearer {self.token}"})

    def document(self):
        with NO_PROXY.open(f"{self.url}/openapi.json", timeout=20) as answer:
            return json.load(answer)

    def document_file(self):
        file = self.folder / "openapi.json"
        file.write_text(json.dumps(self.document()), encoding="utf-8")
        return file

    def operations(self):
        paths = self.document()["paths"]
        return {f"{method.upper()} {path}": operation for path, methods in paths.items()
                for method, operation in methods.items()}

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
