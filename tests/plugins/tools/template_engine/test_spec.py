"""template-engine against the specification of Mustache, github.com/mustache/spec (see spec/LICENSE)."""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Failed, Library, Tap  # noqa: E402

SPEC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "spec")


def main():
    with Tap() as tap, Library(sys.argv[1]) as library:
        for name in sorted(os.listdir(SPEC)):
            if not name.endswith(".json"):
                continue
            with open(os.path.join(SPEC, name), encoding="utf-8") as file:
                tests = json.load(file)["tests"]
            for test in tests:
                # A context that is no object stands for itself in the specification.
                data, template = test["data"], test["template"]
                partials = test.get("partials", {})
                if not isinstance(data, dict):
                    data, template = {"all": data}, "{{#with all}}" + template + "{{/with}}"
                try:
                    got = library.call("template-engine", input=template, context=data, engine="handlebars",
                                       partials=partials)["output"]
                except Failed as failed:
                    got = str(failed)
                tap.equal(f"{name[:-5]}: {test['name']}", got, test["expected"])


if __name__ == "__main__":
    main()
