"""Clients that do not read, endpoints that want no more: python3 test_pressure.py ECHO_SERVER"""

import array
import fcntl
import pathlib
import re
import sys
import tempfile
import termios
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
from peer import Server
from tap import Tap

ECHO = sys.argv[1]
MIB = 1 << 20
PIPE = 1 << 16


def in_pipe(fd):
    count = array.array("i", [0])
    fcntl.ioctl(fd, termios.FIONREAD, count)
    return count[0]


def notifications(tap):
    with Server([ECHO]) as server:
        server.send("notify 20000 1000\nafter\n")
        server.end_input()
        while in_pipe(server.out.fd) < PIPE - 1001:
            time.sleep(0.01)
        time.sleep(0.3)  # the server is in the middle of them
        lines = server.out.rest()
        sent, dropped = map(int, re.fullmatch(r"sent=(\d+) dropped=(\d+)", lines[-2]).groups())
        tap.equal("every notification is sent or dropped", sent + dropped, 20000)
        tap.equal("those that were not dropped arrive", [len(x) for x in lines[:-2]], [1000] * sent)
        tap.check("about 1 MiB is queued before they are dropped",
                  MIB <= sent * 1001 <= MIB + PIPE + 1001, f"sent {sent}")
        tap.equal("the answers arrive after them", lines[-1], "echo after")


def notifications_taken(tap):
    """A client that takes them at once, as a file does, loses none."""
    with tempfile.TemporaryFile() as file, Server([ECHO], stdout=file) as server:
        server.send("notify 20000 1000\n")
        server.end_input()
        server.wait()
        file.seek(0)
        lines = file.read().split(b"\n")
        tap.equal("none is dropped if the client reads", [len(lines), lines[-2]],
                  [20002, b"sent=20000 dropped=0"])


def answers(tap):
    count, size = 2000, 100000
    with Server([ECHO]) as server:
        sender = threading.Thread(
            target=server.send, args=(f"big {size}\n" * count + "memory\n" + "tail\n",))
        sender.start()
        sizes = [len(server.line()) for _ in range(count)]
        memory = server.line().split()[1]
        sender.join()
        tap.equal("no answer is lost", [sizes, server.line()], [[size] * count, "echo tail"])
        name = "200 MB of answers fit in 32 MiB"
        if memory == "sanitizer":
            tap.skip(name, "a sanitizer has its own idea of memory")
        else:
            tap.check(name, 0 < int(memory) < 32 * 1024, f"peak {memory} KiB")


def not_reading(tap):
    """A client that writes and does not read is made to wait, and no one else pays for it."""
    with Server([ECHO]) as server:
        sent = []

        def send():
            for _ in range(4000):
                server.send("big 50000\n" + "x" * 990 + "\n")
                sent.append(1)

        sender = threading.Thread(target=send)
        sender.start()
        before = -1
        while before != len(sent):  # until the client stands still
            before = len(sent)
            time.sleep(0.3)
        tap.check("the writer of a client that does not read is stopped", len(sent) < 1000,
                  f"{len(sent)} pairs were taken")
        lines = server.lines(8000)
        sender.join()
        tap.equal("and goes on when it reads", [[len(x) for x in lines[:2]], len(lines)],
                  [[50000, 995], 8000])


def pausing(tap):
    with Server([ECHO]) as server:
        server.send("pause 200 a\nb\nc\n")
        tap.equal("after a pause come the lines that were there", server.lines(3),
                  ["echo a", "echo b", "echo c"])
        many = [f"{i} {'z' * 100}" for i in range(5000)]
        sender = threading.Thread(target=server.send,
                                  args=("pause 200 p\n" + "\n".join(many) + "\n",))
        sender.start()
        tap.equal("and those that were not", server.lines(5001),
                  ["echo p"] + ["echo " + m for m in many])
        sender.join()
        lines, code = server.finish("pause 300 a\nb\npause 300 c\nd")
        tap.equal("lines that are left at the end of input are served", [lines, code],
                  [["echo a", "echo b", "echo c", "echo d"], 0])


def paused_file(tap):
    with tempfile.TemporaryFile() as file:
        file.write(b"pause 100 a\n" + b"b\n" * 50000 + b"pause 100 c\nd")
        file.seek(0)
        with Server([ECHO], stdin=file) as server:
            lines = server.out.rest()
            tap.equal("the same for a file", [len(lines), lines[0], lines[1], lines[-2], lines[-1]],
                      [50003, "echo a", "echo b", "echo c", "echo d"])
            tap.equal("exit code", server.wait(), 0)


def fair(tap):
    """A timer that is due fires between the lines of one read."""
    with tempfile.TemporaryFile() as file:
        file.write(b"delay 0 timer\n" + b"x\n" * 30000)
        file.seek(0)
        with Server([ECHO], stdin=file) as server:
            lines = server.out.rest()
            at = lines.index("echo timer")
            tap.check("a burst does not keep timers waiting", 0 < at < 1000, f"after {at} lines")
            tap.equal("no line is lost", len(lines), 30001)


with Tap() as tap:
    for check in (notifications, notifications_taken, answers, not_reading, pausing, paused_file,
                  fair):
        check(tap)
