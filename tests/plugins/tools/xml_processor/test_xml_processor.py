#!/usr/bin/env python3
"""xml-processor through the real program; the oracle is xmllint."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

PROGRAM = sys.argv[1]
TOOL = "xml-processor"

SHOP = """<?xml version="1.0"?>
<shop xmlns:p="urn:price" open="yes">
  <!-- what there is -->
  <item id="1"><name>tea</name><p:price>4.5</p:price></item>
  <item id="2"><name>Käse &amp; Brot</name><p:price>12</p:price><tag>cold</tag><tag>new</tag></item>
  <empty/>
  <?print now?>
  <note>a <b>bold</b> word</note>
</shop>
"""
FEED = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>One</title></entry><entry><title>Two</title></entry></feed>"""

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
 <xs:element name="a"><xs:complexType><xs:sequence><xs:element name="n" type="xs:integer" maxOccurs="3"/></xs:sequence>
 <xs:attribute name="id" use="required"/></xs:complexType></xs:element></xs:schema>"""
RELAXNG = """<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"
 datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes"><oneOrMore><element name="n"><data type="integer"/></element>
 </oneOrMore></element>"""


def xmllint(text, *options, expect=0):
    done = subprocess.run(["xmllint", "--nonet", *options, "-"], input=text.encode(), capture_output=True, check=False)
    assert expect is None or done.returncode == expect, done.stderr
    return done.stdout.decode()


def parse(tap, library):
    got = library.call(TOOL, input=SHOP)
    tap.equal("parse is what is done by itself", (got["operation"], got["well_formed"], got["errors"]),
              ("parse", True, []))
    tap.equal("root", got["root"], {"name": "shop"})
    tap.equal("counts", (got["element_count"], got["attribute_count"], got["depth"]), (12, 3, 3))
    tap.equal("namespaces", got["namespaces"], [{"uri": "urn:price", "prefix": "p"}])
    tap.equal("names", got["names"][:4], [{"name": "shop", "count": 1}, {"name": "item", "count": 2},
                                          {"name": "name", "count": 2}, {"name": "price", "prefix": "p", "count": 2}])
    got = library.call(TOOL, input="<a>\n <b></a>")
    tap.equal("not well-formed", got, {"operation": "parse", "well_formed": False, "errors": [
        {"line": 2, "column": 9, "message": "Opening and ending tag mismatch: b line 2 and a"},
        {"line": 2, "column": 9, "message": "Premature end of data in tag a line 1"}]})
    got = library.call(TOOL, input='<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
                                   '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"><html/>')
    tap.equal("a DTD is not loaded", (got["well_formed"], got["doctype"]), (True, "html"))
    library.put("latin.xml", '<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>'.encode("latin-1"))
    got = library.call(TOOL, path="latin.xml")
    tap.equal("the encoding of a file", (got["well_formed"], got["encoding"]), (True, "ISO-8859-1"))
    got = library.call(TOOL, operation="query", path="latin.xml", query="string(/a)")
    tap.equal("is read", got["value"], "é")
    got = library.call(TOOL, operation="query", query="string(/a)",
                       input='<?xml version="1.0" encoding="ISO-8859-1"?><a>é</a>')
    tap.equal("that of a text does not count", got["value"], "é")
    many = library.call(TOOL, input="<a>" + "".join(f"<n{i}/>" for i in range(150)) + "</a>")
    tap.equal("many names", (len(many["names"]), many["truncated"], many["element_count"]), (100, True, 151))


def messages(tap, library):
    got = library.call(TOOL, input="<größe><maß></größe>")
    tap.equal("names in messages are as they are written", got["errors"][0],
              {"line": 1, "column": 21, "message": "Opening and ending tag mismatch: maß line 1 and größe"})
    got = library.call(TOOL, input="<a>" + "ü" * 5000)
    tap.check("long ones are cut between characters", "\ufffd" not in json.dumps(got, ensure_ascii=False), got)
    library.put("latin.xml", b"<a \xfc='1'/>")
    got = library.call(TOOL, path="latin.xml")
    tap.check("bytes that are no UTF-8 are question marks", got["well_formed"] is False and "\ufffd" not in
              json.dumps(got, ensure_ascii=False), got)


def query(tap, library):
    got = library.call(TOOL, operation="query", input=SHOP, query="//item[2]")
    tap.equal("an element", got["nodes"], [{
        "kind": "element", "name": "item", "path": "/shop/item[2]", "line": 5,
        "xml": '<item id="2"><name>Käse &amp; Brot</name><p:price>12</p:price><tag>cold</tag><tag>new</tag></item>'}])
    tap.equal("its counts", (got["type"], got["count"], got["total"]), ("nodes", 1, 1))
    got = library.call(TOOL, operation="query", input=SHOP, query="//@id | //comment() | //processing-instruction()"
                                                                  " | //b/text() | //p:price[1] | /shop/namespace::p")
    tap.equal("kinds of nodes", [(n["kind"], n.get("name"), n.get("value", n.get("xml"))) for n in got["nodes"]], [
        ("comment", None, " what there is "), ("attribute", "id", "1"),
        ("element", "price", "<p:price>4.5</p:price>"), ("attribute", "id", "2"),
        ("element", "price", "<p:price>12</p:price>"), ("instruction", "print", "now"), ("text", None, "bold"),
        ("namespace", None, "urn:price")])
    for expression, kind, value in (("count(//item)", "number", 2), ("string(//name)", "text", "tea"),
                                    ("//item/@id = '2'", "boolean", True), ("number('x')", "number", None),
                                    ("sum(//p:price) div 2", "number", 8.25), ("concat('a', //name[1])", "text", "atea")):
        got = library.call(TOOL, operation="query", input=SHOP, query=expression)
        tap.equal(f"a value: {expression}", (got["type"], got["value"]), (kind, value))
        if kind != "boolean" and value is not None:
            tap.equal(f"as xmllint: {expression}", str(got["value"]),
                      xmllint(SHOP.replace("p:price", "price").replace("xmlns:p", "xmlns:q"), "--xpath",
                              expression.replace("p:", "")).strip())
    none = library.call(TOOL, operation="query", input=FEED, query="//entry")
    tap.check("a hint about the default namespace", none["nodes"] == [] and "http://www.w3.org/2005/Atom" in
              none["hint"], none)
    got = library.call(TOOL, operation="query", input=FEED, query="//d:title/text()",
                       namespaces={"d": "http://www.w3.org/2005/Atom"})
    tap.equal("with a prefix for it", [n["value"] for n in got["nodes"]], ["One", "Two"])
    page = library.call(TOOL, operation="query", input=SHOP, query="//*", offset=2, limit=3)
    tap.equal("a page", ([n["name"] for n in page["nodes"]], page["count"], page["next_offset"]),
              (["name", "price", "item"], 3, 5))
    big = "<a>" + "<b>" + "x" * 70000 + "</b></a>"
    got = library.call(TOOL, operation="query", input=big, query="//b")
    kept = library.raw("resources/read", {"uri": got["uri"]})["contents"][0]["text"]
    tap.equal("a large result is kept", (got["truncated"], len(json.loads(kept)[0]["xml"])), (True, 70007))


def extract(tap, library):
    got = library.call(TOOL, operation="extract", input=SHOP, query="//item",
                       fields={"id": "@id", "name": "name", "price": "number(p:price)", "tags": "tag", "none": "x/y"})
    tap.equal("records", got["records"], [
        {"id": "1", "name": "tea", "price": 4.5, "tags": None, "none": None},
        {"id": "2", "name": "Käse & Brot", "price": 12, "tags": ["cold", "new"], "none": None}])
    tap.equal("their counts", (got["count"], got["total"]), (2, 2))
    got = library.call(TOOL, operation="extract", input=SHOP, fields={"open": "@open"})
    tap.equal("of the root", got["records"], [{"open": "yes"}])
    got = library.call(TOOL, operation="extract", input=SHOP, query="//item", fields={"id": "@id"}, offset=1)
    tap.equal("a page", (got["records"], got["total"]), ([{"id": "2"}], 2))
    library.put("many.xml", "<a>" + "".join(f"<b n='{i}'/>" for i in range(20000)) + "</a>")
    got = library.call(TOOL, operation="extract", path="many.xml", query="//b", fields={"n": "@n"},
                       target_path="many.jsonl")
    tap.equal("to a file", (got["count"], got["target_path"]), (20000, "many.jsonl"))
    tap.equal("its last line", library.get("many.jsonl").splitlines()[-1], b'{"n":"19999"}')


def validate(tap, library):
    for schema, kind in ((XSD, "xsd"), (RELAXNG, "relaxng")):
        good = '<a id="1"><n>1</n><n>2</n></a>' if kind == "xsd" else "<a><n>1</n></a>"
        got = library.call(TOOL, operation="validate", input=good, schema=schema)
        tap.equal(f"it fits: {kind}", got, {"operation": "validate", "valid": True, "errors": [],
                                            "schema_type": kind})
        bad = good.replace("<n>1</n>", "\n<n>one</n>")
        got = library.call(TOOL, operation="validate", input=bad, schema=schema)
        tap.check(f"it does not: {kind}", got["valid"] is False and got["errors"][0]["line"] == 2, got)
        library.place.write("s.xml", schema)
        option = "--schema" if kind == "xsd" else "--relaxng"
        path = os.path.join(library.place.top, "s.xml")
        xmllint(good, "--noout", option, path)
        tap.check(f"xmllint says the same: {kind}", xmllint(bad, "--noout", option, path, expect=None) == "")
    tap.equal("what does not fit is said", library.call(
        TOOL, operation="validate", input="<a><n>1</n></a>", schema=XSD)["errors"],
              [{"line": 1, "message": "Element 'a': The attribute 'id' is required but missing."}])
    library.put("s.xsd", XSD)
    tap.equal("a schema in a file", library.call(TOOL, operation="validate", input='<a id="1"><n>1</n></a>',
                                                 schema_path="s.xsd")["valid"], True)
    got = library.call(TOOL, operation="validate", input="<a>", schema=XSD)
    tap.equal("not even well-formed", (got["valid"], len(got["errors"])), (False, 1))


def to_json(tap, library):
    got = library.call(TOOL, operation="to_json", input=SHOP)["result"]
    tap.equal("to JSON", got, {"shop": {
        "@xmlns:p": "urn:price", "@open": "yes",
        "item": [{"@id": "1", "name": "tea", "p:price": "4.5"},
                 {"@id": "2", "name": "Käse & Brot", "p:price": "12", "tag": ["cold", "new"]}],
        "empty": None, "note": {"#text": "a  word", "b": "bold"}}})
    got = library.call(TOOL, operation="to_json", input="<a><b>1</b><c><b/></c></a>", options={"arrays": ["b"]})
    tap.equal("arrays", got["result"], {"a": {"b": ["1"], "c": {"b": [None]}}})
    got = library.call(TOOL, operation="to_json", input="<a><![CDATA[x < y]]></a>")
    tap.equal("CDATA is text", got["result"], {"a": "x < y"})
    library.put("many.xml", "<a>" + "<b>1</b>" * 50000 + "</a>")
    got = library.call(TOOL, operation="to_json", path="many.xml")
    kept = library.raw("resources/read", {"uri": got["uri"]})["contents"][0]["text"]
    tap.equal("a large one is kept", json.loads(kept), {"a": {"b": ["1"] * 50000}})
    got = library.call(TOOL, operation="to_json", path="many.xml", target_path="many.json")
    tap.equal("or written", (got["bytes"], json.loads(library.get("many.json"))),
              (len(kept), {"a": {"b": ["1"] * 50000}}))
    names = "<a>" + "".join(f"<n{i}/>" for i in range(40000)) + "</a>"
    got = library.call(TOOL, operation="to_json", input=names)
    tap.equal("many names take no time", got["truncated"], True)


def from_json(tap, library):
    value = {"shop": {"@open": "y\"<&>\n", "item": [{"@id": 1, "name": "tea"}, {"@id": 2, "name": None}],
                      "flag": True, "#text": "x & y"}}
    got = library.call(TOOL, operation="from_json", input=json.dumps(value), options={"minify": True})
    tap.equal("from JSON", got["xml"],
              '<?xml version="1.0" encoding="UTF-8"?>\n<shop open="y&quot;&lt;&amp;&gt;&#10;"><item id="1"><name>tea'
              '</name></item><item id="2"><name/></item><flag>true</flag>x &amp; y</shop>\n')
    back = library.call(TOOL, operation="to_json", input=got["xml"])["result"]
    tap.equal("and back", back["shop"]["item"], [{"@id": "1", "name": "tea"}, {"@id": "2", "name": None}])
    there = library.call(TOOL, operation="to_json", input=SHOP)["result"]
    again = library.call(TOOL, operation="from_json", input=json.dumps(there))["xml"]
    tap.equal("there and back", library.call(TOOL, operation="to_json", input=again)["result"], there)
    got = library.call(TOOL, operation="from_json", input='{"a": {"b": "c"}}', options={"declaration": False})
    tap.equal("indented", got["xml"], "<a>\n  <b>c</b>\n</a>\n")


def formats(tap, library):
    got = library.call(TOOL, operation="format", input=SHOP)["xml"]
    tap.equal("as xmllint --format", got.split("\n", 1)[1], xmllint(SHOP, "--format", "--encode", "utf-8").split("\n", 1)[1])
    got = library.call(TOOL, operation="format", input="<a><b> <c/> </b></a>", options={"indent": 4})
    tap.equal("indent", got["xml"],
              '<?xml version="1.0" encoding="UTF-8"?>\n<a>\n    <b>\n        <c/>\n    </b>\n</a>\n')
    got = library.call(TOOL, operation="format", input="<a>\n  <b>x</b>\n</a>",
                       options={"minify": True, "declaration": False})
    tap.equal("minify", got["xml"], "<a><b>x</b></a>\n")
    got = library.call(TOOL, operation="format", input=SHOP, options={"canonical": True})
    tap.equal("canonical, as xmllint", got["xml"],
              xmllint(SHOP.replace("  <!-- what there is -->", "  "), "--c14n"))
    got = library.call(TOOL, operation="format", input="<a><b/></a>", target_path="out.xml")
    tap.equal("to a file", (got, library.get("out.xml").decode()), (
        {"operation": "format", "target_path": "out.xml", "dry_run": False, "bytes": 55},
        '<?xml version="1.0" encoding="UTF-8"?>\n<a>\n  <b/>\n</a>\n'))
    tap.equal("not twice", library.fails(TOOL, operation="format", input="<a/>", target_path="out.xml"),
              "out.xml exists already; give overwrite true to replace it, or another path")
    library.call(TOOL, operation="format", input="<c/>", target_path="out.xml", overwrite=True)
    tap.check("unless asked", b"<c/>" in library.get("out.xml"))


def dry(tap, library):
    for arguments in ({"operation": "format", "input": "<a><b/></a>"}, {"operation": "to_json", "input": "<a>1</a>"},
                      {"operation": "from_json", "input": '{"a": {"b": 1}}'},
                      {"operation": "extract", "input": "<a><b>1</b><b>2</b></a>", "query": "//b", "fields": {"b": "."}}):
        tried = library.call(TOOL, target_path="dry.xml", dry_run=True, **arguments)
        tap.check(f"a dry run writes nothing: {arguments['operation']}", not os.path.exists(library.path("dry.xml")), "")
        done = library.call(TOOL, target_path="dry.xml", **arguments)
        tap.equal("and says what comes", tried, {**done, "dry_run": True})
        tap.equal("its size", tried["bytes"], os.path.getsize(library.path("dry.xml")))
        tap.equal("it asks before it replaces",
                  library.fails(TOOL, target_path="dry.xml", dry_run=True, **arguments),
                  "dry.xml exists already; give overwrite true to replace it, or another path")
        os.unlink(library.path("dry.xml"))
    tap.equal("without a file", library.fails(TOOL, operation="format", input="<a/>", dry_run=True),
              "dry_run is for target_path; without it nothing is written, so leave dry_run out")
    tap.equal("defaults that a form sends along", library.call(
        TOOL, input="<a/>", query="", namespaces={}, fields={}, schema="", offset=0, limit=100, overwrite=False,
        dry_run=False)["well_formed"], True)


def wrong(tap, library):
    fails = [
        ({}, "there is nothing to work on; give input (the data itself) or path (a file)"),
        ({"operation": "query", "input": "<a/>"},
         "query is missing; give an XPath expression, //item[@id='3'] or count(//item)"),
        ({"operation": "query", "input": "<a", "query": "1"},
         "the input is no XML that can be read: line 1, column 3: Couldn't find end of Start Tag a line 1; correct it"),
        ({"operation": "query", "input": "<a/>", "query": "//["},
         "//[ is no XPath 1.0 expression that works here: Invalid expression; correct it, or give namespaces "
         "for its prefixes"),
        ({"operation": "query", "input": "<a/>", "query": "//x:a"},
         "//x:a is no XPath 1.0 expression that works here: Undefined namespace prefix; correct it, or give "
         "namespaces for its prefixes"),
        ({"operation": "query", "input": "<a/>", "query": "1", "schema": "x"},
         "schema is not for operation query; leave it out"),
        ({"operation": "extract", "input": "<a/>"},
         "fields is missing; give XPath expressions by name, {\"title\": \"title\", \"id\": \"@id\"}, for each "
         "node that query picks"),
        ({"operation": "extract", "input": "<a/>", "query": "1", "fields": {"a": "b"}},
         "query gives no nodes but a value; for extract it has to pick the nodes that become records, //item"),
        ({"operation": "validate", "input": "<a/>"},
         "give either schema (the text of an XML Schema or of a RelaxNG schema) or schema_path"),
        ({"operation": "validate", "input": "<a/>", "schema": "<a/>"},
         "the schema's first element is in the namespace \"\"; give an XML Schema "
         "(http://www.w3.org/2001/XMLSchema) or a RelaxNG schema in XML (http://relaxng.org/ns/structure/1.0)"),
        ({"operation": "from_json", "input": "[1]"},
         "XML has one outermost element, so give an object with one member: {\"name\": ...}"),
        ({"operation": "from_json", "input": '{"a": {"b c": 1}}'},
         "\"b c\" is no name of XML; rename it (letters, digits, - . _ and : are fine, and it begins with a letter)"),
        ({"operation": "from_json", "input": '{"a": [[1]]}'},
         "the member a is an array, which cannot stand there; give a text, a number, true, false or null"),
        ({"operation": "from_json", "input": '{"a": "\\u0001"}'},
         "the JSON says what XML cannot: line 1, column 4: PCDATA invalid Char value 1; correct its names or texts"),
        ({"operation": "from_json", "input": '{"1a": 1}'},
         "the JSON says what XML cannot: line 1, column 2: StartTag: invalid element name; correct its names or texts"),
        ({"operation": "to_json", "input": "<a>" * 120 + "</a>" * 120},
         "the JSON would be nested deeper than 100 levels; convert a part of the document, or use operation query"),
    ]
    for arguments, text in fails:
        tap.equal(f"wrong: {json.dumps(arguments)[:60]}", library.fails(TOOL, **arguments), text)
    tap.equal("no JSON", library.fails(TOOL, operation="from_json", input='{"a": nan}'),
              "the input is no JSON that can be read (the value: unexpected character at byte 6); correct it")
    text = library.fails(TOOL, operation="validate", input="<a/>", schema=XSD.replace("xs:integer", "xs:house"))
    tap.check("no schema", text.startswith("the schema is none: line 2: "), text)


def refused(tap):
    with Library(PROGRAM, write=False) as library:
        library.put("a.xml", "<a/>")
        tap.equal("a file may be read", library.call(TOOL, path="a.xml")["well_formed"], True)
        outside = os.path.join(library.place.top, "secret.xml")
        library.place.write("secret.xml", "<secret/>")
        for arguments in ({"path": outside}, {"operation": "validate", "input": "<a/>", "schema_path": outside},
                          {"operation": "format", "input": "<a/>", "target_path": library.path("b.xml")}):
            text = library.fails(TOOL, **arguments)
            tap.check(f"refused: {sorted(arguments)}", "granted" in text or "write" in text, text)
        tap.equal("nothing was written", os.listdir(library.folder), ["a.xml"])


def main():
    with Tap() as tap:
        with Library(PROGRAM) as library:
            for test in (parse, messages, query, extract, validate, to_json, from_json, formats, dry, wrong):
                test(tap, library)
        refused(tap)


main()
