import argparse
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

from gate import Gate
from stack import certificates, process_table, processes
from stack.api import NO_PROXY, AdminApi
from stack.parts import Backend, Gateway, Node
from stack.ports import free_port
from stack.settings import GATEWAY_NAME, HOST, REGION, Settings

PROGRAMS = Path(os.environ["HTTVPS_PROGRAMS"])
DIES_WITH_THE_TEST = ["setpriv", "--pdeathsig", "KILL"]
USAGE_INTERVAL = 200


class Deployment:
    def __init__(self, through_gate=None, **more):
        self.run = Path(tempfile.mkdtemp(prefix="httvps-e2e-"))
        self.settings = Settings(argparse.Namespace(run_dir=self.run, programs=PROGRAMS))
        self.settings.usage_interval = USAGE_INTERVAL
        self.gateway_port = free_port()
        self.through_gate = through_gate or {}
        self.gates = {}
        self.more = more
        self.parts = {}
        self.programs = {}
        self.clients = 0
        try:
            self.bring_up()
        except BaseException:
            self.stop()
            raise

    def bring_up(self):
        self.paths = certificates.make(self.settings.folder("certificates"), GATEWAY_NAME, "HTTVPS tests")
        self.node_part = Node(self.settings)
        self.backend_part = Backend(self.settings)
        self.gateway_part = Gateway(self.settings)
        self.backend_launch = self.backend_part.launch_with_shared_secret()
        self.backend_launch.environment |= {"BACKEND_ADMIN_RATE": "10000", "BACKEND_DEVICE_RATE": "10000"}
        self.start_node()
        self.start_backend()
        self.fill()
        self.start_gateway()
        self.gateway_id = wait_for(self.approved_gateway, "the gateway is approved")

    def launch(self, launch):
        running = processes.start(dying_with_the_test(launch))
        self.parts[launch.role] = running
        return running

    def start_node(self):
        self.launch(self.node_part.launch())

    def put_gate(self, place, port):
        if place not in self.through_gate:
            return f"{HOST}:{port}"
        if place not in self.gates:
            self.gates[place] = Gate(f"{HOST}:{port}", **self.through_gate[place],
                                     program=PROGRAMS / "httvps-gate").start()
        return self.gates[place].address

    def start_backend(self):
        self.backend_part.address_file.unlink(missing_ok=True)
        self.backend_url = self.backend_part.wait(self.launch(self.backend_launch))
        self.backend_launch.environment["BACKEND_LISTEN"] = self.backend_url.removeprefix("http://")
        self.api = AdminApi(self.backend_url, self.backend_part.admin_token(), self.backend_launch.log)

    def start_gateway(self):
        self.gateway_part.address_file.unlink(missing_ok=True)
        self.gateway_part.wait(self.launch(self.gateway_launch()))
        self.client_path = self.put_gate("gateway", self.gateway_port)

    def gateway_launch(self):
        launch = self.gateway_part.launch(self.paths, self.backend_part.gateway_secret, self.backend_url)
        launch.environment |= {"GATEWAY_LISTEN": f"{HOST}:{self.gateway_port}",
                               "GATEWAY_HEARTBEAT_INTERVAL": "200"} | self.more
        return launch

    def hand_over(self):
        self.gateway_part.address_file = self.gateway_part.folder / "successor-address"
        launch = self.gateway_launch()
        launch.role = "successor"
        self.gateway_part.wait(self.launch(launch))
        process_table.send(self.parts["gateway"].pid, signal.SIGUSR2)

    def fill(self):
        plan = self.api.post("/plans", {"code": "test", "name": "Test plan", "session_limit": 8, "device_limit": 100})
        self.user = self.api.post("/users", {"name": "Ada"})["id"]
        self.api.post("/subscriptions", {"user_id": self.user, "plan_id": plan["id"]})
        node_path = self.put_gate("node", self.node_part.port)
        key = self.node_part.access_key().replace(f"{HOST}:{self.node_part.port}", node_path)
        self.api.post("/nodes", {"name": "orchard-1", "region": REGION, "access_key": key})

    def approved_gateway(self):
        ready = [each["id"] for each in self.api.get("/gateways")["items"] if each["state"] == "approved"]
        return ready[0] if ready else None

    def link(self, uses=1):
        asked = {"gateway_id": self.gateway_id, "uses": uses}
        return self.api.post(f"/users/{self.user}/enrolment-links", asked)["link"]

    def devices(self):
        return self.api.get("/devices")["items"]

    def usage_of(self, device_id):
        rows = [row for row in self.api.get("/usage")["items"] if row["device_id"] == device_id]
        return {way: sum(row[way] for row in rows) for way in ("up", "down")}

    def metric(self, name):
        addresses = json.loads(self.gateway_part.address_file.read_text(encoding="utf-8"))
        with NO_PROXY.open(urllib.request.Request(f"http://{addresses['metrics']}/metrics"), timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        return next((float(line.split()[1]) for line in lines if line.startswith(f"{name} ")), None)

    def end(self, role, number):
        running = self.parts.pop(role)
        process_table.send(running.pid, number)
        return running.child.wait(timeout=20)

    def new_client(self):
        self.clients += 1
        return self.settings.folder(f"client-{self.clients}")

    def written(self, role):
        return (self.run / role / f"{role}.log").read_text(encoding="utf-8", errors="replace")

    def stop(self):
        for each in self.gates.values():
            each.stop()
        for running in reversed(list(self.parts.values())):
            process_table.stop_all([running.known])
            running.child.wait(timeout=10)
        shutil.rmtree(self.run, ignore_errors=True)


def dying_with_the_test(launch):
    return processes.Launch(launch.role, DIES_WITH_THE_TEST + launch.command, launch.folder, launch.environment,
                            launch.listens)


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.02)


def run_to_end(command, text="", seconds=40, **more):
    return subprocess.run([str(word) for word in command], input=text, text=True, capture_output=True,
                          timeout=seconds, check=False, **more)
