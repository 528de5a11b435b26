/* Inside of core/schema: checking one value. */
#pragma once

#include "core/schema/node.h"

/* Which members or elements of one value have been evaluated, a bit each by position. */
struct marks {
    uint64_t *bits; /* `few` if that is enough */
    uint32_t words;
    uint64_t few;
};

/* Resources that were entered on the way, innermost first: the dynamic scope. */
struct scope {
    const struct scope *outer;
    const struct resource *resource;
};

/* Where the value stands in the whole one. */
struct path {
    const struct path *outer;
    struct json key; /* of an object's member; nothing for an element */
    uint32_t index;
};

struct check {
    const struct schema *schema;
    const struct scope *scope;
    const struct path *path;
    struct json name; /* the property name that is checked by propertyNames, or nothing */
    uint64_t steps;   /* left */
    unsigned depth;
    struct schema_result *faults; /* NULL: only the outcome counts */
    struct schema_result *result; /* the caller's, for a bound that was reached */
    int stopped;                  /* a bound was reached: the status to return */
};

/* True if the value fits. `marks` (may be NULL) receives what was evaluated; it is only of use if
 * the value fits. */
bool evaluate(struct check *c, const struct node *node, struct json value, struct marks *marks);

/* The same for a member or element of the value at hand. */
bool evaluate_child(struct check *c, const struct node *node, struct json value, struct json key,
                    uint32_t index);

/* The keywords for one kind of value, each file its kind. */
bool evaluate_object(struct check *c, const struct node *node, struct json value,
                     struct marks *marks);
bool evaluate_array(struct check *c, const struct node *node, struct json value,
                    struct marks *marks);
bool evaluate_number(struct check *c, const struct node *node, struct json value);
bool evaluate_string(struct check *c, const struct node *node, struct json value);
/* const and enum */
bool evaluate_equal(struct check *c, const struct node *node, struct json value);

/* allOf, anyOf, $ref ...: schemas that are applied to the same value. */
bool evaluate_in_place(struct check *c, const struct node *node, struct json value,
                       struct marks *marks);

/* Applies a schema to the same value; what it evaluated counts only if the value fits. */
bool apply(struct check *c, const struct node *node, struct json value, struct marks *marks);

/* The bit of the value's type; a whole number is a TYPE_INTEGER. */
unsigned type_of(struct json value);
bool wrong_type(struct check *c, const struct node *node, struct str keyword, unsigned types,
                struct json value);

/* Marks. */
bool marks_begin(struct check *c, struct marks *marks, struct json value);
void marks_end(struct marks *marks);
void marks_add(struct marks *to, const struct marks *from);

static inline void marks_set(struct marks *m, uint32_t index)
{
    if (m)
        m->bits[index / 64] |= UINT64_C(1) << index % 64;
}

static inline bool marks_has(const struct marks *m, uint32_t index)
{
    return m->bits[index / 64] >> index % 64 & 1;
}

/* After a keyword failed, the others matter only to tell all faults. */
static inline bool go_on(const struct check *c, bool good)
{
    return (good || (c->faults && !c->faults->more)) && !c->stopped;
}

/* Takes `count` steps off. False if a bound is reached. */
bool spend(struct check *c, uint64_t count);

/* json_equal on the steps of the check. */
bool equal_values(struct check *c, struct json a, struct json b);

/* Ends the check: the outcome is unknown. Returns false. */
bool stop(struct check *c, int status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes a fault at the value at hand. Returns false, for `return fault(...)`. */
bool fault(struct check *c, const struct node *node, struct str keyword, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* How a message names a value: a short one by its text, a container by its type. */
struct brief {
    char text[96];
};
struct brief brief_of(struct json value);

/* 1, 0, or negative after a bound was reached. */
int search_pattern(struct check *c, const struct pattern *pattern, struct json string);

/* result.c: adds a fault with a copy of the texts. */
void result_add(struct schema_result *result, struct schema_fault fault);
