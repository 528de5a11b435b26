/*
 * Rules that say which hosts of the network somebody may connect to.
 *
 *     api.example.org           that name, ports 80 and 443
 *     api.example.org:8443      one other port;  api.example.org:*  every port
 *     *.example.org             every name below it, not itself
 *     *                         every name and address of the public network
 *     ~api.example.org          that name, but only at public addresses
 *     127.0.0.1:9000  [::1]:9   an address
 *     localhost:3000
 *
 * Names are ASCII (an international name is written as xn--...), without a dot at the end; letters
 * are compared without regard to case. What resolvers take for an address without its being written
 * as one (127.1, 0x7f.1, 2130706433) is no name and no address here.
 *
 * A name says nothing about where it leads. After resolution host_rule_reaches() decides: a rule
 * that names a host may lead to private networks, a pattern and "~" never; to this machine only
 * "localhost" and names below it lead; to link-local, metadata and other special addresses only a
 * rule that is the address.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"

/* Longest rule in bytes. */
#define HOST_RULE_MAX 300

/* False: `err` (ST_INVALID) has a sentence that names the rule, says what is wrong and what to write
 * instead. */
bool host_rule_valid(struct str rule, struct error *err);

/* Whether a connection to `host`, a name or an address (IPv6 with or without brackets), may be
 * begun. One dot at the end of a name is ignored. False for an invalid rule and for port 0. */
bool host_rule_allows(struct str rule, struct str host, uint16_t port);

/* Whether the connection may be made to the address that `host` has turned out to have: what
 * host_rule_allows() says of `host`, and what stands above of addresses. `bytes` in network order,
 * `len` 4 or 16. */
bool host_rule_reaches(struct str rule, struct str host, uint16_t port, const unsigned char *bytes,
                       size_t len);

/* Whether `wide` allows and reaches everything that `narrow` does. Both are valid. */
bool host_rule_covers(struct str wide, struct str narrow);

/* Appends the rule, in lower case, that allows what both valid rules allow; false, and nothing, if
 * that is nothing. */
bool host_rule_meet(struct str a, struct str b, struct buffer *out);
