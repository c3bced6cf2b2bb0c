class StackFailure(Exception):
    def __init__(self, part, what, advice="", log=None):
        super().__init__(what)
        self.part = part
        self.what = what
        self.advice = advice
        self.log = log

    def lines(self):
        found = [f"FAILED: {self.part}: {self.what}"]
        if self.log is not None:
            found += [f"  {line}" for line in last_lines(self.log)]
            found.append(f"  (whole log: {self.log})")
        if self.advice:
            found.append(f"What to do: {self.advice}")
        return found


def last_lines(path, count=12):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read().splitlines()[-count:]
    except OSError:
        return ["(no log was written)"]
