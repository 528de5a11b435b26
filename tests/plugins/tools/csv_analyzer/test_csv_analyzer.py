#!/usr/bin/env python3
"""csv-analyzer through the real program; the oracles are Python's csv and statistics."""

import csv
import io
import json
import os
import random
import statistics
import sys
import xml.etree.ElementTree
import zipfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

PROGRAM = sys.argv[1]
TOOL = "csv-analyzer"

SHOP = '''name,price,sold,day,code,note
tea,4.5,true,2024-01-31,007,
milk,1.25,FALSE,2024-02-29,012,"fresh, cold"
"Käse ""alt""",12,true,2023-12-01,100,"two
lines"
bread,-3e1,false,2024-03-01,099,x
'''


def near(a, b):
    return abs(a - b) <= 1e-9 * max(1, abs(a), abs(b))


def analyze(tap, library):
    got = library.call(TOOL, input=SHOP)
    tap.equal("analyze is what is done by itself",
              {k: got[k] for k in got if k != "columns"},
              {"operation": "analyze", "row_count": 4, "column_count": 6, "encoding": "UTF-8", "delimiter": ",",
               "has_headers": True, "analyzed_rows": 4, "parse_errors": [], "error_count": 0})
    columns = {c.pop("name"): c for c in got["columns"]}
    tap.equal("types", {n: c["data_type"] for n, c in columns.items()},
              {"name": "string", "price": "number", "sold": "boolean", "day": "date", "code": "string",
               "note": "string"})
    tap.equal("a text", columns["note"], {"data_type": "string", "null_count": 1, "unique_count": 3, "min_length": 1,
                                          "max_length": 11, "samples": ["fresh, cold", "two\nlines", "x"]})
    tap.equal("a date", (columns["day"]["min"], columns["day"]["max"]), ("2023-12-01", "2024-03-01"))
    tap.equal("characters, not bytes", columns["name"]["max_length"], 10)
    price = [4.5, 1.25, 12, -30]
    for key, want in (("min", min(price)), ("max", max(price)), ("sum", sum(price)), ("mean", statistics.mean(price)),
                      ("median", statistics.median(price)), ("std_dev", statistics.stdev(price))):
        tap.check(f"{key} of numbers", near(columns["price"][key], want), f"{columns['price'][key]} {want}")
    got = library.call(TOOL, input="a,b\n1,2\n3\n4,5,6\n\n7,8\n")
    tap.equal("ragged rows", got["parse_errors"], [
        {"line": 3, "rule": "columns", "message": "the row has 1 fields, not 2"},
        {"line": 4, "rule": "columns", "message": "the row has 3 fields, not 2"}])
    tap.equal("empty lines are no rows", got["row_count"], 4)
    got = library.call(TOOL, input="a,b\n1,\"x\ny\n")
    tap.check("an open quote", got["parse_errors"][-1]["message"] == "the last row has a quote that does not end", got)
    one = library.call(TOOL, input="n\n5\n")["columns"][0]
    tap.equal("one number has no deviation", ("std_dev" in one, one["mean"]), (False, 5))


def oracle(tap, library):
    draw = random.Random(7)
    rows = [[draw.choice(["", "x", "a,b", 'q"q', "two\nlines", "ä"]), str(draw.randint(-1000, 1000)),
             repr(draw.uniform(-1e6, 1e6)), draw.choice(["", "3", "4"])] for _ in range(3000)]
    for delimiter in (",", ";", "\t", "|"):
        text = io.StringIO()
        writer = csv.writer(text, delimiter=delimiter)
        writer.writerow(["text", "whole", "real", "gaps"])
        writer.writerows(rows)
        library.put("data.csv", text.getvalue())
        got = library.call(TOOL, path="data.csv")
        tap.equal(f"form of {delimiter!r}", (got["delimiter"], got["row_count"], got["error_count"]),
                  (delimiter, 3000, 0))
        for at, name in ((1, "whole"), (2, "real"), (3, "gaps")):
            column = got["columns"][at]
            values = [float(row[at]) for row in rows if row[at]]
            want = {"min": min(values), "max": max(values), "mean": statistics.fmean(values),
                    "median": statistics.median(values), "std_dev": statistics.stdev(values)}
            tap.check(f"{name} with {delimiter!r}", all(near(column[k], v) for k, v in want.items()) and
                      column["unique_count"] == len({row[at] for row in rows if row[at]}) and
                      column["null_count"] == sum(not row[at] for row in rows), f"{column} {want}")
        library.call(TOOL, operation="convert", path="data.csv", target_path="out.csv", overwrite=True,
                     options={"format": "csv", "has_headers": True})
        back = list(csv.reader(io.StringIO(library.get("out.csv").decode(), newline="")))
        tap.equal(f"all rows come back from {delimiter!r}", back[1:], rows)
        library.call(TOOL, operation="convert", path="data.csv", target_path="out.json", overwrite=True,
                     options={"typed": False})
        tap.equal(f"as JSON from {delimiter!r}", [list(row.values()) for row in json.loads(library.get("out.json"))], rows)


