from harness.bound_chain import BoundChain
from harness.chain import HOST, Chain
from harness.httvps_chain import HttvpsChain
from harness.peers import AES, CHACHA, Site, p5, p5c, v2ray_plugin
from harness.trojan import trojan
from stack.failures import StackFailure


def build_chains(run, certificates, programs, origin):
    site = Site(run, certificates)
    bound = programs / "bench-bound"
    return [
        Chain("direct", "none", (HOST, origin.web_port), [], "no tunnel: load generator to nginx"),
        HttvpsChain("httvps-chacha", CHACHA, run / "httvps-chacha", programs, "HTTVPS, chacha20 node"),
        HttvpsChain("httvps-aes", AES, run / "httvps-aes", programs, "HTTVPS, aes-256-gcm node"),
        p5(site, "p5-chacha", CHACHA, 0, "v2ray VLESS over WebSocket and TLS, chacha20 node"),
        p5(site, "p5-aes", AES, 0, "v2ray VLESS over WebSocket and TLS, aes-256-gcm node"),
        p5(site, "p5-mux", CHACHA, 8, "v2ray VLESS over WebSocket and TLS, mux 8, chacha20 node"),
        p5c(site, "p5c", "haproxy TLS tunnel, ss-local, chacha20 node"),
        trojan(site, "trojan", origin.web_port, "trojan to trojan, no node behind it"),
        v2ray_plugin(site, "ss-v2ray-plugin", "shadowsocks-libev with v2ray-plugin, no node behind it"),
        BoundChain("bound-chacha", bound, CHACHA),
        BoundChain("bound-aes", bound, AES),
    ]


def chosen(chains, starts):
    picked = [chain for chain in chains if not starts or any(chain.name.startswith(start) for start in starts)]
    if not picked:
        names = ", ".join(chain.name for chain in chains)
        raise StackFailure("options", f"no chain starts with {', '.join(starts)}", f"choose from {names}")
    return picked
