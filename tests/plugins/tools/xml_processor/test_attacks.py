#!/usr/bin/env python3
"""What a hostile XML document, schema or expression can try; after each, the tool works."""

import http.server
import os
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402
import session  # noqa: E402

session.PATIENCE = 150  # seconds of processor time on a busy machine

PROGRAM = sys.argv[1]
TOOL = "xml-processor"
ASKED = []


class Trap(http.server.BaseHTTPRequestHandler):
    """Whoever asks has been let out."""

    def do_GET(self):  # pylint: disable=invalid-name
        ASKED.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<stolen/>")

    def log_message(self, *_):
        pass


def works(tap, library, after):
    got = library.call(TOOL, operation="query", input="<a>1</a>", query="number(/a)")
    tap.equal(f"it works after {after}", got["value"], 1)


def entities(tap, library, trap):
    secret = library.put("secret.txt", "the secret")
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "ha"}">' for i in range(10))
    attacks = {
        "billion laughs": f"<!DOCTYPE a [{laughs}]><a>&l9;</a>",
        "quadratic": f'<!DOCTYPE a [<!ENTITY x "{"y" * 100000}">]><a>{"&x;" * 5000}</a>',
        "a file": f'<!DOCTYPE a [<!ENTITY x SYSTEM "file://{secret}">]><a>&x;</a>',
        "a file by its name": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret}">]><a>&x;</a>',
        "a host": f'<!DOCTYPE a [<!ENTITY x SYSTEM "{trap}/entity">]><a>&x;</a>',
        "a parameter entity": f'<!DOCTYPE a [<!ENTITY % x SYSTEM "{trap}/parameter"> %x;]><a/>',
    }
    for name, text in attacks.items():
        for operation, more in (("query", {"query": "string(/)"}), ("to_json", {}), ("format", {})):
            got = library.fails(TOOL, operation=operation, input=text, **more)
            tap.check(f"{name}: {operation}", "declares the entity" in got and "secret" not in got, got[:300])
        got = library.call(TOOL, input=text)
        tap.equal(f"{name}: parse says so", (got["well_formed"], "declares the entity" in got["errors"][0]["message"]),
                  (False, True))
    got = library.fails(TOOL, operation="query", query="string(/)",
                        input=f'<!DOCTYPE a SYSTEM "{trap}/dtd"><a><b/></a>')
    tap.check("a DTD elsewhere is not loaded", "structuredContent" in got, got)
    got = library.fails(TOOL, operation="to_json", input=f'<a xmlns:x="http://www.w3.org/2001/XInclude"><x:include '
                                                         f'href="{secret}" parse="text"/></a>')
    tap.check("XInclude is not done", "the secret" not in got, got)
    got = library.fails(TOOL, operation="query", input="<a/>", query=f"document('{secret}')")
    tap.check("XPath reads no file", "is no XPath 1.0 expression" in got, got)
    works(tap, library, "entities")


