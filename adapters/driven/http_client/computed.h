/* Values of headers that the host computes with a secret: what basic authentication and signatures need,
 * so that no plugin has to see the secret. */
#pragma once

#include "adapters/driven/http_client/secrets.h"
#include "core/base/arena.h"
#include "core/json/json.h"
#include "ports/driven/crypto.h"

enum computed_kind {
    COMPUTED_NOTHING,
    COMPUTED_BASE64, /* of `text` with the values of its handles                              */
    COMPUTED_HMAC,   /* SHA-256, of `of` and the body, by the key that `text` is so           */
};

struct computed {
    enum computed_kind kind;
    struct str text, of;
    bool hex; /* else base64 */
};

/* The third element of a header, as hexmcp/host/http.h has it; its texts are copied into `arena`.
 * ST_INVALID, ST_NOMEM. */
int computed_read(struct json value, struct arena *arena, struct computed *out, struct error *err);

/* Appends it to `out`, for a request with this body. What it made is looked for in answers. The errors
 * of secrets_fill(); ST_UNAVAILABLE without `crypto`. */
int computed_fill(const struct computed *computed, struct secrets *secrets,
                  const struct secret_source *source, const struct crypto_port *crypto,
                  struct str body, struct buffer *out, struct error *err);
