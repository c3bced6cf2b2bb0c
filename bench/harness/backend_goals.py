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


LISTS = {
    "users": "list_users", "suspended users": "list_users_suspended", "users by name": "list_users_named",
    "subscriptions": "list_subscriptions", "ended subscriptions": "list_subscriptions_ended",
    "pending subscriptions": "list_subscriptions_pending", "limited subscriptions": "list_subscriptions_limited",
    "expired subscriptions": "list_subscriptions_expired",
    "suspended subscriptions": "list_subscriptions_suspended",
    "devices": "list_devices", "revoked devices": "list_devices_revoked",
    "audit lines": "list_audit", "audit lines of an action": "list_audit_of_action",
    "enrolment tickets": "list_tickets", "usage by day": "list_usage", "usage by month": "list_usage_monthly",
    "usage by hour": "list_usage_hourly", "held usage": "list_usage_quarantine",
}
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
    *(Goal(f"a page of 1 M rows p95, {rows}", f"{figure}_p95_ms", 50, unit=" ms") for rows, figure in LISTS.items()),
]


def judge(measured):
    return [goal.judge(measured["figures"]) for goal in GOALS]
