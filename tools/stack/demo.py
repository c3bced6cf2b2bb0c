import time

from stack import fetch, process_table
from stack.bring_up import Stack, bring_up, origin_address
from stack.console import Progress, say
from stack.failures import StackFailure
from stack.origin import LARGE_FILE, PAGES
from stack.relay import Relay
from stack.socks_meter import SocksMeter

REPORT_SECONDS = 30
REPORTS_AFTER_THE_END = 3
QUOTA = 1 << 30
REVOCATION_SECONDS = 10


def as_address(text):
    host, port = text.rsplit(":", 1)
    return host, int(port)


def text_of(address):
    return f"{address[0]}:{address[1]}"


def demo(settings):
    began = time.monotonic()
    stack, relay = Stack(settings), None
    try:
        with Progress("starting backend, node, gateway and client"):
            bring_up(settings, stack)
        tell_who(settings, stack)
        relay = start_counting(settings, stack)
        with Progress("fetching through the tunnel"):
            fetch_pages(settings, stack, relay)
        with Progress("waiting for the backend's figures"):
            compare_usage(settings, stack, relay)
        tell_operator(stack)
        tell_browser(stack)
    finally:
        stack.stop()
        if relay is not None:
            relay.stop()
    say(f"All of it in {time.monotonic() - began:.0f} s; everything is stopped again. Logs: {settings.run}")
    say("Keep it running: make up (stop it with make down)")


def tell_who(settings, stack):
    names = stack.names
    say(f"Backend   {stack.addresses['backend']} on embedded SQLite; admin token in {stack.admin_token_file}")
    say(f"Enrolled  {names['device']['name']} ({names['device']['id']}) of {names['user']['name']}, "
        f"plan {names['plan']['name']}")
    say(f"Gateway   https://{stack.addresses['gateway']}/ with TLS 1.3; its certificate is pinned in the link")
    say(f"Node      {names['node']['name']} ({names['node']['id']}), ss-server with {settings.cipher}")
    say(f"SOCKS5    {stack.addresses['socks']} on this machine is the way in")


def start_counting(settings, stack):
    if settings.url:
        return Relay(as_address(stack.addresses["socks"]), SocksMeter).start()
    return Relay(origin_address(stack)).start()


def fetch_pages(settings, stack, relay):
    if settings.url:
        fetch_from_internet(settings.url, text_of(relay.address))
    else:
        fetch_from_origin(stack, f"http://{text_of(relay.address)}/")


def fetch_from_internet(url, socks):
    data = fetch.through(socks, url, ["--location"])
    say(f"Fetched   {url} through the tunnel: {len(data)} bytes")


def fetch_from_origin(stack, url):
    socks = stack.addresses["socks"]
    for name in [*PAGES, LARGE_FILE]:
        if fetch.digest(fetch.through(socks, url + name)) != stack.origin.digest(name):
            raise StackFailure("fetch", f"{name} came through the tunnel changed")
    sent = stack.origin.pages / LARGE_FILE
    fetch.put(socks, f"{url}incoming/{LARGE_FILE}", sent)
    if stack.origin.digest(f"incoming/{LARGE_FILE}") != stack.origin.digest(LARGE_FILE):
        raise StackFailure("fetch", "the upload reached the origin changed")
    say(f"Fetched   {len(PAGES)} pages and an 8 MiB file, sent the file back: SHA-256 the same at both ends")


def counted_by_relay(relay):
    totals = relay.totals.snapshot()
    return {"up": totals["up"], "down": totals["down"]}


def counted_by_backend(stack):
    usage = stack.api.get("/usage")
    return {"up": usage["total"]["up"], "down": usage["total"]["down"]}, usage


def compare_usage(settings, stack, relay):
    deadline = time.monotonic() + REPORT_SECONDS
    while counted_by_backend(stack)[0] != counted_by_relay(relay) and time.monotonic() < deadline:
        time.sleep(0.1)
    revoke_device(stack)
    process_table.stop_all([stack.running["client"].known])
    time.sleep(REPORTS_AFTER_THE_END * settings.usage_interval / 1000)
    theirs, usage = counted_by_backend(stack)
    ours = counted_by_relay(relay)
    if ours != theirs:
        raise StackFailure("accounting", f"the backend counted up {theirs['up']} down {theirs['down']} bytes, "
                           f"the demo counted up {ours['up']} down {ours['down']} itself",
                           "compare the usage lines in the gateway's log", stack.running["gateway"].log)
    return tell_usage(stack, theirs, usage)


def revoke_device(stack):
    began = time.monotonic()
    stack.operator.run("device", "revoke", stack.names["device"]["id"])
    while (stack.client.status()["last_error"] or {}).get("code") != "device_revoked":
        if time.monotonic() - began > REVOCATION_SECONDS:
            raise StackFailure("gateway", f"the revoked device was not turned out within {REVOCATION_SECONDS} s",
                               "read its log", stack.running["gateway"].log)
        time.sleep(0.02)
    stack.revocation_seconds = time.monotonic() - began


def tell_usage(stack, counted, usage):
    nodes = {item["node_id"] for item in usage["items"]}
    known = {stack.names["node"]["id"]: stack.names["node"]["name"]}
    say(f"Left by   {', '.join(known.get(node, node) for node in sorted(nodes))}, as the backend recorded it")
    say(f"Usage     the backend counted {counted['up']} bytes up and {counted['down']} bytes down")
    say("          and an independent counter saw the same, to the byte")


def tell_operator(stack):
    subscription = stack.api.get(f"/subscriptions/{stack.names['subscription']['id']}")
    say(f"Operator  httvpsctl approved the gateway: it served {stack.approval_seconds:.1f} s later; of the plan's "
        f"{QUOTA >> 20} MiB {subscription['remaining_bytes'] >> 20} are left")
    say(f"          httvpsctl revoked the device: its tunnel was gone and it knew why {stack.revocation_seconds:.1f} s later")


def tell_browser(stack):
    seen = fetch.as_a_browser(stack.addresses["gateway"])
    say(f"Browser   without a token sees a web site there: {seen['status']}, \"{seen['title']}\", {seen['bytes']} bytes")


