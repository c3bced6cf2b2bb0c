import sys

from harness.backend import main

if __name__ == "__main__":
    sys.exit(main())
