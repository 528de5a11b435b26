"""Real servers of npm for tests: a folder with package.json, package-lock.json, .npmrc and server.mjs."""
import hashlib
import json
import os
import select
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = ("package.json", "package-lock.json", ".npmrc")


def _home(folder):
    cache = os.environ.get("HEXMCP_CACHE") or os.path.join(HERE, "../../.cache")
    return os.path.join(os.path.abspath(cache), os.path.basename(folder))


def _key(folder):
    digest = hashlib.sha256()
    for name in FILES:
        with open(os.path.join(folder, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def why_missing(folder):
    """Installs what is locked there if it is not there; why it cannot be used, or None."""
    home = _home(folder)
    note = os.path.join(home, "installed")
    if os.path.exists(note):
        with open(note, encoding="utf-8") as file:
            if file.read() == _key(folder):
                return None
    if not shutil.which("npm") or not shutil.which("node"):
        return "npm is not installed"
    os.makedirs(home, exist_ok=True)
    for name in FILES:
        shutil.copy(os.path.join(folder, name), home)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], cwd=home, capture_output=True,
                          text=True, check=False, timeout=120)
    if done.returncode:
        return f"npm cannot install {os.path.basename(folder)}: {done.stderr.strip()[-200:]}"
    with open(note, "w", encoding="utf-8") as file:
        file.write(_key(folder))
    return None


class NpmServer:
    """server.mjs with these options, which says {"port"} and then a JSON object on each line."""

    def __init__(self, folder, **options):
        home = _home(folder)
        shutil.copy(os.path.join(folder, "server.mjs"), home)
        self.said = b""  # and not read yet; what Python's own buffer holds select() does not see
        self.process = subprocess.Popen([shutil.which("node"), "server.mjs", json.dumps(options)], cwd=home,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = (self.line(20) or {}).get("port")

    def line(self, seconds=10):
        """The next thing that it says; None if it says nothing."""
        while b"\n" not in self.said:
            if not select.select([self.process.stdout], [], [], seconds)[0]:
                return None
            piece = os.read(self.process.stdout.fileno(), 65536)
            if not piece:
                return None
            self.said += piece
        line, self.said = self.said.split(b"\n", 1)
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
