/*
 * hexmcp/simple/round.h - one call of a tool, resource or prompt, and the usual ways to answer it.
 *
 * SPDX-License-Identifier: MIT
 *
 * Included by hexmcp/simple.h. A call that asks its client for input has several rounds; all others
 * have one.
 *
 *     static int32_t greet(const hexmcp_round *r)
 *     {
 *         char name[101];
 *         int32_t status = hexmcp_round_get_text(r, "name", name, sizeof(name));
 *         return status != HEXMCP_OK ? status : hexmcp_round_textf(r, "Hello, %s!", name);
 *     }
 *
 * All functions are static inline, keep no state and are [any]. What completes the call returns
 * HEXMCP_OK, also if the host has given the call up, or an error with *r->err filled: so
 * `return hexmcp_round_...(r, ...)` ends a function. Since: 1.0, unless a function says otherwise.
 */
#ifndef HEXMCP_SIMPLE_ROUND_H
#define HEXMCP_SIMPLE_ROUND_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/host.h"
#include "hexmcp/json.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One round. The texts are borrowed until the function that got it returns: a call that is answered
 * later copies what it needs, above all `call`, `host` and `self`. */
typedef struct hexmcp_round {
    const hexmcp_host *host;
    const hexmcp_call_info_1 *calls; /* hexmcp.call/1; NULL if the host has none                  */
    void *self;         /* the state of the instance (hexmcp_simple.self_size); NULL if it has none */
    hexmcp_call call;
    hexmcp_str name;    /* of the tool or prompt; the URI of a resource; a template to complete   */
    hexmcp_str args;    /* JSON: arguments, the variables of a template, what is known so far     */
    hexmcp_str state;   /* JSON: what the last round left; empty in the first one                 */
    hexmcp_str answers; /* JSON: {key: result} of the client; empty in the first round            */
    hexmcp_error *err;
} hexmcp_round;

/* Answers a round. Thread and return values as hexmcp_tool_1.call. */
typedef int32_t (*hexmcp_round_fn)(const hexmcp_round *r);

/* ---- reading ---- */

/* The argument `key` as text that ends with NUL, at most cap - 1 bytes. HEXMCP_E_INVALID with a text
 * if it is not there, no text, too long, or holds NUL. */
static inline int32_t hexmcp_round_get_text(const hexmcp_round *r, const char *key, char *buf,
                                            size_t cap)
{
    hexmcp_str value;
    if (hexmcp_json_get(r->args, key, &value) == HEXMCP_OK &&
        hexmcp_json_string(value, buf, cap, NULL) == HEXMCP_OK)
        return HEXMCP_OK;
    return hexmcp_fail(r->err, HEXMCP_E_INVALID,
                       "`%s` must be a text of at most %zu bytes without NUL", key, cap - 1);
}

