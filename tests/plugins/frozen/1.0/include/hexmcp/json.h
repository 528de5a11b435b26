/*
 * hexmcp/json.h - JSON for plugins that want no library, and the usual ways to answer a call.
 *
 * SPDX-License-Identifier: MIT
 *
 * Header-only and optional: include it beside hexmcp/plugin.h. Reading is described in json/read.h,
 * writing in json/write.h; here is what ends a call.
 *
 * All functions are static inline, keep no state and are [any]. Names that end with an underscore
 * are private. Since: 1.0, unless a function says otherwise.
 */
#ifndef HEXMCP_JSON_H
#define HEXMCP_JSON_H

#include <stdarg.h>

#include "hexmcp/abi.h"
#include "hexmcp/host.h"
#include "hexmcp/json/read.h"
#include "hexmcp/json/write.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills *err: the code and a printf text for a person, cut at a whole character. Returns `code`, so
 * that `return hexmcp_fail(err, HEXMCP_E_INVALID, "...")` ends a function. NULL for `err` is fine. */
__attribute__((format(printf, 3, 4))) static inline int32_t
hexmcp_fail(hexmcp_error *err, int32_t code, const char *format, ...)
{
    va_list args;
    size_t len;
    if (!err)
        return code;
    err->code = code;
    va_start(args, format);
    if (vsnprintf(err->text, sizeof(err->text), format, args) < 0)
        err->text[0] = '\0';
    va_end(args);
    len = strlen(err->text);
    if (len == sizeof(err->text) - 1) {
        size_t start = len - 1;
        while (start > 0 && ((unsigned char)err->text[start] & 0xC0) == 0x80)
            start--;
        if (hexmcp_json_utf8_((unsigned char *)err->text + start, len - start) != len - start)
            err->text[start] = '\0';
    }
    return code;
}

/* Completes `call` with what the writer holds, or, if that failed, with HEXMCP_FAIL and why; frees
 * the writer. A call that the host has given up meanwhile is no error. */
static inline int32_t hexmcp_complete_writer_(const hexmcp_host *host, hexmcp_call call,
                                              uint32_t outcome, hexmcp_json_writer *w)
{
    int32_t status = hexmcp_json_writer_status(w);
    hexmcp_str json = hexmcp_json_writer_text(w);
    if (status != HEXMCP_OK) {
        outcome = HEXMCP_FAIL;
        json = hexmcp_str_from(status == HEXMCP_E_NOMEM
                                   ? "{\"code\":-2,\"message\":\"out of memory; try again\"}"
                                   : "{\"code\":-1,\"message\":\"the result is not one JSON value\"}");
    }
    status = host->complete(host->ctx, call, outcome, json);
    hexmcp_json_writer_free(w);
    return status == HEXMCP_E_NOT_FOUND ? HEXMCP_OK : status;
}

/* Completes `call` with one text block. `outcome` is HEXMCP_RESULT or HEXMCP_TOOL_ERROR.
 * Whatever happens, the call ends: out of memory it ends as HEXMCP_FAIL. So a tool may say
 * `return hexmcp_complete_text(...)`. Returns HEXMCP_OK, also if the host has given the call up. */
static inline int32_t hexmcp_complete_text(const hexmcp_host *host, hexmcp_call call,
                                           uint32_t outcome, hexmcp_str text)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_text(&w, "type", "text");
    hexmcp_json_put_string(&w, "text", text);
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    return hexmcp_complete_writer_(host, call, outcome, &w);
}

/* Completes `call` with {"structuredContent": json}, for tools with an outputSchema. `json` is the
 * text of one object, for example hexmcp_json_writer_text(&w); empty text (a writer that failed)
 * ends the call as HEXMCP_FAIL. Returns as hexmcp_complete_text does. */
static inline int32_t hexmcp_complete_structured(const hexmcp_host *host, hexmcp_call call,
                                                 hexmcp_str json)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "structuredContent", json);
    hexmcp_json_end_object(&w);
    return hexmcp_complete_writer_(host, call, HEXMCP_RESULT, &w);
}

/* Completes a pending call as failed: `code` is one of HEXMCP_E_*, `message` says what failed, on
 * what, and what to do. Returns as hexmcp_complete_text does. */
static inline int32_t hexmcp_complete_fail(const hexmcp_host *host, hexmcp_call call, int32_t code,
                                           const char *message)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_int64(&w, "code", code);
    hexmcp_json_put_text(&w, "message", message);
    hexmcp_json_end_object(&w);
    return hexmcp_complete_writer_(host, call, HEXMCP_FAIL, &w);
}

#ifdef __cplusplus
}
#endif

#endif
