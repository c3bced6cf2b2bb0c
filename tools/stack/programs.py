import shutil

from stack.failures import StackFailure

PACKAGES = {
    "curl": "curl",
    "haproxy": "haproxy",
    "nginx": "nginx-light",
    "openssl": "openssl",
    "ss-local": "shadowsocks-libev",
    "ss-server": "shadowsocks-libev",
    "ss-v2ray-plugin": "shadowsocks-v2ray-plugin",
    "trojan": "trojan",
    "v2ray": "v2ray",
}
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


def find(name):
    return shutil.which(name) or shutil.which(name, path=SYSTEM_FOLDERS)


def require(names):
    missing = sorted(name for name in names if find(name) is None)
    if missing:
        packages = " ".join(sorted({PACKAGES.get(name, name) for name in missing}))
        raise StackFailure(
            "programs",
            f"not installed: {', '.join(missing)}",
            f"apt-get install --no-install-recommends {packages}",
        )


def require_built(folder, names, target="build"):
    missing = [name for name in names if not (folder / name).exists()]
    if missing:
        raise StackFailure("programs", f"not built: {', '.join(missing)} (looked in {folder})", f"make {target}")
