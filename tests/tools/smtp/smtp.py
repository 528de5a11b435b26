"""A real mail server for tests: npm's smtp-server, in the versions of package-lock.json."""
import base64
import email
import email.policy
import hashlib
import json
import os
import select
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = ("package.json", "package-lock.json", ".npmrc")


def _home():
    cache = os.environ.get("HEXMCP_CACHE") or os.path.join(HERE, "../../../.cache")
    return os.path.join(os.path.abspath(cache), "smtp")


def _key():
    digest = hashlib.sha256()
    for name in FILES:
        with open(os.path.join(HERE, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def why_missing():
    """Installs it if it is not there; why it cannot be used, or None."""
    home = _home()
    note = os.path.join(home, "installed")
    if os.path.exists(note):
        with open(note, encoding="utf-8") as file:
            if file.read() == _key():
                return None
    if not shutil.which("npm") or not shutil.which("node"):
        return "npm is not installed"
    os.makedirs(home, exist_ok=True)
    for name in FILES:
        shutil.copy(os.path.join(HERE, name), home)
    done = subprocess.run(["npm", "ci", "--ignore-scripts", "--loglevel=error"], cwd=home, capture_output=True, text=True,
                          check=False, timeout=120)
    if done.returncode:
        return f"npm cannot install smtp-server: {done.stderr.strip()[-200:]}"
    shutil.copy(os.path.join(HERE, "server.mjs"), home)
    with open(note, "w", encoding="utf-8") as file:
        file.write(_key())
    return None


class Mail:
    """with Mail(user="ann", password="x") as mail: mail.port ... mail.next()"""

    def __init__(self, **options):
        home = _home()
        shutil.copy(os.path.join(HERE, "server.mjs"), home)
        self.process = subprocess.Popen([shutil.which("node"), "server.mjs", json.dumps(options)], cwd=home,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.port = self._line(20)["port"]

    def _line(self, seconds):
        if not select.select([self.process.stdout], [], [], seconds)[0]:
            return None
        return json.loads(self.process.stdout.readline())

    def next(self, seconds=10):
        """The next message that it has taken, with the parsed `message`; None if there is none."""
        told = self._line(seconds)
        if told:
            told["data"] = base64.b64decode(told["data"])
            told["message"] = email.message_from_bytes(told["data"], policy=email.policy.default)
        return told

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
