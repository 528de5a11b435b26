#!/usr/bin/env python3
"""test_auth.py HEXMCP ROOT

Credentials over HTTP: every path asks for them, the answers word for word, keys that end while the
server runs, and that no credential is in what the server prints.
"""
import http.client
import json
import os
import re
import select
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import PATIENCE, Place  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, ROOT = os.path.abspath(sys.argv[1]), sys.argv[2]
CANARY = "canary-Zx81-canary"
PING = {"jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": {"_meta": {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {}}}}
MODERN = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
          "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "server/discover"}
NEEDED = 'Credentials are needed: send "Authorization: Bearer" with them.'


# Every route, and what GET without credentials is answered with.
PATHS = {"/mcp": 401, "/metrics": 401, "/console/api/state": 401, "/console/api/traffic": 401,
         "/console": 200, "/healthz": 200, "/readyz": 200,
         "/.well-known/oauth-protected-resource": 404}


def routes():
    """The paths in those of our sources that make routes."""
    found = set()
    for folder, _, names in os.walk(os.path.join(ROOT, "adapters")):
        for name in names:
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                text = file.read() if name.endswith(".c") else ""
            if "http_route" in text or "mcp_http_options" in text:
                found.update(re.findall(r'"(/(?:[a-z]|\.well)[a-z/.-]*)"', text))
    return found


class Listening:
    """hexmcp serve on a port of its own."""

    def __init__(self, place, *settings):
        arguments = [part for setting in settings for part in ("--set", setting)]
        self.process = subprocess.Popen(
            [HEXMCP, "serve", "--listen", "127.0.0.1:0", *arguments], cwd=place.work,
            env=place.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.first = ""
        while "listening on " not in self.first:
            if not select.select([self.process.stderr], [], [], PATIENCE)[0]:
                raise TimeoutError("the server does not say where it listens")
            line = self.process.stderr.readline()
            if not line:
                raise RuntimeError(f"the server ended: {self.first}")
            self.first += line
        self.port = int(self.first.rpartition("listening on ")[2].split("/")[2].split(":")[1])

    def ask(self, path, authorization=None, method="GET", body=None, headers=None):
        """(status, headers, body) of one request."""
        more = {**(headers or {}), **({"Authorization": authorization} if authorization else {})}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request(method, path, body and json.dumps(body), more)
        answer = connection.getresponse()
        got = (answer.status, dict(answer.getheaders()), answer.read().decode())
        connection.close()
        return got

    def discover(self, authorization):
        return self.ask("/mcp", authorization, "POST", PING, MODERN)

    def refusal(self, authorization):
        """(status, challenge, sentence)"""
        status, headers, body = self.discover(authorization)
        return status, headers.get("WWW-Authenticate"), json.loads(body)["error"]["message"]

    def end(self):
        self.process.terminate()
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, self.first + err


def create(place, *arguments):
    code, out, err = place.run("key", "create", "a", *arguments)
    if code:
        raise RuntimeError(err)
    return out.strip()


def keys(tap, place):
    server = Listening(place, "auth.mode=keys")
    tap.equal("no header", server.refusal(None), (401, "Bearer", NEEDED))
    tap.equal("another scheme", server.refusal("Basic Zm9vOmJhcg=="), (401, "Bearer", NEEDED))
    tap.equal("no token", server.refusal("Bearer a,b"),
              (400, 'Bearer error="invalid_request"', "What follows Bearer cannot be a token."))
    for name, text in (("an unknown key", "hxk_abcdefghij_" + "A" * 43), ("half a key", "hxk_a")):
        tap.equal(name, server.refusal(f"Bearer {text}"),
                  (401, 'Bearer error="invalid_token"', "The API key is not valid."))
    tap.equal("a token", server.refusal("Bearer eyJhbGciOiJub25lIn0.e30."),
              (401, 'Bearer error="invalid_token"', "Only API keys are taken here."))
    key = create(place)
    deadline = time.monotonic() + PATIENCE
    while server.discover(f"Bearer {key}")[0] != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    status, _, body = server.discover(f"Bearer {key}")
    tap.check("a key that was made while it runs", status == 200 and "result" in json.loads(body), body)
    tap.equal("in a URL it is none", server.ask(f"/mcp?access_token={key}", None, "POST", PING,
                                                 MODERN)[0], 401)
    place.run("key", "revoke", key.split("_")[1])
    while server.discover(f"Bearer {key}")[0] == 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    tap.equal("revoked while it runs", server.refusal(f"Bearer {key}"),
              (401, 'Bearer error="invalid_token"', "The API key is not valid."))
    tap.equal("there is no authorization server to tell of",
              server.ask("/.well-known/oauth-protected-resource/mcp")[0], 404)
    code, out, err = server.end()
    tap.check("it ends well, and no key was printed",
              (code, out) == (0, "") and key not in err and key.split("_", 2)[2] not in err, err)


def every_path(tap, place):
    key = create(place)
    server = Listening(place, "auth.mode=keys")
    for path, status in PATHS.items():
        tap.equal(f"GET {path} without credentials", server.ask(path, headers=MODERN)[0], status)
        for method in ("POST", "DELETE"):
            got = server.ask(path, None, method, headers=MODERN)[0]
            tap.check(f"{method} {path} without credentials", got in (401, 404, 405), got)
        tap.equal(f"GET {path} by a wrong key", server.ask(path, "Bearer hxk_a", headers=MODERN)[0],
                  status)
    tap.equal("the paths that stand in the sources are these", sorted(routes()),
              sorted(PATHS))
    tap.equal("GET /metrics with them", server.ask("/metrics", f"Bearer {key}")[0], 200)
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
               "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol": "mcp"}
    tap.equal("WebSocket without credentials", server.ask("/ws", headers=upgrade)[0], 401)
    tap.equal("WebSocket with wrong ones",
              server.ask("/ws", "Bearer hxk_a", headers=upgrade)[0], 401)
    tap.equal("WebSocket with good ones",
              server.ask("/ws", f"Bearer {key}", headers=upgrade)[0], 101)
    for path in ("/healthz", "/readyz"):
        tap.equal(f"GET {path} is for everybody", server.ask(path)[0], 200)
    tap.equal("it ends well", server.end()[0], 0)


