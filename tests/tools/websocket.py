"""A WebSocket client for tests (RFC 6455): a raw socket and a frame codec, so that a test can send
what no client library would."""

import select
import socket
import struct
import time
import zlib

PATIENCE = 20.0  # seconds after which a test fails instead of hanging

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # of KEY, RFC 6455, section 1.3


class Silence(Exception):
    """The server said nothing for PATIENCE."""


def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\x37\xfa\x21\x3d", length_bytes=None):
    """A frame as bytes. `mask` None: without. `length_bytes`: 0, 2 or 8 for a length that is written
    longer than it must be."""
    if isinstance(payload, str):
        payload = payload.encode()
    size = len(payload)
    if length_bytes is None:
        length_bytes = 0 if size < 126 else 2 if size < 65536 else 8
    bit = 0x80 if mask is not None else 0
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    if length_bytes == 0:
        head += bytes([bit | size])
    elif length_bytes == 2:
        head += bytes([bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([bit | 127]) + struct.pack(">Q", size)
    if mask is None:
        return head + payload
    return head + mask + masked(payload, mask)


def masked(payload, mask):
    if not payload:
        return b""
    key = (mask * (len(payload) // 4 + 1))[:len(payload)]
    number = int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")
    return number.to_bytes(len(payload), "little")


def close_payload(code, reason=b""):
    return struct.pack(">H", code) + reason


def packed(payload):
    """As permessage-deflate without context takeover wants it."""
    if isinstance(payload, str):
        payload = payload.encode()
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (engine.compress(payload) + engine.flush(zlib.Z_SYNC_FLUSH))[:-4]


def unpacked(payload):
    return zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")


def upgrade(port, path="/ws", **headers):
    """The request. A header is named with underscores; None leaves one out, a list repeats it."""
    wanted = {
        "Host": f"127.0.0.1:{port}", "Upgrade": "websocket", "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": KEY, "Sec-WebSocket-Protocol": "mcp",
    }
    names = {name.lower().replace("-", "_"): name for name in wanted}
    for name, value in headers.items():
        wanted[names.get(name.lower(), name.replace("_", "-"))] = value
    lines = [f"GET {path} HTTP/1.1"]
    for name, value in wanted.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                lines.append(f"{name}: {one}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Client:
    """A connection. `frames()` and friends raise Silence if nothing comes."""

    def __init__(self, port, request=None, unix=None, receive_buffer=None):
        self.socket = socket.socket(socket.AF_UNIX if unix else socket.AF_INET)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(unix or ("127.0.0.1", port))
        self.socket.settimeout(PATIENCE)
        self.data = bytearray()
        self.ended = False
        if request is not None:
            self.send(request)

    def send(self, data):
        self.socket.sendall(data)

    def text(self, message, **how):
        self.send(frame(TEXT, message, **how))

    def _more(self):
        if not readable(self.socket, PATIENCE):
            raise Silence(f"no bytes for {PATIENCE} s; so far {bytes(self.data[-200:])!r}")
        try:
            got = self.socket.recv(1 << 20)
        except ConnectionResetError:
            got = b""
        self.ended = not got
        self.data += got
        return bool(got)

    def answer(self):
        """(status, headers by lower-case name, body) of an HTTP answer; None if there is none."""
        while b"\r\n\r\n" not in self.data:
            if not self._more():
                return None
        head, _, rest = bytes(self.data).partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(": ")
            headers[name.lower()] = value
        length = int(headers.get("content-length", 0))
        while len(self.data) < len(head) + 4 + length:
            if not self._more():
                break
        self.data = self.data[len(head) + 4 + length:]
        return int(lines[0].split(" ")[1]), headers, rest[:length].decode()

    def frame(self):
        """The next frame as (opcode, payload, fin, rsv); None at the end."""
        while True:
            found = parse(self.data)
            if found:
                size, result = found
                del self.data[:size]
                return result
            if not self._more():
                return None

    def message(self):
        """The next message as text; control frames in front of it are answered or left out. A close
        frame ends it: (code, reason)."""
        while True:
            got = self.frame()
            if got is None:
                return None
            opcode, payload, _, rsv = got
            if opcode == TEXT:
                return (unpacked(payload) if rsv else payload).decode()
            if opcode == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if payload else None
                return code, payload[2:].decode()
            if opcode == PING:
                self.send(frame(PONG, payload))

    def ask(self, message, **how):
        self.text(message, **how)
        return self.message()

    def at_end(self):
        """True if nothing more comes but the end of the connection."""
        while not self.ended and self._more():
            pass
        return not self.data

    def close(self):
        self.socket.close()

    def abort(self):
        """A reset in place of an end."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def readable(link, seconds):
    """select() knows no descriptors above 1,023."""
    waiting = select.poll()
    waiting.register(link, select.POLLIN)
    return bool(waiting.poll(seconds * 1000))


def parse(data):
    """(bytes used, (opcode, payload, fin, rsv)) of the first frame; None if it is not whole."""
    if len(data) < 2:
        return None
    size, at = data[1] & 0x7F, 2
    if size >= 126:
        wide = 2 if size == 126 else 8
        if len(data) < 2 + wide:
            return None
        size, at = int.from_bytes(data[2:2 + wide], "big"), 2 + wide
    if len(data) < at + size:
        return None
    first = data[0]
    return at + size, (first & 15, bytes(data[at:at + size]), bool(first & 0x80), first >> 4 & 7)


def connect(port, extensions=None, **headers):
    """A client whose upgrade was accepted."""
    if extensions:
        headers["Sec_WebSocket_Extensions"] = extensions
    client = Client(port, upgrade(port, **headers))
    got = client.answer()
    if got is None or got[0] != 101:
        raise RuntimeError(f"the upgrade was refused: {got}")
    client.headers = got[1]
    return client


def wait_until(what, seconds=PATIENCE):
    """True as soon as what() is; False after the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.01)
    return False
