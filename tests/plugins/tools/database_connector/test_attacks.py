"""What database-connector must not do, whoever asks. Each fails without the defence it names."""
import os
import socket
import sqlite3
import sys
import tempfile

from common import TOOL, Library, Tap, configured, people


def attack(tap, name, told, words):
    tap.check(name, words in told and '"rows"' not in told, told)


def files(tap, program):
    """Without hexmcp.files/1 (sqlite3_open on the path) each of these opens the file outside."""
    with Library(program) as library:
        outside = library.place.folder("outside")
        people(os.path.join(outside, "secret.db")).close()
        people(library.path("a.db")).close()
        query = {"query": "SELECT name FROM people"}
        attack(tap, "a path that leads out", library.fails(TOOL, path="../outside/secret.db", **query), "outside")
        attack(tap, "an absolute path", library.fails(TOOL, path=os.path.join(outside, "secret.db"), **query), "secret.db")
        os.symlink(os.path.join(outside, "secret.db"), library.path("link.db"))
        attack(tap, "a link that leads out", library.fails(TOOL, path="link.db", **query), "link.db")
        os.link(os.path.join(outside, "secret.db"), library.path("hard.db"))
        attack(tap, "a file of two names", library.fails(TOOL, path="hard.db", **query), "hard.db")
        os.symlink("a.db", library.path("inside.db"))
        attack(tap, "a link inside, whose journal would be elsewhere", library.fails(TOOL, path="inside.db", **query),
               "inside.db is a link; give the path of the database itself")
        attack(tap, "a URI of SQLite", library.fails(TOOL, path=f"file:{outside}/secret.db?mode=ro", **query), "file:")
        # O_NOFOLLOW in make_beside(): without it the journal is written through the link
        victim = os.path.join(outside, "victim")
        with open(victim, "w", encoding="utf-8") as file:
            file.write("precious")
        os.symlink(victim, library.path("a.db-journal"))
        told = library.fails(TOOL, path="a.db", query="UPDATE people SET name = 'x'", query_type="UPDATE")
        with open(victim, encoding="utf-8") as file:
            tap.check("a journal that is a link", file.read() == "precious" and '"committed"' not in told, told)
        os.remove(library.path("a.db-journal"))
        logs(tap, library, outside)


def logs(tap, library, outside):
    """A log that is a link out would mix pages of another database into this one."""
    base = people(library.path("log.db"), log=True)
    base.close()
    other = people(os.path.join(outside, "other.db"), log=True)
    os.symlink(os.path.join(outside, "other.db-wal"), library.path("log.db-wal"))
    told = library.call(TOOL, path="log.db", query="SELECT count(*) FROM people")
    tap.equal("a log that is a link is not read", told["rows"], [[3]])
    other.close()


def statements(tap, program):
    """Values stay values; the authorizer and the limits of SQLite hold the rest."""
    with Library(program) as library:
        people(library.path("a.db")).close()
        evil = "x'); DROP TABLE people; --"
        library.call(TOOL, path="a.db", query="INSERT INTO people (name) VALUES (?)", params=[evil], query_type="INSERT")
        rows = library.call(TOOL, path="a.db", query="SELECT name FROM people WHERE name = ?", params=[evil])["rows"]
        tap.equal("a parameter is no SQL", rows, [[evil]])
        for name, query in (("another file", f"ATTACH '{library.path('b.db')}' AS b"),
                            ("a copy elsewhere", f"VACUUM INTO '{library.path('b.db')}'"),
                            ("a function that reads files", "SELECT readfile('/etc/passwd')"),
                            ("a setting", "PRAGMA writable_schema=ON"),
                            ("a temporary table", "CREATE TEMP TABLE t AS SELECT 1")):
            attack(tap, name, library.fails(TOOL, path="a.db", query=query), "query")
        tap.check("no other file was made", sorted(os.listdir(library.folder)) == ["a.db"], os.listdir(library.folder))
        base = sqlite3.connect(library.path("evil.db"))
        base.executescript("CREATE TABLE people (name); CREATE VIEW loud AS SELECT load_extension('/tmp/x') AS name;")
        base.close()
        attack(tap, "a view of the file that loads code", library.fails(TOOL, path="evil.db", query="SELECT * FROM loud"),
               "unsafe use of load_extension()")
        attack(tap, "a bomb of text", library.fails(TOOL, path="a.db", query="SELECT hex(zeroblob(20000000))"),
               "string or blob too big")
        attack(tap, "a deep expression", library.fails(TOOL, path="a.db", query="SELECT " + "(" * 5000 + "1" + ")" * 5000),
               "SQLite refuses the query")


def hosts(tap, program):
    """hexmcp.net/1 checks names and addresses; libpq and libmariadb are told the address in numbers."""
    with socket.socket() as listener, tempfile.TemporaryDirectory() as place:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(1)
        port = listener.getsockname()[1]
        for scheme in ("postgresql", "mariadb"):
            for host in ("127.0.0.1", "localhost", "[::1]", "169.254.169.254"):
                one = {"shop": {"url": f"{scheme}://hexmcp@{host}:{port}/x", "tls": "off"}}
                with Library(program, configured(place, one, ["*:*"])) as library:
                    told = library.fails(TOOL, database="shop", query="SELECT 1")
                    attack(tap, f"{scheme} on {host} is not public", told, "the database shop: ")
        try:
            listener.accept()
            reached = True
        except TimeoutError:
            reached = False
        tap.equal("nothing was connected to", reached, False)
    with Library(program) as library:
        attack(tap, "a URL of the model is no name", library.fails(
            TOOL, database="postgresql://postgres:x@127.0.0.1/postgres", query="SELECT 1"), "there is no database")


def settings(tap, program):
    """Settings that would put a password into the configuration, or lead to a socket, are refused."""
    with tempfile.TemporaryDirectory() as place:
        for name, url, words in (
                ("a password in a URL", "postgresql://u:secret@h/db", "its url has a password"),
                ("a socket", "postgresql://u@%2Ftmp/db", "its url must be"),
                ("options", "postgresql://u@h/db?options=-c%20x", "its url must be"),
                ("two hosts", "postgresql://u@a,b/db", "its url must be"),
                ("another database", "oracle://u@h/db", "its url must be")):
            with Library(program, configured(place, {"shop": {"url": url}}, ["h:5432"])) as library:
                told = library.fails(TOOL, database="shop", query="SELECT 1")
                tap.check(f"{name} is refused", words in told and "secret@" not in told, told)


with Tap() as tap:
    files(tap, sys.argv[1])
    statements(tap, sys.argv[1])
    hosts(tap, sys.argv[1])
    settings(tap, sys.argv[1])
