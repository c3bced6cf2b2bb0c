import sys
import threading
import time


def say(text):
    print(text, flush=True)


def complain(text):
    print(text, file=sys.stderr, flush=True)


class Progress:
    def __init__(self, text, every=2.0):
        self.text = text
        self.every = every
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.tell, daemon=True)

    def tell(self):
        began = time.monotonic()
        while not self.done.wait(self.every):
            complain(f"  ... {self.text} ({time.monotonic() - began:.0f} s)")

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
