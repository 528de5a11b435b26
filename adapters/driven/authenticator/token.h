/*
 * A JSON Web Token (RFC 7519) in its parts. Nothing here says that it is genuine.
 *
 * Of the header only `alg`, `typ`, `kid` and `crit` are looked at: keys, and addresses of keys, that a
 * token brings itself (jwk, jku, x5c, x5u) are never used.
 */
#pragma once

#include "adapters/driven/authenticator/auth_module.h"
#include "core/json/json.h"

#define TOKEN_KID_MAX 256

struct token {
    struct buffer header_text, payload_text, signature, kid_text;
    struct json_doc *header, *payload;
    enum token_algorithm algorithm;
    struct str kid;         /* never empty */
    struct str signed_part; /* borrowed from the text */
};

/* True if it could be one: three parts, the first begins as a JSON object does. */
bool token_is_one(struct str text);

/* `text` is borrowed as long as the token. ST_INVALID has a sentence that tells nothing of the
 * token's content; `out` then needs no token_clear. */
int token_parse(struct str text, struct token *out, struct error *err);

void token_clear(struct token *token);
