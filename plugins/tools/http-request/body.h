/*
 * body.h - the body of a request, made of one of the arguments that say it.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "kit/args.h"
#include "kit/bytes.h"
#include "kit/headers.h"

/* Most bytes of a body. */
#define BODY_MOST ((size_t)10 * 1024 * 1024)

/* Adds the body to `body` and a Content-Type to the headers if there is none: body, body_base64, json,
 * form, multipart or path; none of them is an empty body. */
void body_read(const hexmcp_round *r, struct args *args, struct headers *h, struct bytes *body);
