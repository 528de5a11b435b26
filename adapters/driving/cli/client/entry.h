/* What is written into the configuration of an MCP client, and the formats that it is written in. */
#pragma once

#include <stdbool.h>

#include "core/base/buffer.h"
#include "core/base/error.h"

/* A server that the client shall start. All text is borrowed. */
struct client_entry {
    struct str name;
    struct str command;
    const struct str *args; /* the first is "serve" or "connect" */
    size_t arg_count;
    bool keep_args; /* arguments of an entry that is there already stay, if the first is the same */
    bool typed;     /* the client wants "type": "stdio" too */
};

/* The entry in a text. Free with buffer_clear(&command). */
struct client_found {
    bool present;
    struct buffer command; /* decoded; empty if the entry starts no command */
};

/*
 * A format edits a text and changes no byte outside of the entry. `section` is the key that holds
 * the servers. All fail with ST_CONFIG and a text that begins in the middle of a sentence about the
 * file ("is not JSON: ..."), or ST_NOMEM.
 */
struct client_format {
    int (*find)(struct str text, struct str section, struct str name, struct client_found *found,
                struct error *err);

    /* Adds the entry, or sets command and arguments of the one that is there. Text that is there
     * and right stays as it is. Appends the whole new text to `out`. */
    int (*put)(struct str text, struct str section, const struct client_entry *entry,
               struct buffer *out, struct error *err);

    /* Takes the entry out, and the section if it holds nothing else and looks as `put` makes one.
     * ST_NOT_FOUND if there is no such entry. */
    int (*remove)(struct str text, struct str section, struct str name, struct buffer *out,
                  struct error *err);
};

extern const struct client_format client_jsonc;
extern const struct client_format client_toml;

/* ST_CONFIG if the text, after a change, does not have the entry: no text leaves that could not be
 * read again. */
int client_check_result(const struct client_format *format, struct str text, struct str section,
                        const struct client_entry *entry, struct error *err);
