import json
import os
from collections import Counter
from pathlib import Path

import fuzzing.checks
import schemathesis
from fuzzing.credentials import Credentials
from fuzzing.known import KnownThings
from fuzzing.rehearsal import cases_of

GIVEN = json.loads(os.environ["HTTVPS_FUZZ_GIVEN"])
TALLY = Path(os.environ["HTTVPS_FUZZ_TALLY"])
KNOWN = KnownThings(GIVEN["known"], GIVEN["device_token"])
ANSWERS = {}
POSSIBLE_WAITS = range(61)
CHANGE_OF_SETTINGS = "PATCH /api/v1/admin/settings"
CALL_RATES = ("admin_rate", "device_rate")

CREDENTIALS = Credentials(GIVEN)

schemathesis.auth.set_from_requests(CREDENTIALS)


@schemathesis.hook
def before_add_examples(context, examples):
    examples.extend(cases_of(context.operation, GIVEN["rehearsed"]))


@schemathesis.hook
def before_call(context, case, kwargs):
    del context, kwargs
    if "wait" in (case.query or {}) and case.query["wait"] in POSSIBLE_WAITS:
        case.query["wait"] = 0
    if case.operation.label == CHANGE_OF_SETTINGS and isinstance(case.body, dict):
        case.body = {name: value for name, value in case.body.items() if not would_slow_the_run(name, value)}
    CREDENTIALS.withhold_where_left_out(case)
    if case.meta is not None and case.meta.generation.mode.is_positive:
        fill_in(case)


def would_slow_the_run(name, value):
    return name in CALL_RATES and isinstance(value, (int, float)) and value >= 1


def fill_in(case):
    case.path_parameters = KNOWN.placed(case.path_parameters)
    if case.path_parameters.get("id") == GIVEN["device_id"]:
        case.path_parameters["id"] = GIVEN["other_device_id"]
    case.query = KNOWN.asked(case.operation.label, case.query)
    case.headers = KNOWN.headed(case.headers)
    if isinstance(case.body, (dict, list)):
        case.body = KNOWN.placed(case.body)


@schemathesis.hook
def after_call(context, case, response):
    label = case.operation.label
    ANSWERS.setdefault(label, Counter())[str(response.status_code)] += 1
    KNOWN.learn(label, case.query, response)
    if context is not None:
        TALLY.write_text(json.dumps(ANSWERS), encoding="utf-8")
