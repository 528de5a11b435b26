/*
 * JSON with comments and trailing commas, as editors write it: a strict document over a copy of the
 * text in which both are blanked. Offsets are those of the text.
 */
#pragma once

#include "core/json/json.h"

struct jsonc {
    struct str text;      /* borrowed */
    struct json_doc *doc; /* NULL: the text holds nothing but space and comments */
    const char *copy;     /* what the document was parsed from */
};

/* ST_CONFIG: "is not JSON: ...". Free with jsonc_clear. */
int jsonc_parse(struct str text, struct jsonc *out, struct error *err);
void jsonc_clear(struct jsonc *j);

/* Where the value begins, and the byte behind it. */
size_t jsonc_begin(const struct jsonc *j, struct json v);
size_t jsonc_end(const struct jsonc *j, struct json v);

/* Behind space and comments from `at` on. */
size_t jsonc_skip(struct str text, size_t at);

/* Behind the last comment that begins on the line of `at` with nothing but space in front of it and
 * ends there; `at` if there is none. */
size_t jsonc_skip_remarks(struct str text, size_t at);

/* A member of an object, by its neighbours. */
struct jsonc_member {
    struct json key, value; /* nothing: there is no such member */
    struct json before;     /* the value in front of it, nothing for the first */
};

struct jsonc_member jsonc_find(struct json object, struct str name);
