#!/usr/bin/env python3
"""Tokens of a real authorization server: made by its token endpoint and by its own library, checked
by what the server checks them with, while its keys change."""
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tools"))
from tap import Tap  # noqa: E402

BUILD = os.path.dirname(os.environ["HEXMCP"])
RESOURCE = "https://mcp.example.com/mcp"
REFETCH_MS = 200


class Lines:
    """A program that answers each line with a line of JSON."""

    def __init__(self, *command, **more):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, **more)

    def read(self):
        return json.loads(self.process.stdout.readline())

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.read()

    def end(self):
        self.process.stdin.close()
        rest = self.process.stderr.read() if self.process.stderr else ""
        return self.process.wait(timeout=20), rest


class Issuer(Lines):
    def __init__(self):
        super().__init__(os.environ["INTEROP_NODE"], os.path.join(HERE, "lib", "issuer.mjs"))
        first = self.read()
        self.url, self.kid = first["issuer"], first["kid"]

    def tell(self, **order):
        return self.ask(json.dumps(order))

    def token(self, kid=None, lifetime=600, **claims):
        claims = {"aud": RESOURCE, "sub": "ann", **claims}
        return self.tell(claims=claims, kid=kid, lifetime=lifetime)["token"]

    def granted(self, **form):
        """By its token endpoint, as a client gets one."""
        data = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"{self.url}/token", data, timeout=20) as answer:
            return json.load(answer)["access_token"]


def checker(issuer, scopes=()):
    return Lines(os.path.join(BUILD, "tests", "adapters", "auth_check"), BUILD, issuer.url, RESOURCE,
                 json.dumps(list(scopes)), str(REFETCH_MS), stderr=subprocess.PIPE)


def bearer(check, token):
    return check.ask(f"Bearer {token}")


def refused(why, verdict="invalid", scope=""):
    return {"verdict": verdict, "id": "", "tenant": "", "why": why, "scope": scope}


def let_in(issuer, subject="ann"):
    return {"verdict": "ok", "id": f"jwt:{issuer.url}#{subject}", "tenant": issuer.url, "why": "",
            "scope": ""}


def wait_refetch():
    """Keys are not fetched more often than this; twice as long is enough."""
    time.sleep(2 * REFETCH_MS / 1000)


def tokens(tap, issuer):
    check = checker(issuer)
    tap.equal("a token with our audience", bearer(check, issuer.token()), let_in(issuer))
    tap.equal("one of several audiences",
              bearer(check, issuer.token(aud=["https://other.example.com", RESOURCE])),
              let_in(issuer))
    tap.equal("another audience",
              bearer(check, issuer.token(aud="https://mcp.example.com/mcp2")),
              refused("The token is for another server."))
    tap.equal("another issuer", bearer(check, issuer.token(iss="https://evil.example.com")),
              refused("The token is from an issuer that is not trusted."))
    tap.equal("an expired token", bearer(check, issuer.token(lifetime=-5)),
              refused("The token has expired."))
    tap.equal("a token from tomorrow",
              bearer(check, issuer.token(nbf=int(time.time()) + 86400)),
              refused("The token is not valid yet."))
    tap.equal("none", check.ask(""),
              refused("Credentials are needed: send \"Authorization: Bearer\" with them.", "missing"))
    head, payload, signature = issuer.token().split(".")
    other = issuer.token(sub="bob").split(".")
    tap.equal("the signature of another token", bearer(check, f"{head}.{payload}.{other[2]}"),
              refused("The token's signature is wrong."))
    tap.equal("without its signature", bearer(check, f"{head}.{payload}."),
              refused("The token's signature is wrong."))
    tap.equal("ended as it should, and said nothing", check.end(), (0, ""))


def endpoint(tap, issuer):
    check = checker(issuer)
    token = issuer.granted(grant_type="password", username="ann", password="x",
                           resource=RESOURCE, scope="mcp:use")
    tap.equal("from the token endpoint", bearer(check, token), let_in(issuer))
    check.end()
    check = checker(issuer, ["mcp:use"])
    tap.equal("from the token endpoint, with the scope", bearer(check, token), let_in(issuer))
    tap.equal("without the scope", bearer(check, issuer.token(scope="mcp:look")),
              refused("The token does not have the scopes that are needed.", "insufficient",
                      "mcp:use"))
    check.end()