def schemas(tap, library, trap):
    library.put("other.xsd", '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>')
    library.put("other.rng", '<element name="a" xmlns="http://relaxng.org/ns/structure/1.0"><empty/></element>')
    for place in (library.path("other.xsd"), f"{trap}/schema", "other.xsd"):
        for how in ("include", "import"):
            at = 'namespace="urn:x"' if how == "import" else ""
            text = library.fails(TOOL, operation="validate", input="<a/>", schema=(
                '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
                f'<xs:{how} {at} schemaLocation="{place}"/><xs:element name="a"/></xs:schema>'))
            tap.check(f"no {how} of {os.path.basename(place)}",
                      text.startswith("the schema refers to another file, "), text)
    text = library.fails(TOOL, operation="validate", input="<a/>", schema=(
        f'<externalRef xmlns="http://relaxng.org/ns/structure/1.0" href="{library.path("other.rng")}"/>'))
    tap.check("no externalRef", text.startswith("the schema refers to another file, "), text)
    text = library.fails(TOOL, operation="validate", schema='<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
                         '<xs:element name="b"/></xs:schema>',
                         input='<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                               f'xsi:noNamespaceSchemaLocation="{trap}/instance"/>')
    tap.check("a document names no schema", '"valid": false' in text, text)
    works(tap, library, "schemas")


def limits(tap, library):
    deep = library.call(TOOL, input="<a>" * 300 + "</a>" * 300)
    tap.check("depth", deep["well_formed"] is False and "depth" in deep["errors"][0]["message"], deep)
    text = library.fails(TOOL, operation="query", query="count(//*[count(//*) > count(//*[count(//*) = 3])])",
                         input="<a>" + "<b/>" * 3000 + "</a>")
    tap.check("steps of XPath", "took more than 50000000 steps and was stopped" in text, text)
    for query in ("(" * 4000 + "1" + ")" * 4000, "a" + "/a" * 4000, "1" + "+1" * 4000, "-" * 8000 + "1",
                  "a" + "[a" * 2500 + "]" * 2500, "not(" * 1500 + "1" + ")" * 1500, "1" + " or 1" * 1500):
        text = library.fails(TOOL, operation="query", query=query, input="<a/>")
        tap.check(f"a long query: {query[:8]}...", "crashed" not in text, text[:300])
    text = library.fails(TOOL, input="<a>" + "<b c='d'/>" * 3000000 + "</a>")
    tap.check("a large document", '"element_count": 3000001' in text, text[:300])
    defaults = "<!DOCTYPE a [<!ATTLIST b c CDATA '" + "x" * 100000 + "'>]><a>" + "<b/>" * 100000 + "</a>"
    text = library.fails(TOOL, input=defaults)
    tap.check("default attributes", "crashed" not in text, text[:300])
    library.put("large.xml", b"<a>" + b" " * (51 << 20) + b"</a>")
    tap.equal("a file that is too large", library.fails(TOOL, path="large.xml"),
              "large.xml has more than 52428800 bytes, the most that is taken; give a smaller file")
    works(tap, library, "limits")


def endless(tap, library):
    """A schema of 4 MB that takes libxml2 hours to compile: the square of its alternatives."""
    with open(library.path("hours.xsd"), "w", encoding="ascii") as file:
        file.write('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:simpleType>'
                   f'<xs:restriction base="xs:string"><xs:pattern value="{"a|" * 2000000}x"/></xs:restriction>'
                   '</xs:simpleType></xs:element></xs:schema>')
    text = library.fails(TOOL, operation="validate", input="<a>x</a>", schema_path="hours.xsd")
    tap.equal("a pattern that takes hours", text,
              "plugin hexmcp.xml-processor ended its process with exit code 1 while this call ran; its last words: the "
              "work took more than 30000 ms and was stopped; give a smaller document, or a simpler schema or "
              "expression; libxml2 could not be stopped, so the process was")
    works(tap, library, "that")


def paths(tap, library):
    secret = library.place.write("secret.xml", "<secret>42</secret>")
    os.symlink(secret, library.path("link.xml"))
    for path in ("../secret.xml", secret, "link.xml", "/proc/self/environ"):
        for arguments in ({"path": path}, {"operation": "validate", "input": "<a/>", "schema_path": path},
                          {"operation": "format", "input": "<a/>", "target_path": path, "overwrite": True}):
            text = library.fails(TOOL, **arguments)
            tap.check(f"{sorted(arguments)[-1]} {os.path.basename(path)}", "structuredContent" not in text and
                      "42" not in text, text)
    with open(secret, encoding="utf-8") as file:
        tap.equal("it is as it was", file.read(), "<secret>42</secret>")


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Trap)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    trap = f"http://127.0.0.1:{server.server_port}"
    try:
        with Tap() as tap, Library(PROGRAM) as library:
            entities(tap, library, trap)
            schemas(tap, library, trap)
            limits(tap, library)
            paths(tap, library)
            endless(tap, library)
            tap.equal("nobody was asked", ASKED, [])
    finally:
        server.shutdown()


main()
