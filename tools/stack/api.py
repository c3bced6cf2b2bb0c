import json
import urllib.error
import urllib.request

from stack.failures import StackFailure

NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_ready(url):
    try:
        with NO_PROXY.open(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


class AdminApi:
    def __init__(self, base, token, log):
        self.base = base
        self.token = token
        self.log = log

    def get(self, path):
        return self.call("GET", path, None)

    def post(self, path, content):
        return self.call("POST", path, content)

    def call(self, method, path, content):
        request = urllib.request.Request(f"{self.base}/api/v1/admin{path}", method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if content is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(content).encode()
        try:
            with NO_PROXY.open(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as cause:
            raise self.refused(f"{method} {path}", cause) from cause
        except (OSError, ValueError) as cause:
            raise StackFailure("backend", f"{method} {path}: {cause}", "read its log", self.log) from cause

    def refused(self, what, answer):
        text = answer.read(2000).decode("utf-8", "replace")
        try:
            problem = json.loads(text)
            text = f"{problem.get('code')}: {problem.get('detail') or problem.get('title')}"
        except (ValueError, AttributeError):
            pass
        return StackFailure("backend", f"{what} answered {answer.code}: {text}", "read its log", self.log)
