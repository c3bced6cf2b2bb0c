import json
import subprocess

ROUNDS = 9
MEBIBYTES = 128
PATIENCE = 120


def figures_of(report):
    slower = min((report[way] for way in ("ratio_down", "ratio_up")), key=lambda way: way["median"])
    return {"h2_ratio": slower["median"], "h2_ratio_q1": slower["q1"], "h2_ratio_q3": slower["q3"]}


def measure_links(_bench, chain):
    if not hasattr(chain, "programs_folder"):
        return {}, "only HTTVPS has carriers over HTTP/1.1 and HTTP/2"
    program = chain.programs_folder / "bench-links"
    done = subprocess.run([str(program), str(ROUNDS), str(MEBIBYTES)], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    if done.returncode != 0:
        return {}, f"bench-links failed: {done.stderr.strip()}"
    return figures_of(json.loads(done.stdout)), None
