"""A server that a test starts for itself, in a folder of its own and on a socket there.

What a server needs to be found again is in FOLDER/server.json, so that another process can stop and start
it: `postgresql.py stop FOLDER`.
"""
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time


def throwaway_user(*names):
    """What a command begins with that must not run as root, and the ids: nothing if we are not root."""
    if os.geteuid() != 0:
        return [], None
    for name in names + ("nobody",):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        prefix = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        return prefix, (user.pw_uid, user.pw_gid)
    raise RuntimeError("there is no user to run a server as")


def family(pid):
    """The process and all its children, and theirs."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    parents[int(name)] = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


class Server:
    """A subclass has a name, prepare() (once) and command(), and ready()."""

    def __init__(self, folder):
        self.folder = os.path.abspath(folder)
        self.note = os.path.join(self.folder, "server.json")
        self.prefix, self.ids = throwaway_user("postgres")

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def own(self, path):
        """Gives a folder or file to the one who runs the server."""
        if self.ids:
            os.chown(path, *self.ids)

    def start(self):
        if not os.path.exists(self.note):
            os.chmod(self.folder, 0o755)
            self.prepare()
        elif self.runs(self.pid()):
            return
        with open(self.path("log"), "ab") as log:
            # no child of ours: it must outlive the process that starts it again
            process = subprocess.Popen(self.prefix + self.command(), stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, start_new_session=True, cwd=self.folder)
        with open(self.note, "w", encoding="utf-8") as file:
            json.dump({"pid": process.pid}, file)
        try:
            for _ in range(600):
                if self.ready():
                    return
                if process.poll() is not None:
                    break
                time.sleep(0.05)
        except BaseException:
            self.stop()
            raise
        self.stop()
        with open(self.path("log"), encoding="utf-8", errors="replace") as file:
            raise RuntimeError(f"{self.name} does not start:\n{file.read()[-2000:]}")

    def pid(self):
        with open(self.note, encoding="utf-8") as file:
            return json.load(file)["pid"]

    def stop(self):
        """Ends it at once, also one that is frozen or has ended."""
        if not os.path.exists(self.note):
            return
        pid = self.pid()
        if not self.runs(pid):
            return
        self.thaw()
        os.kill(pid, self.stop_signal)
        for _ in range(200):
            if not self.runs(pid):
                return
            time.sleep(0.05)
        for one in family(pid):
            os.kill(one, signal.SIGKILL)

    def runs(self, pid):
        """Is it there, and not only a zombie that its parent has not asked for?"""
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            pass
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
                return file.read().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def _tell(self, number):
        for pid in family(self.pid()):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue

    def freeze(self):
        self._tell(signal.SIGSTOP)

    def thaw(self):
        self._tell(signal.SIGCONT)

    def control(self):
        """A program: `control stop|start|freeze|thaw`."""
        script = self.path("control")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nexec "{sys.executable}" "{sys.modules[type(self).__module__].__file__}"'
                       f' "$1" "{self.folder}"\n')
        os.chmod(script, 0o755)
        return script

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *error):
        self.stop()


def find(program, *folders):
    """The path of a program, also outside of PATH; None if it is not there."""
    return shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""),) + folders))


def main(kind):
    what, folder = sys.argv[1:3]
    getattr(kind(folder), what)()
