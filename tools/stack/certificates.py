import os
import subprocess

from stack.failures import StackFailure

CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def openssl(folder, *words):
    outcome = subprocess.run(
        ["openssl", *[str(word) for word in words]], cwd=folder, capture_output=True, text=True, check=False
    )
    if outcome.returncode != 0:
        raise StackFailure("certificates", f"openssl {words[0]} failed: {outcome.stderr.strip()[-300:]}")
    return outcome.stdout


def write_private(path, text):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def make_authority(folder, name):
    openssl(folder, "req", "-x509", *CURVE, "-days", 30, "-keyout", "ca.key", "-out", "ca.crt",
            "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")


def make_leaf(folder, host):
    (folder / "leaf.ext").write_text(
        f"subjectAltName=DNS:{host},IP:127.0.0.1\nbasicConstraints=critical,CA:FALSE\n"
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n",
        encoding="utf-8",
    )
    openssl(folder, "req", *CURVE, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", f"/CN={host}")
    openssl(folder, "x509", "-req", "-in", "leaf.csr", "-CA", "ca.crt", "-CAkey", "ca.key",
            "-CAcreateserial", "-days", 30, "-extfile", "leaf.ext", "-out", "leaf.crt")


def make(folder, host, authority_name):
    make_authority(folder, authority_name)
    make_leaf(folder, host)
    for name in ("ca.key", "leaf.key"):
        os.chmod(folder / name, 0o600)
    leaf = (folder / "leaf.crt").read_text(encoding="utf-8")
    chain = leaf + (folder / "ca.crt").read_text(encoding="utf-8")
    (folder / "chain.pem").write_text(chain, encoding="utf-8")
    return {"authority": folder / "ca.crt", "chain": folder / "chain.pem", "leaf": folder / "leaf.crt",
            "key": folder / "leaf.key"}


def reuse_or_make(folder, host, authority_name):
    paths = {"authority": folder / "ca.crt", "chain": folder / "chain.pem", "leaf": folder / "leaf.crt",
             "key": folder / "leaf.key"}
    if all(path.exists() for path in paths.values()) and still_good(paths["leaf"], host):
        return paths
    return make(folder, host, authority_name)


def asks(leaf, *question):
    words = ["openssl", "x509", "-in", str(leaf), "-noout", *question]
    return subprocess.run(words, capture_output=True, text=True, check=False)


def still_good(leaf, host):
    lasts = asks(leaf, "-checkend", "86400").returncode == 0
    return lasts and "does match" in asks(leaf, "-checkhost", host).stdout
