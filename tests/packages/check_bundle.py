"""The MCP bundle and server.json, as clients and registries see them."""

import hashlib
import json
import os
import re
import sys
import tempfile
import zipfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from installed import Server, Place, run, use  # noqa: E402
from session import children  # noqa: E402

# The libraries that every Linux with glibc has.
SYSTEM = re.compile(r"^(linux-vdso|ld-linux\S*|lib(c|m|dl|pthread|rt|resolv))\.so")


class Client(Place):
    """A place whose program is the command that a client made of the manifest."""

    def __init__(self, config):
        super().__init__(config["command"])
        self.words = config["args"]
        self.environment.update(config.get("env", {}))


def read_manifest(bundle):
    with zipfile.ZipFile(bundle) as packed:
        return json.loads(packed.read("manifest.json"))


def check_archive(tap, bundle):
    with zipfile.ZipFile(bundle) as packed:
        entries = packed.infolist()
        tap.equal("mcpb: every byte arrives", packed.testzip(), None)
    names = [entry.filename for entry in entries]
    tap.equal("mcpb: names are sorted and lead nowhere else", [
        name for name in names if name.startswith("/") or ".." in name.split("/")], [])
    modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in entries}
    tap.equal("mcpb: the program can be run", modes["server/bin/hexmcp"], 0o755)
    tap.equal("mcpb: nothing that others can write",
              [name for name, mode in modes.items() if mode & 0o022 or not mode & 0o444], [])
    libraries = {name for name in names if re.match(r"server/lib/[^/]+\.so", name)}
    licences = [name for name in names if name.startswith("server/share/licences/")]
    tap.check("mcpb: the libraries come with their licences", "LICENSE" in names
              and len(libraries) >= len(licences) >= 5, f"{sorted(libraries)} {licences}")


# Their libraries are under the GPL, which the bundle is not.
GPL_TOOLS = ("image-processor", "pdf-processor", "video-processor")
GPL_LIBRARIES = re.compile(r"/lib(avcodec|avformat|fftw3|imagequant|poppler|x264|x265)[^/]*$")


def check_licences(tap, bundle):
    with zipfile.ZipFile(bundle) as packed:
        names = packed.namelist()
        manifests = [json.loads(packed.read(name)) for name in names if name.endswith("/plugin.json")]
        left = json.loads(packed.read(next(name for name in names if name.endswith("/left-out.json"))))
    tap.equal("mcpb: no library under the GPL", [name for name in names if GPL_LIBRARIES.search(name)], [])
    tap.equal("mcpb: no plugin under another licence",
              [plugin["id"] for plugin in manifests if plugin["license"] != "MIT"], [])
    told = {tool for plugin in left for tool in plugin["tools"]}
    tap.equal("mcpb: tools that are not in it for that are told", set(GPL_TOOLS) - told, set())


def check_manifest(tap, manifest, version, tools):
    tap.equal("mcpb: version", manifest["version"], version)
    tap.equal("mcpb: the tools", sorted(tool["name"] for tool in manifest["tools"]), tools)
    for key in ("manifest_version", "name", "description", "author", "server"):
        tap.check(f"mcpb: the manifest has {key}", manifest.get(key))
    used = set(re.findall(r"\$\{user_config\.(\w+)\}", json.dumps(manifest["server"])))
    tap.equal("mcpb: what the user is asked for is used", used, set(manifest["user_config"]))
    tap.equal("mcpb: no folder is granted by itself",
              {key: of["default"] for key, of in manifest["user_config"].items()},
              {"folders": [], "write": False})


def unpack(bundle, folder):
    """By hand, with the modes that the archive has."""
    with zipfile.ZipFile(bundle) as packed:
        for entry in packed.infolist():
            path = packed.extract(entry, folder)
            os.chmod(path, entry.external_attr >> 16 & 0o777)


def resolve(manifest, folder, answers):
    """The command of the manifest, as its specification says."""
    values = {key: answers.get(key, of["default"]) for key, of in manifest["user_config"].items()}

    def text(word):
        for key, value in values.items():
            word = word.replace("${user_config.%s}" % key, str(value).lower())
        return word.replace("${__dirname}", folder)

    words = []
    for word in manifest["server"]["mcp_config"]["args"]:
        whole = re.fullmatch(r"\$\{user_config\.(\w+)\}", word)
        many = whole and isinstance(values[whole[1]], list)
        words += values[whole[1]] if many else [text(word)]
    config = manifest["server"]["mcp_config"]
    return {"command": text(config["command"]), "args": words,
            "env": {key: text(value) for key, value in config.get("env", {}).items()}}


def check_alone(tap, folder):
    """Whatever a file of the bundle needs is in the bundle."""
    server = os.path.join(folder, "server")
    outside = []
    for path, _, names in os.walk(server):
        for name in names:
            if ".so" not in name:
                continue
            told = run("ldd", os.path.join(path, name), env={
                "PATH": "/usr/bin:/bin", "LD_LIBRARY_PATH": os.path.join(server, "lib")}).stdout
            outside += [line.strip() for line in told.splitlines() if server not in line
                        and "statically" not in line and not SYSTEM.match(os.path.basename(line.split()[0]))]
    tap.equal("mcpb: it brings its libraries", outside, [])


