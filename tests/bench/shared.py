#!/usr/bin/env python3
"""Memory of many sessions with one server: `hexmcp connect` beside a program that does nothing, and
twenty of them with their server beside one server on the official TypeScript SDK.

usage: shared.py HEXMCP [PEER...]      PEER: the command line of the other server

Private memory is what would be free if the process ended (smaps_rollup). Exit status 1: a shim needs
more than 300 KiB over the program that does nothing, or the sessions more than the peer.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

SESSIONS = 20
CALLS = 50
LIMIT = 300
IDLE = "#include <unistd.h>\nint main(void) { char c; return (int)read(0, &c, 1); }\n"


def private(pid):
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("Private_"))


def start(*command, env=None):
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)


def ask(process, number, method, **params):
    line = json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    process.stdin.write(line.encode() + b"\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "result" not in answer:
        sys.exit(f"{method}: {answer}")
    return answer["result"]


def use(process, tool, arguments):
    """A session as clients have it: handshake, list, calls."""
    ask(process, 0, "initialize", protocolVersion="2025-11-25", capabilities={},
        clientInfo={"name": "bench", "version": "1"})
    process.stdin.write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
    ask(process, 1, "tools/list")
    for number in range(2, CALLS + 2):
        ask(process, number, "tools/call", name=tool, arguments=arguments)


def trivial(folder):
    source, program = os.path.join(folder, "idle.c"), os.path.join(folder, "idle")
    with open(source, "w", encoding="ascii") as file:
        file.write(IDLE)
    subprocess.run(["cc", "-O2", "-o", program, source], check=True)
    processes = [start(program) for _ in range(2)]
    time.sleep(0.2)
    size = private(processes[0].pid)
    for process in processes:
        process.kill()
    return size


def sessions(hexmcp, folder):
    """The sizes of the server and of the sessions, after use."""
    env = {**os.environ, "HOME": folder, "XDG_RUNTIME_DIR": folder}
    path = os.path.join(folder, "socket")
    server = subprocess.Popen([hexmcp, "serve", "--unix", path], env=env, stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    while not os.path.exists(path):
        time.sleep(0.01)
    shims = [start(hexmcp, "connect", "--unix", path, env=env) for _ in range(SESSIONS)]
    for shim in shims:
        use(shim, "base64-encoder", {"operation": "encode", "input": "hello"})
    time.sleep(2)  # what was used for a moment goes back after one second
    sizes = private(server.pid), [private(shim.pid) for shim in shims]
    for shim in shims:
        shim.stdin.close()
        shim.wait()
    server.terminate()
    server.wait()
    return sizes


def peer_size(command):
    peer = start(*command)
    use(peer, "hello", {"name": "you"})
    time.sleep(2)
    size = private(peer.pid)
    peer.kill()
    return size


def main():
    hexmcp, peer = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        idle = trivial(folder)
        server, shims = sessions(hexmcp, folder)
    over = max(shims) - idle
    total = server + sum(shims)
    print(f"a program that does nothing: {idle} KiB private")
    print(f"hexmcp connect, largest of {SESSIONS}: {max(shims)} KiB, {over} KiB more (at most {LIMIT})")
    print(f"{SESSIONS} sessions: {sum(shims)} KiB, their server: {server} KiB, together {total} KiB")
    failed = over > LIMIT
    if peer:
        size = peer_size(peer)
        print(f"one server on the TypeScript SDK: {size} KiB; {SESSIONS} sessions and their server need "
              f"{100 * total // size} % of it")
        failed = failed or total >= size
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
