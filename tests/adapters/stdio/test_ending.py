"""How the wire ends: python3 test_ending.py ECHO_SERVER"""

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "tools"))
from peer import Reader, Server, gone
from tap import Tap

ECHO = sys.argv[1]
LONG = "100000"  # ms, far more than any test waits


def useless(command):
    """Why the command cannot be used here; None if it can."""
    try:
        probe = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        return f"{command[0]} is not installed"
    return probe.stderr or "it fails" if probe.returncode else None


def end_of_input(tap):
    with Server([ECHO]) as server:
        lines, code = server.finish("delay 200 a\nwork 200 b\nc\n")
        tap.equal("accepted requests run on", [sorted(lines), code],
                  [["echo a", "echo b", "echo c"], 0])
    with Server([ECHO, "drain=100"]) as server:
        lines, code = server.finish(f"delay {LONG} a\ndelay 1 b\ndelay {LONG} c\n")
        tap.equal("for so long; then each is answered", [sorted(lines), code],
                  [["cancelled a", "cancelled c", "echo b"], 0])
    with Server([ECHO, "drain=0"]) as server:
        tap.equal("no drain", server.finish(f"delay {LONG} a\n"), (["cancelled a"], 0))
    with Server([ECHO, "drain=100"]) as server:
        tap.equal("a worker that does not come back is not waited for",
                  server.finish(f"work {LONG} a\n"), (["cancelled a"], 0))
    with Server([ECHO, "drain=100"]) as server:
        tap.equal("an endpoint that wants no more input does not prevent the end",
                  server.finish("pause 0 a\nb\n"), (["echo a"], 0))
    with Server([ECHO, "drain=100"]) as server:
        server.send("pause 0 a\n")
        first = server.line()
        lines, code = server.finish("b\n")
        tap.equal("nor if the end comes later", [first, lines, code], ["echo a", [], 0])


def signals(tap):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        with Server([ECHO, f"drain={LONG}"]) as server:
            server.send(f"delay {LONG} a\nwork {LONG} b\nc\n")
            first = server.line()
            server.signal(number)
            lines = sorted(server.out.rest())
            tap.equal(f"{number.name} cancels and answers", [first, lines, server.wait()],
                      ["echo c", ["cancelled a", "cancelled b"], 0])
    with Server([ECHO, f"drain={LONG}"]) as server:
        server.send(f"delay {LONG} a\nc\n")
        server.line()
        server.end_input()
        server.signal(signal.SIGTERM)
        tap.equal("a signal cuts the drain short", [server.out.rest(), server.wait()],
                  [["cancelled a"], 0])
    with Server([ECHO, f"drain={LONG}"]) as server:
        server.send("pause 0 a\n")
        server.line()
        server.signal(signal.SIGTERM)
        tap.equal("a signal ends a paused wire", [server.out.rest(), server.wait()], [[], 0])
    with Server([ECHO]) as server:
        server.send("up\n")
        server.line()
        server.signal(signal.SIGPIPE)
        server.send("still up\n")
        tap.equal("SIGPIPE is nothing", server.line(), "echo still up")


def client_gone(tap):
    for name, request in (("idle", "up\n"), ("with requests", f"delay {LONG} a\nup\n"),
                          ("paused", "delay 1 up\npause 0 a\n")):
        with Server([ECHO, f"drain={LONG}"]) as server:
            server.send(request)
            server.line()
            server.process.stdout.close()
            tap.equal(f"closed output is the end, input still open: {name}", server.wait(), 0)
    with Server([ECHO, f"drain={LONG}"]) as server:
        server.send("up\nbig 10000000\n")
        server.line()
        server.process.stdout.close()
        tap.equal("the same with answers queued", server.wait(), 0)
    with Server([ECHO, f"drain={LONG}"]) as server:
        server.process.stdout.close()
        server.send("into the void\n")
        tap.equal("as is a failed write", server.wait(), 0)


