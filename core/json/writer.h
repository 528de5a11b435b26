/*
 * Writes JSON into a buffer. Commas are put where they belong; the caller keeps begin and end in
 * pairs. Raw text is spliced in as it is. Failure is the buffer's (buffer_failed).
 */
#pragma once

#include "core/json/json.h"

struct json_writer {
    struct buffer *out;
    bool comma; /* a value stands before the next one on this level */
};

static inline struct json_writer json_writer(struct buffer *out)
{
    return (struct json_writer){out, false};
}

void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);

/* `key` is written escaped. */
void json_key(struct json_writer *w, struct str key);

void json_write_null(struct json_writer *w);
void json_write_bool(struct json_writer *w, bool value);
void json_write_i64(struct json_writer *w, int64_t value);
void json_write_u64(struct json_writer *w, uint64_t value);

/* With as few digits, from 15 on, as read back as the same double; null for infinity and NaN. */
void json_write_double(struct json_writer *w, double value);

/* `text` must be UTF-8; ill-formed bytes become U+FFFD. */
void json_write_string(struct json_writer *w, struct str text);

/* `raw` must be one JSON value; line breaks between tokens become spaces. */
void json_write_raw(struct json_writer *w, struct str raw);

/* A key and its value, for the usual cases. */
void json_put_string(struct json_writer *w, struct str key, struct str text);
void json_put_raw(struct json_writer *w, struct str key, struct str raw);
void json_put_i64(struct json_writer *w, struct str key, int64_t value);
void json_put_bool(struct json_writer *w, struct str key, bool value);

/* Copies a member of an object, its key as it is written there. */
void json_put_member(struct json_writer *w, struct json key, struct json value);

/* Writes only the key of a member; its value comes next. */
void json_key_raw(struct json_writer *w, struct json key);

/* The text {"message": message}, put into the empty `scratch`; "{}" without memory. */
struct str json_message(struct buffer *scratch, struct str message);

/* Appends `text` as a JSON string with its quotes. */
void json_quote(struct buffer *out, struct str text);
