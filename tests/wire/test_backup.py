"""Artifacts and backups by the real program, over the store in SQLite: what was stored comes back; a wrong
key, a damaged, a cut and a future backup are refused, and nothing has changed then.

test_backup.py HEXMCP
"""
import json
import os
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
from tap import Tap  # noqa: E402

HEXMCP = os.path.abspath(sys.argv[1])


class House:
    """A home of its own with a state folder."""

    def __init__(self, folder):
        self.folder = folder
        self.state = os.path.join(folder, "state", "hexmcp")
        self.backups = os.path.join(self.state, "backups")
        os.makedirs(self.state)
        self.settings = {}
        self.written = None
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder,
                            "XDG_STATE_HOME": os.path.join(folder, "state"), "LC_ALL": "C.UTF-8"}

    def run(self, *words, data=b"", code=0):
        config = os.path.join(self.folder, "config.json")
        if self.written != self.settings:
            with open(config, "w", encoding="utf-8") as file:
                json.dump(self.settings, file)
            self.written = self.settings
        done = subprocess.run([HEXMCP, *words, "--config", config], input=data, capture_output=True,
                              env=self.environment, timeout=60, check=False)
        if done.returncode != code:
            raise AssertionError(f"{words}: exit {done.returncode}, not {code}: {done.stderr.decode()}")
        return done.stdout if code == 0 else done.stderr.decode()

    def answer(self, *words, **more):
        return json.loads(self.run(*words, **more))

    def put(self, name, data, *words):
        return self.answer("artifacts", "put", "-", "--name", name, *words, data=data)["artifact"]

    def names(self):
        found = self.answer("artifacts", "--json", "--limit", "200")["artifacts"]
        return sorted(one["name"] for one in found)

    def path(self, backup):
        return os.path.join(self.backups, backup + ".hexmcpb")


def artifacts(tap, house):
    noise = os.urandom(2_500_000)
    first = house.put("noise", noise, "--tag", "big", "--session", "s1")
    tap.equal("an artifact has its size", first["size"], len(noise))
    tap.equal("it comes back", house.run("artifacts", "get", first["id"]), noise)
    tap.equal("a part of it comes back",
              house.run("artifacts", "get", "noise", "--session", "s1", "--offset", "1048570",
                        "--length", "20"), noise[1048570:1048590])
    text = house.put("text", b"hexmcp " * 200_000)
    tap.check("text is compressed", text["storedBytes"] < 2000, text)
    b3sum = subprocess.run(["b3sum", "--no-names"], input=noise, capture_output=True, check=False)
    tap.equal("its id is the digest that b3sum computes", first["id"],
              "blake3:" + b3sum.stdout.decode().strip())
    missing = "blake3:" + "0" * 64
    tap.equal("another id is not found", house.run("artifacts", "get", missing, code=4),
              f"hexmcp: there is no artifact {missing}; artifact.list shows what there is\n")
    house.run("artifacts", "tag", "text", "--add", "x")
    tap.equal("tags are found", [one["name"] for one in
                                 house.answer("artifacts", "--json", "--tag", "x")["artifacts"]],
              ["text"])
    tap.equal("a session's artifacts are removed",
              house.answer("artifacts", "remove", "--session", "s1"), {"removed": 1, "held": 0})
    tap.equal("their bytes are in the grace", house.answer("artifacts", "gc")["removedBlocks"], 0)
    tap.equal("the rest is still there", house.names(), ["text"])


def tools(tap, house):
    stored = house.answer("call", "artifact-store",
                          json.dumps({"name": "hi.md", "text": "# h\u00e9llo", "mimeType": "text/markdown"}))
    name = stored["artifact"]["id"]
    tap.equal("a tool stores text", stored["artifact"]["size"], 8)
    tap.equal("it is a resource", house.run("resources", "read", f"hexmcp://artifact/{name}"),
              "# h\u00e9llo".encode())
    tap.equal("and a part of it", house.run("resources", "read",
                                            f"hexmcp://artifact/{name}?offset=0&length=3"), b"# h")
    house.run("call", "artifact-store", json.dumps({"name": "raw", "base64": "AAEC/w=="}))
    raw = house.answer("artifacts", "show", "raw")["artifact"]
    tap.equal("a tool stores bytes", house.run("artifacts", "get", "raw"), b"\x00\x01\x02\xff")
    tap.equal("which are a resource", house.run("resources", "read", "hexmcp://artifact/" + raw["id"]),
              b"\x00\x01\x02\xff")
    house.put("long", b"x" * 1_048_577)
    long = house.answer("artifacts", "show", "long")["artifact"]["id"]
    told = house.answer("call", "artifact-read", json.dumps({"name": "long"}), "--json")
    tap.equal("what is long is linked to", told["content"][1],
              {"type": "resource_link", "uri": "hexmcp://artifact/" + long, "name": "long",
               "mimeType": "application/octet-stream", "size": 1_048_577})
    for one in (name, raw["id"], long):
        house.run("artifacts", "remove", one)


def restores(tap, house):
    house.put("before", b"what was there")
    full = house.answer("backup", "create")["backup"]
    tap.equal("the first backup is a full one", (full["kind"], full["store"]), ("full", "sqlite"))
    house.put("later", b"what came later")
    second = house.answer("backup", "create")["backup"]
    tap.equal("the next one adds to it", (second["kind"], second["parent"]), ("incremental", full["id"]))
    tap.check("and is smaller", second["written"] < second["records"], second)
    house.run("backup", "verify", second["id"])
    house.run("artifacts", "remove", house.answer("artifacts", "show", "before")["artifact"]["id"])
    check = house.answer("backup", "restore", second["id"], "--dry-run")
    tap.equal("a dry run restores nothing", (check["restored"], house.names()), (False, ["later", "text"]))
    done = house.answer("backup", "restore", second["id"])
    tap.equal("the second one is restored", house.names(), ["before", "later", "text"])
    tap.equal("with the bytes", house.run("artifacts", "get", "before"), b"what was there")
    house.run("backup", "restore", full["id"])
    tap.equal("the first one is restored", house.names(), ["before", "text"])
    house.run("backup", "restore", done["before"]["id"])
    tap.equal("and what was there before", house.names(), ["later", "text"])
    return full["id"]


