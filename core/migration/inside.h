/* Inside of core/migration. */
#pragma once

#include "core/base/arena.h"
#include "core/migration/migration.h"
#include "core/migration/tree.h"
#include "core/schema/schema.h"

#define PLACE_PARTS_MAX 32u
#define PLACES_MAX 16u

enum step_kind {
    STEP_COPY,
    STEP_DEFAULT,
    STEP_REMOVE,
    STEP_RENAME,
    STEP_CONVERT,
    STEP_SPLIT,
    STEP_MERGE,
    STEP_MAP,
    STEP_TEMPLATE,
};

#define STEP_KINDS 9

enum convert_to { TO_STRING, TO_INTEGER, TO_NUMBER, TO_BOOLEAN, TO_ARRAY };

struct place {
    struct str pointer; /* as it is written, for messages */
    struct tree_part *parts;
    uint32_t count;
    bool any; /* has a "*" */
};

struct mapping {
    struct str from; /* decoded text of a string, or the text of a number or word */
    struct str to;   /* JSON */
};

/* A piece of a template: a text, or the place whose value stands there. */
struct piece {
    struct str text;
    bool is_place;
    struct place place;
};

struct step {
    enum step_kind kind;
    bool required;      /* what is read must be there */
    struct place *from; /* what is read: `at` or "from" */
    uint32_t from_count;
    struct place *to;   /* what is written, unless it is `at` */
    uint32_t to_count;
    struct str text;    /* JSON of a default; the separator */
    enum convert_to convert;
    struct mapping *mappings;
    uint32_t mapping_count;
    struct str otherwise; /* JSON; empty: what is not mapped stays */
    struct piece *pieces;
    uint32_t piece_count;
};

struct migration_edge {
    uint32_t from, to;
    enum migration_risk risk;
    struct step *steps;
    uint32_t count;
};

struct version_schema {
    uint32_t version;
    struct schema *schema;
};

struct migration {
    struct arena memory;
    struct migration_edge *edges;
    uint32_t count;
    struct version_schema *schemas;
    uint32_t schema_count;
};

struct migration_work {
    struct tree tree;
    struct buffer scratch, other;
};

extern const char *const step_names[STEP_KINDS];

/* Reads a step. ST_INVALID: the text goes behind "migration n, step m: ". */
int step_read(struct json v, struct arena *memory, struct step *out, struct error *err);

/* Runs it on the tree. ST_INVALID: what is wrong with the value. */
int step_run(const struct step *step, struct migration_work *work, struct error *err);

/* Makes the node of the kind. ST_INVALID says why it cannot be. */
int convert_node(struct migration_work *work, uint32_t node, enum convert_to to, struct error *err);

/* The text of a scalar: of a string its characters. In `scratch` or in the tree. False for
 * containers. */
bool scalar_text(struct tree *t, uint32_t node, struct buffer *scratch, struct str *out);
