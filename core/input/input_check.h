/* Checks what a plugin asks for. */
#pragma once

#include "core/input/input_request.h"
#include "core/base/error.h"

/* [any] Checks the `requests` of an INPUT_REQUIRED outcome; they may be absent or none. Everything
 * else in input/ takes requests that passed here. ST_PROTOCOL names the request and what is wrong
 * with it; ST_NOMEM. */
int input_check(struct json requests, struct error *err);
