#!/usr/bin/env python3
"""hexmcp serve --listen and --unix: the real program and everything behind one port.

usage: test_listen.py HEXMCP FILES_PLUGIN
"""
import json
import os
import select
import signal
import socket
import ssl
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from session import CLAIM, PATIENCE, Place  # noqa: E402
from tap import Tap  # noqa: E402

HELLO = "HEXMCP-CONNECT/1 "


class Network:
    """A server on the network, without stdio."""

    def __init__(self, place, *arguments, environment=None):
        self.place = place
        self.errors = b""
        self.process = subprocess.Popen([place.program, "serve", *arguments], cwd=place.work,
                                        env={**place.environment, **(environment or {})},
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.places = []
        for option in arguments:
            if option in ("--listen", "--unix"):
                self.places.append(self.log_line().removeprefix("listening on "))

    def log_line(self):
        while b"\n" not in self.errors:
            if not select.select([self.process.stderr], [], [], PATIENCE)[0]:
                raise TimeoutError("nothing on stderr")
            more = os.read(self.process.stderr.fileno(), 4096)
            if not more:
                return None
            self.errors += more
        line, self.errors = self.errors.split(b"\n", 1)
        return line.decode()

    def port(self):
        return int(self.places[0].rsplit(":", 1)[1].split("/")[0])

    def end(self, number=signal.SIGTERM):
        """(exit status, what is left of stderr)"""
        self.process.send_signal(number)
        rest = self.process.stderr.read()
        return self.process.wait(PATIENCE), (self.errors + rest).decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self.process.stderr.close()


class Lines:
    """A client of the Unix socket."""

    def __init__(self, path, greeting="{}"):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(PATIENCE)
        self.sock.connect(path)
        self.file = self.sock.makefile("rb")
        self.hello = None
        if greeting is not None:
            self.send(HELLO + greeting)
            self.hello = self.line()

    def send(self, line):
        self.sock.sendall(line.encode() + b"\n")

    def line(self):
        return self.file.readline().decode().rstrip("\n")

    def ask(self, method, ident=1, **params):
        self.send(request(method, ident, **params))
        return json.loads(self.line())

    def close(self):
        self.file.close()
        self.sock.close()


def request(method, ident=1, **params):
    return json.dumps({"jsonrpc": "2.0", "id": ident, "method": method,
                       "params": {**params, "_meta": CLAIM}})


def connect(port):
    sock = socket.create_connection(("127.0.0.1", port))
    sock.settimeout(PATIENCE)
    return sock


def exchange(sock, data):
    """(status line, body) of one answer with a Content-Length."""
    sock.sendall(data)
    got = b""
    while b"\r\n\r\n" not in got:
        more = sock.recv(65536)
        if not more:
            return got.decode(), ""
        got += more
    head, body = got.split(b"\r\n\r\n", 1)
    lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n")
               if line.startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += sock.recv(65536)
    return head.split(b"\r\n")[0].decode(), body.decode()


def post(host, method, ident=1, **params):
    body = request(method, ident, **params)
    name = f"Mcp-Name: {params['name']}\r\n" if "name" in params else ""
    return (f"POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
            "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
            f"Mcp-Method: {method}\r\n{name}Content-Length: {len(body)}\r\n\r\n{body}").encode()


def get(host, path, more=""):
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode()


UPGRADE = ("Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mcp\r\n")


def test_one_port(tap, place):
    with Network(place, "--listen", "127.0.0.1:0") as server:
        host = f"127.0.0.1:{server.port()}"
        tap.equal("it says where it listens", server.places[0], f"http://{host}/mcp")
        with connect(server.port()) as sock:
            for ident in (1, 2):
                status, body = exchange(sock, post(host, "server/discover", ident))
                tap.equal(f"/mcp answers request {ident} on one connection",
                          (status, json.loads(body)["id"]), ("HTTP/1.1 200 OK", ident))
            for path in ("/healthz", "/readyz", "/metrics", "/console"):
                tap.equal(f"{path} is there", exchange(sock, get(host, path))[0], "HTTP/1.1 200 OK")
            figures = exchange(sock, get(host, "/metrics"))[1]
            tap.check("figures of the listener are there",
                      "hexmcp_listener_connections 1\n" in figures, figures)
            tap.check("figures of the protocol are there", 'method="server/discover"' in figures,
                      figures)
        with connect(server.port()) as sock:
            tap.equal("/ws answers an upgrade", exchange(sock, get(host, "/ws", UPGRADE))[0],
                      "HTTP/1.1 101 Switching Protocols")
        for name, data in [("a page of another site", get(host, "/ws", UPGRADE +
                                                          "Origin: https://example.com\r\n")),
                           ("another name", get("example.com", "/ws", UPGRADE)),
                           ("another name over HTTP", get("example.com", "/healthz"))]:
            with connect(server.port()) as sock:
                tap.equal(f"{name} is kept out", exchange(sock, data)[0], "HTTP/1.1 403 Forbidden")
        tap.equal("SIGTERM is a clean end", server.end(), (0, ""))


def test_refusals(tap, place):
    unset = ("0.0.0.0:{} can be reached from other machines and nobody would have to say who they "
             "are; ask for credentials (setting auth.mode), or listen on 127.0.0.1\n")
    status, _, errors = place.run("serve", "--listen", "0.0.0.0:0")
    port = errors.split(":")[2].split(" ")[0]
    tap.equal("without credentials it does not leave the machine", (status, errors),
              (3, "hexmcp: " + unset.format(port)))
    with Network(place, "--set", "auth.mode=keys", "--listen", "0.0.0.0:0") as server:
        with connect(server.port()) as sock:
            status = exchange(sock, post(f"127.0.0.1:{server.port()}", "server/discover"))[0]
            tap.equal("with credentials it does, and asks for them", status,
                      "HTTP/1.1 401 Unauthorized")
        with connect(server.port()) as sock:
            tap.equal("... also before an upgrade",
                      exchange(sock, get(f"127.0.0.1:{server.port()}", "/ws", UPGRADE))[0],
                      "HTTP/1.1 401 Unauthorized")
    for name, arguments, code, text in [
            ("a bad address", ["--listen", "here"], 2,
             'cannot listen on "here": expected HOST:PORT or [IPv6]:PORT, e.g. 127.0.0.1:8080'),
            ("half of TLS", ["--listen", "127.0.0.1:0", "--tls-cert", "c.pem"], 3,
             "TLS needs both listen.tls_cert and listen.tls_key, and listen.tls_key is not set"),
            ("a certificate that is not there",
             ["--listen", "127.0.0.1:0", "--tls-cert", "c.pem", "--tls-key", "k.pem"], 3,
             "the certificate c.pem cannot be used: No such file or directory"),
            ("a bad time", ["--listen", "127.0.0.1:0", "--idle-exit", "soon"], 2,
             "--idle-exit soon: expected milliseconds, 1 to 86400000")]:
        status, _, errors = place.run("serve", *arguments)
        tap.equal(f"{name} is told", (status, errors), (code, f"hexmcp: {text}\n"))


def test_ready(tap, place):
    ends = os.pipe()
    process = subprocess.Popen([place.program, "serve", "--listen", "127.0.0.1:0", "--ready-fd",
                                str(ends[1])], cwd=place.work, env=place.environment,
                               stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               pass_fds=[ends[1]])
    os.close(ends[1])
    with os.fdopen(ends[0], encoding="ascii") as pipe:
        text = pipe.read()
    said = process.stderr.readline().decode()
    process.terminate()
    process.wait(PATIENCE)
    process.stderr.close()
    tap.equal("the descriptor is told the address and closed", "listening on " + text, said)
    with Network(place, "--idle-exit", "200", "--unix", "idle.sock") as server:
        client = Lines(os.path.join(place.work, "idle.sock"))
        client.close()
        tap.equal("without clients it ends by itself", server.process.wait(PATIENCE), 0)


def test_both(tap, place):
    """stdio and the network at once: the end of stdio is the end."""
    process = subprocess.Popen([place.program, "serve", "--stdio", "--listen", "127.0.0.1:0"],
                               cwd=place.work, env=place.environment, stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    port = int(process.stderr.readline().decode().rsplit(":", 1)[1].split("/")[0])
    process.stdin.write(request("server/discover", "in").encode() + b"\n")
    process.stdin.flush()
    tap.equal("stdio is served", json.loads(process.stdout.readline())["id"], "in")
    with connect(port) as sock:
        answer = exchange(sock, post(f"127.0.0.1:{port}", "server/discover", "out"))[1]
        tap.equal("... and the network beside it", json.loads(answer)["id"], "out")
        process.stdin.close()
        tap.equal("the end of stdio is the end", process.wait(PATIENCE), 0)
    process.stdout.close()
    process.stderr.close()


def test_lines(tap, place):
    path = os.path.join(place.work, "lines.sock")
    with Network(place, "--unix", "lines.sock") as server:
        tap.equal("it says where it listens", server.places[0], "unix:lines.sock")
        client = Lines(path)
        hello = json.loads(client.hello.removeprefix(HELLO))
        tap.equal("it greets", hello["server"], "hexmcp")
        tap.equal("a request is answered", client.ask("server/discover")["id"], 1)
        client.send("nonsense")
        tap.equal("the rules of stdio hold", json.loads(client.line())["error"]["code"], -32700)
        for greeting, text in [
                ("[]", "the first line is not valid: it must hold an object"),
                ("{", "the first line is not valid: expected a key in quotes at byte 1"),
                ('{"allow":{"read":"x"}}', '"read" and "write" must be arrays of folders'),
                ('{"allow":{"read":["x"]}}', 'the folder "x" must begin with "/"'),
                ('{"session":"short"}', '"session" must be 16 to 64 letters and digits')]:
            bad = Lines(path, greeting)
            tap.equal(f"the greeting {greeting} is refused",
                      json.loads(bad.hello.removeprefix(HELLO)), {"error": text})
            tap.equal("... and that is all", bad.line(), "")
            bad.close()
        other = Lines(path, None)
        other.send("HEXMCP-CONNECT/2 {}")
        tap.equal("another version is told what to use", json.loads(
            other.line().removeprefix(HELLO))["error"],
            'the first line must begin with "HEXMCP-CONNECT/1 "; this is hexmcp '
            f"{hello['version']}, use the hexmcp connect of the same version")
        other.close()
        client.send(request("server/discover", "last"))
        client.sock.shutdown(socket.SHUT_WR)
        tap.equal("the end of input is waited for", json.loads(client.line())["id"], "last")
        tap.equal("... and answered with the end", client.line(), "")
        client.close()
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(PATIENCE)
            sock.connect(path)
            answer = exchange(sock, post("whatever", "server/discover", 5))
            tap.equal("HTTP is spoken there, too", (answer[0], json.loads(answer[1])["id"]),
                      ("HTTP/1.1 200 OK", 5))
        idle = Lines(path)
        tap.equal("SIGINT is a clean end", server.end(signal.SIGINT), (0, ""))
        tap.equal("... that clients see", idle.line(), "")
        idle.close()
        tap.check("... and removes the socket", not os.path.exists(path))


def read_file(client, path, ident=1):
    answer = client.ask("tools/call", ident, name="open", arguments={"path": path})
    result = answer["result"]
    return (result.get("isError", False), result["content"][0]["text"])


def test_own_folders(tap, place, plugin):
    one, two = place.folder("one"), place.folder("two")
    files = [place.write(os.path.join(name, "f"), name) for name in ("one", "two")]
    path = os.path.join(place.work, "own.sock")
    with Network(place, "--plugin", plugin, "--allow-read", one, "--unix", "own.sock"):
        plain = Lines(path)
        tap.equal("without folders the server's count", [read_file(plain, f)[0] for f in files],
                  [False, True])
        own = Lines(path, json.dumps({"allow": {"read": [two + "/"], "write": []}}))
        tap.equal("a client's own folders count instead", [read_file(own, f)[0] for f in files],
                  [True, False])
        tap.equal("... for it alone", [read_file(plain, f)[0] for f in files], [False, True])
    with Network(place, "--set", "listen.local_grants=false", "--unix", "own.sock"):
        refused = Lines(path, json.dumps({"allow": {"read": [two]}}))
        tap.equal("the operator can forbid it", json.loads(refused.hello.removeprefix(HELLO)),
                  {"error": "this server grants its own folders alone (setting "
                            "listen.local_grants)"})


def test_same_ids(tap, place):
    """Many clients that all use id 0 get their own answers."""
    path = os.path.join(place.work, "ids.sock")
    with Network(place, "--listen", "127.0.0.1:0", "--unix", "ids.sock") as server:
        host = f"127.0.0.1:{server.port()}"
        names = [f"client-{i}" for i in range(40)]
        socks = [connect(server.port()) for _ in names[:20]]
        lines = [Lines(path) for _ in names[20:]]
        for sock, name in zip(socks, names[:20]):
            sock.sendall(post(host, "tools/call", 0, name="hello", arguments={"name": name}))
        for line, name in zip(lines, names[20:]):
            line.send(request("tools/call", 0, name="hello", arguments={"name": name}))
        answers = [json.loads(exchange(sock, b"")[1]) for sock in socks]
        answers += [json.loads(line.line()) for line in lines]
        tap.equal("each client gets its own answer",
                  [a["result"]["content"][0]["text"] for a in answers],
                  [f"Hello, {name}!" for name in names])
        for thing in socks + lines:
            thing.close()


def send_in_pieces(sock, text):
    """The time limit of sendall() is for all that it sends: here each piece has as much."""
    for at in range(0, len(text), 65536):
        sock.sendall(text[at:at + 65536])


def test_slow_reader(tap, place):
    """A client that asks and does not read is held up alone, and misses nothing."""
    count = 2000
    with Network(place, "--unix", "slow.sock"):
        path = os.path.join(place.work, "slow.sock")
        slow, other = Lines(path), Lines(path)
        text = "".join(request("tools/list", i) + "\n" for i in range(count)).encode()
        slow.sock.setblocking(False)
        sent = 0
        while sent < len(text) and select.select([], [slow.sock], [], 1)[1]:
            sent += slow.sock.send(text[sent:sent + 65536])
        tap.check("it is held up", sent < len(text), f"{sent} bytes were taken")
        tap.equal("others are served", other.ask("server/discover", "other")["id"], "other")
        slow.sock.settimeout(PATIENCE)
        writer = threading.Thread(target=send_in_pieces, args=[slow.sock, text[sent:]])
        writer.start()
        ids = [json.loads(slow.line())["id"] for _ in range(count)]
        writer.join()
        tap.equal("it gets every answer once", sorted(ids), list(range(count)))
        slow.close()
        other.close()


INITIALIZE = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
    "protocolVersion": "2025-06-18", "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"}}})


