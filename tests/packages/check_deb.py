"""The Debian package: what Debian says of it, and a real installation that leaves nothing behind.

As a program it runs inside of a root of its own, which is this machine's with a layer over it:
  check_deb.py PACKAGE ROOT
installs the package, uses it, removes it, and prints what it found as JSON.
"""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from installed import Notes, build_hello, run, tools_of, use  # noqa: E402
from session import Place  # noqa: E402

# A layer over the root that only this process and its children see; all changes stay in it.
LAYER = """set -e
mount -t tmpfs layer "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay over -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/root"
for folder in proc dev; do mount --rbind "/$folder" "$1/root/$folder"; done
mount -t tmpfs temporary "$1/root/tmp"
mkdir "$1/root/tmp/given"
cp "$2" "$1/root/tmp/given/hexmcp.deb"
cp -r "$3" "$1/root/tmp/given/tests"
mkdir -p "$1/root/tmp/given/root/plugins/examples"
cp -r "$4" "$1/root/tmp/given/root/plugins/examples/"
chroot "$1/root" python3 /tmp/given/tests/packages/check_deb.py \\
    /tmp/given/hexmcp.deb /tmp/given/root
"""


def fields(package):
    return dict(re.findall(r"^(\S+): (.*)$", run("dpkg-deb", "-f", package).stdout, re.M))


def names_in(relation):
    return [item.split()[0] for item in relation.split(", ") if item]


def check_control(tap, package):
    have = fields(package)
    depends, recommends = names_in(have["Depends"]), names_in(have["Recommends"])
    for name in ("libc6", "libuv1", "libpcre2-8-0", "libsodium23"):
        tap.check(f"deb: depends on {name}", name in depends, have["Depends"])
    for name in ("libmuparser2v5", "libutf8proc2", "libuuid1", "libssl3", "libgit2-1.5"):
        tap.check(f"deb: recommends {name}, which a plugin loads", name in recommends
                  and name not in depends, have["Recommends"])
    told = run("sh", "-c", 'dpkg-deb --fsys-tarfile "$1" | tar -xO ./usr/share/doc/hexmcp/copyright', "sh", package).stdout
    for plugin, library in (("pdf-processor", "libpoppler-glib.so.8"), ("video-processor", "libavcodec.so.59")):
        tap.check(f"deb: {plugin} is under the GPL as a whole, which the copyright says", re.search(
            rf"hexmcp\.{plugin} loads .*{re.escape(library)}", told), told[:1500])
    listed = run("dpkg-deb", "-c", package).stdout.splitlines()
    tap.equal("deb: everything is root's", [line for line in listed if " root/root " not in line], [])
    tap.equal("deb: nothing that others can write",
              [line for line in listed if line[0] != "l" and line[5] + line[8] != "--"], [])
    tap.equal("deb: nothing outside of /usr", [
        line for line in listed if not re.search(r" \./(usr/.*)?$", line)], [])


def check_lintian(tap, package):
    if run("sh", "-c", "command -v lintian").returncode:
        tap.skip("deb: lintian", "lintian is not installed; ./dev test installs it")
        return
    told = run("lintian", "--allow-root", "--no-cfg", package)
    tags = [line for line in told.stdout.splitlines() if re.match("[EWIX]: ", line)]
    if "man1/hexmcp.1" not in run("dpkg-deb", "-c", package).stdout:
        tags = [line for line in tags if " no-manual-page " not in line]
    tap.equal("deb: lintian has nothing to say", (tags, told.stderr), ([], ""))


def check_installation(tap, package, root):
    """In a layer, so that the package manager is the real one and the machine stays as it is."""
    if os.geteuid():
        tap.skip("deb: installed, used, removed", "only root can put a layer over the file system")
        return
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with tempfile.TemporaryDirectory() as top:
        done = run("unshare", "--mount", "sh", "-c", LAYER, "sh", top, package, here,
                   os.path.join(root, "plugins", "examples", "hello"))
        if done.returncode and "mount" in done.stderr:
            tap.skip("deb: installed, used, removed", f"no layer: {done.stderr.strip()}")
            return
        tap.equal("deb: the test inside of the layer ends well", (done.returncode, done.stderr),
                  (0, ""))
        Notes.replay(tap, json.loads(done.stdout))


# --- inside ---------------------------------------------------------------------------------


def all_files():
    """Everything that is not the machine's own news."""
    found = set()
    for top in ("/usr", "/etc", "/opt", "/srv", "/var/lib/dpkg/info", "/var/cache", "/root", "/home"):
        for path, folders, names in os.walk(top):
            folders[:] = [name for name in folders if os.path.join(path, name) != "/var/cache/man"]
            found.update(os.path.join(path, name) for name in names + folders)
    return found


def dpkg(*words):
    return subprocess.run(["dpkg", "--force-confold", *words], capture_output=True, text=True,
                          check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


def inside(package, root):
    notes = Notes()
    before = all_files()
    done = dpkg("-i", package)
    notes.equal("deb: dpkg installs it", (done.returncode, done.stderr), (0, ""))
    program = "/usr/bin/hexmcp"
    tools = tools_of(program)
    notes.check("deb: there are tools", len(tools) >= 5, tools)
    use(notes, "deb", program, tools)
    build_hello(notes, "deb", "/usr", root)
    seen = run("strace", "-f", "-e", "trace=openat", program, "tools")
    notes.check("deb: the index of the plugins is used, their manifests are not read",
                seen.returncode == 0 and "plugins-1" in seen.stderr
                and "plugin.json" not in seen.stderr, seen.stderr)
    missing = dpkg("--force-depends", "-r", "libmuparser2v5")
    notes.equal("deb: a recommended library can go", missing.returncode, 0)
    with Place(program) as place:
        status, _, errors = place.run("call", "calculator", "--arg", "input=1+1")
        notes.check("deb: the tool that needs it says so",
                    status not in (0, 70) and "libmuparser.so.2" in errors, f"{status} {errors}")
        notes.equal("deb: the others work", place.run("call", "hello", "--arg", "name=you"),
                    (0, "Hello, you!\n", ""))
    gone = dpkg("--purge", "hexmcp")
    notes.equal("deb: dpkg removes it without a warning", (gone.returncode, gone.stderr), (0, ""))
    notes.equal("deb: nothing is left", sorted(all_files() - before), [])
    json.dump(notes.list, sys.stdout)


if __name__ == "__main__":
    inside(*sys.argv[1:])
