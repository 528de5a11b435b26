/*
 * host.h - the host of a URL: a name, an address of IPv4 in whatever form, one of IPv6.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kit/bytes.h"

enum host_kind { HOST_NONE, HOST_NAME, HOST_OPAQUE, HOST_IPV4, HOST_IPV6 };

struct host {
    enum host_kind kind;
    uint8_t address[16];
    bool odd; /* an address of IPv4 that is not four decimal numbers */
};

/* Reads what stands between "//" and the port, and writes its normal form to `out`. NULL, or a sentence
 * that says what is wrong. */
const char *host_parse(hexmcp_str text, bool special, struct host *host, struct bytes *out);

/* "loopback", "private", "link-local", "carrier-grade NAT", "multicast", "reserved", "unspecified",
 * "documentation", "public". */
const char *host_address_kind(const struct host *host);
