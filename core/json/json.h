/*
 * A strict, immutable JSON document over the text that it was parsed from.
 *
 * The text is checked once: RFC 8259 grammar, UTF-8 (also behind escapes: no lone surrogates), no
 * duplicate keys, bounded depth, nothing after the value. After that everything is a slice of the
 * same bytes: strings carry their length and may hold U+0000, numbers keep their text, so that
 * 9007199254740993 and 1.0 stay what they were.
 *
 * A document never changes, so any number of threads may read it at once. A `struct json`
 * (ports/types.h) is a small handle to one value, passed by value; it is valid as long as its
 * document. A handle to nothing (json_none) may be passed to every reader: it has type JSON_NONE,
 * no members, no text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"

enum json_type {
    JSON_NONE, /* there is no such value */
    JSON_NULL,
    JSON_BOOL,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

/* Values nested deeper than this are refused. */
#define JSON_MAX_DEPTH 128

/* Texts longer than this are refused (offsets are 32 bits wide). */
#define JSON_MAX_BYTES ((size_t)1 << 30)

/* Texts with more values are refused: the index takes 16 bytes a value, and a message of nothing
 * but "1,1,1" must not grow eightfold. */
#define JSON_MAX_VALUES 8388608u

static inline struct json json_none(void)
{
    return (struct json){NULL, 0};
}

/* Parses `text`, which is borrowed and must outlive the document. ST_INVALID names the byte offset
 * of the fault; ST_TOO_LARGE and ST_NOMEM are possible. */
int json_parse(struct str text, struct json_doc **out, struct error *err);

/* As json_parse, but the text of ST_INVALID leaves the place out: *fault receives its byte offset,
 * from which a caller can count lines. Other errors leave *fault alone. */
int json_parse_located(struct str text, struct json_doc **out, size_t *fault, struct error *err);

/* As json_parse, but the document owns `data` (from malloc) and frees it, also on failure. */
int json_parse_take(char *data, size_t len, struct json_doc **out, struct error *err);

/* Frees the document; NULL is allowed. */
void json_free(struct json_doc *doc);

/* Bytes that the document takes beside its text. */
size_t json_index_bytes(const struct json_doc *doc);

struct json json_root(const struct json_doc *doc);
enum json_type json_type(struct json v);

static inline bool json_exists(struct json v)
{
    return v.doc != NULL;
}

/* The raw text of the value, e.g. with quotes and escapes for a string. Empty for JSON_NONE. */
struct str json_text(struct json v);

/* Members of an object, elements of an array, 0 for everything else. */
uint32_t json_count(struct json v);

/* The member `key` (decoded) of an object; nothing if it is absent or `v` is no object. */
struct json json_get(struct json v, struct str key);

/* The element at `index` of an array; linear in `index`. */
struct json json_at(struct json v, uint32_t index);

/* Walks the members of an object or the elements of an array, in order:
 *   struct json_iter it = json_iter(v);
 *   while (json_next(&it)) use(it.key, it.value);
 * `key` is nothing in an array. */
struct json_iter {
    struct json key;
    struct json value;
    uint32_t at;
    uint32_t left;
    bool object;
    const struct json_doc *doc;
};
struct json_iter json_iter(struct json v);
bool json_next(struct json_iter *it);

/* True if `v` is a string whose decoded text is `text`. */
bool json_is(struct json v, struct str text);

/* True if both are strings with the same decoded text. */
bool json_same_string(struct json a, struct json b);

/* The decoded text of a string without copying, if it holds no escape. False otherwise. */
bool json_plain(struct json v, struct str *out);

/* Appends the decoded text of a string (nothing for other types). */
void json_decode(struct json v, struct buffer *out);

/* The decoded text of a string. Without escapes it is borrowed from the document; otherwise it is
 * put into `scratch`, which must live as long as the text. False if `v` is no string or without
 * memory. */
bool json_string(struct json v, struct buffer *scratch, struct str *out);

/* The value of a bool. False (and *out untouched) for every other type. */
bool json_bool(struct json v, bool *out);

/* The value of a number that is written as an integer and fits. */
bool json_int64(struct json v, int64_t *out);

/* True if the number is written without fraction and exponent. */
bool json_is_integer_text(struct json v);

/* The nearest double of a number, by its decimal text; locale plays no part. */
bool json_double(struct json v, double *out);

/* How many values `v` consists of: itself, and all that is in it, keys included. 0 for nothing. */
uint32_t json_values(struct json v);

/* True if `inner` is `outer` or lies somewhere in it. */
bool json_contains(struct json outer, struct json inner);

/* Characters (code points) of a string; 0 for other types. */
size_t json_length(struct json v);

/* Writes the raw text on one line: line breaks between tokens become spaces. */
void json_copy_line(struct buffer *out, struct str raw);
