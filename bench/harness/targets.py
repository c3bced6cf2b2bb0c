from harness import rounds


class Target:
    def __init__(self, text, value, limit, at_least=False, unit=""):
        self.text = text
        self.value = value
        self.limit = limit
        self.at_least = at_least
        self.unit = unit

    def reached(self, value):
        return value >= self.limit if self.at_least else value <= self.limit

    def judge(self, samples):
        value = self.value(samples)
        sign = ">=" if self.at_least else "<="
        row = {"target": self.text, "limit": f"{sign} {self.limit:g}{self.unit}", "value": value}
        row["verdict"] = "not measured" if value is None else "reached" if self.reached(value) else "not reached"
        return row


def ratio_of(key, ours, theirs):
    return lambda samples: rounds.ratio(samples.pairs(ours, key), samples.pairs(theirs, key))


def median_of(key, chain):
    return lambda samples: samples.median(chain, key)


GATEWAY_WORK = "cpu_s_per_gib.gateway"
CLIENT_WORK = "cpu_s_per_gib.client"
GATEWAY_STREAM = "cpu_ms_per_stream.gateway"

FIRST = [
    Target("download, 8 streams, chacha20 node, over p5-chacha",
           ratio_of("down8_mibps", "httvps-chacha", "p5-chacha"), 1.25, at_least=True),
    Target("download, 8 streams, aes-256-gcm node, over p5-aes",
           ratio_of("down8_mibps", "httvps-aes", "p5-aes"), 1.25, at_least=True),
    Target("upload, 8 streams, chacha20 node, over p5-chacha",
           ratio_of("up8_mibps", "httvps-chacha", "p5-chacha"), 1.25, at_least=True),
    Target("upload, 8 streams, aes-256-gcm node, over p5-aes",
           ratio_of("up8_mibps", "httvps-aes", "p5-aes"), 1.25, at_least=True),
    Target("gateway CPU per GiB, chacha20 node, over bound-chacha",
           ratio_of(GATEWAY_WORK, "httvps-chacha", "bound-chacha"), 2.2),
    Target("gateway CPU per GiB, aes-256-gcm node, over bound-aes",
           ratio_of(GATEWAY_WORK, "httvps-aes", "bound-aes"), 2.2),
    Target("client CPU per GiB, over p5-chacha", ratio_of(CLIENT_WORK, "httvps-chacha", "p5-chacha"), 0.7),
    Target("new streams per second, over p5-mux",
           ratio_of("streams_per_s", "httvps-chacha", "p5-mux"), 0.55, at_least=True),
    Target("gateway CPU per new stream, over p5-mux",
           ratio_of(GATEWAY_STREAM, "httvps-chacha", "p5-mux"), 2),
    Target("first byte p50, over p5-mux", ratio_of("ttfb_p50_ms", "httvps-chacha", "p5-mux"), 1.6),
    Target("first byte p95, over p5-mux", ratio_of("ttfb_p95_ms", "httvps-chacha", "p5-mux"), 2.1),
    Target("gateway memory per idle session", median_of("rss_kib_per_idle_session", "httvps-chacha"), 64,
           unit=" KiB"),
    Target("gateway memory per idle stream", median_of("rss_kib_per_idle_stream", "httvps-chacha"), 12,
           unit=" KiB"),
    Target("gateway memory at rest", median_of("rss_rest_mib", "httvps-chacha"), 20, unit=" MiB"),
    Target("framing bytes over payload, bulk, TLS apart", median_of("framing_ratio", "httvps-chacha"), 0.01),
]
