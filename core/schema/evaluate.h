/* Inside of core/schema: checking one value. */
#pragma once

#include "core/schema/node.h"

/* Which members or elements of one value have been evaluated, a bit each by position. */
struct marks {
    uint64_t *bits;
    uint32_t count;
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
    uint64_t steps; /* left */
    unsigned depth;
    struct buffer *faults; /* NULL: only the outcome counts */
    unsigned fault_count;
    int stopped; /* a bound was reached: the status to return */
};

/* True if the value fits. `marks` (may be NULL) receives what was evaluated; it is only of use if the
 * value fits. */
bool evaluate(struct check *c, const struct node *node, struct json value, struct marks *marks);

/* The same for a member or element of the value at hand. */
bool evaluate_child(struct check *c, const struct node *node, struct json value, struct json key,
                    uint32_t index);

bool evaluate_object(struct check *c, const struct node *node, struct json value,
                     struct marks *marks);
bool evaluate_array(struct check *c, const struct node *node, struct json value,
                    struct marks *marks);

/* Marks. None of them is needed for values without children. */
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

/* Takes `count` steps off. False if a bound is reached. */
bool spend(struct check *c, uint64_t count);

/* Notes a fault at the value at hand. Returns false, for `return fault(...)`. */
bool fault(struct check *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* 1, 0, or negative after a bound was reached. */
int search_pattern(struct check *c, const struct pattern *pattern, struct json string);
