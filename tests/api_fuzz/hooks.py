import json
import os
from collections import Counter
from pathlib import Path

import fuzzing.checks
import schemathesis
from fuzzing.credentials import Credentials
from fuzzing.known import KnownThings

GIVEN = json.loads(os.environ["HTTVPS_FUZZ_GIVEN"])
TALLY = Path(os.environ["HTTVPS_FUZZ_TALLY"])
KNOWN = KnownThings(GIVEN["known"], GIVEN["device_token"])
ANSWERS = {}
POSSIBLE_WAITS = range(61)
CHANGE_OF_SETTINGS = "PATCH /api/v1/admin/settings"
CALL_RATES = ("admin_rate", "device_rate")

schemathesis.auth.set_from_requests(Credentials(GIVEN))


@schemathesis.hook
def before_call(context, case, kwargs):
    del context, kwargs
    if "wait" in (case.query or {}) and case.query["wait"] in POSSIBLE_WAITS:
        case.query["wait"] = 0
    if case.meta is None or case.meta.generation.mode.is_positive:
        fill_in(case)


def fill_in(case):
    case.path_parameters = KNOWN.placed(case.path_parameters)
    case.query = KNOWN.asked(case.operation.label, case.query)
    case.headers = KNOWN.headed(case.headers)
    if isinstance(case.body, (dict, list)):
        case.body = KNOWN.placed(case.body)
    if case.operation.label == CHANGE_OF_SETTINGS and isinstance(case.body, dict):
        case.body = {name: case.body[name] for name in case.body if name not in CALL_RATES}


@schemathesis.hook
def after_call(context, case, response):
    label = case.operation.label
    ANSWERS.setdefault(label, Counter())[str(response.status_code)] += 1
    KNOWN.learn(label, response)
    if context is not None:
        TALLY.write_text(json.dumps(ANSWERS), encoding="utf-8")
