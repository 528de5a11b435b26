/* Handles of secrets, {{secret:NAME}}: their values in what is sent, and the handles again in what
 * comes back. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "ports/plugin_grants.h"

#define SECRETS_MAX 8u

/* Values that are shorter are not looked for in answers: they are in every text. */
#define SECRET_SOUGHT_MIN 4u

struct secret {
    char *handle;
    struct buffer value, escaped; /* escaped: as it stands in a URL */
};

/* The secrets of one request. */
struct secrets {
    struct secret list[SECRETS_MAX];
    size_t count;
};

struct secret_source {
    int (*get)(void *ctx, struct str plugin, struct str name, struct str host, struct buffer *out,
               struct error *err);
    void *ctx;
    struct str plugin, host; /* who asks, and where it goes */
    const struct plugin_grants *grants;
};

bool secrets_in(struct str text);

/* Appends `text` with the values of its handles; `escapes`: percent-encoded. ST_DENIED, ST_INVALID
 * and what the source says. */
int secrets_fill(struct secrets *secrets, const struct secret_source *source, struct str text,
                 bool escapes, struct buffer *out, struct error *err);

/* Appends `text` with handles in the place of values. If more may follow (`last` is false), the tail
 * that could be the beginning of a value stays behind: returns how many bytes were dealt with. */
size_t secrets_hide(const struct secrets *secrets, struct str text, bool last, struct buffer *out);

/* Overwrites the values, too. */
void secrets_clear(struct secrets *secrets);
