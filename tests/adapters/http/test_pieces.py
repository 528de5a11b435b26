"""Pipelined requests, split at every byte and joined in every way: each is answered once, in order.

    python3 test_pieces.py HTTP_SERVER MODULES [POSTS [SEED]]
"""

import array
import fcntl
import random
import sys
import termios
import time

from client import Server, place
from tap import Tap

COMMAND = sys.argv[1:3]
POSTS = int(sys.argv[3]) if len(sys.argv) > 3 else 6000
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 5


class Pieces:
    """Sends so that the server reads exactly these pieces: the next one goes when the one before has
    been read, which a Unix socket tells."""

    def __init__(self, client):
        self.client = client
        self.number = 0

    def wait(self):
        left = array.array("i", [0])
        while True:
            fcntl.ioctl(self.client.socket.fileno(), termios.TIOCOUTQ, left)
            if left[0] == 0:
                return
            time.sleep(0)

    def send(self, data, cuts):
        for begin, end in zip([0, *cuts], [*cuts, len(data)]):
            if end > begin:
                self.client.send(data[begin:end])
                self.wait()

    def post(self, rng):
        """A POST and its body, which no other has."""
        self.number += 1
        body = b"%d-" % self.number + b"x" * rng.randrange(12)
        if self.number % 4:
            return b"POST /echo HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body), body
        at = rng.randrange(1, len(body))
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(x), x) for x in (body[:at], body[at:]))
        return (b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks +
                b"0\r\n\r\n", body)

    def round(self, rng, count, cuts_of):
        """Sends `count` POSTs in the pieces that cuts_of says; the bodies, and what came back."""
        posts = [self.post(rng) for _ in range(count)]
        data = b"".join(x for x, _ in posts)
        self.send(data, cuts_of(data))
        return [x for _, x in posts], [self.client.answer().body for _ in posts]


def every_position(rng, pieces, budget):
    """Four POSTs in two pieces, for every place where they can be cut."""
    wrong, at = [], 1
    while at < 360 and pieces.number < budget:
        sent, got = pieces.round(rng, 4, lambda data, at=at: [min(at, len(data))])
        if sent != got:
            wrong.append((at, sent, got))
        at += 1
    return wrong


def by_bytes(rng, pieces, budget):
    sent, got = pieces.round(rng, 4, lambda data: range(1, len(data)))
    return [] if sent == got else [(sent, got)]


def any_way(rng, pieces, budget):
    """1 to 40 POSTs in 1 to 30 pieces."""
    wrong = []
    while pieces.number < budget:
        sent, got = pieces.round(rng, rng.randrange(1, 41), lambda data: sorted(
            rng.randrange(1, len(data)) for _ in range(rng.randrange(30))))
        if sent != got:
            wrong.append((sent, got))
    return wrong


def main():
    with Tap() as tap, place() as folder:
        tap.note(f"seed {SEED}")
        rng = random.Random(SEED)
        with Server(COMMAND, unix=f"{folder}/s") as server, server.connect() as client:
            pieces = Pieces(client)
            for name, part in (("cut in two at every byte", every_position),
                               ("byte by byte", by_bytes), ("any pieces", any_way)):
                tap.equal(name, part(rng, pieces, POSTS)[:1], [])
            tap.equal(f"{pieces.number} POSTs were handled once each",
                      server.facts()["handled"], pieces.number)
            tap.equal("and nothing else came", client.got, b"")


main()
