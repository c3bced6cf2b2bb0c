import json

from harness.chain import HOST, tunnel_chain
from stack.certificates import write_private
from stack.ports import free_port
from stack.processes import Launch

SERVER_NAME = "gateway.bench.test"
PASSWORD = "bench-password-0123456789abcdef"
USER = "b831381d-6324-4d53-ad4f-8cda48b30811"
CHACHA = "chacha20-ietf-poly1305"
AES = "aes-256-gcm"
IDLE_SECONDS = 3600


class Site:
    def __init__(self, folder, certificates):
        self.folder = folder
        self.certificates = certificates

    def write(self, name, content):
        text = content if isinstance(content, str) else json.dumps(content, indent=1)
        path = self.folder / name
        write_private(path, text)
        return path

    def launch(self, role, command, port):
        return Launch(role, command, self.folder, listens=(HOST, port))


def shadowsocks_settings(method, server_port, local_port=None, plugin=None):
    settings = {"server": HOST, "server_port": server_port, "password": PASSWORD, "method": method,
                "timeout": IDLE_SECONDS, "nofile": 16000, "no_delay": True, "mode": "tcp_only"}
    if local_port is not None:
        settings |= {"local_address": HOST, "local_port": local_port}
    if plugin is not None:
        settings |= {"plugin": "ss-v2ray-plugin", "plugin_opts": plugin}
    return settings


def shadowsocks_server(site, name, settings):
    path = site.write(f"{name}-node.json", settings)
    return site.launch(f"{name}-node", ["ss-server", "-c", path], settings["server_port"])


def shadowsocks_client(site, name, settings):
    path = site.write(f"{name}-local.json", settings)
    return site.launch(f"{name}-local", ["ss-local", "-c", path], settings["local_port"])


def v2ray_transport(site, is_server):
    if is_server:
        tls = {"certificates": [{"certificateFile": str(site.certificates["chain"]),
                                 "keyFile": str(site.certificates["key"])}]}
    else:
        tls = {"serverName": SERVER_NAME,
               "certificates": [{"usage": "verify", "certificateFile": str(site.certificates["authority"])}]}
    return {"network": "ws", "security": "tls", "tlsSettings": tls,
            "wsSettings": {"path": "/tunnel", "headers": {"Host": SERVER_NAME}}}


def v2ray(site, role, inbound, outbound):
    settings = {"log": {"loglevel": "error", "access": "none"},
                "policy": {"levels": {"0": {"connIdle": IDLE_SECONDS}}},
                "inbounds": [inbound], "outbounds": [outbound]}
    return site.launch(role, ["v2ray", "-config", site.write(f"{role}.json", settings)], inbound["port"])


def v2ray_gateway(site, name, method, ports):
    inbound = {"listen": HOST, "port": ports["gateway"], "protocol": "vless",
               "settings": {"clients": [{"id": USER}], "decryption": "none"},
               "streamSettings": v2ray_transport(site, True)}
    node = {"address": HOST, "port": ports["node"], "method": method, "password": PASSWORD}
    outbound = {"protocol": "shadowsocks", "settings": {"servers": [node]}}
    return v2ray(site, f"{name}-gateway", inbound, outbound)


def v2ray_client(site, role, mux, ports):
    inbound = {"listen": HOST, "port": ports["entry"], "protocol": "socks", "settings": {"udp": False}}
    gateway = {"address": HOST, "port": ports["gateway"], "users": [{"id": USER, "encryption": "none"}]}
    outbound = {"protocol": "vless", "settings": {"vnext": [gateway]},
                "streamSettings": v2ray_transport(site, False)}
    if mux:
        outbound["mux"] = {"enabled": True, "concurrency": mux}
    return v2ray(site, role, inbound, outbound)


def p5(site, name, method, mux, note):
    ports = {"entry": free_port(), "gateway": free_port(), "node": free_port()}
    node = shadowsocks_server(site, name, shadowsocks_settings(method, ports["node"]))
    chain = tunnel_chain(name, (HOST, ports["entry"]), [
        ("node", node),
        ("gateway", v2ray_gateway(site, name, method, ports)),
        ("client", v2ray_client(site, f"{name}-client", mux, ports)),
    ], note)
    chain.many_streams_a_session = mux > 0
    chain.tapped_gateway = (HOST, ports["gateway"])
    chain.tapped_client = lambda port: v2ray_client(
        site, f"{name}-tapped", mux, {"entry": free_port(), "gateway": port})
    return chain


def haproxy(site, role, port, body):
    text = ("global\n maxconn 8000\ndefaults\n mode tcp\n timeout connect 10s\n"
            f" timeout client {IDLE_SECONDS}s\n timeout server {IDLE_SECONDS}s\n") + body
    return site.launch(role, ["haproxy", "-db", "-q", "-f", site.write(f"{role}.cfg", text)], port)


def p5c(site, name, note):
    entry, tunnel, local, node = (free_port() for _ in range(4))
    bundle = site.write(f"{name}-bundle.pem", site.certificates["leaf"].read_text(encoding="utf-8")
                        + site.certificates["key"].read_text(encoding="utf-8"))
    gateway = f"listen tunnel\n bind {HOST}:{tunnel} ssl crt {bundle}\n server local {HOST}:{local}\n"

    def client(role, at, to):
        return haproxy(site, role, at, f"listen entry\n bind {HOST}:{at}\n server gateway {HOST}:{to} ssl "
                       f"ca-file {site.certificates['authority']} verify required sni str({SERVER_NAME})\n")

    chain = tunnel_chain(name, (HOST, entry), [
        ("node", shadowsocks_server(site, name, shadowsocks_settings(CHACHA, node))),
        ("gateway", shadowsocks_client(site, name, shadowsocks_settings(CHACHA, node, local))),
        ("gateway", haproxy(site, f"{name}-gateway", tunnel, gateway)),
        ("client", client(f"{name}-client", entry, tunnel)),
    ], note)
    chain.tapped_gateway = (HOST, tunnel)
    chain.tapped_client = lambda port: client(f"{name}-tapped", free_port(), port)
    return chain


def v2ray_plugin(site, name, note):
    entry, server = free_port(), free_port()
    paths = site.certificates
    to_server = f"server;tls;host={SERVER_NAME};cert={paths['chain']};key={paths['key']}"
    to_client = f"tls;host={SERVER_NAME};cert={paths['authority']}"
    return tunnel_chain(name, (HOST, entry), [
        ("gateway", shadowsocks_server(site, name, shadowsocks_settings(CHACHA, server, plugin=to_server))),
        ("client", shadowsocks_client(site, name, shadowsocks_settings(CHACHA, server, entry, to_client))),
    ], note)
