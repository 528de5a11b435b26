/*
 * Random JSON: values that fit a schema, values that do not, and damaged texts. All of it follows
 * from a seed.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/json/json.h"

struct rng {
    uint64_t state;
};

uint64_t rng_next(struct rng *rng);
/* 0 to limit - 1; 0 for 0. */
unsigned rng_below(struct rng *rng, unsigned limit);

struct generator {
    struct rng rng;
    struct json root;  /* the schema that $ref starts from */
    struct json paths; /* array of names: these members of the top object are paths in `folder` */
    const char *folder;
};

/* Appends one value that fits `schema`, as far as can be told without solving it: patterns are met
 * by examples, defaults and some usual forms, so check what matters. */
void generate_value(struct generator *g, struct json schema, struct buffer *out);

/* Appends a value that is JSON and of a wrong type, or lacks or has too many members. */
void generate_wrong(struct generator *g, struct json schema, struct buffer *out);

/* Appends `text` with some of its bytes, words or brackets changed. */
void generate_damaged(struct rng *rng, struct str text, struct buffer *out);
