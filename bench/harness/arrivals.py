DEVICES = 20
SESSIONS = 1000
A_SECOND = 100
FIGURES = ("arrival_p50_ms", "arrival_p95_ms", "admission_p50_ms", "admission_p95_ms")


def measure_arrivals(_bench, chain):
    if not hasattr(chain, "arriving_sessions"):
        return {}, "only sessions of HTTVPS are validated by a control plane"
    held = chain.arriving_sessions(chain.enrolled_devices(DEVICES), SESSIONS, A_SECOND)
    held.release()
    if held.opened["done"] < SESSIONS:
        return {}, f"{SESSIONS - held.opened['done']} of {SESSIONS} sessions did not come up: {held.opened['failure']}"
    return {name: held.opened[name] for name in FIGURES}, None
