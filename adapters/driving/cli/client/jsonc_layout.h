/* How an object is laid out in its text, and members written in the same way. */
#pragma once

#include "adapters/driving/cli/client/entry.h"
#include "adapters/driving/cli/client/jsonc.h"

/* Text of one level of indentation and of the places of an object. Borrowed from the text. */
struct layout {
    bool lines;         /* members stand on lines of their own */
    struct str newline;
    struct str unit;    /* one level of indentation */
    struct str closing; /* in front of the closing bracket */
    struct str indent;  /* in front of each member, followed by `deeper` */
    struct str deeper;  /* empty or `unit` */
};

/* Of an object of the document. */
struct layout layout_of(const struct jsonc *j, struct json object);

/* Of a text without an object: two spaces. */
struct layout layout_new(struct str text);

/* Writes "name": {...}, over lines or on one. */
void layout_entry(struct buffer *out, const struct client_entry *entry, const struct layout *outer,
                  bool lines);

/* Writes "section": { the entry } over lines. */
void layout_section(struct buffer *out, struct str section, const struct client_entry *entry,
                    const struct layout *outer);

/* Writes a line break and the space in front of a member. */
void layout_break(struct buffer *out, const struct layout *layout);

/* Writes the arguments as an array on one line. */
void layout_args(struct buffer *out, const struct client_entry *entry);
