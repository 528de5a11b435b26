#!/usr/bin/env python3
"""Secrets on their way: handles in what a plugin says, values on the wire, handles in answers.

usage: test_secrets.py DRIVER MODULES
"""
import base64
import hmac
import json
import sys

from drive import DENIED, INVALID, NOT_FOUND, OK, Driver, Tap, headers, message
from servers import Server

VALUE = "s3cr3t-of-the-test"
HANDLE = "{{secret:KEY}}"
SOURCES = {"KEY": {"env": "TEST_KEY", "hosts": ["localhost:*"]},
           "ODD": {"env": "TEST_ODD", "hosts": ["localhost:*"]},
           "LINES": {"env": "TEST_LINES", "hosts": ["localhost:*"]},
           **{f"K{i}": {"env": "TEST_KEY", "hosts": ["localhost:*"]} for i in range(9)}}
VALUES = {"TEST_KEY": VALUE, "TEST_ODD": 'a/b?c="d&e f', "TEST_LINES": "one\r\nX-Evil: two"}


def sent(tap, driver, base, hosts, server):
    answer = driver.http({"url": base + "/mirror?k=" + HANDLE, "headers": [["X-Key", HANDLE]]}, hosts,
                         secrets=["KEY"])
    request = server.requests[-1]
    tap.equal("the server gets the value", (request.field("X-Key"), request.target),
              (VALUE, "/mirror?k=" + VALUE))
    tap.equal("the plugin sees the handle where the answer repeats it", answer["text"],
              f"key={HANDLE}; target=/mirror?k={HANDLE};")
    tap.equal("in its headers, too", headers(answer)["x-mirror"], HANDLE)
    tap.equal("and in the URL", answer["head"]["url"], f"{base}/mirror?k={HANDLE}")
    answer = driver.http({"url": base + "/echo", "headers": [["Authorization", f"Bearer {HANDLE}!"]]},
                         hosts, secrets=["KEY"])
    tap.equal("a value in the middle", server.requests[-1].field("Authorization"), f"Bearer {VALUE}!")
    answer = driver.http({"url": base + "/echo?q={{secret:ODD}}&r=1",
                          "headers": [["X-Odd", "{{secret:ODD}}"]]}, hosts, secrets=["ODD"])
    tap.equal("in a URL it is percent-encoded, so that it stays one value",
              (server.requests[-1].target, server.requests[-1].field("X-Odd")),
              ("/echo?q=a%2Fb%3Fc%3D%22d%26e%20f&r=1", 'a/b?c="d&e f'))
    told = json.loads(answer["text"])
    tap.equal("both forms are hidden in the answer",
              (told["target"], dict(told["headers"])["X-Odd"]),
              ("/echo?q={{secret:ODD}}&r=1", "{{secret:ODD}}"))
    answer = driver.http({"url": base + "/bytes/9000000", "headers": [["X-Key", HANDLE]]}, hosts,
                         secrets=["KEY"])
    tap.equal("long answers pass through the search whole", (answer["end"], answer["bytes"]),
              (OK, 9000000))
    answer = driver.http({"url": f"{base}/echo", "method": "POST",
                          "headers": [["X-Key", HANDLE]]}, hosts, secrets=["KEY"], body=HANDLE)
    tap.equal("in a body it stays a handle", json.loads(answer["text"])["text"], HANDLE)


def computed(tap, driver, base, hosts, server):
    pair = base64.b64encode(b"alice:" + VALUE.encode()).decode()
    shown = "{{base64:alice:" + HANDLE + "}}"
    answer = driver.http({"url": base + "/echo", "headers": [
        ["Authorization", "Basic ", {"base64": "alice:" + HANDLE}]]}, hosts, secrets=["KEY"])
    tap.equal("base64 with a secret", server.requests[-1].field("Authorization"), "Basic " + pair)
    tap.equal("the answer that repeats it has its handle",
              dict(json.loads(answer["text"])["headers"])["Authorization"], "Basic " + shown)
    for form in ("hex", "base64"):
        driver.http({"url": base + "/echo", "method": "POST", "headers": [
            ["X-Signature", "v1=", {"hmacSha256": HANDLE, "of": "17.", "as": form}]]}, hosts,
            secrets=["KEY"], body="the body")
        mac = hmac.new(VALUE.encode(), b"17.the body", "sha256")
        tap.equal("a signature in " + form, server.requests[-1].field("X-Signature"), "v1=" + (
            mac.hexdigest() if form == "hex" else base64.b64encode(mac.digest()).decode()))
    driver.http({"url": base + "/echo", "headers": [["X-Signature", "", {"hmacSha256": HANDLE}]]},
                hosts, secrets=["KEY"])
    tap.equal("a signature of nothing, hex by default", server.requests[-1].field("X-Signature"),
              hmac.new(VALUE.encode(), b"", "sha256").hexdigest())
    other = Server()
    driver.http({"url": f"{base}/redirect?to=http://127.0.0.1:{other.port}/echo", "headers": [
        ["X-Plain", "stays"], ["X-Sum", "", {"hmacSha256": HANDLE}]]},
        hosts + ["127.0.0.1:*"], secrets=["KEY"])
    tap.equal("it goes to no other origin",
              (other.requests[-1].field("X-Plain"), other.requests[-1].field("X-Sum")), ("stays", None))
    wrong = ('"headers": the third element is neither {"base64": text} nor {"hmacSha256": key, "of": '
             'text, "as": "hex" or "base64"}')
    for third in ("x", {}, {"of": "x"}, {"base64": 1}, {"base64": "x", "hmacSha256": "y"},
                  {"hmacSha256": "y", "as": "hey"}, {"base65": "x"}):
        tap.equal(f"refused: {third}", message(driver.http(
            {"url": base + "/echo", "headers": [["X-A", "", third]]}, hosts, secrets=["KEY"])),
            (INVALID, wrong))
    tap.equal("a secret that was not granted is none to compute with", message(driver.http(
        {"url": base + "/echo", "headers": [["X-A", "", {"hmacSha256": HANDLE}]]}, hosts))[0], DENIED)
    tap.equal("nor for another host", message(driver.http(
        {"url": f"http://127.0.0.1:{other.port}/echo", "headers": [["X-A", "", {"base64": HANDLE}]]},
        ["127.0.0.1:*"], secrets=["KEY"]))[0], DENIED)


