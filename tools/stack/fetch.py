import hashlib
import html
import re
import subprocess

from stack.failures import StackFailure


def run_curl(words, what):
    command = ["curl", "--silent", "--show-error", "--max-time", "60", "--noproxy", "", *words]
    outcome = subprocess.run(command, capture_output=True, check=False)
    if outcome.returncode != 0:
        reason = outcome.stderr.decode("utf-8", "replace").strip()
        raise StackFailure("fetch", f"{what}: {reason}",
                           "see whether curl reaches it without the tunnel; if it does, read the logs of client, gateway and node")
    return outcome.stdout


def through(socks, url, more=()):
    return run_curl(["--fail", "--socks5-hostname", socks, *more, url], f"curl of {url} through the tunnel")


def put(socks, url, path):
    run_curl(["--fail", "--socks5-hostname", socks, "--header", "Expect:", "--upload-file", str(path),
              "--output", "/dev/null", url], f"upload to {url} through the tunnel")


def as_a_browser(address, path="/"):
    text = run_curl(["--insecure", "--include", f"https://{address}{path}"], f"https://{address}{path}")
    head, _, body = text.decode("utf-8", "replace").partition("\r\n\r\n")
    status = head.splitlines()[0] if head else "no answer"
    title = re.search(r"<title>(.*?)</title>", body, re.DOTALL | re.IGNORECASE)
    return {"status": " ".join(status.split()[1:]), "title": html.unescape(title.group(1)).strip() if title else "no title",
            "bytes": len(body.encode())}


def digest(data):
    return hashlib.sha256(data).hexdigest()