def tokens(tap, place):
    resource = "https://mcp.example.com/mcp"
    server = Listening(place, "auth.mode=both", f"auth.resource={resource}",
                       'auth.issuers=["http://127.0.0.1:1"]', 'auth.required_scopes=["mcp:use","b"]')
    where = ('resource_metadata="https://mcp.example.com/.well-known/oauth-protected-resource/mcp"')
    tap.equal("no header", server.refusal(None),
              (401, f'Bearer scope="mcp:use b", {where}', NEEDED))
    tap.equal("no token", server.refusal("Bearer a,b"),
              (400, f'Bearer error="invalid_request", {where}',
               "What follows Bearer cannot be a token."))
    tap.equal("a damaged token", server.refusal("Bearer eyJ.e30.AAAA"),
              (401, f'Bearer error="invalid_token", scope="mcp:use b", {where}',
               "The token is damaged."))
    tap.equal("a key without the scopes", server.refusal(f"Bearer {create(place)}"),
              (403, f'Bearer error="insufficient_scope", scope="mcp:use b", {where}',
               "The API key does not have the scopes that are needed."))
    key = create(place, "--scope", "b", "--scope", "mcp:use")
    time.sleep(1.1)  # by then the server has looked at the file
    tap.equal("a key with them", server.discover(f"Bearer {key}")[0], 200)
    for path in ("", "/mcp"):
        status, headers, body = server.ask(f"/.well-known/oauth-protected-resource{path}")
        tap.equal(f"what clients are told at {path or 'the root'}",
                  (status, headers["Content-Type"], json.loads(body)),
                  (200, "application/json",
                   {"resource": resource, "authorization_servers": ["http://127.0.0.1:1"],
                    "scopes_supported": ["mcp:use", "b"], "bearer_methods_supported": ["header"]}))
    tap.equal("nothing else there", server.ask("/.well-known/oauth-protected-resource/x")[0], 404)
    # {"alg":"ES256","kid":"a"} . {"iss":"http://127.0.0.1:1"}
    token = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwOi8vMTI3LjAuMC4xOjEifQ." + CANARY + "AA"
    status, headers, body = server.discover(f"Bearer {token}")
    tap.equal("the issuer cannot be reached",
              (status, headers.get("Retry-After"), headers.get("WWW-Authenticate"),
               json.loads(body)["error"]["message"]),
              (503, "5", None, "The keys of the token's issuer cannot be had now."))
    server.discover(f"Bearer {CANARY}")
    server.discover(f"Bearer hxk_{CANARY}")
    code, _, err = server.end()
    tap.check("no credential was printed",
              code == 0 and CANARY not in err and "keys of http://127.0.0.1:1 cannot be fetched" in err,
              err)


def refused(tap, place):
    for settings, text in [
            ([], "can be reached from other machines and nobody would have to say who they are; ask for "
             "credentials (setting auth.mode), or listen on 127.0.0.1"),
            (["auth.mode=jwt"], "auth.mode is jwt, so auth.resource must be the URL under which clients "
             "know this server, e.g. https://mcp.example.com/mcp"),
            (["auth.mode=keys", 'auth.issuers=["https://a.example.com"]'],
             "auth.issuers is set, but auth.mode is keys, so no token would be taken: set auth.mode to "
             "jwt or both, or leave it out"),
            (["auth.mode=jwt", "auth.resource=https://a.example.com", 'auth.algorithms=["HS256"]'],
             "auth.algorithms: HS256 is none of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, "
             "EdDSA; others, shared secrets among them, are never taken")]:
        arguments = [part for setting in settings for part in ("--set", setting)]
        code, out, err = place.run("serve", "--listen", "0.0.0.0:0", *arguments)
        tap.check(f"it does not start with {settings}",
                  (code, out) == (3, "") and err.endswith(f"{text}\n"), err)


with Tap() as tap, Place(HEXMCP) as place:
    keys(tap, place)
    every_path(tap, place)
    tokens(tap, place)
    refused(tap, place)
