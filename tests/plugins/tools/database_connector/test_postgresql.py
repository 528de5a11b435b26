"""database-connector on a real PostgreSQL."""
import os
import subprocess
import sys
import tempfile
import time

from common import TOOL, WRONG_KIND, Library, Tap, begin, cancel, certificate, configured, free_port
from postgresql import PostgreSQL

TAKES = "PostgreSQL refuses the query; correct it: "


class Reachable(PostgreSQL):
    port = 0

    def command(self):
        return super().command()[:-8] + ["-c", "listen_addresses=127.0.0.1", "-c", f"port={self.port}",
                                         "-c", "fsync=off", "-c", "shared_buffers=32MB", "-c", "max_wal_size=256MB"]

    def sql(self, text):
        subprocess.run(["psql", "-q", "-h", self.folder, "-p", str(self.port), "-U", "hexmcp", "-d", "postgres",
                        "-v", "ON_ERROR_STOP=1"], input=text, text=True, check=True,
                       env={**os.environ, "PGPASSWORD": self.password})


def rows(library, query, params=(), database="shop", **more):
    return library.call(TOOL, database=database, query=query, params=list(params), **more)


def fails(library, query, database="shop", **more):
    return library.fails(TOOL, database=database, query=query, **more)


def reading(tap, library):
    result = rows(library, "SELECT true AS yes, 7::int2 AS small, 9007199254740993 AS large, 1.50::numeric(8,2) AS price, "
                  "1.5::float8 AS ratio, 'NaN'::float8 AS none, '\\x00ff10'::bytea AS bytes, "
                  "'{\"a\": [1, 2.50]}'::jsonb AS document, timestamp '2024-05-06 07:08:09.5' AS at, "
                  "timestamptz '2024-05-06 07:08:09+02' AS moment, date '2024-05-06' AS day, "
                  "interval '1 day 2 hours' AS span, ARRAY['a', 'b'] AS list, NULL AS nothing")
    tap.equal("types have their names", [one["type"] for one in result["columns"]],
              ["boolean", "smallint", "bigint", "numeric(8,2)", "double precision", "double precision", "bytea",
               "jsonb", "timestamp without time zone", "timestamp with time zone", "date", "interval", "text[]", "text"])
    tap.equal("values are exact", result["rows"],
              [[True, 7, "9007199254740993", "1.50", 1.5, "NaN", {"base64": "AP8Q"}, {"a": [1, 2.5]},
                "2024-05-06T07:08:09.5", "2024-05-06T05:08:09Z", "2024-05-06", "P1DT2H", "{a,b}", None]])
    odd = rows(library, "SELECT 'NaN'::numeric, 123456789012345678901234567890.12::numeric, 'infinity'::timestamptz, "
               "timestamp '0044-03-15 12:00 BC', ''::bytea, 1.1::real, '-Infinity'::float8, "
               "'9007199254740993'::bigint, ARRAY[1, NULL], ARRAY[ARRAY['a b', '']], 'x'::char(3), "
               "'6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b'::uuid, time '07:08:09.123456', NULL::jsonb, 'null'::jsonb")
    tap.equal("odd values, too", odd["rows"],
              [["NaN", "123456789012345678901234567890.12", "infinity", "0044-03-15 12:00:00 BC", {"base64": ""}, 1.1,
                "-Infinity", "9007199254740993", "{1,NULL}", '{{"a b",""}}', "x  ", "6ec0bd7f-11c0-43da-975e-2a8ad9ebae0b",
                "07:08:09.123456", None, None]])
    deep = "[" * 1000 + "]" * 1000
    told = rows(library, "SELECT '\"\\ud800\"'::json, $1::json, '{\"a\":1,\n\"b\":[]}'::json", [deep])["rows"]
    tap.equal("JSON that is none for us is text", told, [['"\\ud800"', deep, {"a": 1, "b": []}]])
    tap.equal("parameters of all kinds arrive as they are",
              rows(library, "SELECT $1::text, $2::int, $3::float8, $4::text, $5::bool, $6::bytea, $7::jsonb",
                   ["it's; -- \"q\"", 7, 1.5, None, True, {"base64": "AAE="}, {"a": [1]}])["rows"],
              [["it's; -- \"q\"", 7, 1.5, None, True, {"base64": "AAE="}, {"a": [1]}]])
    page = rows(library, "SELECT generate_series(1, 100000)", limit=3, offset=50000)
    tap.equal("pages of a long result", (page["rows"], page["next_offset"]), ([[50001], [50002], [50003]], 50003))


