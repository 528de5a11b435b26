/* Inside of session: the session that the _meta of a request names. */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

enum naming {
    NAMES_NONE,
    NAMES_ONE,
    NAMES_WRONG, /* the member is no string */
};

/* Appends the string member `key` of `meta`. A _meta without the word "hexmcp" is not parsed. */
enum naming session_named(struct str meta, struct str key, struct buffer *id);
