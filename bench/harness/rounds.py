import statistics

NOISY = 0.15
TOO_SHORT = 0.3


def quartiles(values):
    ordered = sorted(values)
    if not ordered:
        return None
    if len(ordered) == 1:
        return (ordered[0], ordered[0], ordered[0])
    low, middle, high = statistics.quantiles(ordered, n=4, method="inclusive")
    return (low, middle, high)


def is_quiet(sample):
    return sample["wall"] < TOO_SHORT or sample["foreign"] <= NOISY


def kept(samples):
    quiet = [sample for sample in samples if is_quiet(sample)]
    if quiet or not samples:
        return quiet
    return [min(samples, key=lambda sample: sample["foreign"])]


def set_aside(samples):
    return len(samples) - len(kept(samples))


def only_noisy(samples):
    return bool(samples) and not any(is_quiet(sample) for sample in samples)


def ratio(ours, theirs):
    mine, base = by_round(ours), by_round(theirs)
    shared = [mine[number] / base[number] for number in mine if base.get(number)]
    if len(shared) > 1:
        return statistics.median(shared)
    if not mine or not base or not statistics.median(base.values()):
        return None
    return statistics.median(mine.values()) / statistics.median(base.values())


def by_round(pairs):
    found = {}
    for number, value in pairs:
        if value is not None:
            found[number] = value
    return found


def slope(points):
    first, last = points[0], points[-1]
    if last[0] == first[0]:
        return None
    return (last[1] - first[1]) / (last[0] - first[0])


def foreign_share(busy_seconds, own_seconds, wall, cores):
    if wall <= 0:
        return 0.0
    return max(0.0, (busy_seconds - own_seconds) / (wall * cores))


def order_of(round_number, names):
    return list(names) if round_number % 2 == 0 else list(reversed(names))