def convert(tap, library):
    got = library.call(TOOL, operation="convert", input=SHOP)
    tap.equal("typed rows", got["rows"][1], {"name": "milk", "price": 1.25, "sold": False, "day": "2024-02-29",
                                             "code": "012", "note": "fresh, cold"})
    tap.equal("empty is null", got["rows"][0]["note"], None)
    tap.equal("its counts", (got["format"], got["count"], got["total"]), ("json", 4, 4))
    got = library.call(TOOL, operation="convert", input="n\n12345678901234567890\n", options={"format": "jsonl"})
    tap.equal("digits stay", got["output"], '{"n":12345678901234567890}\n')
    got = library.call(TOOL, operation="convert", input=SHOP, options={"format": "tsv"})
    tap.equal("TSV", list(csv.reader(io.StringIO(got["output"], newline=""), delimiter="\t")),
              list(csv.reader(io.StringIO(SHOP, newline=""))))
    got = library.call(TOOL, operation="convert", input=SHOP, offset=1, limit=2)
    tap.equal("a page", ([r["name"] for r in got["rows"]], got["next_offset"]), (["milk", 'Käse "alt"'], 3))
    got = library.call(TOOL, operation="convert", input="1,2\n3,4\n")
    tap.equal("without header", got["rows"], [{"column_1": 1, "column_2": 2}, {"column_1": 3, "column_2": 4}])
    got = library.call(TOOL, operation="convert", input="1,2\n3,4\n", options={"has_headers": True})
    tap.equal("with one", got["rows"], [{"1": 3, "2": 4}])
    got = library.call(TOOL, operation="convert", input="a,a,,b\n1,2,3,4\n", options={"has_headers": True})
    tap.equal("names that are there twice, or empty", got["rows"], [{"a": 1, "a_2": 2, "column_3": 3, "b": 4}])
    got = library.call(TOOL, operation="convert", input="a|'b|c'\r\n1|2\r\n", options={"quote": "'", "delimiter": "|"})
    tap.equal("another quote, and CRLF", got["rows"], [{"a": 1, "b|c": 2}])
    got = library.call(TOOL, operation="convert", input="a,b\r1,2\r3,4\r")
    tap.equal("CR alone", got["rows"], [{"a": 1, "b": 2}, {"a": 3, "b": 4}])
    got = library.call(TOOL, operation="convert", input="a,b\n 1 , x \n")
    tap.equal("spaces stay", got["rows"], [{"a": " 1 ", "b": " x "}])
    library.put("big.csv", "n,text\n" + "".join(f"{i},{'x' * 50}\n" for i in range(20000)))
    got = library.call(TOOL, operation="convert", path="big.csv", limit=5000)
    kept = library.raw("resources/read", {"uri": got["uri"]})["contents"][0]["text"]
    tap.equal("a large page is kept", (got["truncated"], got["next_offset"], len(json.loads(kept))), (True, 5000, 5000))
    got = library.call(TOOL, operation="convert", path="big.csv", target_path="big.jsonl", options={"format": "jsonl"})
    tap.equal("all to a file", (got["count"], got["bytes"], library.get("big.jsonl").count(b"\n")),
              (20000, os.path.getsize(library.path("big.jsonl")), 20000))
    tap.equal("not twice", library.fails(TOOL, operation="convert", path="big.csv", target_path="big.jsonl"),
              "big.jsonl exists already; give overwrite true to replace it, or another path")


def cells(data):
    """Of the only sheet: rows of (value, type, style), by the parts that Excel reads."""
    space = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert parts.testzip() is None
        for name in parts.namelist():
            xml.etree.ElementTree.fromstring(parts.read(name))
        sheet = xml.etree.ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    assert not sheet.findall(".//m:f", space) and not sheet.findall(".//m:hyperlink", space)
    for row in sheet.findall(".//m:row", space):
        yield {cell.get("r"): (cell.findtext("m:is/m:t" if cell.get("t") == "inlineStr" else "m:v", namespaces=space),
                               cell.get("t"), cell.get("s")) for cell in row.findall("m:c", space)}


