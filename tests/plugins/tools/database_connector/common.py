"""What the tests of database-connector share: databases to try it on."""
import json
import os
import socket
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import CLAIM, Library, Tap  # noqa: E402,F401

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../tools/servers"))

TOOL = "database-connector"
ID = "hexmcp.database-connector"
WRONG_KIND = ("the query is no {}; query_type must be what the statement is: SELECT (reading only), INSERT, UPDATE "
              "or DELETE. Nothing was changed, and other statements are not taken")


def people(path, log=False):
    """An SQLite database with a table of three people; with a write-ahead log if `log`."""
    base = sqlite3.connect(path)
    if log:
        base.execute("PRAGMA journal_mode=WAL")
    base.executescript("""
        CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, height REAL, picture BLOB);
        INSERT INTO people VALUES (1, 'Ann', 1.75, NULL), (2, 'Bob', NULL, X'00ff10'), (3, 'Zoë', 1.5, NULL);
        CREATE TABLE visits (person INTEGER REFERENCES people (id), day TEXT);
        CREATE VIEW tall AS SELECT name FROM people WHERE height > 1.6;
        """)
    base.commit()
    return base


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def begin(library, **arguments):
    """Begins a call, which tells progress before this returns; its id."""
    ident = library.server.start("tools/call", {"name": TOOL, "arguments": arguments,
                                                "_meta": {**CLAIM, "progressToken": 9}})
    while library.server.message().get("method") != "notifications/progress":
        pass
    return ident


def cancel(library, ident):
    library.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                    "params": {"requestId": ident}}))


def configured(place, databases, hosts, password="s3cret", secrets=("database-password",)):
    """A configuration with these databases; the file of the password is put into the folder `place`."""
    path = os.path.join(place, "password-of-the-tool")
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as file:
        file.write(password)
    return {"grants": {"hosts": hosts, "secrets": list(secrets)},
            "secrets": {"sources": {"database-password": {"file": path}}},
            "plugins": {"settings": {ID: {"databases": databases}}}}


def certificate(folder, name):
    """(key, certificate), files, of one for this name that signs itself."""
    key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"], check=True, capture_output=True)
    for path in (key, cert):
        os.chmod(path, 0o644)
    return key, cert
