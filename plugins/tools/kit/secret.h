/*
 * secret.h - arguments that are secrets: by name, never by value.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "hexmcp/host/secrets.h"
#include "hexmcp/simple.h"
#include "kit/args.h"

/* The argument `key`, {"secret": "NAME"}, as the text that stands for the value in a header or URL of a
 * request; NULL if it is not there. Anything else, a value above all, is refused. */
const char *secret_argument(const hexmcp_round *r, struct args *args, const char *key);

/* [worker] The value itself, for what is not sent over HTTP; `out` is zeroed by secret_forget(). Needs
 * "reveal" in the grants. */
int32_t secret_reveal(const hexmcp_round *r, const char *name, char *out, size_t room);
void secret_forget(char *out, size_t room);
