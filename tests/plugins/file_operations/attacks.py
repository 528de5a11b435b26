"""A tree with a granted folder in it and a secret beside it, and the ways to get from one to the
other."""

import os
import shutil
import socket
import stat

SECRET = "SECRET-7f3a"

# What is tried with each path; {} is its place. The first decides by its message.
OPERATIONS = (
    ("file-operations", {"operation": "read", "path": "{}"}),
    ("file-operations", {"operation": "write", "path": "{}", "input": "changed"}),
    ("file-operations", {"operation": "append", "path": "{}", "input": "changed"}),
    ("file-operations", {"operation": "list_dir", "path": "{}"}),
    ("file-operations", {"operation": "create_dir", "path": "{}/new", "recursive": True}),
    ("file-operations", {"operation": "copy", "source_path": "{}", "target_path": "copied", "recursive": True}),
    ("file-operations", {"operation": "copy", "source_path": "file", "target_path": "{}", "overwrite": True}),
    ("file-operations", {"operation": "copy", "source_path": "sub", "target_path": "{}/new", "recursive": True}),
    ("file-operations", {"operation": "move", "source_path": "{}", "target_path": "moved"}),
    ("file-operations", {"operation": "move", "source_path": "file", "target_path": "{}", "overwrite": True}),
    ("file-operations", {"operation": "metadata", "path": "{}"}),
    ("file-operations", {"operation": "exists", "path": "{}"}),
    ("file-operations", {"operation": "delete", "path": "{}", "recursive": True}),
    ("file-search", {"path": "{}", "pattern": "S", "recursive": True}),
)


READING = ("read", "list_dir", "metadata", "exists")


def operations(tree, path):
    """Those that do no harm to the machine should a defence be missing: what is not in the tree is
    only read, and searched only as a file."""
    full = os.path.realpath(os.path.join(tree.proj, path.replace("\0", "")))
    inside = full.startswith(tree.top + "/") and not path.startswith("/proc")
    return [(tool, template) for tool, template in OPERATIONS
            if inside or template.get("operation") in READING or (path != "/" and "pattern" in template)]


def arguments(template, path):
    return {key: value.replace("{}", path) if isinstance(value, str) else value
            for key, value in template.items()}


class Tree:
    """top/proj is granted, top/docs is granted for reading; top/secret, top/outside and
    top/proj-2 are not."""

    def __init__(self, top):
        self.top = os.path.realpath(top)
        self.proj = f"{self.top}/proj"
        self.docs = f"{self.top}/docs"
        os.makedirs(self.proj)
        self.restore()

    def restore(self):
        """What is outside, after an attack that changed it."""
        for name in ("outside", "proj-2", "docs"):
            shutil.rmtree(f"{self.top}/{name}", ignore_errors=True)
        os.makedirs(f"{self.top}/outside/deep")
        os.makedirs(f"{self.top}/proj-2")
        os.makedirs(self.docs)
        self.put("docs/file", "document")
        for name in ("secret", "outside/file", "outside/x", "outside/deep/only-outside", "proj-2/file"):
            self.put(name, SECRET)

    def put(self, name, content):
        with open(f"{self.top}/{name}", "w", encoding="utf-8") as file:
            file.write(content)

    def link(self, target, name):
        os.symlink(target, f"{self.proj}/{name}")

    def renew(self):
        """proj as every attack finds it."""
        for entry in os.scandir(self.proj):
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)
        os.makedirs(f"{self.proj}/sub/deep")
        self.put("proj/file", "content")
        self.put("proj/sub/x", "inside")
        self.link("../secret", "to-file")
        self.link("../outside", "to-folder")
        self.link(f"{self.top}/outside", "to-absolute")
        self.link("to-folder", "to-link")
        self.link("sub/../../secret", "to-dots")
        self.link("/", "to-root")
        self.link("/proc/self/root", "to-proc-root")
        self.link("/proc/self/fd", "to-proc-fd")
        self.link("/proc/self/cwd/../secret", "to-proc-cwd")
        self.link("/dev/zero", "to-zero")
        self.link("../missing", "to-nothing")
        os.mkfifo(f"{self.proj}/pipe")
        server = socket.socket(socket.AF_UNIX)
        server.bind(f"{self.proj}/socket")
        server.close()
        os.link(f"{self.top}/secret", f"{self.proj}/second-name")
        os.link(f"{self.top}/outside/x", f"{self.proj}/sub/second-name")

    def outside(self):
        """All that must not change, as (path, mode, time, content)."""
        found = []
        for path in ("secret", "missing", "outside", "proj-2", "docs"):
            found += snapshot(f"{self.top}/{path}")
        return found