def changing(tap, library):
    insert = "INSERT INTO people (name) VALUES ($1) RETURNING id"
    tried = rows(library, insert, ["Eve"], query_type="INSERT", dry_run=True)
    tap.equal("a dry run tells what would happen", (tried["rows_affected"], tried["committed"]), (1, False))
    tap.equal("and leaves nothing", rows(library, "SELECT count(*) FROM people")["rows"], [[2]])
    done = rows(library, insert, ["Eve"], query_type="INSERT")
    tap.equal("an insert is kept", (done["rows_affected"], done["committed"]), (1, True))
    tap.equal("it is there", rows(library, "SELECT count(*) FROM people")["rows"], [[3]])
    tap.equal("an update", rows(library, "UPDATE people SET name = upper(name)", query_type="UPDATE")["rows_affected"], 3)
    tap.equal("a delete", rows(library, "DELETE FROM people WHERE name = 'EVE'", query_type="DELETE")["rows_affected"], 1)


def refusing(tap, library):
    for what, query in (("a delete", "DELETE FROM people"),
                        ("a delete in a query", "WITH d AS (DELETE FROM people RETURNING 1) SELECT * FROM d")):
        tap.equal(f"{what} is no select", fails(library, query), WRONG_KIND.format("SELECT"))
    tap.equal("a delete is no update", fails(library, "DELETE FROM people", query_type="UPDATE"),
              WRONG_KIND.format("UPDATE"))
    for query, word in (("DROP TABLE people", "DROP"), ("COMMIT", "COMMIT"), ("COPY people TO '/tmp/x'", "COPY"),
                        ("SET transaction_read_only = off", "SET"), ("DO $$ BEGIN END $$", "DO"),
                        ("CALL p()", "CALL"), ("EXPLAIN ANALYZE DELETE FROM people", "EXPLAIN"),
                        ("EXECUTE x", "EXECUTE")):
        tap.equal(f"{word} is no statement for it", fails(library, query, query_type="DELETE"),
                  TAKES + f'syntax error at or near "{word}"')
    tap.equal("two statements are too many", fails(library, "SELECT 1; DELETE FROM people"),
              TAKES + "cannot insert multiple commands into a prepared statement")
    tap.equal("a transaction stays read-only", fails(library, "SELECT set_config('transaction_read_only', 'off', false)"),
              TAKES + "transaction read-write mode must be set before any query")
    tap.equal("parameters are counted", fails(library, "SELECT $1::int", params=[]),
              "the query has 1 parameters ($1, $2 ...), but params has 0 values")
    tap.equal("a mistake is named", fails(library, "SELECT nme FROM people"), TAKES + 'column "nme" does not exist')
    tap.equal("nothing was changed", rows(library, "SELECT count(*) FROM people")["rows"], [[2]])
    tap.equal("a database for reading only", fails(library, "DELETE FROM people", database="readonly",
                                                   query_type="DELETE"),
              'the database readonly is for reading only; the operator allows changes with "readOnly": false in its '
              "settings")


def other_operations(tap, library):
    plan = library.call(TOOL, operation="explain", database="shop", query="SELECT * FROM people WHERE id = $1", params=[1])
    tap.check("a plan is JSON", "Node Type" in plan["rows"][0][0][0]["Plan"], plan)
    tap.equal("options of EXPLAIN do not come from the query",
              library.fails(TOOL, operation="explain", database="shop", query="(ANALYZE) DELETE FROM people",
                            query_type="DELETE"), TAKES + 'syntax error at or near "ANALYZE"')
    library.call(TOOL, operation="explain", database="shop", query="DELETE FROM people", query_type="DELETE")
    tap.equal("explaining changes nothing", rows(library, "SELECT count(*) FROM people")["rows"], [[2]])
    schema = library.call(TOOL, operation="schema", database="shop")
    tap.equal("the schema has tables and views", [(one["name"], one["kind"]) for one in schema["tables"]],
              [("other.things", "table"), ("people", "table"), ("tall", "view")])
    tap.equal("with their columns", schema["tables"][1]["columns"],
              [{"name": "id", "type": "integer", "nullable": False, "primary_key": True},
               {"name": "name", "type": "text", "nullable": False, "primary_key": False}])


