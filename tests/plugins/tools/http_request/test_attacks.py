#!/usr/bin/env python3
"""test_attacks.py HEXMCP FAKE_NAMES

What a request must not reach, send or take.
"""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from attacks import Attacks  # noqa: E402
from library import Tap  # noqa: E402

TOOL = "http-request"


def ask(library, url, **more):
    return library.fails(TOOL, input=url, retry={"max_attempts": 1}, **more)


def injection(tap, attacks):
    with attacks.library([f"localhost:{attacks.port}"]) as library:
        url = f"http://localhost:{attacks.port}/echo"
        for name, headers, words in (
                ("a line break in a value", {"X-A": "b\r\nX-Evil: c"}, "headers.X-A holds a line break"),
                ("a lone line feed", {"X-A": "b\nX-Evil: c"}, "headers.X-A holds a line break"),
                ("a line break in a name", {"X-A: b\r\nX-Evil": "c"}, "no name of a header"),
                ("an empty name", {"": "c"}, "no name of a header"),
                ("another host", {"Host": "evil.test"}, "Host belongs to the connection"),
                ("another length", {"Content-Length": "0"}, "Content-Length belongs to the connection"),
                ("chunks", {"Transfer-Encoding": "chunked"}, "Transfer-Encoding belongs to"),
                ("a proxy", {"Proxy-Authorization": "{{secret:key}}"}, "belongs to the connection"),
                ("a secret with a line break", {"X-A": {"secret": "lines"}}, "control character"),
                ("twice under two cases", {"x-a": "1", "X-A": "2"}, "headers.X-A is given twice")):
            attacks.refused(name, library, url, words, headers=headers)
        attacks.refused("a line break in the URL", library, url + "\r\nX-Evil: a",
                        "input holds a space or a control character; write it percent-encoded (a space is %20)")
        attacks.refused("a space in the URL", library, url + " HTTP/1.1", "input holds a space")
        attacks.refused("a tab in the URL", library, url + "\t", "input holds a space or a control character")
        attacks.refused("a secret as part of the host", library, "http://{{secret:key}}.test/", "")
        attacks.refused("a line break in a type of multipart", library, url, "content_type holds a",
                        method="POST", multipart=[{"name": "a", "value": "b",
                                                   "content_type": "a/b\r\nX: y"}])


def files(tap, attacks):
    with attacks.library([f"localhost:{attacks.port}"]) as library:
        url = f"http://localhost:{attacks.port}/echo"
        outside = os.path.join(library.place.top, "outside.txt")
        with open(outside, "w", encoding="ascii") as file:
            file.write("not for you")
        os.symlink(outside, library.path("link"))
        os.symlink(library.place.top, library.path("folder"))
        for path in ("../outside.txt", outside, "link", "folder/outside.txt", "/etc/passwd"):
            attacks.refused(f"{path} is not sent", library, url, "", method="POST", path=path)
            attacks.refused(f"{path} is no part of a form", library, url, "", method="POST",
                            multipart=[{"name": "f", "path": path}])
        for path in ("../new.txt", "folder/new.txt", "link", os.path.join(library.place.top, "new.txt")):
            attacks.refused(f"{path} is not written", library, url, "", target_path=path, overwrite=True)
        tap.equal("nothing was written", (os.path.exists(os.path.join(library.place.top, "new.txt")),
                                          open(outside, encoding="ascii").read()), (False, "not for you"))


def main():
    program, fake_names = sys.argv[1:]
    with Tap() as tap:
        attacks = Attacks(tap, program, fake_names, ask)
        attacks.addresses()
        attacks.redirects()
        attacks.rebinding()
        attacks.bodies()
        attacks.credentials(auth={"type": "bearer", "token": {"secret": "key"}})
        attacks.credentials(headers={"X-Sum": "{{secret:key}}"})
        attacks.credentials(auth={"type": "api_key", "key": {"secret": "key"}, "query_name": "k"})
        injection(tap, attacks)
        files(tap, attacks)


main()
