from harness.chain import HOST, tunnel_chain
from harness.peers import PASSWORD, SERVER_NAME
from stack.ports import free_port

TCP = {"no_delay": True, "keep_alive": True, "reuse_port": False, "fast_open": False, "fast_open_qlen": 20,
       "prefer_ipv4": True}
SUITE = "TLS_AES_128_GCM_SHA256"


def server_settings(site, port, fallback_port):
    return {"run_type": "server", "local_addr": HOST, "local_port": port, "remote_addr": HOST,
            "remote_port": fallback_port, "password": [PASSWORD], "log_level": 5, "tcp": TCP,
            "ssl": {"cert": str(site.certificates["chain"]), "key": str(site.certificates["key"]),
                    "key_password": "", "cipher": "", "cipher_tls13": SUITE, "prefer_server_cipher": True,
                    "alpn": ["http/1.1"], "alpn_port_override": {}, "reuse_session": True,
                    "session_ticket": False, "session_timeout": 600, "plain_http_response": "",
                    "curves": "", "dhparam": ""},
            "mysql": {"enabled": False, "server_addr": "", "server_port": 1, "database": "",
                      "username": "", "password": "", "key": "", "cert": "", "ca": ""}}


def client_settings(site, entry, port):
    return {"run_type": "client", "local_addr": HOST, "local_port": entry, "remote_addr": HOST,
            "remote_port": port, "password": [PASSWORD], "log_level": 5, "tcp": TCP,
            "ssl": {"verify": True, "verify_hostname": True, "cert": str(site.certificates["authority"]),
                    "cipher": "", "cipher_tls13": SUITE, "sni": SERVER_NAME, "alpn": ["http/1.1"],
                    "reuse_session": True, "session_ticket": False, "curves": ""}}


def trojan(site, name, fallback_port, note):
    entry, server = free_port(), free_port()
    server_file = site.write(f"{name}-gateway.json", server_settings(site, server, fallback_port))

    def client(role, at, to):
        path = site.write(f"{role}.json", client_settings(site, at, to))
        return site.launch(role, ["trojan", path], at)

    chain = tunnel_chain(name, (HOST, entry), [
        ("gateway", site.launch(f"{name}-gateway", ["trojan", server_file], server)),
        ("client", client(f"{name}-client", entry, server)),
    ], note)
    chain.tapped_gateway = (HOST, server)
    chain.tapped_client = lambda port: client(f"{name}-tapped", free_port(), port)
    return chain
