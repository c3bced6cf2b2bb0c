import time

from harness import rounds
from harness.arrivals import measure_arrivals
from harness.framing import measure_framing
from harness.links import measure_links
from harness.memory import measure_idle_sessions, measure_idle_streams, measure_rest
from harness.workload import measure, observe, warm_up

REPEATED = ("down8", "up8", "streams", "ttfb")
ONE_TIME = {"rest": measure_rest, "framing": measure_framing, "idle_streams": measure_idle_streams,
            "idle_sessions": measure_idle_sessions, "arrivals": measure_arrivals, "links": measure_links}
BEFORE_THE_LOAD = ("rest",)
AFTER_THE_LOAD = ("framing", "links", "arrivals", "idle_streams", "idle_sessions")
NEEDS_A_FRESH_START = ("idle_streams", "idle_sessions")
TIMED = ("arrivals",)
USUAL_CHAINS = {"idle_streams": ("httvps-chacha", "p5-mux"), "idle_sessions": ("httvps-chacha",),
                "arrivals": ("httvps-chacha",), "links": ("httvps-chacha",)}
SECONDS = {"rest": 5, "framing": 5, "idle_streams": 25, "idle_sessions": 130, "arrivals": 20, "links": 25}
EVERY_METRIC = (*REPEATED, *ONE_TIME)


class Plan:
    def __init__(self, wanted_rounds, metrics, deadline, say):
        self.wanted_rounds = wanted_rounds
        self.metrics = metrics or EVERY_METRIC
        self.every_chain = bool(metrics)
        self.deadline = deadline
        self.say = say

    def repeated(self):
        return [metric for metric in REPEATED if metric in self.metrics]

    def wants(self, chain, metric):
        if metric not in self.metrics or chain.proxy == "none":
            return False
        return self.every_chain or chain.name in USUAL_CHAINS.get(metric, (chain.name,))

    def seconds_after_the_load(self, chains):
        return sum(SECONDS[metric] for metric in AFTER_THE_LOAD for chain in chains if self.wants(chain, metric))

    def seconds_left(self):
        return self.deadline - time.monotonic()


def describe(metric, sample):
    result = sample["result"]
    key = {"ttfb": "ttfb_p50_ms", "streams": "per_second"}.get(metric, "mibps")
    noise = "" if rounds.is_quiet(sample) else f" (others {sample['foreign']:.0%})"
    failed = f" ({sample['failed']} failed)" if sample["failed"] else ""
    return f"{metric} {result[key]:.4g}{noise}{failed}"


def take(bench, chain, metric):
    own_way = getattr(chain, "measure", None)
    return own_way(bench, metric) if own_way else measure(bench, chain, metric)


def run_round(bench, plan, samples, number):
    by_name = {chain.name: chain for chain in bench.chains}
    for name in rounds.order_of(number, by_name):
        shown = []
        for metric in plan.repeated():
            if by_name[name].supports(metric):
                sample = take(bench, by_name[name], metric)
                samples.add(name, metric, number, sample)
                shown.append(describe(metric, sample))
        plan.say(f"round {number + 1} {name}: {', '.join(shown)}")


def run_rounds(bench, plan, samples):
    longest = 0.0
    for number in range(plan.wanted_rounds if plan.repeated() else 0):
        if number and plan.seconds_left() - plan.seconds_after_the_load(bench.chains) < longest:
            plan.say(f"the time limit ends the rounds after {number} of {plan.wanted_rounds}")
            return
        began = time.monotonic()
        run_round(bench, plan, samples, number)
        longest = max(longest, time.monotonic() - began)


def measure_once(bench, plan, samples, chain_and_metric):
    chain, metric = chain_and_metric
    if plan.seconds_left() < SECONDS[metric]:
        samples.add_once(chain.name, metric, {}, "the time limit was reached")
        return
    if metric in NEEDS_A_FRESH_START:
        chain.stop()
        chain.start()
    taken = observe(bench, chain, lambda: ONE_TIME[metric](bench, chain))
    values, reason = taken["result"]
    samples.add_once(chain.name, metric, values, reason, taken if metric in TIMED else None)
    shown = reason or ", ".join(f"{name} {value:.4g}" for name, value in values.items())
    plan.say(f"{metric} {chain.name}: {shown}")


def run_one_time(bench, plan, samples, metrics):
    for metric in metrics:
        for chain in bench.chains:
            if plan.wants(chain, metric):
                measure_once(bench, plan, samples, (chain, metric))


def run_all(bench, plan, samples):
    run_one_time(bench, plan, samples, BEFORE_THE_LOAD)
    for chain in bench.chains:
        if chain.supports("streams"):
            warm_up(bench, chain)
    run_rounds(bench, plan, samples)
    run_one_time(bench, plan, samples, AFTER_THE_LOAD)
