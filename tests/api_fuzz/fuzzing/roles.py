ADMINISTRATORS = ("read_only", "support", "admin")
MACHINES = "machines"


def may_do(role, operation):
    least = operation.get("x-required-role")
    if least is None or role == MACHINES:
        return True
    return ADMINISTRATORS.index(role) >= ADMINISTRATORS.index(least)
