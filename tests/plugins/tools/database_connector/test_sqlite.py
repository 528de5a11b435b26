"""database-connector on files of SQLite, compared with Python's sqlite3."""
import os
import sqlite3
import sys

from common import TOOL, WRONG_KIND, Library, Tap, begin, cancel, people

TAKES = "SQLite refuses the query; correct it: "


def rows(library, query, params=(), **more):
    return library.call(TOOL, path="a.db", query=query, params=list(params), **more)


def fails(library, query, **more):
    return library.fails(TOOL, path="a.db", query=query, **more)


def reading(tap, library):
    result = rows(library, "SELECT * FROM people ORDER BY id")
    tap.equal("columns have names and types", result["columns"],
              [{"name": "id", "type": "INTEGER"}, {"name": "name", "type": "TEXT"},
               {"name": "height", "type": "REAL"}, {"name": "picture", "type": "BLOB"}])
    tap.equal("rows hold exact values", result["rows"],
              [[1, "Ann", 1.75, None], [2, "Bob", None, {"base64": "AP8Q"}], [3, "Zoë", 1.5, None]])
    tap.equal("the rest says what was done",
              {key: result[key] for key in result if key not in ("columns", "rows", "execution_time_ms")},
              {"operation": "query", "database": "a.db", "engine": "sqlite", "query_type": "SELECT",
               "row_count": 3, "offset": 0, "truncated": False, "dry_run": False})
    tap.equal("large whole numbers are text", rows(library, "SELECT 9007199254740993, 9007199254740992, -1")["rows"],
              [["9007199254740993", 9007199254740992, -1]])
    tap.equal("infinities are text", rows(library, "SELECT 9e999, -9e999")["rows"], [["Infinity", "-Infinity"]])
    tap.equal("text that is no UTF-8 is bytes", rows(library, "SELECT CAST(X'ff41' AS TEXT)")["rows"],
              [[{"base64": "/0E="}]])
    tap.equal("parameters of all kinds arrive as they are",
              rows(library, "SELECT ?, ?, ?, ?, ?, typeof(?), ?",
                   ["it's; -- \"q\"", 7, 1.5, None, True, {"base64": "AAE="}, {"a": [1]}])["rows"],
              [["it's; -- \"q\"", 7, 1.5, None, 1, "blob", '{"a": [1]}']])
    tap.equal("a comment and a semicolon at the end are no second statement",
              rows(library, "SELECT 1; -- done\n /* yes */ ;")["rows"], [[1]])


def paging(tap, library):
    many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25) SELECT i FROM n"
    first = rows(library, many, limit=10)
    tap.equal("a page says where to go on", (first["row_count"], first["next_offset"], first["truncated"]),
              (10, 10, True))
    last = rows(library, many, limit=10, offset=20)
    tap.equal("the last page is shorter", (last["rows"], last["truncated"], "next_offset" in last),
              ([[i] for i in range(21, 26)], False, False))
    tap.equal("a page that ends with the rows has no more", rows(library, many, limit=25)["truncated"], False)
    wide = rows(library, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) "
                "SELECT i, hex(zeroblob(50000)) FROM n")
    tap.equal("a page also ends when it is long", (wide["row_count"], wide["next_offset"]), (3, 3))
    tap.equal("a value that is too large is said",
              fails(library, "SELECT zeroblob(262145)"),
              "a value of the result has 262145 bytes, but at most 262144 are shown; select a part of it, as with "
              "substr()")


