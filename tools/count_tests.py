import sys
import xml.etree.ElementTree as tree
from pathlib import Path


def reports_of(argument):
    path = Path(argument)
    return [path] if path.is_file() else sorted(path.glob("junit-*.xml"))


def main():
    states = []
    for argument in sys.argv[1:]:
        for report in reports_of(argument):
            states += [case.get("status") for case in tree.parse(report).getroot().iter("testcase")]
    passed = states.count("run")
    print(f"{passed} passed, {len(states) - passed} failed")
    sys.exit(0 if passed and passed == len(states) else 1)


if __name__ == "__main__":
    main()
