import json
import os
import re
from pathlib import Path

import requests
import schemathesis

from fuzzing.roles import may_do

ERRORS_PAGE = Path(__file__).resolve().parents[3] / "docs" / "errors.md"
DOCUMENTED_CODES = set(re.findall(r"^\| `?([a-z0-9_]+)`? \|", ERRORS_PAGE.read_text(encoding="utf-8"), re.MULTILINE))
ROLE = json.loads(os.environ["HTTVPS_FUZZ_GIVEN"])["role"]
PROBLEM_TYPE = "application/problem+json"
UNREAD = 413
PATIENCE = 20
KEPT_AFTER_DELETION = {"/api/v1/admin/users/{id}": "deleted", "/api/v1/admin/join-tokens/{id}": "revoked"}
ENDED = set()


def header(response, name):
    return (response.headers.get(name.lower()) or [""])[0]


@schemathesis.check
def problem_has_a_documented_code(ctx, response, case):
    del ctx, case
    if response.status_code < 400 or response.status_code == UNREAD:
        return
    assert header(response, "Content-Type") == PROBLEM_TYPE, "a refusal is not application/problem+json"
    problem = json.loads(response.text)
    assert problem["code"] in DOCUMENTED_CODES, f"docs/errors.md does not know the code {problem['code']}"
    assert problem["type"] == f"urn:httvps:problem:{problem['code']}", "type and code differ"
    assert problem["status"] == response.status_code, "the status of the document is not that of the answer"
    assert all(each["pointer"] == "" or each["pointer"].startswith("/") for each in problem["errors"]), \
        "an error is not named by a JSON pointer"


@schemathesis.check
def answer_names_its_request(ctx, response, case):
    del ctx, case
    shown = header(response, "X-Request-Id")
    assert shown or response.status_code == UNREAD, "the answer has no X-Request-Id"
    is_replayed = header(response, "Idempotency-Replayed") == "true"
    if response.status_code >= 400 and response.status_code != UNREAD and not is_replayed:
        assert json.loads(response.text)["request_id"] == shown, "request_id is not X-Request-Id"


@schemathesis.check
def administrators_are_told_their_rate(ctx, response, case):
    del ctx
    if response.status_code < 400 and "x-required-role" in case.operation.definition.raw:
        assert header(response, "RateLimit") and header(response, "RateLimit-Policy"), "the rate is not told"


@schemathesis.check
def only_the_role_that_may_is_served(ctx, response, case):
    del ctx
    if not may_do(ROLE, case.operation.definition.raw):
        assert response.status_code >= 400, f"{ROLE} did what needs {case.operation.definition.raw['x-required-role']}"


def read_again(deletion):
    bearer = {"Authorization": deletion.headers["Authorization"]}
    return requests.get(deletion.url.split("?")[0], headers=bearer, timeout=PATIENCE)


@schemathesis.check
def what_is_kept_after_deletion_says_so(ctx, response, case):
    del ctx
    state = KEPT_AFTER_DELETION.get(case.operation.path)
    known = (case.path_parameters or {}).get("id")
    if state and response.status_code == 204:
        ENDED.add(known)
        shown = read_again(response.request)
        assert shown.status_code == 200, f"the deleted {known} is answered with {shown.status_code}"
        assert shown.json()["state"] == state, f"the deleted {known} is not {state}"
    if state and response.status_code == 200 and known in ENDED:
        assert response.json()["state"] == state, f"the deleted {known} is not {state}"
