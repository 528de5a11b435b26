/*
 * Which Host and Origin headers are let in: what keeps a web page that somebody visits from talking
 * to a server on their machine (DNS rebinding, cross-site requests).
 *
 * Nothing is allowed but what is named here and the server itself under a loopback name.
 */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"

/* Everything is borrowed. */
struct origin_rules {
    /* The ports that we listen on: "localhost", "127.0.0.1" and "[::1]" are allowed with each. */
    const uint16_t *ports;
    size_t port_count;
    /* Further hosts: a name, an IPv4 address, or an IPv6 address in brackets. With ":PORT" only with
     * that one, else with any. Letters are compared without regard to case. */
    const struct str *hosts;
    size_t host_count;
    /* Further origins: SCHEME://HOST or SCHEME://HOST:PORT, as a browser writes them, or "null". */
    const struct str *origins;
    size_t origin_count;
};

/* ST_CONFIG names the first entry that no header could ever match. */
int origin_rules_check(const struct origin_rules *rules, struct error *err);

/* `host` is the value of the Host header without space around it. False for an empty one. */
bool origin_host_allowed(const struct origin_rules *rules, struct str host);

/* `origin` is the value of an Origin header that is there; `host` that of the Host header, which
 * origin_host_allowed has allowed, or empty where none is needed. An origin is allowed if it is
 * named, if it has our own authority (http or https, and the authority is `host`), or if it is http
 * or https on a loopback name with a port of ours. */
bool origin_allowed(const struct origin_rules *rules, struct str origin, struct str host);
