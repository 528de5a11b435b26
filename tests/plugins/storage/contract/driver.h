/*
 * A storage plugin in a fake host, and calls of its storage interfaces. One thread: the loop.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hexmcp/all.h"
#include "hexmcp/test/fake_drafts.h"

struct store {
    hexmcp_fake_plugin p;
    hexmcp_fake_stream stream;
    const hexmcp_eventstore_1 *events;
    const hexmcp_kv_store_1 *kv;
    const hexmcp_blob_1 *blob;
    const hexmcp_search_1 *search;
    const hexmcp_dump_1 *dump;
};

/* Fails the test if the plugin does not start or lacks one of the interfaces. */
void store_open(struct store *s, const char *path, const char *config);

/* Stops and destroys it; the fake host aborts the program if it has seen a breach. */
void store_close(struct store *s);

enum op {
    OP_APPEND,
    OP_READ,
    OP_READ_ALL,
    OP_PROJECT,
    OP_ROWS,
    OP_GET,
    OP_SET,
    OP_REMOVE,
    OP_LIST,
    OP_APPLY,
    OP_PUT,
    OP_BLOB_GET,
    OP_STAT,
    OP_BLOB_LIST,
    OP_BLOB_REMOVE,
    OP_INDEX,
    OP_UNINDEX,
    OP_QUERY,
    OP_DUMP,
    OP_RESTORE
};

/* A call on its way. */
struct asked {
    enum op op;
    hexmcp_call call;
    int32_t status; /* what the function returned */
    hexmcp_error err;
};

/* How it ended. */
struct got {
    int32_t code;   /* HEXMCP_OK; else the error that was returned or completed                  */
    char *text;     /* the result's JSON; the message of an error                                */
    char *pieces;   /* "[...]": the json of all pieces                                           */
    size_t count;   /* of pieces                                                                 */
    char *bytes;    /* of all pieces                                                             */
    size_t len;
    size_t *lens;   /* of the bytes of each piece                                                */
};

/* Begins a call. `a`, `b` and `c` are the texts behind the space; those that the function has not are
 * not looked at. They are gone when this returns. */
struct asked begin_with(struct store *s, enum op op, const char *space, hexmcp_str a, hexmcp_str b,
                        hexmcp_str c);
struct asked begin(struct store *s, enum op op, const char *space, const char *a, const char *b);

/* Turns the loop until it has ended. */
struct got end(struct store *s, struct asked *asked);
void got_free(struct got *got);

/* Both. */
struct got ask_with(struct store *s, enum op op, const char *space, hexmcp_str a, hexmcp_str b,
                    hexmcp_str c);
struct got ask(struct store *s, enum op op, const char *space, const char *a, const char *b);

void cancel(struct store *s, const struct asked *asked);

/* Asks, and holds the answer against `expected`, JSON in any order of members. */
#define assert_answer(s, op, space, a, b, expected) \
    check_answer(s, op, space, a, b, expected, __FILE__, __LINE__)
void check_answer(struct store *s, enum op op, const char *space, const char *a, const char *b,
                  const char *expected, const char *file, int line);

/* Asks, and wants this error. */
#define assert_error(s, op, space, a, b, code) \
    check_error(s, op, space, a, b, code, __FILE__, __LINE__)
void check_error(struct store *s, enum op op, const char *space, const char *a, const char *b,
                 int32_t code, const char *file, int line);

/* Puts a blob in pieces of `piece` bytes. */
struct got put(struct store *s, const char *space, const char *key, const char *bytes, size_t len,
               size_t piece);
/* The next record of a restore, again while the store says HEXMCP_E_BUSY. */
int32_t load(struct store *s, struct asked *restore, hexmcp_str json, hexmcp_str bytes,
             uint32_t flags);

/* 1 if both texts are the same JSON, whatever the order of members. */
int same_json(hexmcp_str a, hexmcp_str b);
void check_same(const char *what, const char *got, const char *expected, const char *file, int line);
#define assert_same(got, expected) check_same(#got, got, expected, __FILE__, __LINE__)

/* A printf text into memory that lives until the program ends. */
__attribute__((format(printf, 1, 2))) const char *textf(const char *format, ...);

int64_t member(const char *json, const char *key);
/* The members `list` of all pieces, one array. */
const char *joined(const struct got *got, const char *list);

static inline hexmcp_str str(const char *text)
{
    return hexmcp_str_from(text);
}

static inline hexmcp_str bytes_of(const char *bytes, size_t len)
{
    return (hexmcp_str){bytes, len};
}
