import hashlib
import os

from stack.ports import free_port
from stack.processes import Launch
from stack.settings import HOST

PAGES = {
    "index.html": "<!doctype html><title>Orchard</title><link rel=stylesheet href=style.css>"
                  "<h1>Orchard</h1><p>Apples, pears and plums. <a href=about.html>About us</a></p>\n",
    "about.html": "<!doctype html><title>About the orchard</title><h1>About</h1><p>Planted in 1974.</p>\n",
    "style.css": "body { font-family: serif; margin: 4rem auto; max-width: 40rem }\n",
}
LARGE_FILE = "harvest.bin"
LARGE_SIZE = 8 << 20

CONFIG = """worker_processes 1;
daemon off;
pid {run}/nginx.pid;
error_log {run}/nginx-error.log;
{user}events {{ worker_connections 1024; }}
http {{
  access_log off;
  default_type text/html;
  client_max_body_size 64m;
  client_body_temp_path {run}/temporary-body;
  proxy_temp_path {run}/temporary-proxy;
  fastcgi_temp_path {run}/temporary-fastcgi;
  uwsgi_temp_path {run}/temporary-uwsgi;
  scgi_temp_path {run}/temporary-scgi;
  server {{
    listen {host}:{port};
    root {run}/pages;
    location /incoming/ {{ dav_methods PUT; create_full_put_path on; }}
  }}
}}
"""


class Origin:
    def __init__(self, settings):
        self.folder = settings.folder("origin")
        self.port = free_port()
        self.pages = self.folder / "pages"

    @property
    def url(self):
        return f"http://{HOST}:{self.port}/"

    def launch(self):
        self.write_pages()
        user = "user root;\n" if os.geteuid() == 0 else ""
        config = self.folder / "nginx.conf"
        config.write_text(CONFIG.format(run=self.folder, user=user, host=HOST, port=self.port), encoding="utf-8")
        log = self.folder / "nginx-error.log"
        return Launch("origin", ["nginx", "-p", self.folder, "-c", config, "-e", log], self.folder,
                      listens=(HOST, self.port))

    def write_pages(self):
        self.pages.mkdir(parents=True, exist_ok=True)
        for name, text in PAGES.items():
            (self.pages / name).write_text(text, encoding="utf-8")
        (self.pages / LARGE_FILE).write_bytes(os.urandom(LARGE_SIZE))

    def digest(self, name):
        return hashlib.sha256((self.pages / name).read_bytes()).hexdigest()
