"""tool-state: what it keeps, for whom, and what it refuses."""
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

TOOL = "tool-state"


def ask(library, operation, **more):
    return library.call(TOOL, operation=operation, **more)


def values(tap, library):
    place = {"scope": "tool", "namespace": "default"}
    first = ask(library, "set", key="a", value={"x": [1, 2.50, "é"], "big": 12345678901234567890})
    tap.equal("a value is set", first, {"operation": "set", **place, "key": "a", "changed": True, "conflict": False,
                                        "version": first["version"]})
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
        ends(tap, library)
        lists(tap, library)
        places(tap, library)
        wrong(tap, library)
    quotas(tap, sys.argv[1])
    lasting(tap, sys.argv[1])