def changing(tap, library):
    insert = "INSERT INTO people (name, height) VALUES (?, ?) RETURNING id, name"
    tried = rows(library, insert, ["Eve", 1.6], query_type="INSERT", dry_run=True)
    tap.equal("a dry run tells what would happen", (tried["rows"], tried["rows_affected"], tried["committed"],
                                                    tried["dry_run"]), ([[4, "Eve"]], 1, False, True))
    tap.equal("and leaves nothing", rows(library, "SELECT count(*) FROM people")["rows"], [[3]])
    done = rows(library, insert, ["Eve", 1.6], query_type="INSERT")
    tap.equal("an insert is kept", (done["rows"], done["rows_affected"], done["committed"]), ([[4, "Eve"]], 1, True))
    base = sqlite3.connect(library.path("a.db"))
    tap.equal("another program sees it", base.execute("SELECT name FROM people WHERE id = 4").fetchall(), [("Eve",)])
    upsert = rows(library, "INSERT INTO people (id, name) VALUES (4, 'Eva') ON CONFLICT (id) DO UPDATE SET "
                  "name = excluded.name", query_type="INSERT")
    tap.equal("an upsert is an insert", upsert["rows_affected"], 1)
    tap.equal("an update counts its rows",
              rows(library, "UPDATE people SET height = 2 WHERE id > 2", query_type="UPDATE")["rows_affected"], 2)
    tap.equal("a delete, too", rows(library, "DELETE FROM people WHERE id = 4", query_type="DELETE")["rows_affected"], 1)
    tap.equal("foreign keys hold", fails(library, "INSERT INTO visits VALUES (99, 'x')", query_type="INSERT"),
              TAKES + "FOREIGN KEY constraint failed")
    tap.equal("the file is whole", base.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
    tap.equal("no journal is left", sorted(os.listdir(library.folder)), ["a.db"])
    base.close()


def refusing(tap, library):
    wrong = WRONG_KIND.format("SELECT")
    for what, query in (("a delete", "DELETE FROM people"), ("a table", "CREATE TABLE t (a)"),
                        ("a drop", "DROP TABLE people"), ("attaching", "ATTACH '/etc/passwd' AS p"),
                        ("a pragma", "PRAGMA journal_mode=WAL"), ("a vacuum into", "VACUUM INTO '/tmp/x'"),
                        ("a commit", "COMMIT"), ("a table that is a pragma", "SELECT * FROM pragma_database_list")):
        tap.equal(f"{what} is no select", fails(library, query), wrong)
    tap.equal("a delete is no update", fails(library, "DELETE FROM people", query_type="UPDATE"),
              WRONG_KIND.format("UPDATE"))
    tap.equal("a select is no delete", fails(library, "SELECT 1", query_type="DELETE"), WRONG_KIND.format("DELETE"))
    tap.equal("the schema is no table to change",
              fails(library, "DELETE FROM sqlite_master", query_type="DELETE"),
              TAKES + "table sqlite_master may not be modified")
    tap.equal("two statements are too many", fails(library, "SELECT 1; DELETE FROM people"),
              "the query has more than one statement; give one for each call")
    tap.equal("no statement is too few", fails(library, "-- nothing"), "the query has no statement; give one")
    tap.equal("an explain has an operation of its own", fails(library, "EXPLAIN SELECT 1"),
              'the query is an EXPLAIN; give operation "explain" and the statement')
    tap.equal("code is not loaded", fails(library, "SELECT load_extension('x')"),
              TAKES + "not authorized to use function: load_extension")
    tap.equal("parameters are counted", fails(library, "SELECT ?, ?", params=[1]),
              "the query has 2 parameters (?), but params has 1 values")
    tap.equal("a mistake is named", fails(library, "SELECT nme FROM people"), TAKES + "no such column: nme")
    tap.equal("bytes must be base64", fails(library, "SELECT ?", params=[{"base64": "?"}]),
              "params[0] is no base64; write the standard alphabet with padding")
    tap.equal("nothing was changed", rows(library, "SELECT count(*) FROM people")["rows"], [[3]])


def other_operations(tap, library):
    plan = library.call(TOOL, operation="explain", path="a.db", query="SELECT * FROM people WHERE id = ?", params=[1])
    tap.equal("a plan has rows", plan["rows"][0][2], "SEARCH people USING INTEGER PRIMARY KEY (rowid=?)")
    tap.equal("explaining changes nothing",
              library.call(TOOL, operation="explain", path="a.db", query="DELETE FROM people",
                           query_type="DELETE")["query_type"], "DELETE")
    tap.equal("what cannot run cannot be explained",
              library.fails(TOOL, operation="explain", path="a.db", query="DROP TABLE people"),
              WRONG_KIND.format("SELECT"))
    schema = library.call(TOOL, operation="schema", path="a.db")
    tap.equal("the schema has tables and views", [(one["name"], one["kind"]) for one in schema["tables"]],
              [("people", "table"), ("tall", "view"), ("visits", "table")])
    tap.equal("with their columns", schema["tables"][0]["columns"][:2],
              [{"name": "id", "type": "INTEGER", "nullable": False, "primary_key": True},
               {"name": "name", "type": "TEXT", "nullable": False, "primary_key": False}])
    page = library.call(TOOL, operation="schema", path="a.db", limit=2)
    tap.equal("tables are paged", (len(page["tables"]), page["total"], page["next_offset"]), (2, 3, 2))
    one = library.call(TOOL, operation="schema", path="a.db", table="visits")
    tap.equal("one table alone", [each["name"] for each in one["tables"]], ["visits"])
    tap.equal("schema takes no query", library.fails(TOOL, operation="schema", path="a.db", query="x"),
              'schema takes no query; leave it out, or give operation "query"')
    tap.equal("a query needs one", library.fails(TOOL, path="a.db"), "query is missing; give one SQL statement")
    tap.equal("a database is needed", library.fails(TOOL, query="SELECT 1"),
              "there is no database; give database, the name of a configured one, or path, an SQLite file")
    tap.equal("one, not two", library.fails(TOOL, query="SELECT 1", path="a.db", database="x"),
              "database and path are both given; give the name of a configured database, or the path of an SQLite file")
    tap.equal("a name that is not known", library.fails(TOOL, query="SELECT 1", database="x"),
              "there is no database x; configured are: none. The operator adds one in plugins.settings, "
              "hexmcp.database-connector, databases")


def large(tap, library):
    base = sqlite3.connect(library.path("large.db"))
    for i in range(150):  # some 8 KiB each
        base.execute(f"CREATE TABLE table_{i:03} (" + ", ".join(f"column_of_some_length_{j} INTEGER" for j in range(100)) + ")")
    base.commit()
    base.close()
    names, page = [], {"next_offset": 0}
    pages = 0
    while "next_offset" in page:
        page = library.call(TOOL, operation="schema", path="large.db", limit=1000, offset=page["next_offset"])
        names += [one["name"] for one in page["tables"]]
        pages += 1
    tap.equal("a large schema comes in pages of some 256 KiB", (names, page["total"], pages > 2, pages < 10),
              ([f"table_{i:03}" for i in range(150)], 150, True, True))


def stopping(tap, library):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    tap.equal("a query that does not end is stopped", fails(library, endless, timeout_ms=500),
              "the database did not answer within 500 ms and the query was stopped; make it cheaper, or give a larger "
              "timeout_ms (at most 60000)")
    tap.check("it told progress", len(library.progress) > 0)
    base = sqlite3.connect(library.path("a.db"), isolation_level=None, timeout=30)
    cancel(library, begin(library, path="a.db", query=endless + ", people", timeout_ms=60000))
    base.execute("BEGIN EXCLUSIVE")  # would be locked as long as the query runs
    base.close()
    tap.check("a query that is given up ends", True)
    sorting = ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400) "
               "SELECT i || hex(zeroblob(500000)) AS b FROM n ORDER BY b")
    tap.equal("sorting has a limit", fails(library, sorting),
              "the query needs more memory or disk than it may have (256 MiB for sorting); select less")
    tap.equal("the server lives on", rows(library, "SELECT 1")["rows"], [[1]])


