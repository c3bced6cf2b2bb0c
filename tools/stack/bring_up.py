import shutil
import subprocess
import time

from stack import certificates, programs, state
from stack.api import AdminApi
from stack.failures import StackFailure
from stack.operator_program import Operator
from stack.origin import Origin
from stack.parts import JOINING_NAME, Backend, Client, Gateway, Node
from stack.processes import Group, fail_if_ended
from stack.settings import GATEWAY_NAME, HOST, REGION

NEEDED = ("nginx", "openssl", "ss-server", "curl")
OURS = ("httvps-backend", "httvps-gateway", "httvps", "httvpsctl")
STOP_ORDER = ("client", "gateway", "node", "origin", "backend")
SHARED_LINK_USES = 20
DEVICE_LIMIT = 100


class Stack:
    def __init__(self, settings):
        self.settings = settings
        self.group = Group()
        self.running = {}
        self.addresses = {}
        self.names = {}
        self.api = None
        self.operator = None
        self.approval_seconds = 0.0

    def start(self, launch):
        self.running[launch.role] = self.group.start(launch)
        state.write_processes(self.settings, self.known())
        return self.running[launch.role]

    def known(self):
        return [{"role": role, **self.running[role].known} for role in STOP_ORDER if role in self.running]

    def stop(self):
        self.group.members.sort(key=lambda one: -STOP_ORDER.index(one.role))
        self.group.stop()
        state.forget(self.settings)


def prepare(settings):
    programs.require(NEEDED)
    programs.require_built(settings.programs, OURS, "demo")
    for name in ("node", "backend", "gateway", "client", "origin", "certificates", "operator"):
        shutil.rmtree(settings.run / name, ignore_errors=True)
    settings.folder("certificates")


def bring_up(settings, stack):
    prepare(settings)
    paths = certificates.make(settings.folder("certificates"), GATEWAY_NAME, "HTTVPS local")
    stack.certificates = paths
    stack.origin = Origin(settings)
    stack.start(stack.origin.launch())
    node = Node(settings)
    stack.start(node.launch())
    start_backend(settings, stack)
    fill_backend(settings, stack, node)
    start_gateway(settings, stack)
    start_client(settings, stack)


def start_backend(settings, stack):
    backend = Backend(settings)
    running = stack.start(backend.launch())
    stack.addresses["backend"] = backend.wait(running)
    try:
        token = backend.admin_token()
    except OSError as cause:
        raise StackFailure("backend", "it wrote no admin token", "read its log", running.log) from cause
    stack.admin_token_file = backend.admin_token_file
    stack.api = AdminApi(stack.addresses["backend"], token, running.log)
    stack.operator = Operator(settings.programs / "httvpsctl", settings.folder("operator"),
                              stack.addresses["backend"], backend.admin_token_file)


def fill_backend(settings, stack, node):
    api = stack.api
    plan = api.post("/plans", {"code": "local", "name": "Local plan", "session_limit": settings.session_limit,
                               "device_limit": DEVICE_LIMIT, **settings.plan})
    user = api.post("/users", {"name": "Ada"})
    subscription = api.post("/subscriptions", {"user_id": user["id"], "plan_id": plan["id"]})
    added = api.post("/nodes", {"name": "orchard-1", "region": REGION, "access_key": node.access_key()})
    stack.names = {"user": user, "plan": plan, "subscription": subscription, "node": added["node"]}


def start_gateway(settings, stack):
    gateway = Gateway(settings)
    invited = stack.operator.run("gateway", "create", "--name", JOINING_NAME, "--region", REGION,
                                 "--needs-approval", "true")
    running = stack.start(gateway.launch(stack.certificates, invited["join_token"], stack.addresses["backend"]))
    stack.addresses["gateway"] = gateway.wait(running)
    waiting = wait_for_joining(stack, running)
    began = time.monotonic()
    stack.names["gateway"] = stack.operator.run("gateway", "approve", waiting["id"])
    gateway.wait_until_it_serves(running)
    stack.approval_seconds = time.monotonic() - began


def wait_for_joining(stack, running, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        fail_if_ended(running)
        for gateway in stack.api.get("/gateways")["items"]:
            return gateway
        time.sleep(0.1)
    raise StackFailure("gateway", f"did not join the backend within {seconds} s", "read its log", running.log)


def make_link(stack, uses=1):
    user, gateway = stack.names["user"]["id"], stack.names["gateway"]["id"]
    return stack.api.post(f"/users/{user}/enrolment-links", {"gateway_id": gateway, "uses": uses})["link"]


def start_client(settings, stack):
    client = Client(settings)
    enrol(client, make_link(stack))
    stack.names["device"] = only_device(stack)
    stack.client = client
    stack.client_state = client.state
    stack.addresses["socks"] = client.wait(stack.start(client.launch()))
    stack.link = make_link(stack, SHARED_LINK_USES)


def only_device(stack):
    devices = stack.api.get("/devices")["items"]
    if len(devices) != 1:
        raise StackFailure("backend", f"{len(devices)} devices are enrolled instead of one",
                           "read its log", stack.running["backend"].log)
    return devices[0]


def enrol(client, link):
    try:
        outcome = subprocess.run([str(word) for word in client.enrol_command()], input=link + "\n", text=True,
                                 capture_output=True, cwd=client.folder, timeout=30, check=False)
    except subprocess.TimeoutExpired as cause:
        raise StackFailure("client", "httvps enrol did not end within 30 s") from cause
    (client.folder / "enrol.log").write_text(outcome.stdout + outcome.stderr, encoding="utf-8")
    if outcome.returncode != 0:
        raise StackFailure("client", f"httvps enrol ended with exit code {outcome.returncode}",
                           "its last lines say why", client.folder / "enrol.log")


def origin_address(stack):
    return HOST, stack.origin.port