def begin_session(host, sock):
    """The session's header line."""
    sock.sendall((f"POST /mcp HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
                  "Accept: application/json, text/event-stream\r\n"
                  f"Content-Length: {len(INITIALIZE)}\r\n\r\n{INITIALIZE}").encode())
    head = sock.recv(65536).decode().split("\r\n\r\n")[0]
    return next(line for line in head.split("\r\n") if line.lower().startswith("mcp-session-id"))


def wait_for_descriptors(server, count):
    for _ in range(PATIENCE * 50):
        found = len(os.listdir(f"/proc/{server.process.pid}/fd"))
        if found == count:
            break
        signal.sigtimedwait([], 0.02)
    return found


def test_silent_streams(tap, place):
    """A session's stream on which nothing was said yet, and whose client goes."""
    with Network(place, "--listen", "127.0.0.1:0") as server:
        host = f"127.0.0.1:{server.port()}"
        with connect(server.port()) as sock:
            session = begin_session(host, sock)
            before = len(os.listdir(f"/proc/{server.process.pid}/fd"))
            for _ in range(3):
                with connect(server.port()) as stream:
                    stream.sendall(get(host, "/mcp", f"Accept: text/event-stream\r\n{session}\r\n"))
                    tap.check("a stream is opened", b" 200 OK" in stream.recv(65536))
            tap.equal("nothing is left of three streams", wait_for_descriptors(server, before),
                      before)
        tap.equal("the server ends", server.end(), (0, ""))


