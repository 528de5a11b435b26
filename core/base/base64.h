/* Standard base64 with padding (RFC 4648, section 4). */
#pragma once

#include "core/base/str.h"

/* True if the text is base64 as an encoder writes it: whole groups of four, padding at the end
 * alone. */
bool base64_check(struct str text);
