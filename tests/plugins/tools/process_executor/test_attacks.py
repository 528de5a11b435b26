"""Programs that try to leave the sandbox of process-executor. Each check fails without it."""

import os
import socket
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

TOOL = "process-executor"
PROGRAMS = ["cat", "find", "sort", "tee", "ls", "python3", "grep", "awk", "env"]


class Attack:
    def __init__(self, library):
        self.library = library

    def run(self, *argv, folder=True, **more):
        if folder:
            more.setdefault("working_directory", self.library.folder)
        return self.library.call(TOOL, executable=argv[0], arguments=list(argv[1:]), **more)

    def python(self, code, **more):
        result = self.run("python3", "-c", code, **more)
        return ((result["stdout"] + result["stderr"]).strip().splitlines() or ["it said nothing"])[-1]


def reading(tap, attack, library, secret):
    def holds(name, result):
        tap.check(name, "SECRET" not in result["stdout"] + result["stderr"] and not result["success"],
                  result)

    os.symlink(secret, library.path("link.txt"))
    os.symlink(os.path.dirname(secret), library.path("linked"))
    up = os.path.relpath(secret, library.folder)
    holds("an absolute path", attack.run("cat", secret))
    holds("a path with ..", attack.run("cat", up))
    holds("a link out", attack.run("cat", "link.txt"))
    holds("a folder linked out", attack.run("cat", "linked/secret.txt"))
    holds("a search from above", attack.run("grep", "-r", "SECRET", os.path.dirname(secret)))
    holds("the file by /proc", attack.run("cat", "/proc/self/root" + secret))
    passwd = attack.run("cat", "/etc/passwd")
    tap.check("the users of the system", "root:" not in passwd["stdout"], passwd)
    environ = attack.python("import os; print(len(open(f'/proc/{os.getppid()}/environ').read()))")
    tap.equal("the environment of the server", environ.split(":")[0], "PermissionError")
    library.put("own.txt", "own")
    tap.check("a granted folder, without working_directory",
              "own" not in attack.run("cat", library.path("own.txt"), folder=False)["stdout"])
    for given in ("..", "/", "linked", "link.txt", "../" + os.path.basename(library.folder) + "/../.."):
        said = library.fails(TOOL, executable="ls", working_directory=given)
        tap.check(f"working_directory {given}", '"stdout"' not in said, said)


def swapping(tap, attack, library, secret):
    """A folder that becomes a link and back while programs start in it."""
    library.put("swap/secret.txt", "harmless")
    stop = threading.Event()
    path, aside = library.path("swap"), library.path("aside")

    def swap():
        while not stop.is_set():
            os.rename(path, aside)
            os.symlink(os.path.dirname(secret), path)
            os.unlink(path)
            os.rename(aside, path)

    thread = threading.Thread(target=swap)
    thread.start()
    seen, started = [], 0
    try:
        for _ in range(150):
            said = library.fails(TOOL, executable="cat", arguments=["secret.txt"], working_directory="swap")
            said += library.fails(TOOL, executable="cat", arguments=["swap/secret.txt"],
                                  working_directory=".")
            started += "harmless" in said
            if "SECRET" in said:
                seen.append(said)
    finally:
        stop.set()
        thread.join()
    tap.equal("a folder that is swapped for a link", seen, [])
    tap.check("while programs ran in it", started > 0)


def writing(tap, attack, library, outside):
    target = os.path.join(outside, "made.txt")
    attack.run("tee", target, stdin="x", writable=True)
    tap.check("tee outside", not os.path.exists(target))
    attack.run("sort", "-o", target, stdin="x", writable=True)
    tap.check("sort -o outside", not os.path.exists(target))
    attack.run("awk", f'BEGIN {{ print "x" > "{target}" }}', writable=True)
    tap.check("awk outside", not os.path.exists(target))
    library.put("kept.txt", "kept")
    attack.run("find", ".", "-name", "kept.txt", "-delete")
    tap.check("find -delete without writable", os.path.exists(library.path("kept.txt")))
    moved = attack.python(f"import os; os.rename('kept.txt', {target!r})", writable=True)
    tap.check("moving a file out", not os.path.exists(target), moved)
    os.symlink(outside, library.path("out"))
    attack.run("tee", "out/made.txt", stdin="x", writable=True)
    tap.check("through a link", not os.path.exists(target))
    attack.run("find", ".", "-name", "kept.txt", "-delete", writable=True)
    tap.check("with writable it works", not os.path.exists(library.path("kept.txt")))


