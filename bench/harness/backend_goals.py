class Goal:
    def __init__(self, text, figure, limit, at_least=False, unit=""):
        self.text = text
        self.figure = figure
        self.limit = limit
        self.at_least = at_least
        self.unit = unit

    def verdict(self, value):
        if value is None:
            return "not measured"
        reached = value >= self.limit if self.at_least else value <= self.limit
        return "reached" if reached else "not reached"

    def judge(self, figures):
        value = figures.get(self.figure)
        sign = ">=" if self.at_least else "<="
        return {"target": self.text, "figure": self.figure, "limit": f"{sign} {self.limit:g}{self.unit}",
                "value": value, "verdict": self.verdict(value)}


GOALS = [
    Goal("validate-device p95, 5000 requests/s", "validate_p95_ms", 5, unit=" ms"),
    Goal("validate-device answered a second of 5000", "validate_rate", 4950, at_least=True),
    Goal("validate-device rate over one prepared SELECT", "validate_over_bare", 0.5, at_least=True),
    Goal("assign-outline p95, 500 requests/s", "assign_p95_ms", 10, unit=" ms"),
    Goal("validation and assignment p95, 1000 sessions in 10 s", "arrival_p95_ms", 50, unit=" ms"),
    Goal("usage batch of 1000 rows durable p95, 17 batches/s", "usage_p95_ms", 25, unit=" ms"),
    Goal("a page of a list over 1 M rows p95, slowest list", "lists_p95_ms", 50, unit=" ms"),
    Goal("backend memory at rest", "rest_mib", 40, unit=" MiB"),
    Goal("acknowledged writes a second at two backends", "replica_writes", 500, at_least=True),
]


def judge(measured):
    return [goal.judge(measured["figures"]) for goal in GOALS]