/* The argument `key` as a whole number; `otherwise` if it is not there or none. */
static inline int64_t hexmcp_round_get_int(const hexmcp_round *r, const char *key, int64_t otherwise)
{
    hexmcp_str value;
    int64_t number = otherwise;
    if (hexmcp_json_get(r->args, key, &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &number);
    return number;
}

/* The argument `key` as 1 or 0; `otherwise` if it is not there or no boolean. */
static inline int hexmcp_round_get_bool(const hexmcp_round *r, const char *key, int otherwise)
{
    hexmcp_str value;
    int yes = otherwise;
    if (hexmcp_json_get(r->args, key, &value) == HEXMCP_OK)
        hexmcp_json_bool(value, &yes);
    return yes;
}

/* A service of the host by id, or NULL. */
static inline const void *hexmcp_round_service(const hexmcp_round *r, const char *id)
{
    return r->host->get_interface(r->host->ctx, id);
}

/* 1 if the call was cancelled or passed its deadline: stop, see hexmcp_round_cancel. Long work asks
 * every few milliseconds. */
static inline int hexmcp_round_cancelled(const hexmcp_round *r)
{
    return r->calls && r->calls->cancelled(r->calls->ctx, r->call) != 0;
}

/* ---- telling ---- */

/* Reports progress; `total` is 0 if unknown. */
static inline void hexmcp_round_progress(const hexmcp_round *r, double progress, double total,
                                         const char *message)
{
    r->host->progress(r->host->ctx, r->call, progress, total, hexmcp_str_from(message));
}

/* Writes a log line that the client of the call can see. */
static inline void hexmcp_round_log(const hexmcp_round *r, uint32_t level, const char *text)
{
    r->host->log(r->host->ctx, r->call, level, hexmcp_str_from(text));
}

/* ---- answering ---- */

/* The end of what completes a call: an error of the host's gets a text. */
static inline int32_t hexmcp_completed_(int32_t status, hexmcp_error *err)
{
    if (status >= HEXMCP_OK)
        return status;
    return hexmcp_fail(err, status, "the host did not take the answer; try again");
}

/* Completes the call with JSON. */
static inline int32_t hexmcp_round_json(const hexmcp_round *r, uint32_t outcome, hexmcp_str json)
{
    int32_t status = r->host->complete(r->host->ctx, r->call, outcome, json);
    return hexmcp_completed_(status == HEXMCP_E_NOT_FOUND ? HEXMCP_OK : status, r->err);
}

/* Completes the call with what the writer holds, and frees the writer. */
static inline int32_t hexmcp_round_writer(const hexmcp_round *r, uint32_t outcome,
                                          hexmcp_json_writer *w)
{
    int32_t status = hexmcp_json_writer_status(w);
    if (status == HEXMCP_OK)
        status = hexmcp_round_json(r, outcome, hexmcp_json_writer_text(w));
    else
        hexmcp_fail(r->err, status, "the answer could not be written; try again");
    hexmcp_json_writer_free(w);
    return status;
}

/* Completes the call with one text block. */
static inline int32_t hexmcp_round_text(const hexmcp_round *r, hexmcp_str text)
{
    return hexmcp_completed_(hexmcp_complete_text(r->host, r->call, HEXMCP_RESULT, text), r->err);
}

/* The same with a printf text of any length. */
__attribute__((format(printf, 2, 3))) static inline int32_t
hexmcp_round_textf(const hexmcp_round *r, const char *format, ...)
{
    va_list args;
    int len;
    char *text;
    hexmcp_str whole;
    int32_t status;
    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    text = len < 0 ? NULL : (char *)malloc((size_t)len + 1);
    if (!text)
        return hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the answer; try again");
    va_start(args, format);
    vsnprintf(text, (size_t)len + 1, format, args);
    va_end(args);
    whole.ptr = text;
    whole.len = (size_t)len;
    status = hexmcp_round_text(r, whole);
    free(text);
    return status;
}

/* Completes the call with an error of the tool, which the model is shown as one text block. */
static inline int32_t hexmcp_round_tool_error(const hexmcp_round *r, const char *text)
{
    return hexmcp_completed_(
        hexmcp_complete_text(r->host, r->call, HEXMCP_TOOL_ERROR, hexmcp_str_from(text)), r->err);
}

/* Completes a call that was cancelled. */
static inline int32_t hexmcp_round_cancel(const hexmcp_round *r)
{
    return hexmcp_round_json(r, HEXMCP_CANCELLED, hexmcp_str_from("{}"));
}

/* Completes a completion: those of the `count` values that begin with `typed`, at most 100. */
static inline int32_t hexmcp_round_suggest(const hexmcp_round *r, const char *const *values,
                                           size_t count, hexmcp_str typed)
{
    hexmcp_json_writer w;
    int64_t total = 0;
    size_t i;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "values");
    hexmcp_json_begin_array(&w);
    for (i = 0; i < count; i++)
        if (strlen(values[i]) >= typed.len &&
            (typed.len == 0 || memcmp(values[i], typed.ptr, typed.len) == 0) && total++ < 100)
            hexmcp_json_write_text(&w, values[i]);
    hexmcp_json_end_array(&w);
    hexmcp_json_put_int64(&w, "total", total);
    hexmcp_json_put_bool(&w, "hasMore", total > 100);
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}

/* Writes what is structured in a result: one JSON object. */
typedef int32_t (*hexmcp_write_fn)(void *arg, hexmcp_json_writer *w, hexmcp_error *err);

/* Completes `call` with {"structuredContent": what write(arg, w, err) writes}, or fails with its error;
 * for tools with an outputSchema. */
static inline int32_t hexmcp_complete_written(const hexmcp_host *host, hexmcp_call call,
                                              hexmcp_write_fn write, void *arg, hexmcp_error *err)
{
    hexmcp_json_writer w;
    int32_t status;
    hexmcp_json_writer_init(&w);
    status = write(arg, &w, err);
    if (status == HEXMCP_OK)
        status = hexmcp_completed_(
            hexmcp_complete_structured(host, call, hexmcp_json_writer_text(&w)), err);
    hexmcp_json_writer_free(&w);
    return status;
}

/* ---- asking ---- */

/* Ends this round with a question: `json` is {"requests": {...}, "state"?: any}, see ext/tool.h. The next
 * round comes to the `resume` of the item. */
static inline int32_t hexmcp_round_ask(const hexmcp_round *r, const char *json)
{
    return hexmcp_round_json(r, HEXMCP_INPUT_REQUIRED, hexmcp_str_from(json));
}

/* What hexmcp_round_answer returns. */
#define HEXMCP_ANSWER_MISSING 0 /* no answer, or one that is none */
#define HEXMCP_ANSWER_ACCEPTED 1
#define HEXMCP_ANSWER_DECLINED 2
#define HEXMCP_ANSWER_CANCELLED 3

/* What the user did with the elicitation `key`. *ret_content is the object of the form's fields if it
 * was accepted and had fields, else empty. It is the client's: check it. */
static inline int hexmcp_round_answer(const hexmcp_round *r, const char *key,
                                      hexmcp_str *ret_content)
{
    hexmcp_str result, action = hexmcp_str_from("");
    *ret_content = hexmcp_str_from("");
    if (hexmcp_json_get(r->answers, key, &result) != HEXMCP_OK)
        return HEXMCP_ANSWER_MISSING;
    hexmcp_json_get(result, "action", &action);
    if (hexmcp_json_equals(action, "decline"))
        return HEXMCP_ANSWER_DECLINED;
    if (hexmcp_json_equals(action, "cancel"))
        return HEXMCP_ANSWER_CANCELLED;
    if (!hexmcp_json_equals(action, "accept"))
        return HEXMCP_ANSWER_MISSING;
    hexmcp_json_get(result, "content", ret_content);
    return HEXMCP_ANSWER_ACCEPTED;
}

#ifdef __cplusplus
}
#endif

#endif