def sharing(tap, library):
    base = people(library.path("log.db"), log=True)  # stays open: what it wrote is in the log
    base.execute("INSERT INTO people VALUES (9, 'Log', NULL, NULL)")
    base.commit()
    tap.check("its log has content", os.path.getsize(library.path("log.db-wal")) > 0)
    tap.equal("what is in a write-ahead log is read, while another program has it open",
              library.call(TOOL, path="log.db", query="SELECT name FROM people WHERE id = 9")["rows"], [["Log"]])
    tap.equal("it cannot be changed meanwhile",
              library.fails(TOOL, path="log.db", query="DELETE FROM people", query_type="DELETE", timeout_ms=60000),
              "another program holds log.db; try again, or have it closed there")
    base.close()
    done = library.call(TOOL, path="log.db", query="DELETE FROM people WHERE id = 9", query_type="DELETE")
    tap.equal("but after that", done["rows_affected"], 1)
    base = sqlite3.connect(library.path("log.db"))
    tap.equal("and it is whole", (base.execute("SELECT count(*) FROM people").fetchall(),
                                  base.execute("PRAGMA integrity_check").fetchall()), ([(3,)], [("ok",)]))
    base.close()
    base = sqlite3.connect(library.path("a.db"), isolation_level=None)
    base.execute("BEGIN EXCLUSIVE")
    tap.equal("locks of other programs hold", fails(library, "SELECT 1 FROM people", timeout_ms=60000),
              "another program holds a.db; try again, or have it closed there")
    base.close()


def granting(tap, program):
    with Library(program, write=False) as library:
        people(library.path("a.db")).close()
        tap.equal("what may be read can be queried", rows(library, "SELECT count(*) FROM people")["rows"], [[3]])
        tap.check("and not changed", "may be read, but not changed" in
                  fails(library, "DELETE FROM people", query_type="DELETE") or
                  "--allow-write" in fails(library, "DELETE FROM people", query_type="DELETE"),
                  fails(library, "DELETE FROM people", query_type="DELETE"))
        base = people(library.path("log.db"), log=True)
        tap.equal("a write-ahead log is read without a right to write",
                  library.call(TOOL, path="log.db", query="SELECT count(*) FROM people")["rows"], [[3]])
        base.close()
        library.put("no.db", "This is no database, but a text that goes on for a while.")
        tap.equal("another file is no database", library.fails(TOOL, path="no.db", query="SELECT 1"),
                  "no.db is no SQLite database; give the path of one")
        library.put("bad.db", library.get("a.db")[:100] + b"\xff" * 20000)
        tap.equal("a damaged one", library.fails(TOOL, path="bad.db", query="SELECT * FROM sqlite_master"),
                  "bad.db is damaged, or no SQLite database")
        tap.check("a file that is not there is not made", "no.such" in
                  library.fails(TOOL, path="no.such.db", query="SELECT 1"))


with Tap() as tap:
    with Library(sys.argv[1]) as library:
        people(library.path("a.db")).close()
        tap.check("the tool is listed", TOOL in library.tools())
        reading(tap, library)
        paging(tap, library)
        changing(tap, library)
        refusing(tap, library)
        other_operations(tap, library)
        large(tap, library)
        stopping(tap, library)
        sharing(tap, library)
    granting(tap, sys.argv[1])
