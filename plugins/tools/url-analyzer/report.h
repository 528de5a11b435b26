/*
 * report.h - what is told of a URL.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "url.h"

#include "hexmcp/json.h"

struct report {
    hexmcp_json_writer *w; /* in the object of the result */
    hexmcp_str original;
    const struct url *url;
    bool decode_params;
};

/* Puts normalized, the parts, the address or the name, query_params, differences and warnings. false if
 * memory is short. */
bool report_put(const struct report *report);
