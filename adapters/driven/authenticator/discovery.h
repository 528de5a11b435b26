/* Where the keys of an issuer are: fetched from it, by its metadata. [worker] */
#pragma once

#include "adapters/driven/authenticator/key_set.h"

struct key_request {
    const struct auth_module *module;
    struct str issuer;
    struct str jwks_uri; /* empty: the issuer's metadata says it (RFC 8414, OpenID discovery) */
    bool (*stopped)(const void *ctx);
    const void *ctx;
};

/* *max_age_s as in auth_module's get. ST_UNAVAILABLE says of which URL what is wrong. */
int keys_fetch(const struct key_request *request, struct key_set **out, int64_t *max_age_s,
               struct error *err);
