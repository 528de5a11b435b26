/*
 * Reads a TOML text item by item: headers of tables and pairs, with their places in the text. It
 * checks the grammar of TOML 1.0, not that keys are unique.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"

#define TOML_MAX_PARTS 16
#define TOML_MAX_DEPTH 64

/* A key, decoded: the parts between its dots. */
struct toml_key {
    size_t count;
    size_t ends[TOML_MAX_PARTS]; /* where the part ends in `text` */
    char text[1024];
};

enum toml_kind {
    TOML_PAIR,  /* key = value */
    TOML_TABLE, /* [key]       */
    TOML_ARRAY, /* [[key]]     */
};

struct toml_item {
    enum toml_kind kind;
    struct toml_key key;
    size_t line;     /* from 1 */
    size_t begin;    /* begin of its line */
    size_t value;    /* TOML_PAIR: where the value begins */
    size_t end;      /* behind value or header */
    size_t line_end; /* behind the line break of its last line */
};

struct toml_reader {
    struct str text;
    size_t at;
    size_t line, counted; /* the line of `counted` */
};

struct toml_reader toml_open(struct str text);

/* 1: *item is the next one; 0: there is none. ST_CONFIG: "is not TOML: line 3: ...". */
int toml_next(struct toml_reader *r, struct toml_item *item, struct error *err);

/* Part number `index` of the key. */
struct str toml_part(const struct toml_key *key, size_t index);

/* The decoded string at `at`, appended; false if there is no string. The text was read before. */
bool toml_string(struct str text, size_t at, struct buffer *out);

/* Appends the text as a string with its quotes. */
void toml_quote(struct buffer *out, struct str text);