def starting(tap, attack, library):
    found = attack.run("find", ".", "-maxdepth", "0", "-exec", "/bin/echo", "ESCAPED", ";")
    tap.check("find -exec", "ESCAPED" not in found["stdout"], found)
    awk = attack.run("awk", 'BEGIN { system("echo ESCAPED") }')
    tap.check("awk system()", "ESCAPED" not in awk["stdout"], awk)
    env = attack.run("env", "sh", "-c", "echo ESCAPED")
    tap.check("env PROGRAM", "ESCAPED" not in env["stdout"], env)
    lines = "\n".join(f"{i:07d}" for i in range(40000))
    attack.run("sort", "-S", "100k", "--compress-program", "/bin/false", stdin=lines)
    result = attack.python("import subprocess; print(subprocess.run(['/bin/echo', 'ESCAPED']))")
    tap.equal("fork", result, "PermissionError: [Errno 1] Operation not permitted: '/bin/echo'"
              if "/bin/echo" in result else "PermissionError: [Errno 1] Operation not permitted")
    tap.equal("exec", attack.python("import os; os.execv('/bin/echo', ['echo', 'ESCAPED'])"),
              "PermissionError: [Errno 1] Operation not permitted")
    loader = "/lib64/ld-linux-x86-64.so.2" if os.uname().machine == "x86_64" else "/lib/ld-linux-aarch64.so.1"
    tap.equal("the loader", attack.python(f"import os; os.execv({loader!r}, ['ld', '/bin/echo', 'ESCAPED'])"),
              "PermissionError: [Errno 1] Operation not permitted")
    library.put("prog", "#!/bin/sh\necho ESCAPED\n")
    os.chmod(library.path("prog"), 0o755)
    tap.equal("a program of the folder", attack.python("import os; os.execv('./prog', ['prog'])"),
              "PermissionError: [Errno 1] Operation not permitted")
    number = 322 if os.uname().machine == "x86_64" else 281
    again = (
        "import ctypes, os, resource\n"
        "try:\n    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))\n"
        "except (ValueError, PermissionError):\n    pass\n"
        "fd = os.open('/usr/lib/locale', os.O_RDONLY)\n"
        "try:\n    os.dup2(fd, 600)\n    print('PLACED')\n"
        "except OSError as e:\n    print(e.errno)\n")
    tap.equal("the descriptor of the one exec cannot be had again", attack.python(again), "9")
    empty = (
        "import ctypes\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        f"libc.syscall({number}, 3, b'', None, None, 0x1000)\n"
        "print(ctypes.get_errno())\n")
    tap.equal("another descriptor", attack.python(empty), "1")


def reaching(tap, attack, library):
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(0.2)
    port = server.getsockname()[1]
    tap.equal("a socket", attack.python(f"import socket; socket.create_connection(('127.0.0.1', {port}))"),
              "PermissionError: [Errno 1] Operation not permitted")
    try:
        server.accept()
        reached = True
    except OSError:
        reached = False
    server.close()
    tap.check("nobody was reached", not reached)
    unix = "import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"
    tap.equal("a local socket", attack.python(unix), "PermissionError: [Errno 1] Operation not permitted")
    tap.equal("a signal to the server", attack.python("import os; os.kill(os.getppid(), 0)"),
              "PermissionError: [Errno 1] Operation not permitted")
    tap.equal("a larger limit of descriptors", attack.python(
        "import resource; print(resource.getrlimit(resource.RLIMIT_NOFILE))"), "(512, 512)")
    tap.equal("memory", attack.python("b = bytearray(3 << 30)"), "MemoryError")
    tap.equal("a large file", attack.python(
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "import tempfile; f = tempfile.TemporaryFile(); f.truncate(60 << 20)", writable=True),
        "OSError: [Errno 27] File too large")


def naming(tap, library):
    for name in ("/bin/sh", "sh", "../bin/sh", "cat;sh", "./cat", "-c", "bin/cat"):
        said = library.fails(TOOL, executable=name, arguments=["-c", "echo ESCAPED"])
        tap.check(f"the program {name}", said.startswith(f"the program {name} is not granted;"), said)


def main(program):
    with Tap() as tap:
        with Library(program, {"grants": {"programs": PROGRAMS}}) as library:
            attack = Attack(library)
            outside = library.place.folder("outside")
            secret = os.path.join(outside, "secret.txt")
            with open(secret, "w", encoding="ascii") as file:
                file.write("SECRET\n")
            reading(tap, attack, library, secret)
            swapping(tap, attack, library, secret)
            writing(tap, attack, library, outside)
            starting(tap, attack, library)
            reaching(tap, attack, library)
            naming(tap, library)


if __name__ == "__main__":
    main(sys.argv[1])
