from harness import rounds

COLUMNS = [
    ("down8 MiB/s", "down8_mibps", 0),
    ("up8 MiB/s", "up8_mibps", 0),
    ("streams/s", "streams_per_s", 0),
    ("p50 ms", "streams_p50_ms", 1),
    ("p99 ms", "streams_p99_ms", 1),
    ("ttfb p50", "ttfb_p50_ms", 2),
    ("ttfb p95", "ttfb_p95_ms", 2),
    ("gw s/GiB", "cpu_s_per_gib.gateway", 2),
    ("cl s/GiB", "cpu_s_per_gib.client", 2),
    ("gw ms/str", "cpu_ms_per_stream.gateway", 3),
    ("admit p95", "admission_p95_ms", 1),
    ("framing", "framing_ratio", 4),
    ("browsing", "browsing_ratio", 4),
    ("h2/h1", "h2_ratio", 2),
    ("h2/h1 q1", "h2_ratio_q1", 2),
    ("h2/h1 q3", "h2_ratio_q3", 2),
    ("rest MiB", "rss_rest_mib", 1),
    ("KiB/strm", "rss_kib_per_idle_stream", 1),
    ("KiB/sess", "rss_kib_per_idle_session", 1),
]
RATIOS = [
    ("down8/p5", "down8_mibps", "p5"),
    ("up8/p5", "up8_mibps", "p5"),
    ("streams/p5-mux", "streams_per_s", "p5-mux"),
    ("ttfb/p5-mux", "ttfb_p50_ms", "p5-mux"),
    ("gw CPU/bound", "cpu_s_per_gib.gateway", "bound"),
    ("cl CPU/p5", "cpu_s_per_gib.client", "p5"),
]


def figure(value, digits):
    return "-" if value is None else f"{value:.{digits}f}"


def lay_out(rows):
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return lines


def figures(samples, names):
    rows = [["chain"] + [title for title, _, _ in COLUMNS]]
    for name in names:
        rows.append([name] + [figure(samples.median(name, key), digits) for _, key, digits in COLUMNS])
    return lay_out(rows)


def base_for(name, base):
    if base == "p5-mux":
        return base
    return f"{base}-aes" if name.endswith("-aes") else f"{base}-chacha"


def ratios(samples, names):
    rows = [["ratios"] + [title for title, _, _ in RATIOS]]
    for name in names:
        cells = [rounds.ratio(samples.pairs(name, key), samples.pairs(base_for(name, base), key))
                 for _, key, base in RATIOS]
        rows.append([name] + [figure(cell, 2) for cell in cells])
    return lay_out(rows)


def verdicts(judged):
    rows = [["goal", "limit", "measured", "verdict"]]
    for row in judged:
        rows.append([row["target"], row["limit"], figure(row["value"], 3), row["verdict"]])
    return lay_out(rows)
