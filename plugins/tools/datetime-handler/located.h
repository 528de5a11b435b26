/*
 * located.h - an argument that names a moment, found in its time zone.
 *
 * SPDX-License-Identifier: MIT
 */
#pragma once

#include "moment.h"
#include "parse.h"
#include "request.h"

/*
 *   moment  as seen in `zone`
 *   form    how it was read: the name of a form, or "now"
 *   zone    that of the argument `timezone`, else the offset in the text, else UTC
 *   leap    1: the text named second 60, which is shown as the next one
 */
struct located {
    struct moment moment;
    const char *form;
    struct zone zone;
    int leap;
};

/* Reads the text `which`, which is there. It is filled in place, because the moment points to the
 * zone: do not copy it. On success located_close() is due. Errors: HEXMCP_E_INVALID. */
int32_t located_read(const struct request *request, enum text which, struct located *located,
                     hexmcp_error *err);

void located_close(struct located *located);
