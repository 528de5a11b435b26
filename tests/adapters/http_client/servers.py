"""Servers on loopback that answer well or badly, by the path."""
import json
import random
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse
import zlib

PATIENCE = 60


def pattern(length):
    """The bytes that driver.c sends, too."""
    unit = bytes(range(251))
    return (unit * (length // 251 + 1))[:length]


def runs(length):
    """Bytes that pack to about a thirtieth."""
    return b"".join(bytes([byte]) * 100 for byte in random.Random(7).randbytes(length // 100))


def packed(data, wbits=31, level=6):
    maker = zlib.compressobj(level, zlib.DEFLATED, wbits)
    return maker.compress(data) + maker.flush()


class Request:
    def __init__(self, method, target, fields, body):
        self.method, self.fields, self.body = method, fields, body
        self.target = target
        parts = urllib.parse.urlsplit(target)
        self.path = parts.path
        self.query = dict(urllib.parse.parse_qsl(parts.query))

    def field(self, name):
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)


class Gone(Exception):
    """The client has closed the connection."""


class Server:
    def __init__(self, host="127.0.0.1", tls=None, port=0):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((host, port))
        self.socket.listen(64)
        self.port = self.socket.getsockname()[1]
        self.tls = tls
        self.requests = []   # every request, in order
        self.connections = 0
        self.gone = threading.Semaphore(0)  # a client closed before it was answered
        self.gate = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            self.talk(connection)
        except (OSError, Gone, ValueError):
            pass
        finally:
            connection.close()

    def talk(self, connection):
        rest = b""
        while True:
            request, rest = self.read(connection, rest)
            if not request:
                return
            self.requests.append(request)
            name = request.path.strip("/").split("/")[0].replace("-", "_") or "echo"
            try:
                if getattr(self, "do_" + name)(connection, request) == "close":
                    return
            except OSError:
                self.gone.release()
                return

    def more(self, connection):
        piece = connection.recv(65536)
        if not piece:
            raise Gone
        return piece

    def read(self, connection, rest):
        while b"\r\n\r\n" not in rest:
            try:
                rest += self.more(connection)
            except Gone:
                return None, rest
        head, rest = rest.split(b"\r\n\r\n", 1)
        lines = head.decode("latin-1").split("\r\n")
        method, target, _ = lines[0].split(" ")
        fields = [tuple(line.split(": ", 1)) if ": " in line else (line.rstrip(":"), "")
                  for line in lines[1:]]
        request = Request(method, target, fields, b"")
        if (request.field("Transfer-Encoding") or "") == "chunked":
            request.body, rest = self.read_chunks(connection, rest)
        length = int(request.field("Content-Length") or 0)
        while length and len(rest) < length:
            rest += self.more(connection)
        if length:
            request.body, rest = rest[:length], rest[length:]
        return request, rest

    def read_chunks(self, connection, rest):
        body = b""
        while True:
            while b"\r\n" not in rest:
                rest += self.more(connection)
            size, rest = rest.split(b"\r\n", 1)
            size = int(size, 16)
            while len(rest) < size + 2:
                rest += self.more(connection)
            body, rest = body + rest[:size], rest[size + 2:]
            if size == 0:
                return body, rest

    @staticmethod
    def answer(connection, body=b"", status="200 OK", fields=(), length=True):
        lines = [f"HTTP/1.1 {status}", *[f"{name}: {value}" for name, value in fields]]
        if length:
            lines.append(f"Content-Length: {len(body)}")
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    def wait_for_close(self, connection):
        connection.settimeout(PATIENCE)
        if connection.recv(1) == b"":
            self.gone.release()
        return "close"

    # ---- that answer well

    def do_echo(self, connection, request):
        told = {"method": request.method, "target": request.target, "headers": request.fields,
                "length": len(request.body), "crc": zlib.crc32(request.body),
                "text": request.body[:100].decode("latin-1")}
        body = json.dumps(told).encode()
        if request.method == "HEAD":
            self.answer(connection, b"", fields=[("Content-Length", len(body))], length=False)
        else:
            self.answer(connection, body, fields=[("Content-Type", "application/json"),
                                                  ("X-Two", "one"), ("X-Two", "two")])

    def do_bytes(self, connection, request):
        self.answer(connection, pattern(int(request.path.split("/")[2])))

    def do_chunked(self, connection, request):
        self.answer(connection, fields=[("Transfer-Encoding", "chunked")], length=False)
        data = pattern(int(request.path.split("/")[2]))
        for at in range(0, len(data), 10007):
            piece = data[at:at + 10007]
            connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\nX-Trailer: yes\r\n\r\n")

    def do_status(self, connection, request):
        self.answer(connection, b"", request.path.split("/")[2] + " Whatever")

    def do_gzip(self, connection, request):
        self.packed(connection, packed(runs(int(request.path.split("/")[2]))), "gzip")

    def do_deflate(self, connection, request):
        self.packed(connection, packed(pattern(1000), 15), "deflate")

    def do_raw_deflate(self, connection, request):
        self.packed(connection, packed(pattern(1000), -15), "deflate")

    def do_members(self, connection, request):
        self.packed(connection, packed(b"first ") + packed(b"second"), "gzip")

    def do_brotli(self, connection, request):
        self.packed(connection, b"\x0b\x02\x80hello\x03", "br")

    def packed(self, connection, data, coding):
        self.answer(connection, data, fields=[("Content-Encoding", coding), ("ETag", "x")])

    def do_redirect(self, connection, request):
        status = request.query.get("code", "302")
        self.answer(connection, b"elsewhere", status + " Elsewhere",
                    [("Location", request.query["to"]), ("Connection", "close")])
        return "close"

    def do_count(self, connection, request):
        """/count/3 leads to /count/2 and so on."""
        left = int(request.path.split("/")[2])
        if left:
            self.answer(connection, b"", "302 Found", [("Location", f"{left - 1}")])
        else:
            self.answer(connection, b"arrived")

    def do_mirror(self, connection, request):
        """What the header X-Key and the target say, in many pieces and as it stands there."""
        text = f"key={request.field('X-Key')}; target={request.target};".encode()
        self.answer(connection, fields=[("X-Mirror", request.field("X-Key")),
                                        ("Transfer-Encoding", "chunked")], length=False)
        for byte in text:
            connection.sendall(b"1\r\n%c\r\n" % byte)
            time.sleep(0.002)
        connection.sendall(b"0\r\n\r\n")

    def do_flaky(self, connection, request):
        """/flaky/503/2?after=1: that status twice for a path, then 200."""
        _, _, status, times = request.path.split("/")
        seen = sum(one.path == request.path for one in self.requests)
        if seen <= int(times):
            after = request.query.get("after")
            self.answer(connection, b"not yet", status + " Later",
                        [("Retry-After", after)] if after else [])
        else:
            self.answer(connection, b"arrived")

    def do_say(self, connection, request):
        """/say?type=text/plain&text=hello"""
        self.answer(connection, request.query.get("text", "").encode(),
                    fields=[("Content-Type", request.query.get("type", "text/plain"))])

    def do_graphql(self, connection, request):
        """As an endpoint of GraphQL answers: /graphql, or /graphql/large with a large schema; a
        subscription by server-sent events, as the document says: "events 3", "endless", "stays"."""
        asked = json.loads(request.body)
        if "text/event-stream" in (request.field("Accept") or ""):
            return self.stream(connection, asked)
        if "__schema" in asked["query"]:
            told = {"data": {"__schema": self.schema(300 if "large" in request.path else 1)}}
        elif "broken" in asked["query"]:
            told = {"data": None, "errors": [{"message": "it is broken", "path": ["broken"]}]}
        elif "many" in asked["query"]:
            told = {"data": {"many": ["0123456789"] * 10000}}
        else:
            told = {"data": {"asked": asked}, "extensions": {"took": 1}}
        self.answer(connection, json.dumps(told).encode(), fields=[
            ("Content-Type", "application/graphql-response+json; charset=utf-8")])

    @staticmethod
    def schema(types):
        fields = [{"name": "lamp", "description": "x" * 200, "type": {"kind": "SCALAR", "name": "Int"}}]
        return {"queryType": {"name": "Query"}, "mutationType": None, "subscriptionType": {"name": "Sub"},
                "types": [{"kind": "OBJECT", "name": f"T{i}", "fields": fields} for i in range(types)] +
                [{"kind": "OBJECT", "name": "__Type", "fields": []}], "directives": []}

    def stream(self, connection, asked):
        words = asked["query"].replace("}", " ").split()
        if "refused" in words:
            self.answer(connection, json.dumps({"errors": [{"message": "no stream"}]}).encode(),
                        "400 Bad Request", [("Content-Type", "application/json")])
            return None
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\r\n\r\n")
        if "large" in words:
            connection.sendall(b"event: next\ndata: {\"data\": \"")
            while True:
                connection.sendall(b"x" * 65536)
        count = int(words[words.index("events") + 1]) if "events" in words else 1
        if "endless" in words:
            count = 10 ** 9
        for i in range(count):
            told = json.dumps({"data": {"n": i}} if "wrong" not in words else {"errors": [{"message": "m"}]},
                              indent=1)
            if "many" in words:
                told = json.dumps({"data": "x" * 10000})
            lines = "".join(f"data: {line}\n" for line in told.split("\n"))
            connection.sendall(f"event: next\nid: {i}\n{lines}\n".encode())
        if "stays" in words:
            return self.wait_for_close(connection)
        if "breaks" not in words:
            connection.sendall(b"event: complete\r\rdata: late")
        return "close"

    # ---- that answer badly

    def do_slow(self, connection, request):
        return self.wait_for_close(connection)

    def do_half(self, connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
        return self.wait_for_close(connection)

    def do_drip(self, connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            connection.sendall(b".")
            time.sleep(0.02)

    def do_endless(self, connection, request):
        self.sent = 0
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            self.sent += connection.send(b"x" * 65536)

    def do_short(self, connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        return "close"

    def do_long(self, connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfour and more")
        return "close"

    def do_bad_length(self, connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nfour")
        return "close"

    def do_cut_chunk(self, connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf")
        return "close"

    def do_nothing(self, connection, request):
        return "close"

    def do_not_http(self, connection, request):
        connection.sendall(b"220 mail.test ESMTP\r\n")
        return "close"

    def do_big_head(self, connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"y" * 1000 + b"\r\n")

    def do_many_heads(self, connection, request):
        while True:
            connection.sendall(b"HTTP/1.1 103 Early Hints\r\nX-More: yes\r\n\r\n" * 10)

    def do_early(self, connection, request):
        connection.sendall(b"HTTP/1.1 103 Early Hints\r\nX-Early: yes\r\n\r\n")
        self.answer(connection, b"late")

    def do_switch(self, connection, request):
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: tea\r\n"
                           b"Connection: upgrade\r\n\r\n")
        return self.wait_for_close(connection)

    def do_transfer_gzip(self, connection, request):
        body = packed(pattern(1000))
        self.answer(connection, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body),
                    fields=[("Transfer-Encoding", "gzip, chunked")], length=False)

    def do_bomb(self, connection, request):
        self.packed(connection, packed(bytes(100 << 20), level=9), "gzip")

    def do_cut_gzip(self, connection, request):
        self.packed(connection, packed(pattern(100000))[:-20], "gzip")

    def do_bad_gzip(self, connection, request):
        self.packed(connection, b"\x1f\x8bthis is not packed at all", "gzip")


class Proxy(Server):
    """Answers every absolute target itself, and says that it did."""

    def talk(self, connection):
        request, _ = self.read(connection, b"")
        self.requests.append(request)
        self.answer(connection, b"by the proxy")


def certificates(folder):
    """ca.pem, and of it good.pem (localhost), other.pem, expired.pem; alone.pem is of nobody."""
    def run(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    def sign(name, host, days):
        run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr",
            "-subj", f"/CN={host}")
        with open(f"{folder}/{name}.ext", "w", encoding="ascii") as file:
            file.write(f"subjectAltName=DNS:{host}\n")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
            "-CAcreateserial", "-out", f"{name}.crt", "-extfile", f"{name}.ext", "-days", str(days))
        with open(f"{folder}/{name}.pem", "w", encoding="ascii") as file:
            for part in ("crt", "key"):
                file.write(open(f"{folder}/{name}.{part}", encoding="ascii").read())

    for name in ("ca", "alone"):
        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key",
            "-out", f"{name}.pem", "-days", "30", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=DNS:localhost")
    with open(f"{folder}/alone.pem", "a", encoding="ascii") as file:
        file.write(open(f"{folder}/alone.key", encoding="ascii").read())
    sign("good", "localhost", 30)
    sign("other", "other.test", 30)
    sign("expired", "localhost", -1)


def tls(folder, name):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/{name}.pem")
    return context
