/*
 * plugin.c - the tool "url-analyzer" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "report.h"
#include "strict.h"

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"
#include "kit/answer.h"
#include "kit/args.h"
#include "kit/response.h"

#define URL_MOST 16384

struct call {
    const hexmcp_round *r;
    struct args args;
    hexmcp_str input;
    bool decode_params, fetch;
    uint32_t timeout_ms;
    const char *wrong; /* why it is no URL; NULL: it is one */
    struct url url;
};

/* ---- what its server says ---- */

static bool enough(void *arg, const void *data, size_t len)
{
    (void)arg;
    (void)data;
    (void)len;
    return false;
}

/* The head alone: by GET where the server knows no HEAD. */
static int32_t ask(const struct call *c, const char *url, const char *method, struct fetch_answer *answer)
{
    const struct fetch_request request = {.url = url,
                                          .method = method,
                                          .timeout_ms = c->timeout_ms,
                                          .max_redirects = -1,
                                          .take = enough};
    int32_t status = fetch(c->r, &request, answer);
    if (status != HEXMCP_OK || *method == 'G' || (answer->status != 405 && answer->status != 501))
        return status;
    fetch_free(answer);
    return ask(c, url, "GET", answer);
}

static int32_t put_metadata(const struct call *c, hexmcp_json_writer *w)
{
    struct fetch_answer answer;
    struct bytes url = {0};
    if (!url_write(&c->url, &url)) {
        bytes_free(&url);
        return hexmcp_fail(c->r->err, HEXMCP_E_NOMEM, "out of memory for the URL; try again");
    }
    if (memchr(url.ptr, '#', url.len))
        *strchr(url.ptr, '#') = '\0';
    int32_t status = ask(c, url.ptr, "HEAD", &answer);
    bytes_free(&url);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_str location = fetch_header(&answer, "location");
    bool leads = answer.status >= 300 && answer.status < 400 && location.len > 0;
    hexmcp_json_key(w, "metadata");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "status_code", answer.status);
    hexmcp_json_put_text(w, "status_text", response_reason(answer.status));
    hexmcp_json_put_bool(w, "is_redirect", leads);
    if (leads)
        hexmcp_json_put_raw(w, "location", location);
    response_put_headers(w, "headers", &answer);
    hexmcp_json_end_object(w);
    fetch_free(&answer);
    return HEXMCP_OK;
}

static bool can_fetch(const struct call *c)
{
    return !c->wrong && (strcmp(c->url.scheme.ptr, "http") == 0 || strcmp(c->url.scheme.ptr, "https") == 0);
}

/* ---- the answer ---- */

static void put_strict(const struct call *c, hexmcp_json_writer *w)
{
    long fault = strict_fault(c->input);
    hexmcp_json_put_bool(w, "valid_rfc3986", fault < 0);
    if (fault >= 0)
        hexmcp_json_put_int64(w, "rfc3986_fault_at", fault);
}

static int32_t put_all(const struct call *c, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    hexmcp_json_put_text(w, "operation", "analyze");
    hexmcp_json_put_bool(w, "valid", c->wrong == NULL);
    hexmcp_json_put_string(w, "original", c->input);
    if (c->wrong)
        hexmcp_json_put_text(w, "error", c->wrong);
    put_strict(c, w);
    if (c->wrong) {
        answer_text(a, "It is no URL: %s.", c->wrong);
        return HEXMCP_OK;
    }
    const struct report report = {w, c->input, &c->url, c->decode_params};
    if (!report_put(&report))
        return hexmcp_fail(c->r->err, HEXMCP_E_NOMEM, "out of memory for the answer; try again");
    answer_text(a, "A URL with the scheme %s and the host %.200s.", c->url.scheme.ptr,
                c->url.host_text.len ? c->url.host_text.ptr : "(none)");
    return c->fetch ? put_metadata(c, w) : HEXMCP_OK;
}

static int32_t answer(const struct call *c)
{
    struct answer a;
    answer_begin(&a, c->r);
    int32_t status = put_all(c, &a);
    if (status == HEXMCP_OK)
        return answer_end(&a);
    answer_drop(&a);
    return status;
}

static int32_t read_call(struct call *c)
{
    struct args *args = &c->args;
    *args = args_begin(c->r->args, c->r->err);
    c->input = args_bytes(args, "input", URL_MOST);
    if (args_status(args) == HEXMCP_OK && c->input.len == 0)
        args_fail(args, HEXMCP_E_INVALID, "input is missing or empty; give it");
    c->decode_params = args_bool(args, "decode_params", true);
    c->fetch = args_bool(args, "fetch_metadata", false);
    c->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 120000, 30000);
    if (args_status(args) != HEXMCP_OK)
        return args_status(args);
    c->wrong = url_parse(c->input, &c->url);
    if (c->fetch && !can_fetch(c))
        return args_fail(args, HEXMCP_E_INVALID, "input is no URL of http or https%s%s, so no server can be "
                         "asked; leave fetch_metadata out", c->wrong ? ": " : "", c->wrong ? c->wrong : "");
    return HEXMCP_OK;
}

static int32_t run(const hexmcp_round *r)
{
    struct call c = {.r = r};
    int32_t status = read_call(&c);
    if (status == HEXMCP_OK)
        status = answer(&c);
    url_free(&c.url);
    args_end(&c.args);
    return status == HEXMCP_E_CANCELLED ? hexmcp_round_cancel(r) : status;
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("url-analyzer", run), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {.tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.url-analyzer", "0.1.0", plugin);
