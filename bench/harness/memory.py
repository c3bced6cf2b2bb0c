import time

from harness import rounds

SETTLE_SECONDS = 3
SESSION_SETTLE_SECONDS = 30
SESSION_LEVELS = (1000, 5000)
STREAM_LEVELS = (200, 2000)
KIB = 1024


def measure_rest(bench, chain):
    if "gateway" not in chain.roles:
        return {}, "this chain has no gateway"
    bench.generator.run(chain, "ttfb", {"count": 5, "path": "/tiny", "timeout": 15})
    time.sleep(SETTLE_SECONDS)
    return {"rss_rest_mib": chain.resident_kib("gateway") / KIB}, None


def resident_while_held(chain, held, wanted, settle):
    try:
        if held.opened["done"] < wanted:
            return None
        time.sleep(settle)
        return chain.resident_kib("gateway")
    finally:
        held.release()


def slope_over(chain, levels, hold, settle):
    points = []
    for level in levels:
        resident = resident_while_held(chain, hold(level), level, settle)
        if resident is None:
            return None, f"{level} could not be held open at once"
        points.append((level, resident))
    return rounds.slope(points), None


def hold_streams(bench, chain, entries):
    def hold(level):
        return bench.generator.hold(
            chain, {"conns": 20, "count": level, "path": "/tiny", "timeout": 60}, entries)

    return hold


def measure_idle_streams(bench, chain):
    if not getattr(chain, "many_streams_a_session", False):
        return {}, "each stream of this chain is a session of its own"
    with chain.session_entries() as entries:
        value, reason = slope_over(chain, STREAM_LEVELS, hold_streams(bench, chain, entries), SETTLE_SECONDS)
    return ({} if value is None else {"rss_kib_per_idle_stream": value}), reason


def measure_idle_sessions(bench, chain):
    hold, reason = chain.session_holder(bench)
    if hold is None:
        return {}, reason
    value, reason = slope_over(chain, SESSION_LEVELS, hold, SESSION_SETTLE_SECONDS)
    return ({} if value is None else {"rss_kib_per_idle_session": value}), reason
