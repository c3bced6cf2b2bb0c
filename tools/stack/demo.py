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
RENEWAL_SECONDS = 30
SHOWN = "join with approval, tunnel, account, renewed credential, usage to the byte, revocation, site for strangers"


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
        tell_who(settings, stack, time.monotonic() - began)
        relay = start_counting(settings, stack)
        with Progress("fetching through the tunnel"):
            fetch_pages(settings, stack, relay)
        tell_device(stack)
        with Progress("renewing the gateway's credential"):
            tell_gateway(stack)
        with Progress("waiting for the backend's figures"):
            compare_usage(settings, stack, relay)
        tell_operator(stack)
        tell_browser(stack)
    finally:
        stack.stop()
        if relay is not None:
            relay.stop()
    say(f"Shown     {SHOWN}")
    say(f"All of it in {time.monotonic() - began:.0f} s; everything is stopped again. Logs: {settings.run}")
    say("Keep it running: make up (stop it with make down)")


def tell_who(settings, stack, seconds):
    names = stack.names
    say(f"Started   backend, node, gateway and client in {seconds:.1f} s")
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
    began = time.monotonic()
    data = fetch.through(socks, url, ["--location"])
    say(f"Fetched   {url} through the tunnel: {len(data)} bytes in {time.monotonic() - began:.1f} s")


def fetch_from_origin(stack, url):
    began, socks = time.monotonic(), stack.addresses["socks"]
    for name in [*PAGES, LARGE_FILE]:
        if fetch.digest(fetch.through(socks, url + name)) != stack.origin.digest(name):
            raise StackFailure("fetch", f"{name} came through the tunnel changed")
    sent = stack.origin.pages / LARGE_FILE
    fetch.put(socks, f"{url}incoming/{LARGE_FILE}", sent)
    if stack.origin.digest(f"incoming/{LARGE_FILE}") != stack.origin.digest(LARGE_FILE):
        raise StackFailure("fetch", "the upload reached the origin changed")
    say(f"Fetched   {len(PAGES)} pages and an 8 MiB file, sent the file back in {time.monotonic() - began:.1f} s: "
        "SHA-256 the same at both ends")


def tell_device(stack):
    began = time.monotonic()
    account, regions = stack.client.ask("account"), stack.client.ask("regions")["regions"]
    subscription = account["subscription"]
    served = ", ".join(each["code"] for each in regions if each["healthy"])
    say(f"Device    asked for its account and regions, answered in {time.monotonic() - began:.2f} s: "
        f"{subscription['plan']} is {subscription['standing']},")
    say(f"          {account['devices']} of {account['device_limit']} devices, regions with a healthy node: {served}")


def credential_of(stack, owner):
    listed = stack.operator.run("credential", "list")["items"]
    found = next((each for each in listed if each["owner_id"] == owner), None)
    if found is None:
        raise StackFailure("backend", f"it lists no credential of {owner}",
                           "read its log", stack.running["backend"].log)
    return found


def tell_gateway(stack):
    gateway = stack.names["gateway"]["id"]
    former = credential_of(stack, gateway)["created_at"]
    began = time.monotonic()
    stack.operator.run("gateway", "renew-credential", gateway)
    while (now := credential_of(stack, gateway))["created_at"] == former or now["state"] != "valid":
        if time.monotonic() - began > RENEWAL_SECONDS:
            raise StackFailure("gateway", f"it has no new credential after {RENEWAL_SECONDS} s",
                               "read its log", stack.running["gateway"].log)
        time.sleep(0.1)
    seconds = time.monotonic() - began
    beat = stack.operator.run("gateway", "get", gateway)["heartbeat"]
    say(f"Gateway   took a new credential {seconds:.1f} s after httvpsctl asked for it; its last heartbeat told "
        f"sessions: {beat['active_sessions']}, memory in use: {beat['mem_load']:.0%}")


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


