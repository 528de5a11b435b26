"""template-engine: both syntaxes, escaping, limits, and what templates cannot do."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Failed, Library, Tap  # noqa: E402

TOOL = "template-engine"
CONTEXT = {
    "name": "Ada", "html": "<b>&\"'</b>", "zero": 0, "empty": "", "no": False, "yes": True, "nil": None, "pi": 3.14159,
    "big": 12345678901234567890, "list": [3, 1, 2], "words": ["b", "a", "b"], "user": {"name": "Eve", "tags": ["x", "y"]},
    "items": [{"n": "one", "p": 5, "on": True}, {"n": "two", "p": 3, "on": False}, {"n": "three", "p": 9, "on": True}],
    "text": "  hello wörld  ", "none": [], "partial": "row",
}
TERA = {
    # values
    "{{ name }}": "Ada", "{{name}}{{ user.name }}{{ user[\"name\"] }}": "AdaEveEve", "{{ list[0] }}{{ list.1 }}{{ list[-1] }}": "312",
    "{{ user.tags[1] }}": "y", "{{ big }}": "12345678901234567890", "{{ pi }}": "3.14159", "{{ yes }}{{ no }}": "truefalse",
    "[{{ nil }}]": "[]", "{{ list }}": "[3,1,2]", "{{ 'a' }}{{ \"b\" }}{{ `c` }}": "abc", "{{ 1.5 }}": "1.5",
    "{{ 'a\\n\\'b' | length }}": "4",
    # escaping
    "{{ html }}": "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;", "{{ html | safe }}": "<b>&\"'</b>", "{{ html | escape }}": "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;",
    "<i>{{ '<' }}</i>": "<i>&lt;</i>",
    # operators
    "{{ 1 + 2 * 3 }}": "7", "{{ (1 + 2) * 3 }}": "9", "{{ 7 % 3 }}": "1", "{{ 7 / 2 }}": "3.5", "{{ 7 // 2 }}": "3", "{{ -3 + 1 }}": "-2",
    "{{ 0.1 + 0.2 }}": "0.30000000000000004", "{{ 'a' ~ 1 ~ name }}": "a1Ada", "{{ 10 - 2 - 3 }}": "5",
    "{{ 1 < 2 and 2 <= 2 and 3 > 2 and 3 >= 3 }}": "true", "{{ 1 == 1.0 }}{{ 1 != 1 }}{{ 'a' == 'a' }}": "truefalsetrue",
    "{{ not yes or zero }}": "false", "{{ 2 in list }}{{ 9 in list }}{{ 9 not in list }}": "truefalsetrue",
    "{{ 'd' in name }}{{ 'name' in user }}": "truetrue", "{{ 'x' if yes else 'y' }}{{ 'x' if no else 'y' }}{{ 'x' if no }}": "xy",
    "{{ [1, name, 'z'] | join(sep='-') }}": "1-Ada-z", "{{ list == [3, 1, 2] }}": "true",
    # tests
    "{{ name is defined }}{{ nope is defined }}{{ nope is undefined }}{{ nope is not defined }}": "truefalsetruetrue",
    "{{ 3 is odd }}{{ 3 is even }}{{ 9 is divisibleby(3) }}": "truefalsetrue", "{{ name is string }}{{ list is array }}{{ user is object }}": "truetruetrue",
    "{{ name is starting_with('A') }}{{ name is ending_with('A') }}{{ list is containing(1) }}": "truefalsetrue",
    "{{ pi is number }}{{ nil is none }}{{ none is empty }}{{ list is iterable }}": "truetruefalsetrue",
    # statements
    "{% if no %}a{% elif zero %}b{% else %}c{% endif %}": "c", "{% if nope %}a{% endif %}|": "|", "{% if name == 'Ada' %}a{% endif %}": "a",
    "{% for x in list %}{{ x }},{% endfor %}": "3,1,2,", "{% for x in none_such | default(value=[]) %}x{% else %}empty{% endfor %}": "empty",
    "{% for k, v in user %}{{ k }}={{ v }};{% endfor %}": 'name=Eve;tags=[&quot;x&quot;,&quot;y&quot;];',
    "{% for x in list %}{{ loop.index }}{{ loop.index0 }}{% if loop.first %}F{% endif %}{% if loop.last %}L{% endif %}{{ loop.length }} {% endfor %}": "10F3 213 32L3 ",
    "{% for x in range(end=4) %}{% if x == 1 %}{% continue %}{% endif %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}": "02",
    "{% for a in list %}{% for b in words %}{{ a }}{{ b }} {% endfor %}{% endfor %}": "3b 3a 3b 1b 1a 1b 2b 2a 2b ",
    "{% set a = 1 %}{% for x in list %}{% set a = x %}{% endfor %}{{ a }}": "1",
    "{% set a = 1 %}{% for x in list %}{% set_global a = x %}{% endfor %}{{ a }}": "2",
    "{% set name = 'Bob' %}{{ name }}": "Bob", "{% raw %}{{ name }}{% if %}{% endraw %}!": "{{ name }}{% if %}!",
    "a{# {{ name }} #}b": "ab", "a  {{- name -}}  b": "aAdab", "a {%- if yes -%} b {%- endif -%} c": "abc", "x\n{%- set a = 1 -%}\ny": "xy",
    "{% filter upper %}a{{ html }}{% endfilter %}": "A&LT;B&GT;&AMP;&QUOT;&#X27;&LT;/B&GT;", "{{ range(3) | join(sep=',') }}{{ range(start=2, end=9, step_by=3) }}": "0,1,2[2,5,8]",
    "{% if user.tags | length > 1 %}many{% endif %}": "many", "{{ '}}' }}{{ '%}' }}": "}}%}", "{ {x} }": "{ {x} }",
    # filters
    "{{ 'straße ÉCOLE' | upper }}|{{ 'ÉCOLE' | lower }}": "STRAßE ÉCOLE|école", "{{ 'hELLO wORLD' | capitalize }}|{{ 'hello big-world' | title }}": "Hello world|Hello Big-World",
    "[{{ text | trim }}][{{ text | trim_start }}][{{ text | trim_end }}]": "[hello wörld][hello wörld  ][  hello wörld]",
    "{{ name | length }}{{ 'wörld' | length }}{{ list | length }}{{ user | count }}": "3532", "{{ list | first }}{{ list | last }}{{ list | nth(n=1) }}": "321",
    "{{ list | sort }}{{ list | reverse }}{{ words | unique }}": "[1,2,3][2,1,3][&quot;b&quot;,&quot;a&quot;]",
    "{{ items | sort(attribute='p') | map(attribute='n') | join(sep=',') }}": "two,one,three", "{{ items | filter(attribute='on') | length }}{{ items | filter(attribute='p', value=3) | length }}": "21",
    "{{ list | slice(start=1) }}{{ list | slice(end=-1) }}{{ list | sum }}{{ list | min }}{{ list | max }}": "[1,2][3,1]613",
    "{{ list | concat(with=[9]) }}{{ list | concat(with=4) }}": "[3,1,2,9][3,1,2,4]", "{{ user | keys | join(sep=',') }}": "name,tags",
    "{{ nope | default(value='d') }}{{ nope.deep | default('e') }}{{ nil | default('f') }}{{ empty | default('g') }}": "def",
    "{{ 'a-b-a' | replace(from='a', to='x') }}": "x-b-x", "{{ 'wörld' | truncate(length=2) }}{{ 'ab' | truncate(length=2) }}{{ 'abc' | truncate(length=1, end='') }}": "wö…aba",
    "{{ 'a,b' | split(pat=',') | last }}{{ 'a  b c' | wordcount }}": "b3", "{{ '<p>x</p>' | striptags }}": "x", "{{ 'a b/ü' | urlencode }}|{{ 'a/b' | urlencode_strict }}": "a%20b/%C3%BC|a%2Fb",
    "{{ 2.5 | round }}{{ pi | round(precision=2) }}{{ 2.1 | round(method='ceil') }}{{ -2.5 | abs }}": "33.1432.5", "{{ '42' | int + 1 }}{{ 3.9 | int }}": "433",
    "{{ user | json_encode | safe }}": '{"name":"Eve","tags":["x","y"]}', "{{ 'a\\nb' | linebreaksbr }}": "a<br>b", "{{ 'a\\nb' | indent(width=2) }}": "a\n  b",
    "{{ 'Hello, World! 2' | slugify }}": "hello-world-2", "{{ 1536 | filesizeformat }}{{ user | get(key='name') }}": "1.5 KiBEve",
}
HANDLEBARS = {
    "{{name}} {{user.name}} {{user/name}} {{user.tags.1}} {{user.tags.[0]}}": "Ada Eve Eve y x",
    "{{html}} {{{html}}} {{&html}}": "&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt; <b>&\"'</b> <b>&\"'</b>",
    "{{#if name}}a{{else}}b{{/if}}{{#if zero}}a{{else}}b{{/if}}{{#if none}}a{{^}}b{{/if}}": "abb",
    "{{#if no}}a{{else if zero}}b{{else if yes}}c{{else}}d{{/if}}": "c", "{{#unless no}}a{{/unless}}{{#unless yes}}a{{else}}b{{/unless}}": "ab",
    "{{#each list}}{{@index}}:{{this}}{{#if @first}}F{{/if}}{{#unless @last}},{{/unless}}{{/each}}": "0:3F,1:1,2:2",
    "{{#each user}}{{@key}};{{/each}}{{#each none}}x{{else}}nothing{{/each}}": "name;tags;nothing",
    "{{#each items as |item i|}}{{i}}{{item.n}} {{/each}}": "0one 1two 2three ", "{{#each items}}{{../name}}{{n}} {{/each}}": "Adaone Adatwo Adathree ",
    "{{#with user}}{{name}}{{@root.name}}{{../name}}{{this.name}}{{./name}}{{/with}}": "EveAdaAdaEveEve", "{{#with nope}}a{{else}}b{{/with}}": "b",
    "{{lookup list 1}}{{lookup user 'name'}}": "1Eve", "{{#if (eq name 'Ada')}}a{{/if}}{{#if (and yes (not no) (gt pi 3))}}b{{/if}}{{#if (or no zero)}}c{{/if}}": "ab",
    "{{#if (ne 1 2)}}a{{/if}}{{#if (le 2 2)}}b{{/if}}{{#if (ge 1 2)}}c{{/if}}{{#if (lt 1 2)}}d{{/if}}": "abd",
    "a {{~name~}} b": "aAdab", "a {{~#if yes~}} b {{~/if~}} c": "abc", "{{!-- {{name}} --}}x{{! y }}": "x", "[{{nope}}{{nope.deep}}]": "[]",
    "{{#items}}{{n}}{{^on}}!{{/on}} {{/items}}": "one two! three ", "{{> row user}}{{> row}}": "(Eve)(Ada)",
    "  {{> list}}": "  a\n  b\n", "{{#each list}}\n{{this}}\n{{/each}}\n": "3\n1\n2\n", "{{=<% %>=}}<% name %>": "Ada", "a {{~{html}~}} b": "a<b>&\"'</b>b",
    "{{#if yes}}\n a\n{{else}}\n b\n{{/if}}\n": " a\n",
    # what Handlebars has beyond Mustache
    "{{#each items}}{{#each @root.words}}{{@../index}}{{@index}}{{#if @../last}}L{{/if}} {{/each}}{{/each}}": "00 01 02 10 11 12 20L 21L 22L ",
    "{{#each user}}{{#with @root.user}}{{@key}}{{/with}}{{#each @root.no}}{{/each}}{{@../key}};{{/each}}[{{@index}}{{@../../index}}]": "name;tags;[]",
    "\\{{name}} {{name}}": "{{name}} Ada", "a\\\\{{name}} \\{{{html}}}!": "a\\Ada {{{html}}}!", "\\{{#if}}{{name}}\\": "{{#if}}Ada\\", "\\ {{name}}": "\\ Ada",
    "a {{{{raw}}}} {{name}} {{#if}} {{{{/raw}}}} {{name}}": "a  {{name}} {{#if}}  Ada", "{{{{ x }}}}{{{{/x}}}}|": "|",
    "{{> (lookup . 'partial')}}{{> (lookup user 'none')}}": "(Ada)",
}
PARTIALS = {"row": "({{name}})", "list": "a\nb\n", "self": "x{{> self}}"}
WRONG = {
    "{{ nope }}": "line 1: nope is not in the context; give it, or write {{ nope | default(value=\"\") }}",
    "a\n{{ user.nope.deep }}": "line 2: user.nope.deep is not in the context; give it, or write {{ user.nope.deep | default(value=\"\") }}",
    "{{ nope | upper }}": "line 1: upper: its value is not in the context; give it, or put default(value=...) before",
    "{{ name": "line 1: a tag is not closed: {{ name", "{{ }}": "line 1: a value is missing at the end of the tag", "{{ name name }}": 'line 1: this does not belong here, at "name "',
    "{{ 'a }}": "line 1: a tag is not closed: {{ 'a }}", "{% if yes %}": "line 1: this is not closed: if", "\n{% endif %}": "line 2: there is no open if here:  endif ",
    "{% for x %}{% endfor %}": 'line 1: for needs a name, "in" and a list at the end of the tag', "{% for x in name %}{% endfor %}": "line 1: for needs an array or an object, but got a text",
    "{% include 'a' %}": "line 1: this statement is not known (there are if, elif, else, for, break, continue, set, set_global, filter and raw; nothing is included from files):  include 'a' ",
    "{{ name | nope }}": "line 1: nope: there is no such filter", "{{ name is nope }}": "line 1: nope: there is no such test", "{{ now() }}": "line 1: now: there is no such function; there is range(start, end, step_by)",
    "{{ name + 1 }}": "line 1: a text + a number cannot be calculated; use ~ to join texts", "{{ 1 / 0 }}": "line 1: division by zero", "{{ name < 1 }}": "line 1: a text and a number cannot be compared by <",
    "{{ list | upper }}": "line 1: upper: it is for texts, but got an array", "{{ name | sort }}": "line 1: sort: it is for arrays, but got a text", "{{ [1, 'a'] | sort }}": "line 1: sort: a number and a text cannot be compared",
    "{% else %}": "line 1: there is no open if or for here:  else ", "{% break %}": "line 1: this is in no for:  break ", "{% raw %}x": "line 1: raw is not closed by endraw:  raw ", "{{ range(end=1000000) }}": "line 1: range: a range has at most 100000 elements and a step above 0",
    "{{ (1 + 2 }}": 'line 1: a closing bracket is missing at the end of the tag', "{{ -name }}": "line 1: only a number can have a minus",
}
WRONG_HANDLEBARS = {
    "{{#if name}}": "line 1: this section is not closed: if", "a\n{{/if}}": "line 2: this section was not opened: if", "{{#a}}\n{{#b}}{{/a}}": "line 2: the section b of line 2 must be closed before: a",
    "{{name": "line 1: a tag is not closed: {{name", "{{}}": 'line 1: a tag is empty at ""', "{{nope name}}": "there is no helper nope; there are if, unless, each, with, lookup, eq, ne, lt, le, gt, ge, and, or, not",
    "{{{{raw}}}} {{name}}": "line 1: this raw block is not closed: raw", "a\n{{{{raw": "line 2: this raw block is not closed: {{{{", "{{{{}}}}{{{{/}}}}": "line 1: this raw block is not closed: ",
    "{{> row name='x'}}": "line 1: arguments have no names here: put {{#with}} around or give another context, at \"name='x'\"",
    "{{#> row}}x{{/row}}": "line 1: a partial has no block of its own here; write {{> name}}: > row",
    "{{lookup (eq 1}}": 'line 1: a bracket is not closed at ""', "{{> self}}": "sections and partials are nested more than 100 deep; simplify the template",
    "{{(eq 1 2) 3}}": 'line 1: this does not belong here, at "3"', "{{'a' b}}": 'line 1: this does not belong here, at "b"',
    "{{#if a}}{{else}}{{else}}{{/if}}": "line 1: there is an else already: else",
}


def renders(tap, library, engine, cases, **more):
    for template, expected in cases.items():
        try:
            got = library.call(TOOL, input=template, context=CONTEXT, engine=engine, **more)["output"]
        except Failed as failed:
            got = f"FAILED: {failed}"
        tap.equal(f"{engine}: {template[:60]}", got, expected)


def refuses(tap, library):
    for template, text in WRONG.items():
        tap.equal(f"tera, wrong: {template[:60]}", library.fails(TOOL, input=template, context=CONTEXT, engine="tera"), text)
    for template, text in WRONG_HANDLEBARS.items():
        tap.equal(f"handlebars, wrong: {template[:60]}", library.fails(TOOL, input=template, context=CONTEXT, engine="handlebars",
                                                                      partials=PARTIALS), text)
    got = library.fails(TOOL, context={})
    tap.check("a template is needed", "input" in got and "structuredContent" not in got, got)
    got = library.fails(TOOL, input="x", context=[1])
    tap.check("the context is an object", "context" in got and "structuredContent" not in got, got)


def chooses(tap, library):
    for template, engine in {"{% if a %}{% endif %}": "tera", "{{ a | default(value=1) }}": "tera", "{{#a}}{{/a}}": "handlebars",
                             "plain": "tera", "{{{a}}}": "handlebars"}.items():
        tap.equal(f"detected: {template}", library.call(TOOL, input=template)["engine"], engine)
    tap.equal("detection can be off", library.fails(TOOL, input="{{#a}}{{/a}}", auto_detect=False), "line 1: this is no value at \"#a\"")
    for engine in ("tera", "handlebars"):
        tap.equal(f"{engine}: no escaping", library.call(TOOL, input="{{html}}", context=CONTEXT, engine=engine, escape_html=False)["output"], CONTEXT["html"])


def keeps_limits(tap, library):
    loop = "{% set r = range(10000) %}" + "{% for a in r %}" * 3 + "x" + "{% endfor %}" * 3
    began = time.monotonic()
    got = library.fails(TOOL, input=loop)
    tap.check("a template that does not end is ended", got in (
        "rendering takes more than 5 seconds; give a smaller context or a simpler template",
        "the output has more than 8 MiB; give a smaller context or render parts of it"), got)
    got = library.fails(TOOL, input=loop.replace("x", ""))
    tap.equal("... also without output", got, "rendering takes more than 5 seconds; give a smaller context or a simpler template")
    tap.note(f"{time.monotonic() - began:.1f} s for both")
    large = "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 16
    tap.equal("an output of 8 MiB is whole", library.call(TOOL, input=large + "{{ a }}" * 8)["bytes"], 8 * 1024 * 1024)
    tap.equal("a larger one is ended", library.fails(TOOL, input=large + "{{ a }}" * 8 + "x"),
              "the output has more than 8 MiB; give a smaller context or render parts of it")
    double = "{% set a = 'xxxxxxxxxxxxxxxx' %}" + "{% set a = a ~ a %}" * 40
    got = library.fails(TOOL, input=double)
    tap.equal("a text that doubles is ended", got, "rendering takes more than 256 MiB of memory; give a smaller context or a simpler template")
    tap.equal("brackets have a depth", library.fails(TOOL, input="{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}", engine="tera"),
              "blocks and brackets are nested more than 100 deep; simplify the template")
    tap.equal("signs have a depth", library.fails(TOOL, input="{{ " + "not " * 5000 + "1 }}", engine="tera"),
              "signs are nested more than 100 deep; simplify the template")
    tap.equal("blocks have a depth", library.fails(TOOL, input="{% if 1 %}" * 5000, engine="tera"), "blocks and brackets are nested more than 100 deep; simplify the template")
    tap.equal("sections have a depth", library.fails(TOOL, input="{{#a}}" * 5000, engine="handlebars"), "sections are nested more than 100 deep; simplify the template")
    long = "{{ 1" + " + 1" * 5000 + " }}"
    tap.equal("a long sum has a depth", library.fails(TOOL, input=long, engine="tera"), "expressions are nested more than 100 deep; simplify the template")
    tap.equal("a large template is refused", library.fails(TOOL, input="x" * (1024 * 1024 + 1)),
              "input has 1048577 bytes, but at most 1048576 are taken; shorten it")
    deep = json.loads("[" * 120 + "]" * 120)
    tap.equal("a deep context is refused", library.fails(TOOL, input="x", context={"a": deep}),
              "arrays and objects of the context are nested more than 100 deep; simplify the template")


def keeps_large_results(tap, library):
    got = library.result(TOOL, input="{% for i in range(20000) %}äb{{ i }}\n{% endfor %}")
    structured = got["structuredContent"]
    whole = "".join(f"äb{i}\n" for i in range(20000))
    tap.equal("a large result: what is told", (structured["truncated"], structured["bytes"]), (True, len(whole.encode())))
    tap.check("a large result: its beginning", whole.startswith(structured["output"]) and len(structured["output"].encode()) in (4095, 4096), structured["output"][-20:])
    links = [block for block in got["content"] if block["type"] == "resource_link"]
    tap.equal("a large result: a link", [link["uri"] for link in links], [structured["uri"]])
    read = library.raw("resources/read", {"uri": structured["uri"], "_meta": __import__("library").CLAIM})
    tap.equal("a large result: the whole is there", read["contents"][0].get("text") == whole, True)


def attacks(tap, library):
    """A template reaches its context, and nothing else."""
    for template in ("{{ __class__ }}", "{{ ''.__class__.__mro__ }}", "{{ self }}", "{{ get_env(name='HOME') }}", "{% import 'os' as os %}",
                     "{% extends '/etc/passwd' %}", "{{ config }}", "{{ ''.constructor }}"):
        got = library.fails(TOOL, input=template, engine="tera")
        tap.check(f"tera: {template} gives nothing", "structuredContent" not in got, got)
    for template in ("{{constructor}}", "{{__proto__}}", "{{lookup this 'constructor'}}", "{{> /etc/passwd}}", "{{#with constructor}}x{{/with}}"):
        tap.equal(f"handlebars: {template} gives nothing", library.call(TOOL, input=template, engine="handlebars")["output"], "")
    # Values are text, never templates.
    evil = {"a": "{{ b }}{% raw %}<script>", "b": "B"}
    tap.equal("tera: a value is no template", library.call(TOOL, input="{{ a }}", context=evil, engine="tera")["output"], "{{ b }}{% raw %}&lt;script&gt;")
    tap.equal("handlebars: a value is no template", library.call(TOOL, input="{{a}}", context=evil, engine="handlebars")["output"], "{{ b }}{% raw %}&lt;script&gt;")


def main():
    with Tap() as tap, Library(sys.argv[1]) as library:
        renders(tap, library, "tera", TERA)
        renders(tap, library, "handlebars", HANDLEBARS, partials=PARTIALS)
        for test in (refuses, chooses, keeps_limits, keeps_large_results, attacks):
            test(tap, library)


if __name__ == "__main__":
    main()
