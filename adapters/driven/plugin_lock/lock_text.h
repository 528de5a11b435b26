/*
 * The text of the lock file: JSON, indented, its plugins in the order of their ids, so that the same
 * decisions always give the same bytes.
 *
 *   {"lock": 2, "plugins": {ID: {"version", "place", "binary", "manifest", "seen", "confirmed",
 *                                "asked", "granted", "definitions"}}}
 *
 * "definitions" is the digest of a text that stands elsewhere, because it may be long and is needed
 * only when something has changed (definitions.h). In files of format 1 it is the text itself.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/json/json.h"

#define LOCK_PLUGINS_MAX 1024u

/* "sha256:" and 64 digits, with a NUL. */
#define LOCK_DIGEST_SIZE 72

/* What was confirmed of one plugin. Texts without escapes, borrowed. */
struct lock_entry {
    struct str id;
    struct str version;
    struct str place;     /* the bundle's folder, as JSON text                                    */
    struct str binary;    /* "sha256:" and 64 digits, of plugin.so                                */
    struct str manifest;  /* the same of plugin.json                                              */
    struct str seen;      /* what told the two files from others; see plugin_lock.h               */
    struct str confirmed; /* when, "2026-01-31T00:00:00Z"                                         */
    struct json asked;    /* what the manifest asked for                                          */
    struct json granted;  /* what was granted of it                                               */
    struct str defined;   /* "sha256:" and 64 digits, of the text of `definitions`; empty for an
                             entry of format 1                                                    */
    struct json definitions; /* {"tools": [...], "resources": [...], ...} as in the manifest;
                                nothing until it has been read, if there is a digest             */
};

/* Takes over the text of a whole file, from malloc, also on failure. ST_INVALID says what is wrong and
 * where. */
int lock_text_take(char *data, size_t len, struct json_doc **out, struct error *err);

/* The entry of a plugin in a document that lock_text_take made, or in none. */
bool lock_text_find(const struct json_doc *doc, struct str id, struct lock_entry *out);

/* The entry number `index`. */
bool lock_text_at(const struct json_doc *doc, uint32_t index, struct lock_entry *out);

/* Appends the text of `doc`, which may be NULL, with `entry` in the place of what was there.
 * ST_TOO_LARGE above LOCK_PLUGINS_MAX; ST_NOMEM. */
int lock_text_put(const struct json_doc *doc, const struct lock_entry *entry, struct buffer *out,
                  struct error *err);

/* Appends the text without `id`. */
int lock_text_remove(const struct json_doc *doc, struct str id, struct buffer *out,
                     struct error *err);
