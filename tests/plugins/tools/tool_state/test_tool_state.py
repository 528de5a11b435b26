"""tool-state: what it keeps, for whom, and what it refuses."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Failed, Library, Server, Tap  # noqa: E402

TOOL = "tool-state"


def ask(library, operation, **more):
    return library.call(TOOL, operation=operation, **more)


def values(tap, library):
    place = {"scope": "tool", "namespace": "default"}
    first = ask(library, "set", key="a", value={"x": [1, 2.50, "é"], "big": 12345678901234567890})
    tap.equal("a value is set", first, {"operation": "set", **place, "key": "a", "changed": True, "conflict": False,
                                        "version": first["version"], "dry_run": False})
    got = ask(library, "get", key="a")
    tap.equal("and read again", {key: got[key] for key in ("key", "found", "value", "version")},
              {"key": "a", "found": True, "value": {"x": [1, 2.5, "é"], "big": 12345678901234567890},
               "version": first["version"]})
    tap.equal("what is not there is no error", ask(library, "get", key="none"),
              {"operation": "get", **place, "key": "none", "found": False})
    for value in (None, False, 0, "", [], {}):
        ask(library, "set", key="any", value=value)
        tap.equal(f"{json.dumps(value)} is a value", ask(library, "get", key="any")["value"], value)
    ask(library, "set", key="large", value="x" * (1024 * 1024 - 2))
    tap.equal("a large value comes back", len(ask(library, "get", key="large")["value"]), 1024 * 1024 - 2)
    tap.equal("a larger one is refused", library.fails(TOOL, operation="set", key="large", value="x" * (1024 * 1024 - 1)),
              "value has 1048577 bytes of JSON, but at most 1048576 are kept; keep large data in a file or an artifact and "
              "its name here")


def versions(tap, library):
    one = ask(library, "set", key="v", value=1, if_version=0)
    tap.equal("a key that is new", one["changed"], True)
    again = ask(library, "set", key="v", value=2, if_version=0)
    tap.equal("is not new twice", (again["changed"], again["conflict"], again["version"]), (False, True, one["version"]))
    two = ask(library, "set", key="v", value=2, if_version=one["version"])
    tap.check("the version rises", two["changed"] and two["version"] > one["version"])
    stale = ask(library, "delete", key="v", if_version=one["version"])
    tap.equal("a stale one removes nothing", (stale["removed"], stale["conflict"]), (0, True))
    tried = ask(library, "delete", key="v", dry_run=True)
    tap.equal("a dry run tells what would be removed", (tried["removed"], tried["dry_run"]), (1, True))
    tap.equal("and removes nothing", ask(library, "get", key="v")["found"], True)
    tap.equal("a key is removed", ask(library, "delete", key="v")["removed"], 1)
    tap.equal("once", ask(library, "delete", key="v")["removed"], 0)
    tap.equal("a dry run knows that, too", ask(library, "delete", key="v", dry_run=True)["removed"], 0)


def dry_runs(tap, library):
    place = {"scope": "tool", "namespace": "dry"}
    def told(operation, **more):
        return ask(library, operation, namespace="dry", key="k", dry_run=True, **more)
    tap.equal("a dry run of set", told("set", value=1),
              {"operation": "set", **place, "key": "k", "changed": True, "conflict": False, "dry_run": True})
    tap.equal("sets nothing", ask(library, "get", namespace="dry", key="k")["found"], False)
    tap.equal("it refuses what set refuses", library.fails(TOOL, operation="set", namespace="dry", key="k", dry_run=True),
              "value is missing; give any JSON")
    one = ask(library, "set", namespace="dry", key="k", value=1)["version"]
    tap.equal("it knows the version", told("set", value=2, if_version=0),
              {"operation": "set", **place, "key": "k", "changed": False, "conflict": True, "version": one, "dry_run": True})
    tap.equal("and the one that fits", told("set", value=2, if_version=one)["conflict"], False)
    tap.equal("a dry run of delete at a version", told("delete", if_version=one + 1),
              {"operation": "delete", **place, "key": "k", "removed": 0, "conflict": True, "dry_run": True})
    tap.equal("and at the one that fits", told("delete", if_version=one)["removed"], 1)
    got = ask(library, "get", namespace="dry", key="k")
    tap.equal("all that changed nothing", (got["value"], got["version"]), (1, one))


def offsets(tap, library):
    for i in range(1005):
        ask(library, "set", namespace="o", key=f"k{i:04}", value=i)
    def keys(**more):
        page = ask(library, "list", namespace="o", **more)
        return [one["key"] for one in page["entries"]], page.get("next_offset"), page["truncated"]
    tap.equal("a page by offset", keys(offset=3, limit=2), (["k0003", "k0004"], 5, True))
    tap.equal("the first one says how to go on", keys(limit=2), (["k0000", "k0001"], 2, True))
    tap.equal("far behind", keys(offset=1002, limit=2), (["k1002", "k1003"], 1004, True))
    tap.equal("the last one", keys(offset=1004, limit=2), (["k1004"], None, False))
    for offset in (1005, 1006, 5000):
        tap.equal(f"nothing at {offset}", keys(offset=offset, limit=2), ([], None, False))
    tap.equal("with a prefix", keys(prefix="k100", offset=4), (["k1004"], None, False))
    tap.equal("nothing of it", keys(prefix="k100", offset=5), ([], None, False))
    tap.equal("by offset or by after", library.fails(TOOL, operation="list", namespace="o", offset=1, after="k0001"),
              "offset and after are both given; give next_offset as offset, or next_after as after")
    tap.equal("a dry run counts all pages", ask(library, "clear", namespace="o", dry_run=True)["removed"], 1005)
    ask(library, "clear", namespace="o")


def ends(tap, library):
    ask(library, "set", key="short", value=1, ttl=1)
    tap.check("it says when it ends", "expires_at" in ask(library, "get", key="short"))
    deadline = time.monotonic() + 10
    while ask(library, "get", key="short")["found"] and time.monotonic() < deadline:
        time.sleep(0.1)
    tap.equal("then it is gone", ask(library, "get", key="short")["found"], False)


def lists(tap, library):
    for i in range(25):
        ask(library, "set", namespace="many", key=f"k/{i:02}", value=i)
    ask(library, "set", namespace="many", key="other", value="o")
    page = ask(library, "list", namespace="many", prefix="k/", limit=10)
    tap.equal("a page of keys", ([one["key"] for one in page["entries"]], page["count"], page["truncated"]),
              ([f"k/{i:02}" for i in range(10)], 10, True))
    keys = [one["key"] for one in page["entries"]]
    while page["truncated"]:
        page = ask(library, "list", namespace="many", prefix="k/", limit=10, after=page["next_after"])
        keys += [one["key"] for one in page["entries"]]
    tap.equal("all pages", keys, [f"k/{i:02}" for i in range(25)])
    tap.equal("with values", [one["value"] for one in
                              ask(library, "list", namespace="many", prefix="o", values=True)["entries"]], ["o"])
    stats = ask(library, "stats", namespace="many")
    tap.check("what is kept is counted", stats["keys"] == 26 and 0 < stats["bytes"] < stats["max_bytes"] and
              stats["max_keys"] > 26, stats)
    tap.equal("a dry run counts", ask(library, "clear", namespace="many", prefix="k/", dry_run=True)["removed"], 25)
    tap.equal("clearing", ask(library, "clear", namespace="many", prefix="k/")["removed"], 25)
    tap.equal("leaves the others", [one["key"] for one in ask(library, "list", namespace="many")["entries"]], ["other"])
    tap.equal("clearing all", ask(library, "clear", namespace="many")["removed"], 1)


def places(tap, library):
    ask(library, "set", namespace="one", key="k", value=1)
    ask(library, "set", scope="session", session_id="one", key="k", value=2)
    tap.equal("namespaces and sessions do not see each other",
              [ask(library, "get", key="k", **place).get("value") for place in
               ({"namespace": "one"}, {"scope": "session", "session_id": "one"}, {"namespace": "two"},
                {"scope": "session", "session_id": "two"}, {})], [1, 2, None, None, None])
    for name in ("../../one", "one/..", "one%2F", "user", "*", "Ω", " "):
        tap.equal(f"namespace {name!r} is a place of its own", ask(library, "list", namespace=name)["entries"], [])


def wrong(tap, library):
    for name, arguments, text in (
            ("a key is needed", {"operation": "get"}, "key is missing or empty; give it"),
            ("a value is needed", {"operation": "set", "key": "a"}, "value is missing; give any JSON"),
            ("a session is needed", {"operation": "list", "scope": "session"},
             "session_id is missing; scope session needs it"),
            ("a session has no namespace", {"operation": "list", "scope": "session", "session_id": "a", "namespace": "b"},
             "namespace is for scope tool; leave it out"),
            ("a namespace has no session", {"operation": "list", "session_id": "a"},
             "session_id is for scope session; give that, or leave it out")):
        tap.equal(name, library.fails(TOOL, **arguments), text)
    ask(library, "set", namespace="kept", key="a", value=1)
    tap.equal("clear with a key would clear all", library.fails(TOOL, operation="clear", namespace="kept", key="b"),
              "key is not for clear but for get, set, delete; leave it out, or take another operation")
    tap.equal("so it clears nothing", ask(library, "get", namespace="kept", key="a")["found"], True)
    for operation, more, text in (
            ("delete", {"prefix": "a"}, "prefix is not for delete but for list, clear; leave it out, or take another operation"),
            ("get", {"value": 1}, "value is not for get but for set; leave it out, or take another operation"),
            ("list", {"ttl": 5}, "ttl is not for list but for set; leave it out, or take another operation"),
            ("stats", {"if_version": 1}, "if_version is not for stats but for set, delete; leave it out, or take another operation")):
        tap.equal(f"{operation} takes no {list(more)[0]}", library.fails(TOOL, operation=operation, **more), text)
    tap.equal("what says nothing may be there", ask(library, "stats", namespace="none", value=False, prefix="")["keys"], 0)
    told = library.fails(TOOL, operation="set", key="a\nb", value=1)
    tap.check("a key has no control characters", "control" in told, told)
    told = library.fails(TOOL, operation="set", key="s", value={"password": "hunter2hunter2"})
    tap.check("secrets are refused", "secret" in told and "hunter2" not in told, told)


def quotas(tap, program):
    with Library(program, {"state": {"max_keys": 2}}) as library:
        ask(library, "set", key="a", value=1)
        ask(library, "set", key="b", value=1)
        told = library.fails(TOOL, operation="set", key="c", value=1)
        tap.check("a place has a quota", "2" in told and '"changed"' not in told, told)
        tap.equal("another place has its own", ask(library, "set", namespace="n", key="c", value=1)["changed"], True)
    with Library(program, {"grants": {"operations": ["state.get"]}}) as library:
        told = library.fails(TOOL, operation="set", key="a", value=1)
        tap.check("an operation that is not granted", '"changed"' not in told and "grant" in told, told)
        tap.equal("one that is", ask(library, "get", key="a")["found"], False)


GRANTED = {"get": "get", "set": "set", "delete": "delete", "list": "list", "stats": "quota", "clear": "clear"}


def grants(tap, program):
    """Without the grant of its operation none of them does anything."""
    needs = {"get": {"key": "a"}, "set": {"key": "a", "value": 1}, "delete": {"key": "a"}}
    for operation, own in GRANTED.items():
        others = [f"state.{one}" for one in GRANTED.values() if one != own]
        with Library(program, {"grants": {"operations": others}}) as library:
            told = library.fails(TOOL, operation=operation, **needs.get(operation, {}))
            tap.check(f"{operation} needs state.{own}", f"state.{own}" in told and "grant" in told, told)


def writers(tap, program):
    """Two processes that count with if_version lose no step, and what they kept is there after both ended."""
    with Library(program, {"storage": {"url": "sqlite:"}}) as library:
        other = Server(library.place)
        lost = 0
        ask(library, "set", key="n", value=0)
        def other_call(**arguments):
            text, failed = other.call(TOOL, arguments)
            if failed:
                raise Failed(text)
            return json.loads(text)
        for i in range(40):
            mine, his = ask(library, "get", key="n"), other_call(operation="get", key="n")
            tap_ok = mine["version"] == his["version"]
            first = other_call(operation="set", key="n", value=his["value"] + 1, if_version=his["version"])
            second = ask(library, "set", key="n", value=mine["value"] + 1, if_version=mine["version"])
            lost += not (tap_ok and first["changed"] and second["conflict"])
        tap.equal("of two that changed the same version one is told of the conflict", lost, 0)
        other.end()
        library.end()
        library.server = Server(library.place)
        tap.equal("all that counted is there after a restart", ask(library, "get", key="n")["value"], 40)


def lasting(tap, program):
    """What is kept is there after a restart."""
    with Library(program, {"storage": {"url": "sqlite:"}}) as library:
        ask(library, "set", key="a", value=[1])
        code, out, err = library.place.run("call", TOOL, '{"operation": "get", "key": "a"}', "--json")
        tap.check("it is there for another process", code == 0 and '"value":[1]' in out.replace(" ", ""), out + err)


with Tap() as tap:
    with Library(sys.argv[1]) as library:
        values(tap, library)
        versions(tap, library)
        dry_runs(tap, library)
        offsets(tap, library)
        ends(tap, library)
        lists(tap, library)
        places(tap, library)
        wrong(tap, library)
    quotas(tap, sys.argv[1])
    grants(tap, sys.argv[1])
    writers(tap, sys.argv[1])
    lasting(tap, sys.argv[1])
