/*
 * tls.h - a handshake over a connection, to look at the certificate.
 *
 * SPDX-License-Identifier: MIT
 *
 * Nothing is sent but the handshake. Whether the certificate is good is told and stops nothing: also a
 * bad one has an end.
 */
#pragma once

#include "certificate.h"
#include "kit/pace.h"

#include <stdbool.h>

struct tls_facts {
    struct certificate certificate;
    bool verified;     /* by the authorities of the system, for this host, now */
    char problem[128]; /* if not: why */
    char protocol[16], cipher[64];
};

/* [worker] The time counts from the beginning of `pace`. HEXMCP_E_TIMEOUT, HEXMCP_E_PROTOCOL, HEXMCP_E_CANCELLED with a sentence in r->err. */
int32_t tls_look(struct pace *pace, int fd, const char *host, uint32_t timeout_ms,
                 struct tls_facts *out);