SHEET = '''text,price,sold,day,at,code,big
=1+2,4.5,true,2024-02-29,2024-01-31T10:20:30,007,1234567890123456
"Käse
<&> ""a""",-1e3,FALSE,1899-12-31,2024-01-31T10:20:30Z,12,123456789012345
 lead,+7,,,,,
\t =HYPERLINK("http://x"),+7,true,1900-03-01,2024-01-31 10:20,x,-1
'''


def workbook(tap, library):
    got = library.call(TOOL, operation="convert", input=SHEET, target_path="a.xlsx", dry_run=True,
                       options={"format": "xlsx", "delimiter": ","})
    tap.equal("a dry run of a workbook", (got["format"], got["count"], got["dry_run"], "bytes" in got,
                                          os.listdir(library.folder).count("a.xlsx")), ("xlsx", 4, True, False, 0))
    if "was built without libxlsxwriter" in library.fails(TOOL, operation="convert", input=SHEET, target_path="a.xlsx",
                                                          options={"format": "xlsx", "delimiter": ","}):
        tap.skip("workbooks", "this build has no libxlsxwriter")
        return
    data = library.get("a.xlsx")
    rows = list(cells(data))
    tap.equal("nothing is beside it", [n for n in os.listdir(library.folder) if n.startswith((".", "tmp"))], [])
    tap.equal("the names", [cell[0] for cell in rows[0].values()],
              ["text", "price", "sold", "day", "at", "code", "big"])
    text, number = "inlineStr", None
    tap.equal("typed cells", rows[1], {
        "A2": ("=1+2", text, None), "B2": ("4.5", number, None), "C2": ("1", "b", None), "D2": ("45351", number, "1"),
        "E2": ("45322.43090277778", number, "2"), "F2": ("007", text, None), "G2": ("1234567890123456", text, None)})
    tap.equal("what Excel cannot hold as it is stays a text", rows[2], {
        "A3": ('Käse\n<&> "a"', text, None), "B3": ("-1000", number, None), "C3": ("0", "b", None),
        "D3": ("1899-12-31", text, None), "E3": ("2024-01-31T10:20:30Z", text, None), "F3": ("12", text, None),
        "G3": ("123456789012345", number, None)})
    tap.equal("empty cells", rows[3], {"A4": (" lead", text, None), "B4": ("7", number, None)})
    tap.equal("the last row", [cell[0] for cell in rows[4].values()],
              ['\t =HYPERLINK("http://x")', "7", "1", "61", "45322.43055555555", "x", "-1"])
    library.call(TOOL, operation="filter", input=SHEET, target_path="a.xlsx", overwrite=True, options={
        "format": "xlsx", "delimiter": ",", "typed": False, "filter": "price == 4.5", "columns": ["day", "price"]})
    tap.equal("all as texts, of a filter", list(cells(library.get("a.xlsx"))), [
        {"A1": ("day", text, None), "B1": ("price", text, None)}, {"A2": ("2024-02-29", text, None), "B2": ("4.5", text, None)}])
    library.put("odd.csv", "a,b\n\x01\x1f,nul \0 and \uffff\ufffe end\n_x0041_,  spaces  \n")
    library.call(TOOL, operation="convert", path="odd.csv", target_path="odd.xlsx", options={"format": "xlsx"})
    rows = list(cells(library.get("odd.xlsx")))
    tap.equal("what XML cannot hold", [cell[0] for row in rows[1:] for cell in row.values()],
              ["_x0001__x001F_", "nul \ufffd and \ufffd\ufffd end", "_x005F_x0041_", "  spaces  "])


def workbook_limits(tap, library):
    def fails(text, **options):
        library.put("limit.csv", text)
        return library.fails(TOOL, operation="convert", path="limit.csv", target_path="limit.xlsx",
                             options={"format": "xlsx", "has_headers": True, **options})

    tap.equal("only into a file", library.fails(TOOL, operation="convert", input="a\n1\n", options={"format": "xlsx"}),
              "options.format xlsx is for files; give target_path")
    text = fails("a\n1\n")
    if "built without" in text:
        return
    os.unlink(library.path("limit.xlsx"))
    tap.equal("a cell that is too long", fails("a,b\n1,x\n1," + "\U0001f600" * 16384 + "\n"),
              'row 2 of the column "b" has more than 32767 characters, the most of a cell in Excel; leave the column '
              "out with options.columns, or choose options.format csv")
    tap.check("the longest", "structuredContent" in fails("a,b\n1," + "\U0001f600" * 16383 + "x\n"), "")
    os.unlink(library.path("limit.xlsx"))
    tap.equal("too many rows", fails("a\n" + "1\n" * 1048576),
              "there are more than 1048575 rows, the most of a sheet in Excel with its header; use options.filter, or "
              "choose options.format csv")
    tap.equal("nothing is left of them", [n for n in os.listdir(library.folder) if n.startswith((".", "tmp", "limit.x"))], [])