def slow_last_words(tap):
    with Server([ECHO, "drain=100"]) as server:
        server.send("big 3000000\nend\n")
        server.end_input()
        got = 0
        while True:
            data = os.read(server.out.fd, 131072)
            if not data:
                break
            got += len(data)
            time.sleep(0.05)
        tap.equal("a client that reads slowly gets everything", [got, server.wait()],
                  [3000001 + len("echo end\n"), 0])
    count, size = 6500, 10000
    with Server([ECHO, "drain=300"]) as server:
        sender = threading.Thread(
            target=lambda: (server.send(f"big {size}\n" * count), server.end_input()))
        sender.start()
        got = 0
        while got < count:  # slower than drain_ms altogether
            got += sum(len(line) == size for line in server.lines(50))
            time.sleep(0.01)
        sender.join()
        tap.equal("also one whose requests were not all read at the end of input",
                  [got, server.out.rest(), server.wait()], [count, [], 0])
    with Server([ECHO, "drain=100"]) as server:
        server.send("big 3000000\n")
        server.end_input()
        tap.equal("a client that does not read at all is left", server.wait(), 0)
    with Server([ECHO, "drain=100"]) as server:
        server.send("up\n")
        server.line()
        server.send("big 3000000\n" * 10)
        server.signal(signal.SIGTERM)
        tap.equal("the same after a signal", server.wait(), 0)


# A launcher: starts the server on its own descriptors, says its pid, and waits.
LAUNCHER = ["sh", "-c", 'exec 3<&0; "$@" 0<&3 3<&- & echo $! >&2; exec 3<&-; wait', "sh"]


def launch(*args, tracer=()):
    server = Server([*tracer, ECHO, *args], wrap=LAUNCHER)
    pid = int(server.err.line())
    server.send("up\n")
    server.line()
    return server, pid


def parent(tap):
    server, pid = launch(f"drain={LONG}")
    with server:
        server.send(f"delay {LONG} a\nb\n")
        server.line()
        server.process.kill()
        tap.equal("the death of the parent ends it, pipes still open", server.out.rest(),
                  ["cancelled a"])
        tap.check("and nothing is left", gone(pid))
    server, pid = launch("parent=0")
    with server:
        server.process.kill()
        server.process.wait()
        server.send("still here\n")
        tap.equal("unless it shall not watch", server.line(), "echo still here")
        server.end_input()
        tap.check("then the end of input ends it", gone(pid))


def old_kernel(tap):
    """Without pidfd the parent is looked after by a timer."""
    name = "without pidfd the death of the parent is seen as well"
    tracer = ["strace", "-D", "-qq", "-o", "/dev/null", "-e", "trace=pidfd_open",
              "-e", "inject=pidfd_open:error=ENOSYS"]
    if why := useless(["strace", "-o", "/dev/null", "true"]):
        tap.skip(name, why)
        return
    server, pid = launch(f"drain={LONG}", tracer=tracer)
    with server:
        server.send(f"delay {LONG} a\nb\n")
        server.line()
        server.process.kill()
        tap.equal(name, [server.out.rest(), gone(pid)], [["cancelled a"], True])


def parent_thread(tap):
    """PR_SET_PDEATHSIG would end the server with the thread that started it."""
    started = []
    thread = threading.Thread(target=lambda: started.append(Server([ECHO])))
    thread.start()
    thread.join()
    with started[0] as server:
        time.sleep(0.1)
        tap.equal("the end of the parent's thread is nothing", server.finish("up\n"),
                  (["echo up"], 0))


def namespace(tap):
    name = "the first process of a PID namespace, which sees no parent"
    wrap = ["unshare", "--pid", "--fork"]
    if why := useless([*wrap, "true"]):
        tap.skip(name, why)
        return
    with Server([ECHO], wrap=wrap) as server:
        server.send("up\n")
        first = server.line()
        time.sleep(1.2)  # longer than the parent is looked after where there is no pidfd
        tap.equal(name, [first, server.finish("still up\n")], ["echo up", (["echo still up"], 0)])


with Tap() as tap:
    for check in (end_of_input, signals, client_gone, slow_last_words, parent, parent_thread,
                  old_kernel, namespace):
        check(tap)
