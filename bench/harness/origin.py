import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from harness.chain import HOST
from stack.ports import free_port
from stack.processes import Group, Launch

MIB = 1 << 20
BIG_FILE = 512 * MIB
SMALL_SIZE = 64

CONFIG = """worker_processes 2;
daemon off;
pid {run}/nginx.pid;
error_log {run}/nginx-error.log;
worker_rlimit_nofile 20000;
{user}events {{ worker_connections 9000; }}
http {{
  access_log off;
  sendfile on;
  tcp_nodelay on;
  keepalive_timeout 3600;
  keepalive_requests 100000000;
  reset_timedout_connection on;
  client_body_temp_path {run}/nginx-body;
  proxy_temp_path {run}/nginx-proxy;
  fastcgi_temp_path {run}/nginx-fastcgi;
  uwsgi_temp_path {run}/nginx-uwsgi;
  scgi_temp_path {run}/nginx-scgi;
  server {{
    listen {host}:{port} backlog=4096;
    root {files};
    open_file_cache max=16;
  }}
}}
"""


class Origin:
    def __init__(self, run, sink_program, memory, big_file=BIG_FILE):
        self.run = run
        self.sink_program = sink_program
        self.memory = memory
        self.big_file = big_file
        self.files = None
        self.group = Group()
        self.web_port = free_port()
        self.sink_port = free_port()

    def start(self):
        self.files = Path(tempfile.mkdtemp(prefix="httvps-bench-", dir=self.memory))
        os.chmod(self.files, 0o755)
        write_files(self.files, self.big_file)
        user = "user root;\n" if os.geteuid() == 0 else ""
        config = self.run / "nginx.conf"
        config.write_text(CONFIG.format(run=self.run, user=user, host=HOST, port=self.web_port,
                                        files=self.files), encoding="utf-8")
        log = self.run / "nginx-error.log"
        self.group.start(Launch("origin", ["nginx", "-p", self.run, "-c", config, "-e", log], self.run,
                                listens=(HOST, self.web_port)))
        self.group.start(Launch("sink", [self.sink_program, f"{HOST}:{self.sink_port}"], self.run,
                                listens=(HOST, self.sink_port)))

    def stop(self):
        self.group.stop()
        if self.files is not None:
            shutil.rmtree(self.files, ignore_errors=True)
            self.files = None

    def pids(self):
        return list(self.group.pids().values())

    def known(self):
        return self.group.known()


def write_files(folder, big_file):
    block = os.urandom(MIB)
    with open(folder / "big", "wb") as file:
        for number in range(big_file // MIB):
            file.write(number.to_bytes(8, "big") + block[8:])
    (folder / "tiny").write_bytes(b"t" * SMALL_SIZE)


def digest_of_start(path, size):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read(size)).hexdigest()
