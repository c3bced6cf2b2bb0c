import json
import os
import platform
import statistics
import time

from harness import cpu_times, rounds
from harness.samples import nest
from harness.targets import GOALS

DIGITS = 4


def rounded(value):
    return round(value, DIGITS)


def medians_of(samples, chain):
    found = {}
    for one in samples.kept(chain):
        for key, value in one["values"].items():
            found.setdefault(key, []).append(value)
    return found


def summary_of(samples, chain, note):
    columns = medians_of(samples, chain)
    flat = {key: rounded(statistics.median(values)) for key, values in columns.items()}
    spread = {key: [rounded(part) for part in rounds.quartiles(values)[::2]] for key, values in columns.items()}
    metrics = {metric: samples.of(chain, metric) for metric in samples.metrics_of(chain)}
    return {
        **nest(flat),
        "quartiles": nest(spread),
        "rounds": max((len(rounds.kept(taken)) for taken in metrics.values()), default=0),
        "foreign_load": rounded(samples.foreign_load(chain)),
        "set_aside": {metric: rounds.set_aside(taken) for metric, taken in metrics.items()},
        "only_noisy": [metric for metric, taken in metrics.items() if rounds.only_noisy(taken)],
        "failed_sessions": sum(one["failed"] for taken in metrics.values() for one in taken),
        "not_measured": samples.reasons.get(chain, {}),
        "note": note,
    }


def machine():
    return {"cores": cpu_times.CORES, "kernel": platform.release(), "processor": processor(),
            "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20}


def processor():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return names[0] if names else "unknown"


def build(samples, chains, wanted_rounds):
    return {
        "chains": {chain.name: summary_of(samples, chain.name, chain.note) for chain in chains},
        "rounds": max((one["round"] + 1 for one in samples.taken), default=0),
        "rounds_wanted": wanted_rounds,
        "foreign_load": rounded(samples.foreign_load()),
        "noisy_above": rounds.NOISY,
        "targets": [target.judge(samples) for target in GOALS],
        "machine": machine(),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)
