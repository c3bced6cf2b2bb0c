import base64
import json
import secrets
import subprocess

from stack.api import is_ready
from stack.certificates import write_private
from stack.failures import StackFailure
from stack.ports import free_port
from stack.processes import Launch, wait_for, wait_for_address_file
from stack.settings import GATEWAY_NAME, HOST, REGION

IDLE_SECONDS = 3600
DRAIN_MILLISECONDS = "2000"
JOINING_NAME = "local-gateway"


class Node:
    def __init__(self, settings):
        self.port = free_port()
        self.password = secrets.token_urlsafe(24)
        self.cipher = settings.cipher
        self.folder = settings.folder("node")

    def launch(self):
        path = self.folder / "ss-server.json"
        write_private(path, json.dumps({
            "server": HOST, "server_port": self.port, "password": self.password, "method": self.cipher,
            "timeout": IDLE_SECONDS, "mode": "tcp_and_udp", "no_delay": True, "nofile": 16000}))
        return Launch("node", ["ss-server", "-c", path], self.folder, listens=(HOST, self.port))

    def access_key(self):
        user = base64.urlsafe_b64encode(f"{self.cipher}:{self.password}".encode()).decode().rstrip("=")
        return f"ss://{user}@{HOST}:{self.port}"


class Backend:
    def __init__(self, settings):
        self.folder = settings.folder("backend")
        self.program = settings.programs / "httvps-backend"
        self.gateway_secret = secrets.token_urlsafe(32)
        self.address_file = self.folder / "address"
        self.admin_token_file = self.folder / "admin-token"

    def launch(self):
        write_private(self.folder / "secret-key", secrets.token_urlsafe(32) + "\n")
        return Launch("backend", [self.program], self.folder, {
            "BACKEND_DB_DSN": f"sqlite:///{self.folder}/httvps.sqlite3",
            "BACKEND_SECRET_KEY_FILE": str(self.folder / "secret-key"),
            "BACKEND_ROOT_KEY_FILE": str(self.folder / "root-key"),
            "BACKEND_ADMIN_TOKEN_FILE": str(self.admin_token_file),
            "BACKEND_LISTEN": f"{HOST}:0",
            "BACKEND_ADDRESS_FILE": str(self.address_file),
        })

    def launch_with_shared_secret(self):
        launch = self.launch()
        launch.environment |= {"BACKEND_GATEWAY_SECRET": self.gateway_secret, "BACKEND_GATEWAY_AUTO_APPROVE": "true"}
        return launch

    def wait(self, running):
        return f"http://{wait_for_address_file(running, self.address_file)}"

    def admin_token(self):
        return self.admin_token_file.read_text(encoding="utf-8").strip()


class Gateway:
    def __init__(self, settings):
        self.folder = settings.folder("gateway")
        self.program = settings.programs / "httvps-gateway"
        self.usage_interval = settings.usage_interval
        self.address_file = self.folder / "address"

    def launch(self, certificates, join_secret, backend_url):
        return Launch("gateway", [self.program], self.folder, {
            "GATEWAY_NAME": JOINING_NAME,
            "GATEWAY_REGION": REGION,
            "GATEWAY_LISTEN": f"{HOST}:0",
            "GATEWAY_ADDRESS_FILE": str(self.address_file),
            "GATEWAY_METRICS_LISTEN": f"{HOST}:0",
            "GATEWAY_PUBLIC_HOST": GATEWAY_NAME,
            "GATEWAY_USAGE_INTERVAL": str(self.usage_interval),
            "GATEWAY_DRAIN": DRAIN_MILLISECONDS,
            "GATEWAY_TLS_CERTIFICATE": str(certificates["chain"]),
            "GATEWAY_TLS_KEY": str(certificates["key"]),
            "GATEWAY_STATE_DIR": str(self.folder / "state"),
            "GATEWAY_BACKEND_URL": backend_url,
            "BACKEND_GATEWAY_SECRET": join_secret,
        })

    def wait(self, running):
        return wait_for_address_file(running, self.address_file)

    def wait_until_it_serves(self, running):
        metrics = json.loads(self.address_file.read_text(encoding="utf-8"))["metrics"]
        wait_for(running, lambda: is_ready(f"http://{metrics}/readyz"), "taking devices", 20)


class Client:
    def __init__(self, settings):
        self.folder = settings.folder("client")
        self.state = self.folder / "state"
        self.program = settings.programs / "httvps"
        self.address_file = self.folder / "address"

    def enrol_command(self):
        return [self.program, "enrol", "-", "--state", self.state]

    def launch(self):
        return Launch("client", [self.program, "connect", "--socks", f"{HOST}:0", "--state", self.state,
                                 "--address-file", self.address_file], self.folder)

    def wait(self, running):
        return wait_for_address_file(running, self.address_file)

    def ask(self, what):
        words = [self.program, what, "--output", "json", "--state", self.state]
        try:
            outcome = subprocess.run(words, text=True, capture_output=True, timeout=20, check=False)
        except subprocess.TimeoutExpired as cause:
            raise StackFailure("client", f"httvps {what} did not end within 20 s") from cause
        if outcome.returncode != 0:
            raise StackFailure("client", f"httvps {what} ended with exit code {outcome.returncode}: "
                               f"{outcome.stderr.strip()}")
        return json.loads(outcome.stdout)

    def status(self):
        outcome = subprocess.run([self.program, "status", "--json", "--state", self.state], text=True,
                                 capture_output=True, timeout=10, check=False)
        return json.loads(outcome.stdout) if outcome.returncode == 0 else {"state": "not running", "last_error": None}