def refused(tap, driver, base, hosts, server):
    before = len(server.requests)

    def is_refused(name, request, expected, **more):
        tap.equal(name, message(driver.http(request, more.pop("rules", hosts), **more)), expected)

    is_refused("a secret that was not granted", {"url": base + "/echo?k=" + HANDLE},
               (DENIED, 'the plugin was not granted the secret KEY; the operator names it in '
                        'grants.secrets, and plugin.json in "grants": {"secrets": [...]}'))
    is_refused("a secret that there is not", {"url": base + "/echo?k={{secret:NONE}}"},
               (NOT_FOUND, "there is no secret NONE; add it to secrets.sources in the configuration"),
               secrets=["NONE"])
    is_refused("a secret that may not go to this host",
               {"url": "http://other.test/", "headers": [["X-Key", HANDLE]]},
               (DENIED, 'the secret KEY may not be sent to other.test, port 80; add a rule to "hosts" of '
                        "it in secrets.sources"), secrets=["KEY"],
               rules=["other.test"])
    is_refused("a value with a line break", {"url": base, "headers": [["X-Key", "{{secret:LINES}}"]]},
               (INVALID, "the secret LINES has a control character, which cannot be sent there"),
               secrets=["LINES"])
    is_refused("a handle that is none", {"url": base, "headers": [["X-Key", "{{secret:KEY"]]},
               (INVALID, "a handle of a secret is not {{secret:NAME}}"), secrets=["KEY"])
    for url in ("http://{{secret:KEY}}:1/", "http://{{secret:KEY}}@localhost/", "http://localhost{{secret:"
                "KEY}}/", "{{secret:KEY}}://localhost/"):
        answer = driver.http({"url": url}, hosts, secrets=["KEY"])
        tap.check(f"a secret is no part of where a URL leads: {url}", answer["end"] == INVALID, answer)
    many = [["X-Key", "{{secret:K%d}}" % i] for i in range(9)]
    is_refused("more secrets than eight", {"url": base, "headers": many},
               (INVALID, "a request may have at most 8 secrets"), secrets=[f"K{i}" for i in range(9)])
    tap.equal("nothing of this was sent", len(server.requests), before)


def redirected(tap, driver, base, hosts, other):
    rules = [*hosts, f"localhost:{other.port}"]
    elsewhere = f"http://localhost:{other.port}"
    for to, found in ((base + "/mirror", VALUE), (elsewhere + "/mirror", None)):
        driver.http({"url": f"{base}/redirect?to={to}", "headers": [["X-Key", HANDLE]]}, rules,
                    secrets=["KEY"])
        server = other if found is None else None
        request = (server or driver.server).requests[-1]
        tap.equal(f"after a redirect to {'another' if server else 'the same'} origin",
                  request.field("X-Key"), found)
    answer = driver.http({"url": f"{base}/redirect?to={elsewhere}/echo?{VALUE}",
                          "headers": [["X-Key", HANDLE]]}, rules, secrets=["KEY"])
    tap.equal("a redirect that carries the value shows the handle", answer["head"]["url"],
              f"{elsewhere}/echo?{HANDLE}")
    answer = driver.http({"url": f"{base}/redirect?to={elsewhere}/{VALUE}", "maxRedirects": 0,
                          "headers": [["X-Key", HANDLE]]}, rules, secrets=["KEY"])
    tap.equal("and one that is not followed", headers(answer)["location"], f"{elsewhere}/{HANDLE}")
    answer = driver.http({"url": f"{base}/redirect?to=http://{VALUE}.evil.test/",
                          "headers": [["X-Key", HANDLE]]}, rules, secrets=["KEY"])
    tap.check("nor does a refusal tell it", VALUE not in json.dumps(answer), answer)


def main():
    program, modules = sys.argv[1:]
    server, other = Server(), Server()
    base, hosts = f"http://localhost:{server.port}", [f"localhost:{server.port}"]
    with Tap() as tap:
        with Driver(program, modules, env=VALUES, secrets=json.dumps(SOURCES)) as driver:
            driver.server = server
            sent(tap, driver, base, hosts, server)
            computed(tap, driver, base, hosts, server)
            refused(tap, driver, base, hosts, server)
            redirected(tap, driver, base, hosts, other)
            tap.equal("the driver ends cleanly", driver.close(), 0)


main()
