"""What the wire does to the descriptors it is given: python3 test_descriptors.py ECHO_SERVER"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import tty

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
from peer import Reader, Server, nonblocking, socketpair
from tap import Tap

ECHO = sys.argv[1]
CLOSED = ("echo_server: standard {} is closed; "
          "start the server with a pipe for input and output")


def shell(script):
    """Runs the server from a shell that changes its descriptors first."""
    return ["sh", "-c", script, "sh"]


def printing(tap):
    with Server([ECHO]) as server:
        lines, code = server.finish("print noise\nnext\n")
        tap.equal("printing does not reach the wire", [lines, code],
                  [["echo noise", "echo next"], 0])
        tap.equal("but stderr", server.err.rest(), ["noise", "written"])
    with Server([ECHO], stderr=subprocess.STDOUT) as server:
        tap.equal("if stderr is the wire, printing goes nowhere", server.finish("print noise\n"),
                  (["echo noise"], 0))
    with tempfile.NamedTemporaryFile() as file:
        twice = shell('f=$1; shift; exec "$@" >"$f" 2>>"$f"')
        with Server([file.name, ECHO], wrap=twice) as server:
            server.send("print noise\n")
            server.end_input()
            server.wait()
        tap.equal("the same for a file that was opened twice", file.read(), b"echo noise\n")
    master, slave = os.openpty()
    tty.setraw(slave)
    with Server([ECHO], stdin=slave, stdout=slave, stderr=slave) as server:
        os.close(slave)
        os.write(master, b"print noise\nnext\n")
        tap.equal("the same for a terminal", Reader(master).lines(2), ["echo noise", "echo next"])
        os.close(master)
        server.wait()


def closed(tap):
    with Server([ECHO], wrap=shell('exec "$@" <&-')) as server:
        tap.equal("closed input", [server.wait(), server.out.rest(), server.err.rest()],
                  [70, [], [CLOSED.format("input")]])
    with Server([ECHO], wrap=shell('exec "$@" >&-')) as server:
        tap.equal("closed output", [server.wait(), server.err.rest()],
                  [70, [CLOSED.format("output")]])
    with Server([ECHO], wrap=shell('exec "$@" 2>&-')) as server:
        tap.equal("closed stderr does no harm", server.finish("print noise\nnext\n"),
                  (["echo noise", "echo next"], 0))


def children(tap):
    # 3 is the folder that the child's shell reads.
    with Server([ECHO]) as server:
        tap.equal("children inherit 0, 1 and 2 alone", server.finish("children\n"),
                  (["children 0 1 2 3"], 0))
    with Server([ECHO], wrap=shell('exec "$@" 2>&-')) as server:
        tap.equal("also if stderr was closed", server.finish("children\n"),
                  (["children 0 1 2 3"], 0))


def shared_pipe(tap):
    read_in, write_in = os.pipe()
    read_out, write_out = os.pipe()
    with Server([ECHO], stdin=read_in, stdout=write_out) as server:
        os.write(write_in, b"up\n")
        Reader(read_out).line()
        tap.equal("pipes that others share stay blocking",
                  [nonblocking(fd) for fd in (read_in, write_in, read_out, write_out)], [False] * 4)
        os.close(write_in)
        server.wait()
    for fd in (read_in, read_out, write_out):
        os.close(fd)


def shared_socket(tap):
    ours, theirs = socketpair()
    with ours, theirs, Server([ECHO], stdin=theirs, stdout=theirs) as server:
        ours.sendall(b"up\n")
        Reader(ours.fileno()).line()
        tap.equal("so does a socket", nonblocking(theirs.fileno()), False)
        ours.shutdown(1)
        server.wait()


def shared_terminal(tap):
    master, slave = os.openpty()
    tty.setraw(slave)
    with Server([ECHO], stdin=slave, stdout=slave) as server:
        os.write(master, b"up\n")
        Reader(master).line()
        tap.equal("so does a terminal", nonblocking(slave), False)
        server.signal(signal.SIGTERM)
        server.wait()
    os.close(master)
    os.close(slave)


WITHOUT_PROC = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs none /proc && exec "$@"', "sh"]


def without_proc(tap):
    name = "flags that had to be changed are set back"
    probe = subprocess.run([*WITHOUT_PROC, "true"], capture_output=True)
    if probe.returncode:
        tap.skip(name, "no right to hide /proc from the server")
        return
    for end in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, None):
        master, slave = os.openpty()
        tty.setraw(slave)
        with Server([ECHO], stdin=slave, stdout=slave, wrap=WITHOUT_PROC) as server:
            os.write(master, b"up\n")
            Reader(master).line()
            during = nonblocking(slave)
            if end is None:
                os.close(master)
            else:
                server.signal(end)
            code = server.wait()
            tap.equal(f"{name}, end by {end.name if end else 'hangup'}",
                      [during, nonblocking(slave), code], [True, False, 0])
        if end is not None:
            os.close(master)
        os.close(slave)


with Tap() as tap:
    for check in (printing, closed, children, shared_pipe, shared_socket, shared_terminal,
                  without_proc):
        check(tap)
