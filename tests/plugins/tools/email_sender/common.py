"""What the tests of email-sender share."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("..", "../../../tools/smtp"):
    sys.path.insert(0, os.path.join(HERE, folder))
from library import Library, Tap  # noqa: E402,F401
from smtp import Mail, why_missing  # noqa: E402,F401

TOOL = "email-sender"
ID = "hexmcp.email-sender"


def certificate(folder, name="localhost"):
    """(key, certificate, its file) of a certificate for this name that signs itself."""
    key, cert = os.path.join(folder, f"{name}.key"), os.path.join(folder, f"{name}.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    with open(key, encoding="utf-8") as one, open(cert, encoding="utf-8") as two:
        return one.read(), two.read(), cert


def configured(place, hosts, secrets=("mail-password", "sendgrid-key", "ses-secret-key"), **settings):
    """The configuration with these settings; all secrets are "s3cret-value"."""
    path = os.path.join(place, "secret")
    if not os.path.exists(path):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
            file.write("s3cret-value")
    return {"grants": {"hosts": hosts, "secrets": list(secrets)},
            "secrets": {"sources": {name: {"file": path, **({"hosts": hosts} if name == "sendgrid-key" else {})}
                                    for name in ("mail-password", "sendgrid-key", "ses-secret-key")}},
            "plugins": {"settings": {ID: {"from": "Hex <hex@example.org>",
                                          "recipients": ["@example.org", "*.example.net", "@bücher.example"], **settings}}}}
