/*
 * What an IP address is for, by the registries of special addresses (RFC 6890 and its successors).
 *
 * Public is only what no registry sets apart: an address in a range without a name here is refused.
 */
#pragma once

#include "core/base/str.h"

enum address_kind {
    ADDRESS_PUBLIC,
    ADDRESS_UNSPECIFIED,   /* 0.0.0.0/8, ::                                                       */
    ADDRESS_LOOPBACK,      /* 127.0.0.0/8, ::1                                                    */
    ADDRESS_PRIVATE,       /* 10/8, 172.16/12, 192.168/16, 100.64/10, fc00::/7, fec0::/10         */
    ADDRESS_LINK_LOCAL,    /* 169.254/16, fe80::/10                                               */
    ADDRESS_METADATA,      /* where clouds hand out credentials: 169.254.169.254 and others       */
    ADDRESS_MULTICAST,     /* 224/4, ff00::/8; and broadcast                                      */
    ADDRESS_DOCUMENTATION, /* 192.0.2/24 and others, 2001:db8::/32, 3fff::/20                     */
    ADDRESS_BENCHMARK,     /* 198.18/15, 2001:2::/48                                              */
    ADDRESS_TRANSLATED,    /* another family inside: v4-mapped, v4-compatible, NAT64              */
    ADDRESS_TUNNEL,        /* 6to4 and Teredo                                                     */
    ADDRESS_RESERVED,      /* everything else that is no global unicast address                   */
};

/* `bytes` in network order, `len` 4 or 16; any other length is ADDRESS_RESERVED. An IPv6 address of
 * NAT64's well-known prefix is what the IPv4 address inside is, if that is public. */
enum address_kind address_kind(const unsigned char *bytes, size_t len);

/* For a message: "a loopback address". */
const char *address_kind_name(enum address_kind kind);

bool address_is_public(const unsigned char *bytes, size_t len);

/* Reads what address_is_ipv4() or address_is_ipv6() (core/uri/address.h) accept: four or sixteen
 * bytes, *len says which. No brackets, no zone, no short or hexadecimal IPv4. */
bool address_read(struct str text, unsigned char bytes[16], size_t *len);
