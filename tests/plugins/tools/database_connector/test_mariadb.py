"""database-connector on a real MariaDB."""
import os
import sys
import tempfile
import time

from common import TOOL, WRONG_KIND, Library, Tap, begin, cancel, certificate, configured, free_port
from mariadb import MariaDB

TAKES = "MariaDB refuses the query; correct it: "


def rows(library, query, params=(), database="shop", **more):
    return library.call(TOOL, database=database, query=query, params=list(params), **more)


def fails(library, query, database="shop", **more):
    return library.fails(TOOL, database=database, query=query, **more)


def reading(tap, library):
    result = rows(library, "SELECT * FROM kinds")
    tap.equal("types have their names", [one["type"] for one in result["columns"]],
              ["bigint", "bigint unsigned", "decimal", "double", "blob", "datetime", "timestamp", "date", "text",
               "varchar", "tinyint"])
    tap.equal("values are exact", result["rows"],
              [["-9007199254740993", "18446744073709551615", "1.50", 1.5, {"base64": "AP8Q"}, "2024-05-06T07:08:09",
                "2024-05-06T05:08:09Z", "2024-05-06", "{\"a\": 1}", "Zoë", None]])
    odd = rows(library, "SELECT * FROM odd")
    tap.equal("odd types", [one["type"] for one in odd["columns"]],
              ["float", "bit", "time", "year", "date", "varchar", "varbinary", "datetime"])
    tap.equal("odd values", odd["rows"], [[1.1, {"base64": "BQ=="}, "-838:59:59", 2024, "0000-00-00", "b",
                                           {"base64": "AAA="}, "2024-05-06T07:08:09.123456"]])
    tap.equal("parameters of all kinds arrive as they are",
              rows(library, "SELECT ?, ?, ?, ?, hex(?)", ["it's; -- \"q\"", 7, 1.5, None, {"base64": "AAE="}])["rows"],
              [["it's; -- \"q\"", "7", "1.5", None, "0001"]])
    page = rows(library, "SELECT seq FROM seq_1_to_100000 ORDER BY seq", limit=3, offset=50000)
    tap.equal("pages of a long result", (page["rows"], page["next_offset"]), ([[50001], [50002], [50003]], 50003))


def changing(tap, library):
    insert = "INSERT INTO people (name) VALUES (?)"
    tried = rows(library, insert, ["Eve"], query_type="INSERT", dry_run=True)
    tap.equal("a dry run tells what would happen", (tried["rows_affected"], tried["committed"]), (1, False))
    tap.equal("and leaves nothing", rows(library, "SELECT count(*) FROM people")["rows"], [[2]])
    done = rows(library, insert, ["Eve"], query_type="INSERT")
    tap.equal("an insert is kept", (done["rows_affected"], done["committed"]), (1, True))
    tap.equal("it is there", rows(library, "SELECT count(*) FROM people")["rows"], [[3]])
    tap.equal("an update", rows(library, "UPDATE people SET name = concat(name, '!')", query_type="UPDATE")["rows_affected"], 3)
    tap.equal("a delete", rows(library, "DELETE FROM people WHERE name = 'Eve!'", query_type="DELETE")["rows_affected"], 1)
    tap.equal("a table that cannot undo is not tried",
              fails(library, "INSERT INTO `OLD` VALUES (1)".replace("OLD", "old"), query_type="INSERT", dry_run=True),
              "the change cannot be tried: the table old has the engine MyISAM, which can undo nothing; nothing was "
              "changed. Without dry_run it is made")
    tap.equal("and not changed", rows(library, "SELECT count(*) FROM old")["rows"], [[0]])
    tap.equal("a name that only looks like it does not matter",
              rows(library, "UPDATE people SET name = 'olde'", query_type="UPDATE", dry_run=True)["committed"], False)
    tap.equal("one behind a view is said",
              fails(library, "INSERT INTO behind VALUES (1)", query_type="INSERT", dry_run=True),
              "the change could not be undone: the engine of the table knows no transactions (as MyISAM), so the rows "
              "are changed")


