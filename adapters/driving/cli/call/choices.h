/* The values that a field of a form offers, in each of the ways in which a schema can list them. */
#pragma once

#include "core/json/json.h"

struct choices {
    struct json list;  /* the values, or objects of `const` and `title` */
    struct json names; /* of `enumNames`; nothing if there are none */
    bool several;      /* more than one can be taken */
};

/* `list` is nothing if the field is no choice. */
struct choices choices_of(struct json field);

struct choice {
    struct json value, title; /* title: nothing if the value speaks for itself */
};
struct choice choices_at(const struct choices *choices, uint32_t index);

/* The index of what a person typed: a value, else a title, else a number from 1 on. False if it is
 * none of them. */
bool choices_find(const struct choices *choices, struct str typed, uint32_t *index);