def dry(tap, library):
    for name in ("json", "jsonl", "csv", "tsv"):
        arguments = {"operation": "convert", "input": SHOP, "target_path": "dry." + name, "options": {"format": name}}
        tried = library.call(TOOL, dry_run=True, **arguments)
        tap.check(f"a dry run writes no {name}", not os.path.exists(library.path("dry." + name)), "it is there")
        done = library.call(TOOL, **arguments)
        tap.equal(f"and says what comes: {name}", tried, {**done, "dry_run": True})
        tap.equal(f"its size: {name}", tried["bytes"], os.path.getsize(library.path("dry." + name)))
    tap.equal("it asks before it replaces", library.fails(
        TOOL, operation="convert", input=SHOP, target_path="dry.csv", dry_run=True, options={"format": "csv"}),
        "dry.csv exists already; give overwrite true to replace it, or another path")
    tap.equal("without a file", library.fails(TOOL, operation="convert", input=SHOP, dry_run=True),
              "dry_run is for target_path; without it nothing is written, so leave dry_run out")


def formulas(tap, library):
    text = "=n,v\n=1+1,-5\n+cmd|'x',+5\n@x,-x\n\"\tx\",a=b\n\"=a,b\",'\n"
    arguments = {"operation": "convert", "input": text, "options": {"format": "csv", "has_headers": True}}
    tap.equal("texts go out as they came in", list(csv.reader(io.StringIO(library.call(TOOL, **arguments)["output"]))),
              list(csv.reader(io.StringIO(text))))
    arguments["options"]["escape_formulas"] = True
    tap.equal("escape_formulas", list(csv.reader(io.StringIO(library.call(TOOL, **arguments)["output"]))),
              [["'=n", "v"], ["'=1+1", "-5"], ["'+cmd|'x'", "+5"], ["'@x", "'-x"], ["'\tx", "a=b"], ["'=a,b", "'"]])


def defaults(tap, library):
    got = library.call(TOOL, operation="analyze", input="a\n1\n", offset=0, limit=100, overwrite=False, dry_run=False,
                       options={"format": "json", "typed": True, "size": 10, "method": "first", "seed": 1, "rows": 10000})
    tap.equal("defaults that a form sends along", got["row_count"], 1)
    tap.check("also with target_path", "structuredContent" in library.fails(
        TOOL, operation="convert", input="a\n1\n", offset=0, limit=100, target_path="form.json"), "")


def encodings(tap, library):
    for encoding, name in (("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16LE"), ("cp1252", "WINDOWS-1252")):
        library.put("e.csv", "wörd,n\nÄ€,1\n".encode(encoding))
        got = library.call(TOOL, operation="convert", path="e.csv")
        tap.equal(f"found: {encoding}", (got["encoding"], got["rows"]), (name, [{"wörd": "Ä€", "n": 1}]))
    library.put("e.csv", "wörd,n\nŁ,1\n".encode("iso-8859-2"))
    got = library.call(TOOL, operation="convert", path="e.csv", options={"encoding": "ISO-8859-2"})
    tap.equal("given: ISO-8859-2", got["rows"], [{"wörd": "Ł", "n": 1}])
    library.put("e.csv", b"a,b\n1,\xff\n\xfe,2\n")
    got = library.call(TOOL, path="e.csv", options={"encoding": "UTF-8"})
    tap.equal("bytes that are none", got["parse_errors"], [
        {"line": 2, "rule": "encoding", "message": "2 bytes are not UTF-8, the first on this line; they became U+FFFD"}])
    tap.equal("an encoding that nobody knows", library.fails(TOOL, path="e.csv", options={"encoding": "klingon"}),
              "the encoding klingon is unknown here; convert the file with file-converter first")