def rotation(tap, issuer):
    check = checker(issuer)
    tap.equal("before", bearer(check, issuer.token(kid=issuer.kid)), let_in(issuer))
    for algorithm in ("ES256", "EdDSA", "PS256", "RS256"):
        kid = issuer.tell(generate=algorithm)["kid"]
        wait_refetch()
        got = bearer(check, issuer.token(kid=kid))
        if algorithm == "PS256":
            tap.equal("a new key for PS256, which is not taken", got,
                      refused("The token is signed in a way that is not taken."))
        else:
            tap.equal(f"a new key for {algorithm}", got, let_in(issuer))
    tap.equal("the old key still", bearer(check, issuer.token(kid=issuer.kid)), let_in(issuer))
    old = issuer.token(kid=issuer.kid)
    new = issuer.tell(replace="ES256")["kid"]
    wait_refetch()
    tap.equal("all keys replaced", bearer(check, issuer.token(kid=new)), let_in(issuer))
    tap.equal("a token of before",
              bearer(check, old),
              refused("The token is signed with a key that its issuer does not have."))
    tap.equal("nothing was logged", check.end(), (0, ""))


def gone(tap, issuer):
    check = checker(issuer)
    token = issuer.token()
    other = checker(issuer)
    bearer(other, token)
    tap.equal("the authorization server ends", issuer.end()[0], 0)
    why = "The keys of the token's issuer cannot be had now."
    tap.equal("it is not there", bearer(check, token), refused(why, "unavailable"))
    tap.equal("with keys from before", bearer(other, token), let_in(issuer))
    _, log = check.end()
    tap.check("the log says why, and no token",
              f"the keys of {issuer.url} cannot be fetched" in log and token not in log, log)
    other.end()


class Listening:
    """hexmcp serve, which takes tokens of the issuer that are for the port that it got."""

    def __init__(self, issuer, home):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        settings = {"auth.mode": "jwt", "auth.resource": f"{self.url}/mcp",
                    "auth.issuers": json.dumps([issuer.url]), "auth.required_scopes": '["mcp:use"]'}
        given = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
        self.process = subprocess.Popen(
            [os.environ["HEXMCP"], "serve", "--listen", self.url.removeprefix("http://"), *given],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, cwd=home,
            env={"HOME": home, "PATH": os.environ["PATH"]})
        while "listening on" not in self.process.stderr.readline():
            if self.process.poll() is not None:
                raise RuntimeError("the server does not start")

    def ask(self, url, token=None, body=None):
        """(status, headers, body)"""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if body:
            headers |= {"Content-Type": "application/json", "Mcp-Method": body["method"],
                        "Accept": "application/json, text/event-stream",
                        "MCP-Protocol-Version": "2026-07-28"}
        request = urllib.request.Request(url, body and json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.load(error)

    def discover(self, token=None):
        claim = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
                 "io.modelcontextprotocol/clientCapabilities": {}}
        return self.ask(f"{self.url}/mcp", token, {"jsonrpc": "2.0", "id": 1,
                                                   "method": "server/discover",
                                                   "params": {"_meta": claim}})

    def end(self):
        self.process.terminate()
        return self.process.communicate(timeout=20)[1]


def over_http(tap, issuer):
    """As a client does: refused, told where tokens come from, let in with one."""
    with tempfile.TemporaryDirectory() as home:
        server = Listening(issuer, home)
        status, headers, _ = server.discover()
        told = re.fullmatch(r'Bearer scope="(.*)", resource_metadata="(.*)"',
                            headers["WWW-Authenticate"])
        tap.equal("HTTP: refused at first", status, 401)
        metadata = server.ask(told[2])[2]
        tap.equal("HTTP: told where tokens come from", metadata["authorization_servers"],
                  [issuer.url])
        token = issuer.granted(grant_type="password", username="ann", password="x", scope=told[1],
                               resource=metadata["resource"])
        status, _, body = server.discover(token)
        tap.check("HTTP: let in with one", status == 200 and "result" in body, body)
        other = issuer.token(aud="https://mcp.example.com", scope="mcp:use")
        status, headers, _ = server.discover(other)
        tap.equal("HTTP: not with one for another server",
                  (status, headers["WWW-Authenticate"].split(",")[0]),
                  (401, 'Bearer error="invalid_token"'))
        status, headers, _ = server.discover(issuer.token(aud=f"{server.url}/mcp"))
        tap.equal("HTTP: not with one without the scope",
                  (status, headers["WWW-Authenticate"].split(",")[0]),
                  (403, 'Bearer error="insufficient_scope"'))
        log = server.end()
        tap.check("HTTP: no token was printed", not any(t in log for t in (token, other)), log)


with Tap() as tap:
    authorization_server = Issuer()
    tokens(tap, authorization_server)
    endpoint(tap, authorization_server)
    over_http(tap, authorization_server)
    rotation(tap, authorization_server)
    gone(tap, authorization_server)