def refusing(tap, library):
    wrong = WRONG_KIND.format("SELECT")
    for what, query in (("a delete", "DELETE FROM people"), ("a table", "CREATE TABLE t (a int)"),
                        ("a drop", "DROP TABLE people"), ("a commit", "COMMIT"), ("a setting", "SET @a = 1"),
                        ("a file", "SELECT 1 INTO @a"), ("a show", "SHOW TABLES"), ("a call", "CALL empty()"), ("a function that changes", "SELECT wipe()"),
                        ("a lock", "LOCK TABLES people WRITE")):
        told = fails(library, query)
        tap.check(f"{what} is no select", told == wrong or told.startswith(TAKES + "This command is not supported in the"),
                  told)
    tap.equal("a delete is no update", fails(library, "/* x */ DELETE FROM people", query_type="UPDATE"),
              WRONG_KIND.format("UPDATE"))
    tap.equal("a comment that is code is refused", fails(library, "/*!50000 DELETE */ FROM people", query_type="DELETE"),
              "the query begins with a comment that is code or has no end; leave it out")
    tap.check("two statements are too many", "You have an error in your SQL syntax" in
              fails(library, "SELECT 1; DELETE FROM people"))
    tap.equal("parameters are counted", fails(library, "SELECT ?"),
              "the query has 1 parameters (?), but params has 0 values")
    tap.check("a mistake is named", fails(library, "SELECT nme FROM people").startswith(
        TAKES + "Unknown column 'nme' in"))
    tap.check("no file of the client is loaded", fails(library, "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE people",
                                                       query_type="INSERT") == WRONG_KIND.format("INSERT"))
    tap.equal("nothing was changed", rows(library, "SELECT count(*) FROM people")["rows"], [[2]])
    tap.equal("a database for reading only", fails(library, "DELETE FROM people", database="readonly",
                                                   query_type="DELETE"),
              'the database readonly is for reading only; the operator allows changes with "readOnly": false in its '
              "settings")


def other_operations(tap, library):
    plan = library.call(TOOL, operation="explain", database="shop", query="SELECT * FROM people WHERE id = ?", params=[1])
    tap.check("a plan is there", "query_block" in plan["rows"][0][0], plan)
    library.call(TOOL, operation="explain", database="shop", query="DELETE FROM people", query_type="DELETE")
    tap.equal("explaining changes nothing", rows(library, "SELECT count(*) FROM people")["rows"], [[2]])
    schema = library.call(TOOL, operation="schema", database="shop")
    tap.equal("the schema has tables and views", [(one["name"], one["kind"]) for one in schema["tables"]],
              [("behind", "view"), ("kinds", "table"), ("odd", "table"), ("old", "table"), ("people", "table"), ("tall", "view")])
    tap.equal("with their columns", schema["tables"][4]["columns"],
              [{"name": "id", "type": "int(11)", "nullable": False, "primary_key": True},
               {"name": "name", "type": "varchar(50)", "nullable": False, "primary_key": False}])


def stopping(tap, library, server):
    told = fails(library, "SELECT count(*) FROM seq_1_to_1000000000 a, seq_1_to_1000000000 b", timeout_ms=700)
    tap.check("a slow query is stopped", "within 700 ms" in told or "after 700 ms" in told, told)
    for _ in range(50):
        left = server.run("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%seq_1_to_1000000000%' "
                          "AND id <> connection_id();").strip()
        if left == "0":
            break
        time.sleep(0.1)
    tap.equal("also on the server", left, "0")
    cancel(library, begin(library, database="shop", timeout_ms=60000,
                          query="SELECT count(*) FROM seq_1_to_1000000000 a, seq_1_to_1000000000 b"))
    for _ in range(100):
        left = server.run("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '%seq_1_to_1000000000%' "
                          "AND id <> connection_id();").strip()
        if left == "0":
            break
        time.sleep(0.1)
    tap.equal("a call that is given up is stopped on the server", left, "0")
    tap.equal("the next one works", rows(library, "SELECT 1")["rows"], [[1]])


