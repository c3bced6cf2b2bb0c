import json
import os
import subprocess

from stack.failures import StackFailure


class Operator:
    def __init__(self, program, folder, server, token_file):
        self.words = [str(program), "--server", server, "--token-file", str(token_file), "--output", "json"]
        self.environment = {**os.environ, "XDG_CONFIG_HOME": str(folder)}
        self.folder = folder

    def run(self, *words):
        told = f"httvpsctl {' '.join(words)}"
        try:
            outcome = subprocess.run([*self.words, *words], env=self.environment, cwd=self.folder, text=True,
                                     capture_output=True, timeout=30, check=False)
        except subprocess.TimeoutExpired as cause:
            raise StackFailure("operator", f"{told} did not end within 30 s") from cause
        if outcome.returncode != 0:
            raise StackFailure("operator", f"{told} ended with exit code {outcome.returncode}: "
                               f"{outcome.stderr.strip()}")
        return json.loads(outcome.stdout)
