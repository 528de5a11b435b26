/*
 * The SQLite store of this build in a fake host, over a folder of its own.
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "hexmcp/test/fake_drafts.h"

struct opened {
    hexmcp_fake_plugin p;
    hexmcp_fake_stream stream;
};

/* A new empty folder below the one for temporary files; removed with folder_remove(). */
void folder_make(char path[256]);
void folder_remove(const char *path);

/* A text of the format; the last eight are kept. */
__attribute__((format(printf, 1, 2))) const char *textf(const char *format, ...);

/* Opens the store in `folder` with more settings, `,"maxBatch":1` or "". Fails the test if it cannot. */
void opened_start(struct opened *o, const char *folder, const char *settings);
void opened_end(struct opened *o);

/* Tries to; true and a closed store if it works, else the message in *err. */
bool opened_try(const char *config, hexmcp_error *err);

/* Makes a call: its JSON, or "CODE message" if it fails. Kept as textf() keeps. The texts are
 * NUL-terminated. */
const char *asked(struct opened *o, uint32_t kind, const char *a, const char *b, const char *c,
                  const char *d);

/* The same in two steps, so that several wait at once. */
hexmcp_fake_asked *begun(struct opened *o, uint32_t kind, const char *a, const char *b, const char *c,
                         const char *d);
const char *ended(hexmcp_fake_asked *call);

#define assert_asked(o, kind, a, b, c, d, json) \
    assert_string_equal(asked(o, kind, a, b, c, d), json)

/* One event of stream `name` as a batch. */
const char *batch(const char *name, const char *expected, const char *key, int number);

/* Runs SQL on the file, from outside of the store; the first column of the first row as a number. */
int64_t sql(const char *folder, const char *text);

/* Holds the file against all writers, as another process that is in the middle of a transaction. */
struct sqlite3 *file_hold(const char *folder);
void file_release(struct sqlite3 *held);
