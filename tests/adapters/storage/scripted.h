/* A plugin_store that the test plays: what comes next, and what it was asked. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/error.h"
#include "core/base/str.h"
#include "ports/driven/plugin_store.h"

struct scripted_piece {
    const char *json, *bytes;
};

static struct {
    /* What comes next. */
    struct scripted_piece pieces[4];
    const char *answer; /* NULL: the operation stays open */
    int code;           /* of a failure with the text of `answer` */
    int write_code;     /* of write() */
    unsigned busy;      /* so often it is busy first */
    bool ends_on_last;

    /* What was asked. */
    char asked[4096];
    struct store_sink sink;
    uint64_t id;
    char written[256];
    unsigned cancelled, resumed;
} plugin;

static void finish(void)
{
    struct error err;
    struct store_sink sink = plugin.sink;
    plugin.id = 0;
    if (plugin.code)
        error_set(&err, plugin.code, "%s", plugin.answer);
    sink.done(sink.arg, plugin.code ? &err : NULL, plugin.code ? STR("") : str_from(plugin.answer));
}

static uint64_t store_begin(void *ctx, const struct store_request *q, const struct store_sink *sink)
{
    (void)ctx;
    snprintf(plugin.asked, sizeof(plugin.asked), "%d|%.*s|%.*s|%.*s|%.*s", (int)q->op,
             STR_ARG(q->space), STR_ARG(q->key), STR_ARG(q->json), STR_ARG(q->bytes));
    plugin.sink = *sink;
    plugin.id = 7;
    for (size_t i = 0; i < 4 && plugin.pieces[i].json; i++)
        sink->piece(sink->arg, str_from(plugin.pieces[i].json), str_from(plugin.pieces[i].bytes));
    if (plugin.answer && !plugin.ends_on_last)
        finish();
    return plugin.id;
}

static int store_write(void *ctx, uint64_t id, struct str json, struct str bytes, bool last,
                       struct error *err)
{
    (void)ctx;
    assert_int_equal(id, 7);
    if (plugin.busy) {
        plugin.busy--;
        return error_set(err, ST_BUSY, "busy");
    }
    size_t len = strlen(plugin.written);
    snprintf(plugin.written + len, sizeof(plugin.written) - len, "%.*s%.*s%s", STR_ARG(json),
             STR_ARG(bytes), last ? "." : ",");
    if (plugin.write_code)
        return error_set(err, plugin.write_code, "the disk is full");
    if (last && plugin.ends_on_last)
        finish();
    return ST_OK;
}

static void store_resume(void *ctx, uint64_t id)
{
    (void)ctx;
    assert_int_equal(id, 7);
    plugin.resumed++;
}

static void store_cancel(void *ctx, uint64_t id)
{
    (void)ctx;
    assert_int_equal(id, 7);
    plugin.id = 0;
    plugin.cancelled++;
}

static const struct plugin_store store = {
    .begin = store_begin, .write = store_write, .resume = store_resume, .cancel = store_cancel};
