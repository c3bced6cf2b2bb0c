from harness import rounds

NOISY = ", but only on a noisy machine"


class Target:
    def __init__(self, text, figure, limit, at_least=False, unit=""):
        self.text = text
        self.figure = figure
        self.limit = limit
        self.at_least = at_least
        self.unit = unit

    def reached(self, value):
        return value >= self.limit if self.at_least else value <= self.limit

    def verdict(self, samples, value):
        if value is None:
            return "not measured"
        noise = NOISY if self.figure.is_only_noisy(samples) else ""
        return ("reached" if self.reached(value) else "not reached") + noise

    def judge(self, samples):
        value = self.figure.value(samples)
        sign = ">=" if self.at_least else "<="
        return {"target": self.text, "limit": f"{sign} {self.limit:g}{self.unit}", "value": value,
                "verdict": self.verdict(samples, value)}


class RatioOf:
    def __init__(self, key, ours, theirs):
        self.key = key
        self.ours = ours
        self.theirs = theirs

    def value(self, samples):
        return rounds.ratio(samples.pairs(self.ours, self.key), samples.pairs(self.theirs, self.key))

    def is_only_noisy(self, samples):
        return any(samples.is_only_noisy(chain, self.key) for chain in (self.ours, self.theirs))


class MedianOf:
    def __init__(self, key, chain):
        self.key = key
        self.chain = chain

    def value(self, samples):
        return samples.median(self.chain, self.key)

    def is_only_noisy(self, samples):
        return samples.is_only_noisy(self.chain, self.key)


GATEWAY_WORK = "cpu_s_per_gib.gateway"
CLIENT_WORK = "cpu_s_per_gib.client"
GATEWAY_STREAM = "cpu_ms_per_stream.gateway"

GOALS = [
    Target("download, 8 streams, chacha20 node, over p5-chacha",
           RatioOf("down8_mibps", "httvps-chacha", "p5-chacha"), 1.8, at_least=True),
    Target("download, 8 streams, aes-256-gcm node, over p5-aes",
           RatioOf("down8_mibps", "httvps-aes", "p5-aes"), 1.9, at_least=True),
    Target("upload, 8 streams, chacha20 node, over p5-chacha",
           RatioOf("up8_mibps", "httvps-chacha", "p5-chacha"), 1.8, at_least=True),
    Target("upload, 8 streams, aes-256-gcm node, over p5-aes",
           RatioOf("up8_mibps", "httvps-aes", "p5-aes"), 1.8, at_least=True),
    Target("gateway CPU per GiB, chacha20 node, over bound-chacha",
           RatioOf(GATEWAY_WORK, "httvps-chacha", "bound-chacha"), 1.3),
    Target("gateway CPU per GiB, aes-256-gcm node, over bound-aes",
           RatioOf(GATEWAY_WORK, "httvps-aes", "bound-aes"), 1.3),
    Target("client CPU per GiB, over p5-chacha", RatioOf(CLIENT_WORK, "httvps-chacha", "p5-chacha"), 0.4),
    Target("new streams per second, over p5-mux",
           RatioOf("streams_per_s", "httvps-chacha", "p5-mux"), 1, at_least=True),
    Target("gateway CPU per new stream, over p5-mux",
           RatioOf(GATEWAY_STREAM, "httvps-chacha", "p5-mux"), 1),
    Target("first byte p50, over p5-mux", RatioOf("ttfb_p50_ms", "httvps-chacha", "p5-mux"), 1),
    Target("first byte p95, over p5-mux", RatioOf("ttfb_p95_ms", "httvps-chacha", "p5-mux"), 1),
    Target("validation and assignment p95, 1000 sessions in 10 s", MedianOf("admission_p95_ms", "httvps-chacha"),
           50, unit=" ms"),
    Target("gateway memory per idle session", MedianOf("rss_kib_per_idle_session", "httvps-chacha"), 28,
           unit=" KiB"),
    Target("gateway memory per idle stream", MedianOf("rss_kib_per_idle_stream", "httvps-chacha"), 6,
           unit=" KiB"),
    Target("gateway memory at rest", MedianOf("rss_rest_mib", "httvps-chacha"), 12, unit=" MiB"),
    Target("framing bytes over payload, bulk, TLS apart", MedianOf("framing_ratio", "httvps-chacha"), 0.005),
    Target("framing bytes over payload, browsing, TLS apart", MedianOf("browsing_ratio", "httvps-chacha"), 0.1),
    Target("carrier over HTTP/2, over HTTP/1.1, bulk", MedianOf("h2_ratio", "httvps-chacha"), 0.9, at_least=True),
]
