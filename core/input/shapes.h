/*
 * The shapes of what is asked and answered, as JSON Schemas: which members there are and of what
 * type. What a schema cannot say is checked by input_check and input_answer.
 *
 * What a plugin asks is held to them strictly: a member that the protocol does not know is a
 * mistake. What a client answers may hold more.
 */
#pragma once

#include "core/schema/schema.h"

enum shape {
    SHAPE_REQUEST, /* {"method","params","optional"} */
    SHAPE_FORM,    /* params of elicitation/create */
    SHAPE_URL,
    SHAPE_SAMPLING,
    SHAPE_ROOTS,
    SHAPE_ELICIT_RESULT,
    SHAPE_SAMPLING_RESULT,
    SHAPE_ROOTS_RESULT,
};

/* [any] ST_OK if the value has the shape; otherwise ST_INVALID with the places and the reasons, or
 * ST_NOMEM, or ST_TOO_LARGE if the value is too large to be checked. */
int shape_check(enum shape shape, struct json value, struct error *err);

/* [any] schema_check, but ST_NOMEM if there was no memory for the reasons. */
int shape_check_by(const struct schema *schema, struct json value, struct error *err);