def serve(tap, title, config, folder=None):
    """`folder`: one that was granted."""
    with Client(config) as place:
        server = Server(place, *config["args"][1:])
        text, failed = server.call("calculator", {"operation": "evaluate", "input": "6*7"})
        tap.equal(f"{title}: a client is served", (json.loads(text)["result"], failed), (42, False))
        if folder:
            path = os.path.join(folder, "file")
            written = server.call("file-operations", {"operation": "write", "path": path, "input": "content"})
            tap.equal(f"{title}: a file in one is written", written[1], False)
            text, failed = server.call("file-operations", {"operation": "read", "path": path})
            tap.equal(f"{title}: and read", (json.loads(text)["content"], failed), ("content", False))
            outside = server.call("file-operations", {"operation": "read", "path": "/etc/passwd"})
            tap.equal(f"{title}: one outside", outside[1], True)
        tap.equal(f"{title}: and it ends well, without a word", server.end(), (0, "", ""))


def mapped(pid, folder):
    """Libraries that a process has from elsewhere, but the system's."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as file:
        paths = {line.split(None, 5)[5].rstrip("\n") for line in file if line.count("/")}
    return sorted(path for path in paths if ".so" in path and not path.startswith(folder)
                  and not SYSTEM.match(os.path.basename(path)))


def call_isolated(tap, title, config, folder):
    """Tools whose parsers run in processes of their own: these, too, find the bundle's libraries alone."""
    calls = {"xml-processor": {"operation": "query", "input": "<a>5</a>", "query": "//a"},
             "json-processor": {"operation": "query", "input": "[5]", "query": ".[]"},
             "csv-analyzer": {"operation": "convert", "input": "a\n5\n"}}
    with Client(config) as place:
        server = Server(place, *config["args"][1:])
        for tool, arguments in calls.items():
            text, failed = server.call(tool, arguments)
            tap.check(f"{title}: {tool} in a helper", "5" in text and not failed, text)
        helpers = children(server.process.pid)
        tap.equal(f"{title}: a helper each", len(helpers), len(calls))
        for pid in [server.process.pid, *helpers]:
            tap.equal(f"{title}: libraries from elsewhere", mapped(pid, folder), [])
        tap.equal(f"{title}: all end well", server.end(), (0, "", ""))


def check_use(tap, bundle, tools):
    manifest = read_manifest(bundle)
    # A client's umask may leave folders that the group can write.
    for umask in (0o022, 0o002):
        with tempfile.TemporaryDirectory() as top:
            before = os.umask(umask)
            unpack(bundle, os.path.join(top, "a b"))
            os.umask(before)
            folder = os.path.join(top, "a b")
            config = resolve(manifest, folder, {})
            tap.equal(f"mcpb, umask {umask:03o}: the command without folders", config["args"],
                      ["serve", "--write=false"])
            serve(tap, f"mcpb, umask {umask:03o}", config)
            call_isolated(tap, f"mcpb, umask {umask:03o}", config, folder)
            use(tap, f"mcpb, umask {umask:03o}", config["command"], tools, config["env"])
            check_alone(tap, folder)
            config = resolve(manifest, folder, {"folders": [folder, top], "write": True})
            tap.equal(f"mcpb, umask {umask:03o}: the command with folders", config["args"],
                      ["serve", "--write=true", folder, top])
            serve(tap, f"mcpb, umask {umask:03o}, with folders", config, folder)


def node():
    """(program, its home, why it cannot be used)"""
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop")
    told = run("sh", "-c", 'here=$1; . "$1/lib/paths.sh"; node_program; echo "$node_home"; '
               'why_missing "$node_home" "$(node_key)"', "sh", os.path.realpath(here)).stdout
    return (told.splitlines() + ["", "", ""])[:3]


def check_official(tap, bundle):
    program, home, missing = node()
    if missing:
        tap.skip("mcpb: the MCPB tools", missing)
        return
    client = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bundle_client.mjs")
    for answers, words in (({}, ["--write=false"]),
                           ({"folders": ["/a", "/b c"], "write": True}, ["--write=true", "/a", "/b c"])):
        with tempfile.TemporaryDirectory() as top:
            done = run(program, client, bundle, os.path.join(top, "x"), json.dumps(answers),
                       env={**os.environ, "INTEROP_NODE_HOME": home})
            told = json.loads(done.stdout or "{}")
            tap.equal(f"mcpb: the MCPB tools take it with {answers}", (
                done.returncode, told.get("unpacked"), told.get("faults"), done.stderr), (0, True, [], ""))
            tap.equal("mcpb: and make the command", told["config"]["args"], ["serve", *words])
            if not answers:
                serve(tap, "mcpb: unpacked by the MCPB tools", told["config"])


def check_server_json(tap, path, bundle, version):
    with open(path, encoding="utf-8") as file:
        entry = json.load(file)
    tap.equal("server.json: its keys", sorted(entry), [
        "$schema", "description", "name", "packages", "title", "version"])
    tap.check("server.json: the schema is one of the registry's", re.fullmatch(
        r"https://static\.modelcontextprotocol\.io/schemas/\d{4}-\d\d-\d\d/server\.schema\.json",
        entry["$schema"]))
    tap.check("server.json: namespace and name", re.fullmatch(
        r"[A-Za-z0-9.-]+/[A-Za-z0-9._-]+", entry["name"]) and len(entry["name"]) <= 200)
    tap.check("server.json: a description of at most 100 characters",
              1 <= len(entry["description"]) <= 100, entry["description"])
    tap.equal("server.json: version", entry["version"], version)
    with open(bundle, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    tap.equal("server.json: the package", entry["packages"], [{
        "registryType": "mcpb", "version": version, "fileSha256": digest,
        "identifier": "https://downloads.example.org/" + os.path.basename(bundle),
        "transport": {"type": "stdio"}}])
