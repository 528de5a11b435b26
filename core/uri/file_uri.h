/* The path that a file: URI names. */
#pragma once

#include "core/base/buffer.h"

/* Appends the absolute, clean path (core/base/path.h) of a `file:` URI that names a place on this
 * machine (uri_check). False, and nothing appended, for any other text. */
bool file_uri_path(struct str uri, struct buffer *out);