def refused(tap, house, name, backup, expected):
    """Restoring fails with the message, and everything is as before, without one backup more."""
    names, count = house.names(), len(os.listdir(house.backups))
    done = subprocess.run([HEXMCP, "backup", "restore", backup, "--config",
                           os.path.join(house.folder, "config.json")],
                          capture_output=True, env=house.environment, timeout=60, check=False)
    message = done.stderr.decode().splitlines()[-1]
    tap.check(f"{name} is refused", done.returncode != 0, done)
    tap.equal(f"{name}: the message", message, "hexmcp: " + expected)
    tap.equal(f"{name}: nothing has changed", (house.names(), len(os.listdir(house.backups))),
              (names, count))


def damage(tap, house, backup):
    path = house.path(backup)
    with open(path, "rb") as file:
        whole = file.read()

    def write(data):
        with open(path, "wb") as file:
            file.write(data)

    middle = bytearray(whole)
    middle[len(whole) // 2] ^= 1
    write(middle)
    refused(tap, house, "a flipped bit", backup,
            f"{backup}: the backup is damaged: a part is not as it was written; use another one")
    write(whole[:-1] + bytes([whole[-1] ^ 128]))
    refused(tap, house, "a flipped bit at the end", backup,
            f"{backup}: the backup is damaged: it is not as it was written; use another one")
    write(whole[:len(whole) // 2])
    refused(tap, house, "half a file", backup,
            f"{backup}: the backup is damaged: its end is cut off; use another one")
    write(whole[:8] + b"\x02" + whole[9:])
    refused(tap, house, "a future format", backup,
            f"{backup}: the backup has format 2, and this hexmcp reads format 1; use the hexmcp that made "
            "it, or a newer one")
    passed = 0
    places = range(0, len(whole), max(1, len(whole) // 40))
    for place in places:
        write(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1:])
        done = subprocess.run([HEXMCP, "backup", "verify", backup], capture_output=True,
                              env=house.environment, timeout=60, check=False)
        passed += done.returncode != 0
    tap.equal("every flipped bit is found", passed, len(places))
    write(whole)
    house.run("backup", "verify", backup)


def keys(tap, house):
    key = os.path.join(house.folder, "backup.key")
    with open(key, "w", encoding="ascii") as file:
        file.write("ab" * 32 + "\n")
    os.chmod(key, 0o600)
    house.settings = {"backup": {"key": "main"}, "encryption": {"keys": {"main": {"file": key}}}}
    house.put("secret-name", b"nobody shall read this")
    sealed = house.answer("backup", "create")["backup"]
    tap.equal("the backup is encrypted", (sealed["encrypted"], sealed["key"], sealed["kind"]),
              (True, "main", "full"))
    with open(house.path(sealed["id"]), "rb") as file:
        tap.check("nothing of it can be read", b"secret-name" not in file.read())
    house.run("backup", "verify", sealed["id"])
    with open(key, "w", encoding="ascii") as file:
        file.write("cd" * 32 + "\n")
    refused(tap, house, "a wrong key", sealed["id"],
            f"{sealed['id']}: the key \"main\" does not open the backup {sealed['id']}; configure the "
            "key that sealed it")
    house.settings = {}
    house.run("backup")
    refused(tap, house, "no key", sealed["id"],
            f"{sealed['id']}: it is encrypted with the key \"main\", which encryption.keys does not "
            "name")


def under_load(tap, house):
    """Writers store pairs, one half after the other, each half with a record and its indexes in one step;
    in what is restored no left half is newer than the oldest right one that is missing, and every one
    that is listed can be read."""
    stop = threading.Event()
    failed = []

    def writer(number):
        count = 0
        try:
            while not stop.is_set() and count < 40:
                house_of(number).put(f"left-{number}-{count}", f"{number} {count}".encode())
                house_of(number).put(f"right-{number}-{count}", f"{number} {count}".encode())
                count += 1
        except Exception as error:  # pylint: disable=broad-except
            failed.append(error)

    def house_of(_):
        return house

    threads = [threading.Thread(target=writer, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    taken = [house.answer("backup", "create", "--kind", "full")["backup"]["id"] for _ in range(2)]
    stop.set()
    for thread in threads:
        thread.join()
    tap.equal("the writers were not disturbed", failed, [])
    for backup in taken:
        house.run("backup", "restore", backup)
        names = house.names()
        for number in range(2):
            left = {n for n in names if n.startswith(f"left-{number}-")}
            right = {n for n in names if n.startswith(f"right-{number}-")}
            expected = {n.replace("left", "right") for n in left}
            tap.check("pairs are whole, but for the last one", right <= expected and
                      len(expected - right) <= 1, (left, right))
            for name in sorted(left)[:5]:
                part = name.split("-")
                tap.equal("what is listed can be read", house.run("artifacts", "get", name),
                          f"{part[1]} {part[2]}".encode())


def main():
    with Tap() as tap, tempfile.TemporaryDirectory(prefix="hexmcp-backup-") as folder:
        house = House(folder)
        artifacts(tap, house)
        tools(tap, house)
        backup = restores(tap, house)
        damage(tap, house, backup)
        keys(tap, house)
        under_load(tap, house)


main()
