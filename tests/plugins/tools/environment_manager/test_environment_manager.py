"""Variables by environment-manager: only those that were granted, never secrets, a table of its own."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

TOOL = "environment-manager"
VARIABLES = {"TZ": "Asia/Tokyo", "LC_TIME": "de_DE.UTF-8", "LC_NUMERIC": "C", "HIDDEN": "hidden",
             "MY_TOKEN": "tok-1", "aws_region": "eu", "SSH_AUTH_SOCK": "/s", "EMPTY": "",
             "DATABASE_URL": "postgres://app:p4ss@db:5432/x, http://u:q@h/ and http://plain/",
             "TWO_AT": "http://u:p@ss@host/", "NO_PASSWORDS": "http://user@host/a:b@c"}
# Each is a secret for one reason alone, whatever its case.
SECRETS = ["my_Password", "db_passwd", "x_PassPhrase", "Client_Secret", "my_key", "A_token", "git_credentials",
           "oAuth2", "Aws_Region", "azure_x", "GCP_x", "a_private_b", "ssh_x", "api_url"]


GRANTED = ["TZ", "LC_TIME", "LC_NUMERIC", "MY_TOKEN", "aws_region", "SSH_AUTH_SOCK", "EMPTY",
           "DATABASE_URL", "TWO_AT", "NO_PASSWORDS"]


def reads(tap, library):
    def get(name):
        return library.call(TOOL, operation="get", variable_name=name)

    tap.equal("a variable", get("TZ"), {"operation": "get", "variable_name": "TZ", "found": True,
                                        "value": "Asia/Tokyo", "masked": False, "source": "server"})
    tap.equal("an empty one", (get("EMPTY")["value"], get("EMPTY")["found"]), ("", True))
    tap.equal("one that is not set", get("NOBODY"),
              {"operation": "get", "variable_name": "NOBODY", "found": False})
    tap.equal("one that was not granted", get("HIDDEN"),
              {"operation": "get", "variable_name": "HIDDEN", "found": False})
    text = library.result(TOOL, operation="get", variable_name="HIDDEN")["content"][1]["text"]
    tap.equal("with why", text, "HIDDEN is not set, or the operator has not granted it.")
    for name in ("MY_TOKEN", "aws_region", "SSH_AUTH_SOCK", "NO_PASSWORDS"):
        tap.equal(f"a secret, {name}", get(name), {"operation": "get", "variable_name": name, "found": True,
                                                   "masked": True, "source": "server"})
    url = get("DATABASE_URL")
    tap.equal("passwords in URLs", (url["value"], url["masked"]),
              ("postgres://app:***@db:5432/x, http://u:***@h/ and http://plain/", True))
    tap.equal("a password with @", get("TWO_AT")["value"], "http://u:***@host/")
    pattern = library.call(TOOL, operation="pattern", pattern="LC_*")
    tap.equal("by pattern", pattern, {
        "operation": "pattern", "count": 2, "total": 2, "variables": [
            {"variable_name": "LC_NUMERIC", "value": "C", "masked": False, "source": "server"},
            {"variable_name": "LC_TIME", "value": "de_DE.UTF-8", "masked": False, "source": "server"}]})
    none = library.result(TOOL, operation="pattern", pattern="NOTHING*")
    tap.equal("a pattern without a match", (none["structuredContent"]["total"], none["content"][1]["text"]),
              (0, 'No visible variable matches; the operator grants variables in "grants.env" of the configuration.'))
    one = library.result(TOOL, operation="pattern", pattern="T[YZ]")
    tap.equal("one is one", one["content"][1]["text"], "1 variable.")
    tap.equal("by its old name", library.call("environment-reader", operation="get", variable_name="TZ"),
              get("TZ"))
    first = library.call(TOOL, operation="list", limit=6)
    rest = library.call(TOOL, operation="list", offset=first["next_offset"])
    names = [v["variable_name"] for v in first["variables"] + rest["variables"]]
    tap.equal("all, in pages", (names, first["count"], first["total"], "next_offset" in rest),
              (sorted(GRANTED), 6, len(GRANTED), False))
    tap.equal("beyond the end", library.call(TOOL, operation="list", offset=50),
              {"operation": "list", "variables": [], "count": 0, "total": len(GRANTED)})
    said = str(first) + str(rest)
    tap.check("no secret is listed", not any(s in said for s in ("tok-1", "p4ss", "hidden")), said)


def wrong(tap, library):
    tap.equal("no name", library.fails(TOOL, operation="get"), "variable_name is missing or empty; give it")
    tap.equal("no pattern", library.fails(TOOL, operation="pattern"), "pattern is missing or empty; give it")
    tap.equal("a name that is none", library.fails(TOOL, operation="get", variable_name="A=B"),
              'variable_name: "A=B" is no name of a variable; use letters, digits and _, and no digit in '
              "front")
    tap.equal("another operation", library.fails(TOOL, operation="unset"),
              'invalid arguments for tool "environment-manager": /operation: must be "get", "list", '
              '"pattern" or "set", is "unset"')
    tap.equal("set is off", library.fails(TOOL, operation="set", variable_name="A", value="b"),
              'setting variables is switched off; the operator allows it with "plugins.settings": '
              '{"hexmcp.environment-manager": {"allow_set": true}}')


def secret(tap, program):
    """The names that are never shown and never set."""
    config = {"grants": {"env": SECRETS},
              "plugins": {"settings": {"hexmcp.environment-manager": {"allow_set": True}}}}
    with Library(program, config, environment={name: "precious" for name in SECRETS}) as library:
        for name in SECRETS:
            tap.equal(f"{name} is not shown", library.call(TOOL, operation="get", variable_name=name),
                      {"operation": "get", "variable_name": name, "found": True, "masked": True, "source": "server"})
            tap.equal(f"{name} is not set", library.fails(TOOL, operation="set", variable_name=name, value="x"),
                      f"{name} looks like a secret, and secrets are not kept here; the operator configures them with "
                      '"secrets.sources"')
        listed = library.call(TOOL, operation="list")
        tap.check("nor listed with its value", listed["total"] == len(SECRETS) and "precious" not in str(listed), listed)


def table(tap, program):
    config = {"grants": {"env": ["TZ"]},
              "plugins": {"settings": {"hexmcp.environment-manager": {"allow_set": True}}}}
    with Library(program, config, environment=VARIABLES) as library:
        def sets(name, **more):
            result = library.call(TOOL, operation="set", variable_name=name, **more)
            return result["removed"], result["changed"], result["dry_run"]

        def get(name):
            return library.call(TOOL, operation="get", variable_name=name)

        tap.equal("a dry run", sets("MODE", value="fast", dry_run=True), (False, True, True))
        tap.equal("changes nothing", get("MODE")["found"], False)
        tap.equal("set", sets("MODE", value='f"a\n'), (False, True, False))
        tap.equal("is there", (get("MODE")["value"], get("MODE")["source"]), ('f"a\n', "table"))
        tap.equal("again changes nothing", sets("MODE", value='f"a\n'), (False, False, False))
        tap.equal("it hides that of the server", (sets("TZ", value="UTC"), get("TZ")["value"]),
                  ((False, True, False), "UTC"))
        listed = library.call(TOOL, operation="list")["variables"]
        tap.equal("in the list, once each", [(v["variable_name"], v["source"]) for v in listed],
                  [("MODE", "table"), ("TZ", "table")])
        tap.equal("removed", (sets("TZ"), get("TZ")["value"], get("TZ")["source"]),
                  ((True, True, False), "Asia/Tokyo", "server"))
        tap.equal("removed again", sets("TZ"), (True, False, False))
        tap.equal("a secret is not kept", library.fails(TOOL, operation="set", variable_name="my_password",
                                                        value="x"),
                  "my_password looks like a secret, and secrets are not kept here; the operator configures "
                  'them with "secrets.sources"')
        for i in range(99):
            library.call(TOOL, operation="set", variable_name=f"V{i}", value="x")
        tap.equal("the table is full", library.fails(TOOL, operation="set", variable_name="ONE_MORE", value="x"),
                  "100 variables are set already; remove one first: set it without value")


def main(program):
    with Tap() as tap:
        with Library(program, {"grants": {"env": GRANTED}}, environment=VARIABLES) as library:
            reads(tap, library)
            wrong(tap, library)
        with Library(program, environment=VARIABLES) as library:
            tap.equal("nothing granted, nothing visible", library.call(TOOL, operation="list"),
                      {"operation": "list", "variables": [], "count": 0, "total": 0})
        with Library(program, {"grants": {"env": ["*"]}}, environment=VARIABLES) as library:
            names = [v["variable_name"] for v in library.call(TOOL, operation="list")["variables"]]
            tap.check('"*" grants the usual names alone',
                      {"LC_NUMERIC", "LC_TIME", "TZ"} <= set(names) and "HIDDEN" not in names
                      and "MY_TOKEN" not in names, names)
        table(tap, program)
        secret(tap, program)


if __name__ == "__main__":
    main(sys.argv[1])
