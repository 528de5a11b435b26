/* The Authorization header. */
#pragma once

#include "core/base/str.h"

/* Longest token that is looked at, in bytes. */
#define BEARER_MAX 8192

enum bearer_kind {
    BEARER_NONE,      /* there is no header, or it is of another scheme */
    BEARER_MALFORMED, /* it says Bearer, and what follows cannot be a token */
    BEARER_TOKEN,
};

/* *token is what follows "Bearer ", in the characters of RFC 6750 and at most BEARER_MAX long. */
enum bearer_kind bearer_parse(struct str header, struct str *token);