def reaching(tap, program, place, server):
    url = f"mariadb://hexmcp@127.0.0.1:{server.port}/hexmcp"
    one = {"shop": {"url": url, "password": {"secret": "database-password"}}}
    hosts = [f"127.0.0.1:{server.port}"]
    with Library(program, configured(place, one, [])) as library:
        told = fails(library, "SELECT 1")
        tap.check("a host that is not granted is not reached", "grants.hosts" in told or "--allow-host" in told, told)
    with Library(program, configured(place, one, hosts, password="wrong!")) as library:
        told = fails(library, "SELECT 1")
        tap.check("a wrong password is said", "Access denied for user" in told and "wrong!" not in told, told)
    for tls in ("require", "verify"):
        safe = {"shop": {**one["shop"], "tls": tls}}
        with Library(program, configured(place, safe, hosts)) as library:
            told = fails(library, "SELECT 1")
            tap.check(f"without TLS on the server there is no connection with tls {tls}", "SSL" in told and
                      "shop does not take the connection" in told, told)


def verifying(tap, program, place):
    """The certificate counts for the name in the URL, though the connection was made by the host."""
    for name, fits in (("localhost", True), ("other.example", False)):
        with tempfile.TemporaryDirectory(prefix="hexmcp-maria-") as folder:
            os.chmod(folder, 0o755)
            key, cert = certificate(folder, name)
            port = free_port()
            server = MariaDB(os.path.join(folder, "db"), port, [f"--ssl-cert={cert}", f"--ssl-key={key}"])
            os.mkdir(server.folder)
            databases = {"shop": {"url": f"mariadb://hexmcp@localhost:{port}/hexmcp", "tls": "verify", "caFile": cert,
                                  "password": {"secret": "database-password"}}}
            with server, Library(program, configured(place, databases, [f"localhost:{port}"])) as library:
                if fits:
                    tap.check("a certificate for the host is taken, and the connection encrypted", rows(
                        library, "SELECT variable_value FROM information_schema.session_status "
                        "WHERE variable_name = 'Ssl_cipher'")["rows"][0][0] != "")
                else:
                    told = fails(library, "SELECT 1")
                    tap.check("one for another host is not", "shop does not take the connection" in told, told)


def main(tap, program):
    with tempfile.TemporaryDirectory(prefix="hexmcp-maria-") as folder, tempfile.TemporaryDirectory() as place:
        server = MariaDB(folder, free_port())
        if not server.program:
            tap.skip("MariaDB answers the tool", "mariadb-server is not installed")
            return
        url = f"mariadb://hexmcp@localhost:{server.port}/hexmcp"
        databases = {"shop": {"url": url, "password": {"secret": "database-password"}, "readOnly": False},
                     "readonly": {"url": url, "password": {"secret": "database-password"}}}
        with server, Library(program, configured(place, databases, [f"localhost:{server.port}"])) as library:
            server.run("""
                SET time_zone = '+02:00';
                CREATE TABLE people (id int PRIMARY KEY AUTO_INCREMENT, name varchar(50) NOT NULL);
                INSERT INTO people (name) VALUES ('Ann'), ('Bob');
                CREATE VIEW tall AS SELECT name FROM people;
                CREATE TABLE old (a int) ENGINE=MyISAM;
                CREATE VIEW behind AS SELECT a FROM old;
                SET sql_mode = '';
                CREATE TABLE odd (a float, b bit(3), c time, d year, e date, f enum('a', 'b'), g varbinary(9), h datetime(6));
                INSERT INTO odd VALUES (1.1, b'101', '-838:59:59', 2024, '0000-00-00', 'b', X'0000',
                    '2024-05-06 07:08:09.123456');
                DELIMITER //
                CREATE FUNCTION wipe() RETURNS int BEGIN DELETE FROM people; RETURN 1; END //
                DELIMITER ;
                CREATE PROCEDURE empty() SELECT 1;
                CREATE TABLE kinds (a bigint, b bigint unsigned, c decimal(8,2), d double, e blob, f datetime,
                                    g timestamp, h date, i json, j varchar(20) CHARACTER SET utf8mb4, k tinyint);
                INSERT INTO kinds VALUES (-9007199254740993, 18446744073709551615, 1.50, 1.5, X'00ff10',
                    '2024-05-06 07:08:09', '2024-05-06 07:08:09', '2024-05-06', '{"a": 1}', X'5a6fc3ab', NULL);
                """)
            reading(tap, library)
            changing(tap, library)
            refusing(tap, library)
            other_operations(tap, library)
            stopping(tap, library, server)
            reaching(tap, program, place, server)
        verifying(tap, program, place)


with Tap() as tap:
    main(tap, sys.argv[1])
