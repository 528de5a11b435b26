/*
 * certificate.h - what a certificate says.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include <openssl/x509.h>
#include <stdint.h>

#define CERTIFICATE_NAMES_MAX 20

struct certificate {
    char subject[256], issuer[256];  /* RFC 2253, UTF-8, cut */
    char not_before[24], not_after[24]; /* 2030-01-02T03:04:05Z */
    int days_left;                      /* whole days; negative: so long expired */
    char names[CERTIFICATE_NAMES_MAX][128];
    size_t name_count;
};

void certificate_read(X509 *x, struct certificate *out);
