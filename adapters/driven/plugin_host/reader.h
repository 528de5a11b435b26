/*
 * Reads a JSON object by a table of fields, strictly, and remembers where it is, so that every
 * error says which value it is about: "plugin.json: /tools/0/name: ...".
 */
#pragma once

#include "core/json/json.h"

struct reader {
    const char *file; /* begins every error text                   */
    char path[256];   /* JSON Pointer of the value being read      */
    size_t path_len;
    struct error *err;
};

/* Reads `value`, the value of one key, into `out`. */
typedef int (*field_read)(struct reader *r, struct json value, void *out);

struct field {
    const char *name;
    bool required;
    field_read read;
};

/* Reads every member of `object` by `fields`. An unknown key is an error that names the nearest
 * known one, unless `allow_x` and it begins with "x-". Returns ST_OK or a negative ST_*. */
int reader_object(struct reader *r, struct json object, const struct field *fields, size_t count,
                  bool allow_x, void *out);

/* Reads every element of `array` with `read`. */
int reader_array(struct reader *r, struct json array, field_read read, void *out);

/* ST_INVALID with the file, the pointer and the printf-style text. */
int reader_fail(struct reader *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Steps into a member or an element; give the result to reader_leave. */
size_t reader_enter(struct reader *r, struct str key);
size_t reader_enter_index(struct reader *r, size_t index);
void reader_leave(struct reader *r, size_t mark);

/* Typed values; each fails with a text that says what was expected. */
int reader_text(struct reader *r, struct json v, struct buffer *scratch, struct str *out);
int reader_bool(struct reader *r, struct json v, bool *out);
int reader_u32(struct reader *r, struct json v, uint32_t least, uint32_t most, uint32_t *out);
/* One of `words`; *out is its index. */
int reader_word(struct reader *r, struct json v, const char *const *words, size_t count,
                size_t *out);
int reader_type(struct reader *r, struct json v, enum json_type type);
/* Any string that is not empty. */
int reader_string(struct reader *r, struct json v);
