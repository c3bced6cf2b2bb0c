from fuzzing.roles import MACHINES, may_do

ADMIN_PATHS = "/api/v1/admin/"


def faults_of(role, operations, answers, *, wants_all):
    faults = {"never done": never_done(role, operations, answers)}
    if wants_all:
        faults["left out"] = wanted_of(role, operations) - set(answers)
    return {name: found for name, found in faults.items() if found}


def wanted_of(role, operations):
    return {label for label in operations if label.split(" ")[1].startswith(ADMIN_PATHS) != (role == MACHINES)}


def never_done(role, operations, answers):
    possible = {label for label in answers if may_do(role, operations[label])}
    return {f"{label} {answers[label]}" for label in possible if not any(map(is_done, answers[label]))}


def is_done(status):
    return status.startswith("2") or status == "304"
