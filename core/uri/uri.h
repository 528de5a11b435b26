/* URIs as callers send them (RFC 3986). */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"

/* uri_check refuses longer URIs. */
#define URI_MAX_BYTES 8192

/* True for a URI with its scheme: `scheme:...`, each part of characters that it may hold, escapes
 * whole, an IP literal well-formed. Any length. */
bool uri_is_valid(struct str uri);

/*
 * Whether hexmcp works with this URI: uri_is_valid and at most URI_MAX_BYTES long. A `file:` URI
 * must also name one place on this machine: no host or `localhost`; an absolute path; in it no
 * segment "." or "..", no slash and no NUL, plain or escaped. Links in the file system are the
 * business of whoever opens the file.
 *
 * ST_INVALID or ST_TOO_LARGE; the text names the byte (from 0) or the part at fault.
 */
int uri_check(struct str uri, struct error *err);
