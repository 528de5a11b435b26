#!/usr/bin/env python3
"""TLS: whose certificate is taken.

usage: test_certificates.py DRIVER MODULES
"""
import json
import ssl
import sys
import tempfile
import warnings

from drive import DENIED, OK, UNAVAILABLE, Driver, Tap, message
from servers import Server, certificates, tls

UNTRUSTED = "its certificate is not signed by an authority that is trusted here, or not valid now"
NAME = "its certificate is for another name"


class Greeter(Server):
    def talk(self, connection):
        connection.sendall(b"220 mail.test ESMTP\r\n")
        self.wait_for_close(connection)


def ask(driver, server, path="/echo", more=()):
    return driver.http({"url": f"https://localhost:{server.port}{path}"},
                       [f"localhost:{server.port}", *more])


def refusals(tap, driver, servers):
    tap.equal("a certificate of the authority is taken", ask(driver, servers["good"])["end"], OK)
    for name, why in (("other", NAME), ("expired", UNTRUSTED), ("alone", UNTRUSTED)):
        answer = ask(driver, servers[name])
        tap.equal(f"the certificate {name} is not", message(answer),
                  (UNAVAILABLE, f"https://localhost:{servers[name].port}: {why}"))
        tap.equal(f"and nothing is sent to {name}", len(servers[name].requests), 0)
    old = Server(tls=servers["old"])
    tap.equal("TLS 1.1 is not spoken", message(ask(driver, old)),
              (UNAVAILABLE, f"https://localhost:{old.port}: it does not agree on TLS"))
    plain = Greeter()
    tap.equal("a server that speaks no TLS", message(ask(driver, plain)),
              (UNAVAILABLE, f"https://localhost:{plain.port}: it does not agree on TLS"))


def redirects(tap, program, modules, folder, servers):
    good, plain = servers["good"], Server()
    to = f"/redirect?to=http://localhost:{plain.port}/echo"
    with Driver(program, modules, ca=f"{folder}/ca.pem") as driver:
        answer = ask(driver, good, to, [f"localhost:{plain.port}"])
        tap.equal("no redirect leads out of TLS", message(answer), (
            DENIED, f"https://localhost:{good.port}: it redirects from https to http, which "
                    "http_client.allow_downgrade would permit"))
        to_other = f"/redirect?to=https://localhost:{servers['alone'].port}/echo"
        answer = ask(driver, good, to_other, [f"localhost:{servers['alone'].port}"])
        tap.equal("nor to a certificate that is not taken", message(answer), (
            UNAVAILABLE, f"https://localhost:{servers['alone'].port}: {UNTRUSTED}"))
    with Driver(program, modules, ca=f"{folder}/ca.pem", downgrade=1) as driver:
        answer = ask(driver, good, to, [f"localhost:{plain.port}"])
        tap.equal("unless the operator permits it", answer["end"], OK)


def exceptions(tap, program, modules, folder, servers):
    alone, expired = servers["alone"], servers["expired"]
    rule = json.dumps([f"localhost:{alone.port}"])
    with Driver(program, modules, ca=f"{folder}/ca.pem", unverified=rule) as driver:
        tap.equal("where the operator says so nobody looks", ask(driver, alone)["end"], OK)
        tap.equal("elsewhere they do", ask(driver, expired)["end"], UNAVAILABLE)
        to = f"/redirect?to=https://localhost:{expired.port}/echo"
        tap.equal("also after a redirect from there",
                  ask(driver, alone, to, [f"localhost:{expired.port}"])["end"], UNAVAILABLE)
    with Driver(program, modules) as driver:
        tap.equal("without a file of one's own the system's authorities are asked",
                  ask(driver, servers["good"])["end"], UNAVAILABLE)
    with Driver(program, modules, ca=f"{folder}/nothing.pem") as driver:
        tap.equal("a file that is not there", message(ask(driver, servers["good"])), (
            -13, f"https://localhost:{servers['good'].port}: the certificates of authorities cannot be "
                 "read; see http_client.ca_file"))


def main():
    program, modules = sys.argv[1:]
    warnings.simplefilter("ignore")  # Python does not like TLS 1.1 either
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        certificates(folder)
        servers = {name: Server(tls=tls(folder, name)) for name in ("good", "other", "expired", "alone")}
        servers["old"] = tls(folder, "good")
        servers["old"].set_ciphers("ALL:@SECLEVEL=0")
        servers["old"].minimum_version = ssl.TLSVersion.TLSv1
        servers["old"].maximum_version = ssl.TLSVersion.TLSv1_1
        with Driver(program, modules, ca=f"{folder}/ca.pem") as driver:
            refusals(tap, driver, servers)
        redirects(tap, program, modules, folder, servers)
        exceptions(tap, program, modules, folder, servers)


main()
