#!/usr/bin/env python3
"""test_net_user.py HEXMCP PLUGIN

hexmcp.http/1 and hexmcp.net/1 as a plugin meets them in the real program: in the process and in a
helper. PLUGIN is hexmcp.test.net-user.
"""
import json
import os
import socket
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
for folder in ("../../wire", "../../adapters/http_client"):
    sys.path.insert(0, os.path.join(HERE, folder))
from servers import Server as Web, pattern  # noqa: E402
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

HEXMCP, PLUGIN = map(os.path.abspath, sys.argv[1:])
ID = "hexmcp.test.net-user"
OK, DENIED, TIMEOUT = 0, -6, -8


def checksum(data):
    return sum(byte * place for place, byte in enumerate(data, 1)) & 0xffffffff


def fetch(server, request, **more):
    text, failed = server.call("fetch", {"request": request, **more})
    return {"text": text} if failed else json.loads(text)


def requests(tap, how, server, web):
    base = f"http://localhost:{web.port}"
    answer = fetch(server, {"url": base + "/echo?a=b", "method": "POST",
                            "headers": [["X-One", "two"]]}, body="hello")
    told = json.loads(answer["text"])
    tap.equal(f"{how}: a request arrives", (told["method"], told["target"], told["text"],
                                            dict(told["headers"])["X-One"]),
              ("POST", "/echo?a=b", "hello", "two"))
    tap.equal(f"{how}: its answer comes back",
              (answer["end"], answer["head"]["status"], answer["head"]["url"], answer["json"]),
              (OK, 200, base + "/echo?a=b", {"bytes": answer["bytes"], "redirects": 0}))
    for pauses in (False, True):
        answer = fetch(server, {"url": base + "/bytes/3000000"}, pauses=pauses)
        tap.equal(f"{how}: a long answer comes whole, {'with pauses' if pauses else 'at once'}",
                  (answer.get("end"), answer.get("bytes"), answer.get("sum")),
                  (OK, 3000000, checksum(pattern(3000000))))
    answer = fetch(server, {"url": base + "/count/3"})
    tap.equal(f"{how}: redirects are followed", (answer["text"], answer["json"]["redirects"]),
              ("arrived", 3))
    answer = fetch(server, {"url": base + "/gzip/0"})
    tap.equal(f"{how}: an empty body", (answer["end"], answer["bytes"]), (OK, 0))


def refusals(tap, how, server, web):
    base = f"http://localhost:{web.port}"
    for url, why in ((f"http://127.0.0.1:{web.port}/", f"127.0.0.1:{web.port}"),
                     ("http://api.example.org/", "api.example.org:80"),
                     ("http://169.254.169.254/", "169.254.169.254:80")):
        sentence = (f'{why} is not granted; the operator grants it with --allow-host {why} or '
                    '"grants.hosts", and plugin.json has to ask for it')
        answer = fetch(server, {"url": url})
        tap.equal(f"{how}: {url} is refused", (answer["end"], answer["json"]["message"]),
                  (DENIED, sentence))
        answer = fetch(server, {"url": f"{base}/redirect?to={url}"})
        tap.equal(f"{how}: a redirect to {url} is refused", answer["json"]["message"],
                  f"{url.rstrip('/')}: a redirect leads here, and {sentence}")
    answer = fetch(server, {"url": base + "/slow", "timeoutMs": 200})
    tap.equal(f"{how}: a server that is silent", (answer["end"], answer["json"]["message"]),
              (TIMEOUT, f"{base}: the request was not over within 200 ms"))
    tap.check(f"{how}: it sees the end", web.gone.acquire(timeout=20))


def cancelled(tap, how, server, web):
    base = f"http://localhost:{web.port}"
    before = len(web.requests)
    ident = server.start("tools/call", {"name": "fetch", "arguments": {"request": {"url": base
                                                                                   + "/slow"}}})
    while len(web.requests) == before:
        pass
    server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                            "params": {"requestId": ident}}))
    tap.check(f"{how}: a call that is cancelled takes its request along",
              web.gone.acquire(timeout=20))
    tap.equal(f"{how}: the next one works", fetch(server, {"url": base + "/bytes/3"})["bytes"], 3)


