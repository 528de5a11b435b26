/*
 * multipart.h - the body of a form with fields and files (RFC 7578).
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "kit/bytes.h"
#include "kit/headers.h"

/* The argument multipart: [{"name", "value" or "path", "filename"?, "content_type"?}...]. */
void multipart_read(const hexmcp_round *r, struct args *args, struct headers *h, struct bytes *body);