def certificate(place, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out",
                    "cert.pem"], cwd=place.work, capture_output=True, check=True)


def secure(place, port):
    context = ssl.create_default_context(cafile=os.path.join(place.work, "cert.pem"))
    return context.wrap_socket(connect(port), server_hostname="127.0.0.1")


def test_tls(tap, place):
    certificate(place, "one")
    with Network(place, "--tls-cert", "cert.pem", "--tls-key", "key.pem", "--listen",
                 "127.0.0.1:0") as server:
        host = f"127.0.0.1:{server.port()}"
        tap.equal("it says where it listens", server.places[0], f"https://{host}/mcp")
        with secure(place, server.port()) as sock:
            status, body = exchange(sock, post(host, "server/discover"))
            tap.equal("/mcp answers over TLS", (status, json.loads(body)["id"]),
                      ("HTTP/1.1 200 OK", 1))
            certificate(place, "two")
            server.process.send_signal(signal.SIGHUP)
            tap.equal("SIGHUP reads the certificate again", server.log_line(),
                      "hexmcp: notice: tls: the certificate was read again")
            tap.equal("open connections go on", exchange(sock, post(host, "server/discover", 2))[0],
                      "HTTP/1.1 200 OK")
        with secure(place, server.port()) as sock:
            tap.equal("new ones get the new one", sock.getpeercert()["subject"][0][0][1], "two")
            tap.equal("/ws answers over TLS", exchange(sock, get(host, "/ws", UPGRADE))[0],
                      "HTTP/1.1 101 Switching Protocols")


def main():
    hexmcp, plugin = map(os.path.abspath, sys.argv[1:])
    with Tap() as tap:
        for test in [test_one_port, test_refusals, test_ready, test_both, test_lines,
                     test_same_ids, test_slow_reader, test_silent_streams, test_tls]:
            with Place(hexmcp) as place:
                test(tap, place)
        with Place(hexmcp) as place:
            test_own_folders(tap, place, plugin)


if __name__ == "__main__":
    main()
