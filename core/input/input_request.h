/* What a plugin can ask the client for: {key: {"method","params","optional"}}. */
#pragma once

#include "core/json/json.h"

/* Requests of one round. */
#define INPUT_MAX_REQUESTS 16

/* Bytes of a key. */
#define INPUT_MAX_KEY 64

enum input_kind {
    INPUT_FORM, /* elicitation/create */
    INPUT_URL,  /* elicitation/create with "mode":"url" */
    INPUT_SAMPLING,
    INPUT_ROOTS,
    INPUT_UNKNOWN, /* the method or the mode */
};

/* The kind of {"method","params"}. */
enum input_kind input_kind(struct json request);

/* E.g. sampling/createMessage; not for INPUT_UNKNOWN. */
struct str input_method(enum input_kind kind);

/* "optional":true: the plugin can do without. */
bool input_is_optional(struct json request);

/* The text of a key, borrowed. Empty if it is not 1 to INPUT_MAX_KEY of A-Za-z0-9_.- written
 * without escapes; a checked key never is empty. */
struct str input_key(struct json key);
