/* Handles of secrets, {{secret:NAME}}: their values in what is sent, and the handles again in what
 * comes back. The store (ports/driven/secret_store.h) decides who may send what where; here is what
 * one request used, because its answer comes in pieces that cut values in two. */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "ports/driven/secret_store.h"

#define SECRETS_MAX 8u

/* Values that are shorter are not looked for in answers: they are in every text. */
#define SECRET_SOUGHT_MIN 6u

#define SECRET_FORMS 3u

/* The forms of a value: as it is, as in a URL, as in a JSON string. */
struct secret {
    char *handle;
    struct buffer forms[SECRET_FORMS];
};

/* The secrets of one request. */
struct secrets {
    struct secret list[SECRETS_MAX];
    size_t count;
};

struct secret_source {
    const struct secret_store_port *store; /* NULL: there are no secrets */
    struct secret_use use;
};

bool secrets_in(struct str text);

/* Appends `text` with the values of its handles. ST_INVALID, and what the store says; then what stands
 * in `out` is of no use. */
int secrets_fill(struct secrets *secrets, const struct secret_source *source, struct str text,
                 enum secret_coding coding, struct buffer *out, struct error *err);

/* Looks for `value`, made of secrets, in answers as well, and puts `shown` in its place. ST_INVALID above
 * SECRETS_MAX of all. */
int secrets_seek(struct secrets *secrets, struct str value, struct str shown, struct error *err);

/* Appends `text` with handles in the place of values. If more may follow (`last` is false), the tail
 * that could be the beginning of a value stays behind: returns how many bytes were dealt with. */
size_t secrets_hide(const struct secrets *secrets, struct str text, bool last, struct buffer *out);

/* Overwrites the values, too. */
void secrets_clear(struct secrets *secrets);