def connect(tap, how, server, listener, port):
    text, failed = server.call("connect", {"host": "localhost", "port": port})
    tap.check(f"{how}: a connection is made", not failed, text)
    told = json.loads(text)
    tap.equal(f"{how}: it is a descriptor like its header says",
              {key: told.get(key) for key in ("status", "nonblocking", "cloexec", "written")},
              {"status": OK, "nonblocking": True, "cloexec": True, "written": 6})
    peer, _ = listener.accept()
    peer.settimeout(20)
    tap.equal(f"{how}: and leads to the other end", (peer.recv(100), peer.recv(100)), (b"hello\n", b""))
    text, _ = server.call("connect", {"host": "127.0.0.1", "port": port})
    told = json.loads(text)
    tap.equal(f"{how}: another host is refused", (told["status"], told["json"]["message"]), (
        DENIED, f'127.0.0.1:{port} is not granted; the operator grants it with --allow-host '
                f'127.0.0.1:{port} or "grants.hosts", and plugin.json has to ask for it'))


def descriptors(server):
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def through(tap, how, isolation):
    web = Web()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(20)
    port = listener.getsockname()[1]
    with Place(HEXMCP) as place:
        place.write("home/.config/hexmcp/config.json", {"plugins": {"isolation": {ID: isolation}},
                                                        "policy": {"level": "restricted"}})
        server = Server(place, "--plugin", PLUGIN, "--allow-host", f"localhost:{web.port}",
                        "--allow-host", f"localhost:{port}")
        fetch(server, {"url": f"http://localhost:{web.port}/bytes/1"})
        before = descriptors(server)
        requests(tap, how, server, web)
        refusals(tap, how, server, web)
        cancelled(tap, how, server, web)
        connect(tap, how, server, listener, port)
        tap.check(f"{how}: no descriptor stays behind", descriptors(server) <= before + 4,
                  f"{before} {descriptors(server)}")
        status, left, _ = server.end()
        tap.equal(f"{how}: the server ends well", (status, left), (0, ""))
        told = json.loads(place.run("plugin", "inspect", ID, "--json", "--plugin", PLUGIN)[1])
        tap.check(f"{how}: what was refused is kept for its operator",
                  any(denial["what"].startswith("was refused by hexmcp.http/1: 169.254.169.254:80 is "
                                                "not granted") for denial in told["denied"]),
                  told["denied"])


def secrets(tap, isolation):
    web = Web()
    base = f"http://localhost:{web.port}"
    with Place(HEXMCP) as place:
        place.write("home/.config/hexmcp/config.json", {
            "plugins": {"isolation": {ID: isolation}}, "policy": {"level": "restricted"},
            "secrets": {"sources": {"example-token": {"env": "TOKEN", "hosts": ["localhost:*"]}}}})
        place.environment["TOKEN"] = "t0ken-of-the-test"
        trusted = place.run("plugin", "trust", PLUGIN, "--yes")
        tap.equal(f"{isolation}: the plugin is trusted", trusted[0], 0)
        server = Server(place)
        answer = fetch(server, {"url": base + "/mirror",
                                "headers": [["X-Key", "{{secret:example-token}}"]]})
        tap.equal(f"{isolation}: the server gets the value", web.requests[-1].field("X-Key"),
                  "t0ken-of-the-test")
        tap.equal(f"{isolation}: the plugin the handle", answer["text"],
                  "key={{secret:example-token}}; target=/mirror;")
        server.end()


def without_grant(tap):
    web = Web()
    with Place(HEXMCP) as place:
        place.write("home/.config/hexmcp/config.json", {"plugins": {"isolation": {ID: "never"}},
                                                        "policy": {"level": "restricted"}})
        server = Server(place, "--plugin", PLUGIN)
        tap.equal("without a grant there is no such service",
                  server.call("fetch", {"request": {"url": f"http://localhost:{web.port}/"}}),
                  ("no host was granted", True))
        server.end()
        told = json.loads(place.run("plugin", "inspect", ID, "--json", "--plugin", PLUGIN)[1])
        tap.check("and its operator sees that it asked", any(
            "hexmcp.http/1" in denial["what"] for denial in told["denied"]), told["denied"])



def main():
    with Tap() as tap:
        through(tap, "in the process", "never")
        through(tap, "in a helper", "always")
        secrets(tap, "never")
        secrets(tap, "always")
        without_grant(tap)


main()
