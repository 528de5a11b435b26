/*
 * introspect.h - the schema of an endpoint.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "ask.h"
#include "schemas.h"

/* [worker] Puts the schema, or a link to it, what its types are, and whether it was remembered. */
int32_t introspect(const struct question *q, struct schemas *schemas, bool refresh, struct answer *a);

/* The document that is sent. */
hexmcp_str introspect_document(void);
