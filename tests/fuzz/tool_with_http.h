/*
 * A host that is just enough to fuzz one tool that makes requests: hexmcp.http/1 answers at once with
 * what the fuzzer made, and results must be strict JSON.
 */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/json/json.h"
#include "hexmcp/host/http.h"
#include "hexmcp/json.h"
#include "hexmcp/plugin.h"

/* What HEXMCP_PLUGIN_DEFINE of the tool under test exports. */
int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err);

/* The answer to a request; the test fills it before each call and may look at the URL. */
struct http_fuzz_answer {
    int status;
    hexmcp_str type, body;
    hexmcp_str location; /* of a redirect; may be empty */
};
typedef void (*http_fuzz_fn)(hexmcp_str url, struct http_fuzz_answer *answer);

static http_fuzz_fn http_fuzz_answers;
static unsigned http_fuzz_completions;

static void http_fuzz_put_pair(hexmcp_json_writer *w, const char *name, hexmcp_str value)
{
    hexmcp_json_begin_array(w);
    hexmcp_json_write_text(w, name);
    hexmcp_json_write_string(w, value);
    hexmcp_json_end_array(w);
}

static void http_fuzz_head(hexmcp_json_writer *w, hexmcp_str url, const struct http_fuzz_answer *a)
{
    hexmcp_json_writer_init(w);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "status", a->status);
    hexmcp_json_put_raw(w, "url", url);
    hexmcp_json_key(w, "headers");
    hexmcp_json_begin_array(w);
    if (a->type.len > 0)
        http_fuzz_put_pair(w, "content-type", a->type);
    if (a->location.len > 0)
        http_fuzz_put_pair(w, "location", a->location);
    hexmcp_json_end_array(w);
    hexmcp_json_end_object(w);
}

static int32_t http_fuzz_request(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str body,
                                 const hexmcp_http_sink *sink, void *arg, uint64_t *id)
{
    struct http_fuzz_answer answer = {.status = 200};
    hexmcp_json_writer w;
    hexmcp_str url;
    (void)ctx;
    (void)call;
    (void)body;
    assert(hexmcp_json_get(json, "url", &url) == HEXMCP_OK);
    http_fuzz_answers(url, &answer);
    http_fuzz_head(&w, url, &answer);
    *id = 1;
    sink->head(arg, hexmcp_json_writer_text(&w));
    if (answer.body.len > 0)
        sink->body(arg, answer.body.ptr, answer.body.len);
    sink->end(arg, HEXMCP_OK, hexmcp_str_from("{\"bytes\":0,\"redirects\":0}"));
    hexmcp_json_writer_free(&w);
    return HEXMCP_OK;
}

static int32_t http_fuzz_complete(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str json)
{
    struct json_doc *doc;
    hexmcp_str result;
    (void)ctx;
    assert(call == 1 && outcome == HEXMCP_RESULT);
    assert(hexmcp_json_get(json, "structuredContent", &result) == HEXMCP_OK);
    assert(json_parse((struct str){json.ptr, json.len}, &doc, NULL) == 0);
    json_free(doc);
    http_fuzz_completions++;
    return HEXMCP_OK;
}

static int32_t http_fuzz_progress(void *ctx, hexmcp_call call, double progress, double total,
                               hexmcp_str message)
{
    (void)ctx;
    (void)call;
    (void)progress;
    (void)total;
    (void)message;
    return HEXMCP_OK;
}

static const void *http_fuzz_interface(void *ctx, const char *id)
{
    static const hexmcp_http_1 http = {.size = sizeof(http), .request = http_fuzz_request};
    (void)ctx;
    return strcmp(id, HEXMCP_HTTP_1) == 0 ? &http : NULL;
}

static inline const hexmcp_tool_1 *http_fuzz_load(const char *settings)
{
    static const hexmcp_host host = {.size = sizeof(host),
                                     .name = "fuzz",
                                     .version = "0",
                                     .get_interface = http_fuzz_interface,
                                     .progress = http_fuzz_progress,
                                     .complete = http_fuzz_complete};
    static const hexmcp_plugin *plugin;
    hexmcp_error err = {.size = sizeof(err)};
    if (!plugin) {
        assert(hexmcp_plugin_create(&host, &plugin, &err) == HEXMCP_OK);
        assert(plugin->init(plugin->self, hexmcp_str_from(settings), &err) == HEXMCP_OK);
    }
    return plugin->get_interface(plugin->self, HEXMCP_TOOL_1);
}

/* One call: either one completion, or an error that says why. */
static inline void http_fuzz(const char *name, const char *settings, hexmcp_str args, http_fuzz_fn answers)
{
    const hexmcp_tool_1 *tool = http_fuzz_load(settings);
    hexmcp_error err = {.size = sizeof(err)};
    http_fuzz_answers = answers;
    http_fuzz_completions = 0;
    int32_t status = tool->call(tool->self, 1, hexmcp_str_from(name), args, &err);
    assert(http_fuzz_completions == (status == HEXMCP_OK ? 1u : 0u));
    assert(status != HEXMCP_E_GENERIC && status != HEXMCP_E_PROTOCOL);
    assert(status == HEXMCP_OK || (err.code == status && err.text[0] != '\0'));
}

/* The text up to `end` or to the end of `all`, which is cut. */
static inline hexmcp_str http_fuzz_part(hexmcp_str *all, char end)
{
    const char *stop = all->len ? memchr(all->ptr, end, all->len) : NULL;
    size_t len = stop ? (size_t)(stop - all->ptr) : all->len;
    hexmcp_str part = {all->ptr, len};
    len += stop != NULL;
    all->ptr += len;
    all->len -= len;
    return part;
}
