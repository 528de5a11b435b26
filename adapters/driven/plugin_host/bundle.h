/*
 * Verifies one bundle, a folder with plugin.json and plugin.so, without running anything of it.
 * Always gives a record: of a good plugin, or of one that is refused, with the reason.
 */
#pragma once

#include "adapters/driven/plugin_host/manifest.h"
#include "adapters/driven/plugin_host/trust.h"
#include "ports/driven/crypto.h"

struct bundle_rules {
    const struct plugin_checks *checks; /* may be NULL */
    const struct crypto_port *crypto;   /* may be NULL */
    struct trust trust;
};

/* Verifies the folder `name` in the folder `at`, whose path is `place` (for texts and the record).
 * ST_NOMEM, else ST_OK and a record from malloc. */
int bundle_verify(const struct bundle_rules *rules, int at, const char *place, const char *name,
                  struct record **out, struct error *err);

/* A record of something that could not even be looked at. */
int bundle_refused(const char *place, const char *name, enum refusal why, const char *reason,
                   struct record **out, struct error *err);

/* Opens plugin.so of the bundle for loading: folder and file are checked anew on the descriptors,
 * so that nothing can change between check and use. Returns the descriptor or a negative ST_*. */
int bundle_open_binary(const struct trust *trust, int at, const char *name, struct stat *st,
                       struct error *err);