def snapshot(path):
    try:
        st = os.lstat(path)
    except FileNotFoundError:
        return []
    if stat.S_ISDIR(st.st_mode):
        found = [(path, st.st_mode, st.st_mtime_ns, sorted(os.listdir(path)))]
        for name in sorted(os.listdir(path)):
            found += snapshot(f"{path}/{name}")
        return found
    with open(path, encoding="utf-8") as file:
        return [(path, st.st_mode, st.st_mtime_ns, file.read())]


def table(tree):
    """(defence, path, what the first operation says)"""
    above = '"{}" leads above the folder that it begins in'

    def absolute(path):
        clean = os.path.normpath(f"{tree.proj}/{path}" if path[0] != "/" else path).replace("//", "/")
        return f"{clean} is in no granted folder; granted: {tree.proj}, {tree.docs}"

    out = f"{{}} leads out of the granted folder {tree.proj} through a link; links are followed inside of it only"
    missing = "{} does not exist"
    rows = [(f"traversal: {path}", path, above) for path in (
        "../secret", "./../secret", "sub/../../secret", "sub/deep/../../../secret", "sub/..//..///secret",
        "../outside/file", "../proj/../secret", "file/../../secret", "missing/../../secret", "../secret/.",
        "../../../../../../../../etc/passwd")]
    rows += [(f"traversal from an absolute path: {path}", f"{tree.proj}/{path}", absolute(path)) for path in (
        "../secret", "sub/../../secret", "./../secret/", "sub/../../outside/deep/../file")]
    rows += [(f"traversal in disguise: {path!r}", path, missing) for path in (
        "%2e%2e/secret", "..%2fsecret", "%2e%2e%2fsecret", "..\\secret", "\uff0e\uff0e/secret", "\u2025/secret",
        "..\u2215secret", ". ./secret", "~/secret", "$HOME/secret", "file://secret",
        "to-folder/../proj/to-file")]
    rows += [(f"an absolute path: {path}", path, absolute(path)) for path in (
        "/etc/passwd", "//etc/passwd", "/", f"{tree.top}/secret", f"{tree.top}", f"{tree.proj}-2/file",
        "/proc/self/environ", "/proc/self/fd/0", "/dev/zero",
        f"/proc/self/root{tree.top}/secret", f"/proc/self/cwd/../secret")]
    rows += [(f"a link out: {path}", path, out) for path in (
        "to-file", "to-folder/file", "to-folder/deep/../file", "to-folder/deep/only-outside",
        "to-absolute/file", "to-link/file", "to-dots", f"to-root{tree.top}/secret", "to-root/etc/passwd",
        "sub/../to-folder/file", "to-nothing")]
    rows += [
        ("a folder that is a link out", "to-folder", out),
        ("a link to a device", "to-zero", out),
        ("a link of /proc to the root", f"to-proc-root{tree.top}/secret", out),
        ("a link of /proc to descriptors", "to-proc-fd/0", out),
        ("a link of /proc to the working folder", "to-proc-cwd", out),
        ("a pipe", "pipe", "{} is a pipe; only files and folders may be opened"),
        ("a socket", "socket", "{} is a socket; only files and folders may be opened"),
        ("a file with a second name", "second-name",
         "{} has 2 names (hard links), and others may be outside of the granted folders; grants.hard_links "
         "lets such files be opened"),
        ("a NUL at the end", "file\0", "the path has a NUL (U+0000) in it; no file can"),
        ("a NUL in the middle", "file\0/../../secret", "the path has a NUL (U+0000) in it; no file can"),
        ("a long name", "n" * 256, f"{'n' * 160} has a name that is too long"),
        ("a long path", "./" * 2100 + "file", "the path has 4204 bytes; the limit is 4096"),
    ]
    return [(defence, path, message.replace("{}", path)) for defence, path, message in rows]
