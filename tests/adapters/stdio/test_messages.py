"""Lines in, lines out: python3 test_messages.py ECHO_SERVER"""

import os
import pathlib
import socket
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
from peer import Reader, Server, socketpair
from tap import Tap

ECHO = sys.argv[1]
TOO_LONG = "rejected the message is longer than 2000 bytes (setting stdio.max_message_bytes)"


def run(tap, name, data, expected, *args):
    with Server([ECHO, *args]) as server:
        lines, code = server.finish(data)
        tap.equal(name, [lines, code], [expected, 0])


def file_as_input(tap):
    with tempfile.TemporaryFile() as file:
        texts = [f"line {i} {'x' * (i % 300)}" for i in range(5000)]
        file.write("\n".join(texts).encode())
        file.seek(0)
        with Server([ECHO], stdin=file) as server:
            tap.equal("a regular file as input", server.out.rest(), ["echo " + t for t in texts])
            tap.equal("exit code after a file", server.wait(), 0)


def file_as_output(tap):
    with tempfile.TemporaryFile() as file:
        with Server([ECHO], stdout=file) as server:
            server.send("a\ndelay 20 b\nbig 3\n")
            server.end_input()
            tap.equal("exit code with a file as output", server.wait(), 0)
        file.seek(0)
        tap.equal("a regular file as output", file.read(), b"echo a\nbbb\necho b\n")


def null_as_input(tap):
    with open("/dev/null") as null, Server([ECHO], stdin=null) as server:
        tap.equal("/dev/null as input", [server.out.rest(), server.wait()], [[], 0])


def socket_both_ways(tap):
    ours, theirs = socketpair()
    with ours, theirs, Server([ECHO], stdin=theirs, stdout=theirs) as server:
        theirs.close()
        ours.sendall(b"over a socket\n")
        reader = Reader(ours.fileno())
        tap.equal("a socket as input and output", reader.line(), "echo over a socket")
        ours.sendall(b"delay 100 after the end of input\n")
        ours.shutdown(1)  # the write side: end of input, answers are still read
        tap.equal("a half-closed socket gets its answers", reader.rest(),
                  ["echo after the end of input"])
        tap.equal("exit code after a half-closed socket", server.wait(), 0)


def urgent_data(tap):
    """The hangup is waited for as urgent data, see wire.h; sending some must not keep us busy."""
    ours, theirs = socketpair()
    with ours, theirs, Server([ECHO], stdin=theirs, stdout=theirs) as server:
        theirs.close()
        reader = Reader(ours.fileno())
        ours.sendall(b"pause 800 a\n")  # reading would take the urgent data away
        reader.line()
        try:
            ours.send(b"!", socket.MSG_OOB)
        except OSError as error:
            tap.skip("urgent data", f"this kernel has none on local sockets: {error}")
            return
        before = cpu_seconds(server.process.pid)
        time.sleep(0.5)
        busy = cpu_seconds(server.process.pid) - before
        tap.check("urgent data costs nothing", busy < 0.2, f"{busy} s of processor time in 0.5 s")
        ours.sendall(b"b\n")
        tap.equal("and does no harm", reader.line(), "echo b")
        ours.close()
        tap.equal("the hangup is seen all the same", server.wait(), 0)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def terminal(tap):
    import tty
    master, slave = os.openpty()
    tty.setraw(slave)
    with Server([ECHO], stdin=slave, stdout=slave) as server:
        os.close(slave)
        os.write(master, b"typed\nprint noise\n")
        reader = Reader(master)
        tap.equal("a terminal", reader.lines(2), ["echo typed", "echo noise"])
        os.close(master)
        tap.equal("exit code after a terminal hung up", server.wait(), 0)


def fifo(tap):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "fifo")
        os.mkfifo(path)
        # The shell opens the fifo for the server; its only writer has gone when the server starts.
        script = '(printf "through a fifo" > "$1") & exec 3< "$1"; wait; exec "$2" 0<&3 3<&-'
        with Server([path, ECHO], wrap=["sh", "-c", script, "sh"]) as server:
            tap.equal("a named fifo whose writer has gone", server.out.rest(),
                      ["echo through a fifo"])
            tap.equal("exit code after a fifo", server.wait(), 0)


def order(tap):
    with Server([ECHO]) as server:
        server.send("delay 300 slow\nwork 100 worker\nfast\n")
        tap.equal("answers come as they are ready", server.lines(3),
                  ["echo fast", "echo worker", "echo slow"])
        server.send("later\n")
        tap.equal("and the wire goes on", server.line(), "echo later")


def split(tap):
    with Server([ECHO]) as server:
        for byte in b"one by one\r\n":
            server.send(bytes([byte]))
        tap.equal("one byte at a time", server.line(), "echo one by one")


def huge(tap):
    size = 64 << 20
    with Server([ECHO]) as server:
        server.send(b"x" * size + b"\n")
        line = server.line()
        tap.equal("a message of 64 MiB comes back", [len(line), line[:8], line[-1]],
                  [size + 5, "echo xxx", "x"])
        server.send(b"x" * (size + 1) + b"\nnext\n")
        tap.equal("a byte more is refused, the next message is served", server.lines(2), [
            "rejected the message is longer than 67108864 bytes (setting stdio.max_message_bytes)",
            "echo next"])


with Tap() as tap:
    run(tap, "lines", "a\nb\nc\n", ["echo a", "echo b", "echo c"])
    run(tap, "CRLF", "a\r\nb\r\n", ["echo a", "echo b"])
    run(tap, "blank lines", "\n\r\n  \na\n\t\n\n", ["echo a"])
    run(tap, "a last line without an end", "a\nb", ["echo a", "echo b"])
    run(tap, "no input", "", [])
    run(tap, "NUL and bytes above 127 are no line ends", "a\0b\u2028c\x85\n",
        ["echo a\0b\u2028c\x85"])
    run(tap, "exactly the limit", "y" * 2000 + "\r\n", ["echo " + "y" * 2000], "max=2000")
    run(tap, "over the limit", "y" * 2001 + "\nnext\n", [TOO_LONG, "echo next"], "max=2000")
    run(tap, "far over the limit: reported once", "y" * 900000 + "\nnext\n",
        [TOO_LONG, "echo next"], "max=2000")
    run(tap, "over the limit without an end", "y" * 900000, [TOO_LONG], "max=2000")
    many = [str(i) for i in range(20000)]
    run(tap, "a burst keeps its order", "\n".join(many), ["echo " + m for m in many])
    for check in (order, split, file_as_input, file_as_output, null_as_input, socket_both_ways,
                  urgent_data, terminal, fifo, huge):
        check(tap)
