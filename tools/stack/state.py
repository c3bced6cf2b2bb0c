import json

from stack import process_table
from stack.certificates import write_private


def content_of(stack):
    running = stack.running
    return {
        "socks": stack.addresses["socks"],
        "gateway": stack.addresses["gateway"],
        "backend": stack.addresses["backend"],
        "origin": stack.origin.url,
        "client_link": stack.link,
        "pids": {role: running[role].pid for role in ("backend", "gateway", "client", "node")},
        "node_cipher": stack.settings.cipher,
        "client_state": str(stack.client_state),
        "admin_token_file": str(stack.admin_token_file),
        "certificate_authority": str(stack.certificates["authority"]),
    }


def write_processes(settings, known):
    write_private(settings.run / "processes.json", json.dumps(known, indent=1) + "\n")


def write(settings, stack):
    write_private(settings.state_file, json.dumps(content_of(stack), indent=1) + "\n")


def read_json(path, otherwise):
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return otherwise


def read(settings):
    return read_json(settings.state_file, None)


def living(settings):
    return [known for known in read_json(settings.run / "processes.json", []) if process_table.is_same(known)]


def stop(settings):
    stopped = living(settings)
    for known in stopped:
        process_table.stop_all([known])
    forget(settings)
    return [known["role"] for known in stopped]


def forget(settings):
    for name in ("processes.json", "state.json"):
        (settings.run / name).unlink(missing_ok=True)