def stopping(tap, library, server):
    told = fails(library, "SELECT pg_sleep(20)", timeout_ms=700)
    tap.check("a slow query is stopped, by the tool or by the server", "within 700 ms" in told or "after 700 ms" in told, told)
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%sleep(2%' AND pid <> pg_backend_pid()"
    for _ in range(50):
        left = rows(library, running)["rows"]
        if left == [[0]]:
            break
        time.sleep(0.1)
    tap.equal("also on the server", left, [[0]])
    cancel(library, begin(library, database="shop", query="SELECT pg_sleep(25)", timeout_ms=60000))
    for _ in range(50):
        left = rows(library, running)["rows"]
        if left == [[0]]:
            break
        time.sleep(0.1)
    tap.equal("a call that is given up is stopped on the server", left, [[0]])


def waiting(tap, library):
    """The database "narrow" has one place."""
    busy = begin(library, database="narrow", query="SELECT pg_sleep(2), 1 AS one", timeout_ms=60000)
    tap.equal("no place in time", fails(library, "SELECT 1", database="narrow", timeout_ms=300),
              "1 query runs on the database narrow, and no more may at once; try again in a moment")
    tap.equal("a place in time", rows(library, "SELECT 1", database="narrow")["rows"], [[1]])
    cancel(library, busy)


def leaving(tap, library):
    """Nothing of one call is there in the next."""
    first = rows(library, "SELECT pg_backend_pid(), set_config('a.b', 'left', false), pg_try_advisory_lock(7)")["rows"][0]
    second = rows(library, "SELECT pg_backend_pid(), current_setting('a.b', true), pg_try_advisory_lock(7)")["rows"][0]
    tap.equal("settings and locks end with the call", (first[0] != second[0], second[1:]), (True, [None, True]))


def reaching(tap, program, folder, server):
    url = f"postgresql://hexmcp@127.0.0.1:{server.port}/postgres"
    one = {"shop": {"url": url, "password": {"secret": "database-password"}}}
    with Library(program, configured(folder, one, [])) as library:
        tap.check("a host that is not granted is not reached", "--allow-host" in fails(library, "SELECT 1") or
                  "grants.hosts" in fails(library, "SELECT 1"), fails(library, "SELECT 1"))
    with Library(program, configured(folder, one, [f"127.0.0.1:{server.port}"], secrets=())) as library:
        tap.check("a secret that is not granted is not seen", "database-password" in fails(library, "SELECT 1"),
                  fails(library, "SELECT 1"))
    with Library(program, configured(folder, one, [f"127.0.0.1:{server.port}"], password="wrong!")) as library:
        told = fails(library, "SELECT 1")
        tap.check("a wrong password is said", "password authentication failed" in told and "wrong!" not in told, told)
    safe = {"shop": {**one["shop"], "tls": "verify"}}
    with Library(program, configured(folder, safe, [f"127.0.0.1:{server.port}"])) as library:
        told = fails(library, "SELECT 1")
        tap.check("without TLS on the server there is no connection if TLS is demanded", "SSL" in told, told)


class Secure(Reachable):
    name_in_certificate = "localhost"

    def prepare(self):
        super().prepare()
        self.key, self.cert = certificate(self.folder, self.name_in_certificate)
        os.chmod(self.key, 0o600)
        self.own(self.key)

    def command(self):
        return super().command() + ["-c", "ssl=on", "-c", f"ssl_cert_file={self.path('cert.pem')}",
                                    "-c", f"ssl_key_file={self.path('key.pem')}"]


def verifying(tap, program, place):
    """The certificate counts for the name in the URL, though the address was given in numbers."""
    for name, fits in (("localhost", True), ("other.example", False)):
        with tempfile.TemporaryDirectory(prefix="hexmcp-pg-") as folder:
            Reachable.port = free_port()
            Secure.name_in_certificate = name
            server = Secure(folder)
            databases = {"shop": {"url": f"postgresql://hexmcp@localhost:{server.port}/postgres", "tls": "verify",
                                  "caFile": server.path("cert.pem"), "password": {"secret": "database-password"}}}
            with server, Library(program, configured(place, databases, [f"localhost:{server.port}"])) as library:
                if fits:
                    tap.equal("a certificate for the host is taken, and the connection encrypted", rows(
                        library, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")["rows"], [[True]])
                else:
                    told = fails(library, "SELECT 1")
                    tap.check("one for another host is not", "does not match host name" in told, told)


def main(tap, program):
    with tempfile.TemporaryDirectory(prefix="hexmcp-pg-") as folder, tempfile.TemporaryDirectory() as place:
        server = Reachable(folder)
        if not server.program:
            tap.skip("PostgreSQL answers the tool", "postgresql-15 is not installed")
            return
        Reachable.port = free_port()
        url = f"postgresql://hexmcp@localhost:{server.port}/postgres"
        databases = {"shop": {"url": url, "password": {"secret": "database-password"}, "readOnly": False},
                     "narrow": {"url": url, "password": {"secret": "database-password"}, "pool": 1},
                     "readonly": {"url": url, "password": {"secret": "database-password"}}}
        with server, Library(program, configured(place, databases, [f"localhost:{server.port}"])) as library:
            server.sql("CREATE TABLE people (id serial PRIMARY KEY, name text NOT NULL); "
                       "INSERT INTO people (name) VALUES ('Ann'), ('Bob'); CREATE SCHEMA other; "
                       "CREATE TABLE other.things (a int); CREATE VIEW tall AS SELECT name FROM people")
            reading(tap, library)
            changing(tap, library)
            refusing(tap, library)
            other_operations(tap, library)
            stopping(tap, library, server)
            waiting(tap, library)
            leaving(tap, library)
            reaching(tap, program, place, server)
        verifying(tap, program, place)


with Tap() as tap:
    main(tap, sys.argv[1])
