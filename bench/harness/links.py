import json
import subprocess

ROUNDS = 9
MEBIBYTES = 128
PATIENCE = 120


def ratio_of(report):
    return min(report[way]["median"] for way in ("ratio_down", "ratio_up"))


def measure_links(_bench, chain):
    if not hasattr(chain, "programs_folder"):
        return {}, "only HTTVPS has carriers over HTTP/1.1 and HTTP/2"
    program = chain.programs_folder / "bench-links"
    done = subprocess.run([str(program), str(ROUNDS), str(MEBIBYTES)], capture_output=True, text=True,
                          timeout=PATIENCE, check=False)
    if done.returncode != 0:
        return {}, f"bench-links failed: {done.stderr.strip()}"
    return {"h2_ratio": ratio_of(json.loads(done.stdout))}, None
