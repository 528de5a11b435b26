"""citation-formatter: exact references in every style, three formats, issues, hostile input.

expected.json has items of CSL and what each style makes of them. It was compared line by line with
citeproc-js 2.4 and the official CSL styles (apa, modern-language-association, chicago-author-date,
chicago-notes-bibliography, harvard-cite-them-right, ieee, nature, nlm-citation-sequence). It differs in
two things: a conference paper in MLA has its publisher in place of the town, and the number of a report,
"12-4", is one number and no range.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

TOOL = "citation-formatter"
HERE = os.path.dirname(os.path.abspath(__file__))

BIBTEX = r"""
@string{jg = "Journal of Graphs"}
@comment{ ignored {really} }
@article{art,
  author = {Miller, Anna Maria and Juan {Garc{\'\i}a L{\'o}pez}},
  title = {The structure of scientific revolutions in graph theory},
  journal = jg, volume = 12, number = {3}, pages = {45--67}, year = 2019, month = may,
  doi = {https://doi.org/10.1000/jg.2019.12}
}
@book(book, author = "Okafor, Chidi", title = "A history " # {of numbers: From stones to bits},
  publisher = {North Press}, address = {London}, edition = {2}, year = {2015})
@incollection{chap, author = {Eva Lindqvist and Sato, Ken and T. J. Brown}, title = {Sorting and searching},
  booktitle = {Handbook of algorithms}, editor = {Karl Weber and Lucia Rossi}, publisher = {Delta},
  address = {Berlin}, pages = {101--130}, year = 2010}
@phdthesis{thes, author = {Petra Novak}, title = {Learning with little data},
  school = {University of Ljubljana}, year = 2021}
@online{web, author = {{Ocean Institute}}, title = {How tides work}, howpublished = {Sea Facts},
  date = {2022-03-14}, urldate = {2024-01-05}, url = {https://www.example.org/tides}}
@inproceedings{conf, author = {Ivanov, Ilya and Chen, Li and Dubois, Marie and Khan, Omar},
  title = {Fast parsing of small languages}, booktitle = {Proceedings of the 8th Conference on Languages},
  pages = {12-20}, publisher = {ACM}, organization = {Nobody}, address = {New York}, year = 2018,
  doi = {10.1000/lang.8}}
"""

YAML = """
art:
  type: Article
  author: ["Miller, Anna Maria", {name: García López, given-name: Juan}]
  title: The structure of scientific revolutions in graph theory
  date: 2019-05
  page-range: 45-67
  serial-number: {doi: 10.1000/jg.2019.12}
  parent: {type: Periodical, title: Journal of Graphs, volume: 12, issue: 3}
book:
  type: Book
  author: Okafor, Chidi
  title: {value: "A history of numbers: From stones to bits"}
  publisher: {name: North Press, location: London}
  edition: 2
  date: 2015
chap:
  type: Chapter
  author: ["Lindqvist, Eva", "Sato, Ken", "Brown, T. J."]
  title: Sorting and searching
  page-range: 101-130
  parent:
    type: Anthology
    title: Handbook of algorithms
    editor: ["Weber, Karl", "Rossi, Lucia"]
    publisher: Delta
    location: Berlin
    date: 2010
thes: {type: Thesis, author: "Novak, Petra", title: Learning with little data, genre: PhD thesis,
       organization: University of Ljubljana, date: 2021}
web:
  type: Web
  author: {name: Ocean Institute}
  title: How tides work
  date: 2022-03-14
  url: {value: "https://www.example.org/tides", date: 2024-01-05}
  parent: {type: Web, title: Sea Facts}
conf:
  type: Article
  author: ["Ivanov, Ilya", "Chen, Li", "Dubois, Marie", "Khan, Omar"]
  title: Fast parsing of small languages
  page-range: 12-20
  serial-number: {doi: "doi:10.1000/lang.8"}
  parent: {type: Proceedings, title: Proceedings of the 8th Conference on Languages, publisher: ACM,
           location: New York, date: 2018}
"""


def texts(result):
    return ([c["citation"] for c in result["citations"]], [r["text"] for r in result["reference_list"]])


def formats(tap, library, expected):
    for name, group in expected.items():
        for style, wanted in group["styles"].items():
            got = texts(library.call(TOOL, format="csl-json", style=style, input=json.dumps(group["items"])))
            tap.equal(f"{name} in {style}: in the text", got[0], wanted["citations"])
            tap.equal(f"{name} in {style}: the list", got[1], wanted["references"])
    for style, wanted in expected["kinds"]["styles"].items():
        for form, text in (("bibtex", BIBTEX), ("yaml", YAML)):
            got = texts(library.call(TOOL, format=form, style=style, input=text))
            tap.equal(f"{form} in {style}: in the text", got[0], wanted["citations"])
            tap.equal(f"{form} in {style}: the list", got[1], wanted["references"])


def shapes(tap, library):
    result = library.call(TOOL, format="bibtex", input=BIBTEX, style="ieee", cite_keys=["conf", "art", "conf"])
    tap.equal("some, in their order", result, {
        "operation": "format_citation", "style": "ieee", "entry_count": 2,
        "citations": [{"key": "conf", "number": 1, "citation": "[1]"},
                      {"key": "art", "number": 2, "citation": "[2]"}],
        "reference_list": [
            {"key": "conf", "number": 1, "text":
             "[1] I. Ivanov, L. Chen, M. Dubois, and O. Khan, “Fast parsing of small languages,” in Proceedings "
             "of the 8th Conference on Languages, New York: ACM, 2018, pp. 12–20. doi: 10.1000/lang.8."},
            {"key": "art", "number": 2, "text":
             "[2] A. M. Miller and J. García López, “The structure of scientific revolutions in graph "
             "theory,” Journal of Graphs, vol. 12, no. 3, pp. 45–67, May 2019, doi: 10.1000/jg.2019.12."}]})
    library.put("refs.bib", BIBTEX)
    tap.equal("from a file", library.call(TOOL, format="bibtex", path="refs.bib", cite_keys=["thes"])
              ["reference_list"][0]["text"],
              "Novak, P. (2021). Learning with little data [PhD thesis]. University of Ljubljana.")
    first = library.call(TOOL, format="bibtex", input=BIBTEX, limit=4)
    rest = library.call(TOOL, format="bibtex", input=BIBTEX, offset=first["next_offset"])
    whole = library.call(TOOL, format="bibtex", input=BIBTEX)
    tap.equal("pages", (first["reference_list"] + rest["reference_list"], "next_offset" in rest),
              (whole["reference_list"], False))
    listed = library.call(TOOL, operation="list_styles")
    tap.equal("the styles", [s["style"] for s in listed["styles"]],
              ["apa", "mla", "chicago-author-date", "chicago-fullnote-bibliography", "harvard", "ieee",
               "nature", "vancouver"])
    tap.equal("in CSL by references", library.call(TOOL, input="references:\n- {id: a, type: book, title: T}\n")
              ["reference_list"][0]["text"], "T. (n.d.).")


def bibtex(tap, library):
    def names(text):
        entry = "@book{k, author = {%s}, title = {T}, year = 2000}" % text
        return library.call(TOOL, format="bibtex", input=entry)["reference_list"][0]["text"][:-len(" (2000). T.")]

    tap.equal("names", [names(n) for n in (
        "Ludwig van Beethoven", "van Beethoven, Ludwig", "Charles Louis Xavier Joseph de la Vall{\\'e}e Poussin",
        "King, Jr, Martin Luther", "{Barnes and Noble}", r"{\"O}zg{\"u}r, {\c S}ule", r"\'Emile Zola",
        "Donald E. Knuth and others", "aristotle", "Jean-Paul Sartre")],
        ["van Beethoven, L.", "van Beethoven, L.", "de la Vallée Poussin, C. L. X. J.", "King, M. L., Jr.",
         "Barnes and Noble.", "Özgür, Ş.", "Zola, É.", "Knuth, D. E., et al.", "aristotle.", "Sartre, J.-P."])

    def title(text):
        entry = "@book{k, author = {A}, title = {%s}, year = 2000}" % text
        return library.call(TOOL, format="bibtex", input=entry)["reference_list"][0]["text"][len("A. (2000). "):]

    tap.equal("LaTeX", [title(t) for t in (
        r"The {GNU} way -- a {\TeX} tale", r"Caf\'{e} \& stra{\ss}e", r"100\% of ~ \emph{all} --- yes",
        r"``Quoted'' $x^2$", r"\v{C}apek \o{}re \L{}\'od\'z", "Why?", r"\"a \u{g} \c{c} \~n \H{o}")],
        ["The GNU way – a tale.", "Café & straße.", "100% of all — yes.", "“Quoted” x^2.",
         "Čapek øre Łódź.", "Why?", "ä ğ ç ñ ő."])


def issues(tap, library):
    bad = """@article{a, title = {T}, doi = {nonsense}, year = 2100000}
@book{b, author = {X, Y}, title = {B}, publisher = {P}, year = 2000, isbn = {978-3-16-148410-1}}
@book{b, author = {X, Y}, title = {B}, publisher = {P}, year = 2000, isbn = {978-3-16-148410-0}}
@foo{c, title = {C}}
@online{d, title = {D}, url = {example org}}
"""
    result = library.call(TOOL, operation="validate_bibliography", format="bibtex", input=bad)
    got = [(i["severity"], i.get("key"), i.get("field"), i.get("line"), i["message"])
           for i in result["issues"]]
    wanted = [
        ("warning", "c", "type", 4, "@foo is no known type; it is taken for @misc"),
        ("error", "a", "author", 1, "an article has no author; add it"),
        ("error", "a", "journal", 1, "an article has no journal; add it"),
        ("error", "a", "year", 1, "an article has no year; add it"),
        ("error", "a", "doi", 1, '"nonsense" is no DOI; one looks like 10.1000/182'),
        ("error", "b", "isbn", 2, '"978-3-16-148410-1" is no ISBN: its digits do not add up'),
        ("error", "b", "key", 3, "the key is used more than once; give each entry its own"),
        ("error", "d", "url", 5, '"exampleorg" is no URL; one begins with https://'),
        ("warning", "d", "urldate", 5, "neither a date nor when it was read; add one")]
    tap.equal("issues", got, wanted)
    tap.equal("their numbers", {k: result[k] for k in ("valid", "entry_count", "error_count", "warning_count")},
              {"valid": False, "entry_count": 5, "error_count": 7, "warning_count": 2})
    for form, text in (("bibtex", BIBTEX), ("yaml", YAML)):
        good = library.call(TOOL, operation="validate_bibliography", format=form, input=text)
        tap.equal(f"nothing is wrong in {form}", (good["valid"], good["issues"]), (True, []))
    broken = library.call(TOOL, operation="validate_bibliography", format="bibtex", input="@book{k, title {x}}")
    tap.equal("what cannot be read is an issue", (broken["valid"], broken["issues"]), (False, [
        {"severity": "error", "line": 1, "message": "k: a field is expected: name = {text}"}]))


def wrong(tap, library):
    for arguments, text in (
            ({"format": "bibtex", "input": "@book{k, title = {x"},
             "line 1: the text that begins with { here has no }"),
            ({"format": "bibtex", "input": "\n@book{k\n title = {x}}"},
             "line 3: k: a comma is missing behind the key"),
            ({"format": "bibtex", "input": '@book{k, title = "x" year = 2}'},
             "line 1: k: a comma is missing between two fields"),
            ({"format": "bibtex", "input": "@book{k, title = }"},
             'line 1: a value is missing; give {text}, "text" or a number'),
            ({"format": "bibtex", "input": "@book{k, title = {" + "x" * 5001 + "}}"},
             "line 1: k has more than 5000 bytes; shorten it"),
            ({"input": "- {type: book}"}, 'an entry has no id; give each one "id"'),
            ({"input": "just a text"},
             'entries are expected: a mapping of keys, or a list of items with "id"'),
            ({"input": "a: text"}, "a is no mapping of fields"),
            ({"input": "a: {title: T}", "cite_keys": ["b"]}, 'cite_keys: no entry has the key "b"'),
            ({"input": "a: {title: T}", "style": "turabian"},
             'invalid arguments for tool "citation-formatter": /style: must be "apa", "mla", '
             '"chicago-author-date", "chicago-fullnote-bibliography", "harvard", "ieee", "nature" or '
             '"vancouver", is "turabian"'),
            ({}, "there is nothing to work on; give input (the data itself) or path (a file)"),
            ({"path": "../x.bib"}, '"../x.bib" leads above the folder that it begins in'),
            ({"path": "/etc/passwd"}, f"/etc/passwd is in no granted folder; granted: {library.folder}")):
        said = library.fails(TOOL, **arguments)
        tap.equal(str(arguments)[:60], said, text)
    library.put("latin.bib", b"@book{k, title = {\xe9}}")
    tap.equal("a file that is no UTF-8", library.fails(TOOL, format="bibtex", path="latin.bib"),
              "the text is no UTF-8 from byte 18 on; convert it first, with file-converter")
    macros = "@string{a = {xxxxxxxxxx}}\n" + "".join(f"@string{{{chr(98 + i)} = {chr(97 + i)} # {chr(97 + i)}}}\n" for i in range(24))
    tap.equal("macros that double each other", library.fails(TOOL, format="bibtex", input=macros + "@book{k, title = y}"),
              "line 10: a value is longer than 5000 bytes")
    many = "".join(f"@book{{k{i}, title = {{T}}}}\n" for i in range(1001))
    tap.equal("too many entries", library.fails(TOOL, format="bibtex", input=many),
              "line 1001: more than 1000 entries; give fewer at once")
    said = library.fails(TOOL, input="a: {b: [}")
    tap.check("no YAML", said.startswith("line 1: no YAML or JSON: "), said)


def hostile(tap, library):
    bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n"
    for i in range(1, 12):
        bomb += f"{chr(97 + i)}: &{chr(97 + i)} [" + ",".join([f"*{chr(96 + i)}"] * 9) + "]\n"
    said = library.fails(TOOL, input=bomb)
    tap.check("aliases are not expanded", "is no mapping of fields" in said, said)
    for name, text in (("deep lists", "a: " + "[" * 100000), ("deep maps", "{a: " * 50000),
                       ("deep blocks", "".join(" " * i + "a:\n" for i in range(1500)))):
        said = library.fails(TOOL, input=text)
        tap.check(name, "line" in said or "no mapping" in said or "entries" in said, said[:300])
    said = library.fails(TOOL, format="bibtex", input="@book{k, title = {" + "{" * 100000 + "}")
    tap.equal("deep braces", said, "line 1: braces are nested too deep")
    many = "".join(f"@book{{k{i}, author = {{Same, Name}}, title = {{T{i:04}}}, year = 2000}}\n"
                   for i in range(1000))
    result = library.call(TOOL, format="bibtex", input=many, offset=900)
    tap.equal("a thousand that look alike", [result["citations"][99]["citation"], result["entry_count"]],
              ["(Same, 2000all)", 1000])
    tap.equal("and the next call is answered", library.call(TOOL, operation="list_styles")["operation"],
              "list_styles")


CROSSREF = r"""
@inproceedings{part, author = {Ludwig van Beethoven and King, Jr., Martin Luther}, title = {On {LaTeX} \& \"Uber things},
  crossref = {whole}, pages = {1--9}}
@proceedings{whole, editor = {Smith, Jo}, title = {Proceedings of X}, year = 2019, publisher = {MIT Press}, address = {Oslo}}
"""
INHERITED = {
    "apa": "van Beethoven, L., & King, M. L., Jr. (2019). On LaTeX & Über things. Proceedings of X, 1–9.",
    "mla": "van Beethoven, Ludwig, and Martin Luther King Jr. “On LaTeX & Über Things.” Proceedings of X, edited by Jo Smith, "
           "MIT Press, 2019, pp. 1–9.",
    "chicago-author-date": "Beethoven, Ludwig van, and Martin Luther King Jr. 2019. “On LaTeX & Über Things.” Proceedings of X "
                           "(Oslo), 1–9.",
    "ieee": "[1] L. van Beethoven and M. L. King Jr., “On LaTeX & Über things,” in Proceedings of X, J. Smith, Ed., Oslo: MIT "
            "Press, 2019, pp. 1–9.",
    "vancouver": "1. van Beethoven L, King ML Jr. On LaTeX & Über things. In: Smith J, editor. Proceedings of X. Oslo: MIT Press; "
                 "2019. p. 1–9.",
}
OTHERS = (("apa", "(Doe et al., 1920)", "Doe, J., et al. (1920). Robots. X."),
          ("mla", "(Doe et al.)", "Doe, Jo, et al. Robots. X, 1920."),
          ("chicago-author-date", "(Doe et al. 1920)", "Doe, Jo, et al. 1920. Robots. X."),
          ("harvard", "(Doe et al., 1920)", "Doe, J. et al. (1920) Robots. X."),
          ("ieee", "[1]", "[1] J. Doe et al., Robots. X, 1920."),
          ("vancouver", "(1)", "1. Doe J, et al. Robots. X; 1920."))


def listed(library, text, style="apa", **more):
    result = library.call(TOOL, input=text, format="bibtex", style=style, **more)
    return [reference["text"] for reference in result["reference_list"]]


def crossref(tap, library):
    for style, text in INHERITED.items():
        tap.equal(f"crossref in {style}", listed(library, CROSSREF, style, cite_keys=["part"]), [text])
    def issues_of(text):
        return library.call(TOOL, operation="validate_bibliography", input=text, format="bibtex")["issues"]
    tap.equal("with crossref nothing lacks", issues_of(CROSSREF), [])
    tap.equal("crossref to nobody", issues_of(CROSSREF.replace("{whole}", "{nobody}"))[0],
              {"severity": "error", "key": "part", "field": "crossref", "line": 2,
               "message": "no other entry has the key nobody; add it"})
    tap.equal("crossref to itself", issues_of(CROSSREF.replace("{whole}", "{part}"))[0]["message"],
              "no other entry has the key part; add it")
    tap.equal("a part of nothing is shown as a work of its own",
              listed(library, "@incollection{a, author={Doe, Jo}, title={Alone}, year=2001}", "ieee"), ["[1] J. Doe, Alone. 2001."])
    tap.equal("without year and publisher", listed(library, "@misc{a, author={Doe, Jo}, title={Alone}}", "ieee"),
              ["[1] J. Doe, Alone."])


def others(tap, library):
    text = "@book{a, author={Doe, Jo and others}, title={Robots}, year=1920, publisher={X}}"
    for style, cited, reference in OTHERS:
        result = library.call(TOOL, input=text, format="bibtex", style=style)
        tap.equal(f"and others in {style}", (result["citations"][0]["citation"], result["reference_list"][0]["text"]),
                  (cited, reference))
    tap.equal("two and others", listed(library, text.replace("and others", "and Roe, Al and others")),
              ["Doe, J., Roe, A., et al. (1920). Robots. X."])


def order_of_letters(tap, library):
    names = ["Zappa", r"{\v{C}}apek", r"{\L}ukasiewicz", "Cz", "Lz", r"\'Alvarez", "Az", r"{\O}ster", "Oz", r"{\v{Z}}i{\v{z}}ek",
             "Świ\u0119ty", "Sz", "Sa"]
    text = "".join(f"@misc{{k{number}, author={{{name}, A.}}, title={{T}}, year=2000}}\n" for number, name in enumerate(names))
    tap.equal("letters with accents stand where those without do", [line.split(",")[0] for line in listed(library, text)],
              ["Álvarez", "Az", "Čapek", "Cz", "Łukasiewicz", "Lz", "Øster", "Oz", "Sa", "Święty", "Sz", "Zappa", "Žižek"])


def nothing(tap, library):
    tap.equal("BibTeX without format", library.fails(TOOL, input="  @book{a}"),
              "this begins as BibTeX, but format is yaml; give format bibtex")
    for operation in ("format_citation", "validate_bibliography"):
        tap.equal(f"{operation} of nothing", library.fails(TOOL, operation=operation, input=" \n"),
                  "the bibliography is empty; give entries")
        tap.equal(f"{operation} of no entry", library.fails(TOOL, operation=operation, input="words", format="bibtex"),
                  "there is no entry in it; BibTeX has @article{key, ...}, for others give format yaml or csl-json")
        tap.equal(f"{operation} of an empty list", library.fails(TOOL, operation=operation, input="[]", format="csl-json"),
                  "there is no entry in it; give at least one")


def grants(tap, program):
    with Library(program, {"grants": {"write": []}}) as library:
        path = library.put("books.bib", CROSSREF)
        for operation in ("format_citation", "validate_bibliography"):
            tap.check(f"{operation} without a folder",
                      library.fails(TOOL, operation=operation, path=path, format="bibtex").startswith(
                          "no file may be opened: no folder is granted"))


def main(program):
    with open(os.path.join(HERE, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    with Tap() as tap:
        with Library(program, write=False) as library:
            formats(tap, library, expected)
            shapes(tap, library)
            bibtex(tap, library)
            issues(tap, library)
            wrong(tap, library)
            hostile(tap, library)
            crossref(tap, library)
            others(tap, library)
            order_of_letters(tap, library)
            nothing(tap, library)
        grants(tap, program)


if __name__ == "__main__":
    main(sys.argv[1])