def filters(tap, library):
    def names(expression, text=SHOP):
        return [row["name"] for row in library.call(TOOL, operation="filter", input=text,
                                                    options={"filter": expression})["rows"]]

    cheese = 'Käse "alt"'
    for expression, want in (
            ("price > 2", ["tea", cheese]), ("price >= 4.5", ["tea", cheese]), ("price < 4.5", ["milk", "bread"]),
            ("price <= -30", ["bread"]), ("price == 12.0", [cheese]), ("price != 12", ["tea", "milk", "bread"]),
            ("name contains 'ea'", ["tea", "bread"]), ("name starts_with m", ["milk"]), ("name ends_with \"ilk\"", ["milk"]),
            ("day > 2024-01-31", ["milk", "bread"]), ("sold == true and price < 5", ["tea"]),
            ("sold == true or price < 0", ["tea", cheese, "bread"]), ("not (sold == true)", ["milk", "bread"]),
            ("NOT sold == true AND not price < 0", ["milk"]), ("code == 007", ["tea"]), ("[note] == ''", ["tea"]),
            ("note contains 'two\nlines'", [cheese]), ("name == tea or name == milk and price > 100", ["tea"]),
            ("(name == tea or name == milk) and price < 2", ["milk"])):
        tap.equal(f"filter: {expression}", names(expression), want)
    got = library.call(TOOL, operation="filter", input=SHOP, options={"filter": "price > 0", "columns": ["price"]},
                       offset=1, limit=1)
    tap.equal("a page of a filter", (got["rows"], got["next_offset"]), ([{"price": 1.25}], 2))
    for expression, at, why in (
            ("price >", 8, "there should be a number, a word or a text in quotes"),
            ("cost > 1", 1, "there should be the name of a column, in [ ] if it holds spaces; see the columns of operation analyze"),
            ("price ~ 1", 7, "there should be one of == != > < >= <= contains starts_with ends_with"),
            ("price > 1 price < 2", 11, "there should be and, or, or the end"),
            ("(price > 1", 11, "a closing ) is missing"), ("name == 'x", 9, "a closing quote is missing"),
            ("name = tea; drop", 6, "there should be one of == != > < >= <= contains starts_with ends_with")):
        text = library.fails(TOOL, operation="filter", input=SHOP, options={"filter": expression})
        tap.check(f"no filter: {expression}", text.startswith(f"the filter cannot be read at character {at} ") and
                  why in text, text)


def transform(tap, library):
    got = library.call(TOOL, operation="transform", input="first,last,n\nAda,Lovelace,1\nAlan,Turing,2\n", options={
        "columns": ["last", "n"], "rename_columns": {"n": "number"},
        "add_columns": {"full": "{first} {last}", "brace": "{{n}"}})
    tap.equal("transform", got["rows"], [
        {"last": "Lovelace", "number": 1, "full": "Ada Lovelace", "brace": "{n}"},
        {"last": "Turing", "number": 2, "full": "Alan Turing", "brace": "{n}"}])
    for options, text in (
            ({"columns": ["x"]}, 'options.columns names the column "x", which is not there; see the columns of '
                                 "operation analyze"),
            ({"rename_columns": {"x": "y"}}, 'options.rename_columns names the column "x", which is not there; see the '
                                             "columns of operation analyze"),
            ({"add_columns": {"c": "{x}"}}, 'options.add_columns names the column "x", which is not there; see the '
                                            "columns of operation analyze"),
            ({"rename_columns": {"a": "b"}}, 'there would be two columns "b"; choose other names'),
            ({"add_columns": {"c": "{a} {b"}}, 'options.add_columns has a { without a } in "{a} {b"; write {{ for a brace'),
            ({}, "there is nothing to transform; give options.columns, add_columns or rename_columns")):
        tap.equal(f"wrong: {options}", library.fails(TOOL, operation="transform", input="a,b\n1,2\n", options=options), text)


