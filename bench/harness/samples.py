import statistics

from harness import rounds

ONCE = -1


def flatten(values, prefix=""):
    flat = {}
    for name, value in values.items():
        if isinstance(value, dict):
            flat |= flatten(value, f"{prefix}{name}.")
        else:
            flat[prefix + name] = value
    return flat


def nest(flat):
    nested = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        place = nested
        for part in path:
            place = place.setdefault(part, {})
        place[last] = value
    return nested


def timing_of(taken):
    return {name: taken[name] for name in ("wall", "foreign")} if taken else {}


class Samples:
    def __init__(self):
        self.taken = []
        self.reasons = {}

    def add(self, chain, metric, number, sample):
        self.taken.append({"chain": chain, "metric": metric, "round": number, **sample,
                           "values": flatten(sample["values"])})

    def add_once(self, chain, metric, values, reason, taken=None):
        if reason is not None:
            self.reasons.setdefault(chain, {})[metric] = reason
        if values:
            self.add(chain, metric, ONCE,
                     {"values": values, "wall": 0.0, "foreign": 0.0, **timing_of(taken),
                      "failed": 0, "cpu": {}, "result": {}})

    def metrics_of(self, chain):
        return sorted({sample["metric"] for sample in self.taken if sample["chain"] == chain})

    def of(self, chain, metric):
        return [one for one in self.taken if one["chain"] == chain and one["metric"] == metric]

    def kept(self, chain):
        return [one for metric in self.metrics_of(chain) for one in rounds.kept(self.of(chain, metric))]

    def pairs(self, chain, key):
        return [(one["round"], one["values"][key]) for one in self.kept(chain) if key in one["values"]]

    def is_only_noisy(self, chain, key):
        return any(key in one["values"] and not rounds.is_quiet(one) for one in self.kept(chain))

    def median(self, chain, key):
        values = [value for _, value in self.pairs(chain, key)]
        return statistics.median(values) if values else None

    def foreign_load(self, chain=None):
        shares = [one["foreign"] for one in self.taken
                  if one["round"] != ONCE and (chain is None or one["chain"] == chain)]
        return statistics.median(shares) if shares else 0.0
