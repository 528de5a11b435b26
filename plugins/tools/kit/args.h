/*
 * args.h - the arguments of a call, read one by one.
 *
 * SPDX-License-Identifier: MIT
 *
 * The first argument that does not fit is kept as the error of the call; what is read after it gives
 * the fallback. So a tool reads all it needs and looks at args_status() once:
 *
 *     struct args args = args_begin(r->args, r->err);
 *     const char *name = args_text(&args, "name", 200, "");
 *     int64_t count = args_int(&args, "count", 1, 100, 10);
 *     int32_t status = args_status(&args);
 *     ...
 *     args_end(&args);
 *
 * Texts belong to the arguments and live until args_end(). Not for several threads at once.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hexmcp/json.h"

struct args_memory;

struct args {
    hexmcp_str json;
    const char *name; /* of the object in messages: "" or "options." */
    struct args_root {
        int32_t status;
        hexmcp_error *err;
        struct args_memory *memory;
    } root, *top;
};

/* `json` is borrowed until args_end(). Pass the address of what it returns, never a copy. */
struct args args_begin(hexmcp_str json, hexmcp_error *err);
void args_end(struct args *args);

/* The object at `key`, as arguments of its own; empty if it is not there. Ends with `args`: no
 * args_end(). `key` must outlive it. */
struct args args_object(struct args *args, const char *key);

/* HEXMCP_OK, or that of the first argument that did not fit. */
int32_t args_status(const struct args *args);

/* Ends with this error if there was none before: `code` and a sentence. Returns the status. */
__attribute__((format(printf, 3, 4))) int32_t args_fail(struct args *args, int32_t code,
                                                        const char *format, ...);

/* Memory that lives as long as the arguments; NULL ends them with HEXMCP_E_NOMEM. */
void *args_memory(struct args *args, size_t size);

bool args_has(struct args *args, const char *key);

/* Whether it says something: it is there, and not the JSON text `usual`, its default, which clients that
 * fill forms send along. */
bool args_says(struct args *args, const char *key, const char *usual);

/* The value as JSON; empty if it is not there. */
hexmcp_str args_raw(struct args *args, const char *key);

/* A text without NUL of at most `most` bytes, ended by NUL; `fallback` (may be NULL) if it is not there. */
const char *args_text(struct args *args, const char *key, size_t most, const char *fallback);

/* The same for text that must be there and not be empty. */
const char *args_needed(struct args *args, const char *key, size_t most);

/* Text that may hold NUL. An empty one, with ptr NULL, if it is not there. */
hexmcp_str args_bytes(struct args *args, const char *key, size_t most);

/* The same; `advice` says what to do about a longer one: "shorten it". */
hexmcp_str args_bytes_or(struct args *args, const char *key, size_t most, const char *advice);

/* What the JSON string `value`, an element or a member, says; see args_text. `what` names it. */
const char *args_string(struct args *args, hexmcp_str value, const char *what, size_t most);

/* The same for text that may hold NUL; for `advice` see args_bytes_or. */
hexmcp_str args_string_bytes(struct args *args, hexmcp_str value, const char *what, size_t most,
                             const char *advice);

int64_t args_int(struct args *args, const char *key, int64_t low, int64_t high, int64_t fallback);
double args_number(struct args *args, const char *key, double low, double high, double fallback);
bool args_bool(struct args *args, const char *key, bool fallback);

/* The place of the value in `names`, which NULL ends; `fallback` if it is not there. */
size_t args_choice(struct args *args, const char *key, const char *const *names, size_t fallback);

/* The same for what must be there. */
size_t args_choice_needed(struct args *args, const char *key, const char *const *names);

/* An array of texts, or one text alone, as many texts; NULL and 0 if it is not there. */
const char *const *args_texts(struct args *args, const char *key, size_t most_items,
                              size_t most_bytes, size_t *count);

/* An argument that only some operations take: a bit, 1 << its place among the names, for each of them. */
struct args_taker {
    const char *name;
    unsigned operations;
};

/* Refuses the first argument that is there though `operation` does not take it: whoever gives it means
 * something that would not be done. What is null, false or empty may be there. `takers` ends with a NULL
 * name, `names` with NULL. */
void args_refuse(struct args *args, const struct args_taker *takers, const char *const *names,
                 size_t operation);