def validate(tap, library):
    tap.equal("valid", library.call(TOOL, operation="validate", input="a,b\n1,2\n"),
              {"operation": "validate", "valid": True, "row_count": 1, "column_count": 2, "encoding": "UTF-8",
               "delimiter": ",", "has_headers": True, "errors": [], "error_count": 0})
    got = library.call(TOOL, operation="validate", input="id,age,mail,kind\n1,20,x@y,a\n1,-1,,b\nx,200,toolong,c\n", options={
        "rules": {"id": {"type": "integer", "unique": True}, "age": {"min": 0, "max": 150},
                  "mail": {"required": True, "max_length": 5, "min_length": 2}, "kind": {"enum": ["a", "b"]}}})
    tap.equal("rules", got["errors"], [
        {"line": 3, "column": "id", "rule": "unique", "message": '"1" was there before'},
        {"line": 3, "column": "age", "rule": "min", "message": '"-1" is not a number from 0 on'},
        {"line": 3, "column": "mail", "rule": "required", "message": "there is no value"},
        {"line": 4, "column": "id", "rule": "type", "message": '"x" is no integer'},
        {"line": 4, "column": "age", "rule": "max", "message": '"200" is not a number up to 150'},
        {"line": 4, "column": "mail", "rule": "max_length", "message": "it has 7 characters, not 5 or less"},
        {"line": 4, "column": "kind", "rule": "enum", "message": '"c" is none of the values'}])
    got = library.call(TOOL, operation="validate", input="a\n" + "x\n" * 300, options={"rules": {"a": {"type": "number"}}})
    tap.equal("many errors", (len(got["errors"]), got["error_count"], got["truncated"]), (100, 300, True))
    tap.equal("lines of rows with several", library.call(
        TOOL, operation="validate", input='a,b\n"x\ny\nz",1\n2\n')["errors"][0]["line"], 5)
    text = library.fails(TOOL, operation="validate", input="a\n1\n", options={"rules": {"z": {"type": "integer"}}})
    tap.check("a rule for no column", text.startswith('options.rules: "z" is no column, '), text)


def sample(tap, library):
    text = "n\n" + "".join(f"{i}\n" for i in range(1000))
    got = library.call(TOOL, operation="sample", input=text, options={"size": 3})
    tap.equal("the first rows", got["rows"], [{"n": 0}, {"n": 1}, {"n": 2}])
    one = library.call(TOOL, operation="sample", input=text, options={"size": 50, "method": "random"})["rows"]
    same = library.call(TOOL, operation="sample", input=text, options={"size": 50, "method": "random"})["rows"]
    other = library.call(TOOL, operation="sample", input=text, options={"size": 50, "method": "random", "seed": 2})["rows"]
    values = [row["n"] for row in one]
    tap.check("random rows, in their order", len(set(values)) == 50 and values == sorted(values) and max(values) > 500)
    tap.equal("the same for the same seed", one, same)
    tap.check("others for another", one != other)
    few = library.call(TOOL, operation="sample", input="n\n1\n2\n", options={"size": 50, "method": "random"})
    tap.equal("no more than there are", few["rows"], [{"n": 1}, {"n": 2}])


def wrong(tap, library):
    fails = [
        ({}, "there is nothing to work on; give input (the data itself) or path (a file)"),
        ({"input": ""}, "there is no row in it; give CSV with a row at least"),
        ({"input": "a\n", "path": "b"}, "input and path are both given; give one of them"),
        ({"input": "a\n1\n", "operation": "filter"},
         "options.filter is missing; give conditions like price > 10 and name contains 'tea'"),
        ({"input": "a\n1\n", "options": {"filter": "a > 1"}}, "options.filter is not for operation analyze; leave it out"),
        ({"input": "a\n1\n", "limit": 3}, "limit is not for operation analyze; leave it out"),
        ({"input": "a\n1\n", "options": {"delimiter": "ab"}},
         "options.delimiter is not one character of ASCII; give ; or tab"),
        ({"input": "a\n1\n", "options": {"delimiter": "'", "quote": "'"}},
         "options.delimiter and options.quote are the same; change one"),
    ]
    for arguments, text in fails:
        tap.equal(f"wrong: {json.dumps(arguments)[:60]}", library.fails(TOOL, **arguments), text)
    text = library.fails(TOOL, input="a\n1\n", operation="convert", options={"format": "parquet"})
    tap.check("no Parquet", "json" in text and "structuredContent" not in text, text)


def refused(tap):
    with Library(PROGRAM, write=False) as library:
        library.put("a.csv", "a\n1\n")
        outside = library.place.write("secret.csv", "secret\n42\n")
        tap.equal("a file may be read", library.call(TOOL, path="a.csv")["row_count"], 1)
        for arguments in ({"path": outside}, {"operation": "convert", "input": "a\n1\n",
                                              "target_path": library.path("b.csv")}):
            text = library.fails(TOOL, **arguments)
            tap.check(f"refused: {sorted(arguments)}", "granted" in text or "write" in text, text)
        tap.equal("nothing was written", os.listdir(library.folder), ["a.csv"])


def main():
    with Tap() as tap:
        with Library(PROGRAM) as library:
            for test in (analyze, oracle, convert, workbook, workbook_limits, dry, formulas, defaults, encodings, filters, transform, validate, sample, wrong):
                test(tap, library)
        refused(tap)


main()
