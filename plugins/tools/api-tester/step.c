/*
 * SPDX-License-Identifier: MIT
 */
#include "step.h"
#include "check.h"
#include "pointer.h"

#include "kit/encode.h"
#include "kit/headers.h"
#include "kit/keep.h"
#include "kit/response.h"

#define BODY_MOST ((size_t)1024 * 1024)
#define ANSWER_MOST ((uint64_t)10 * 1024 * 1024)
#define PREVIEW ((size_t)4000)

struct step {
    const hexmcp_round *r;
    struct args args;
    const char *method;
    struct bytes url;
    struct headers headers;
    hexmcp_str body;
    int64_t timeout_ms;
    int redirects;
    bool dry_run;
};

static void read_body(struct step *s)
{
    if (args_has(&s->args, "body") && args_has(&s->args, "json"))
        args_fail(&s->args, HEXMCP_E_INVALID, "body and json are both given; give one of them");
    s->body = args_has(&s->args, "json") ? args_raw(&s->args, "json")
                                         : args_bytes(&s->args, "body", BODY_MOST);
    if (args_has(&s->args, "json"))
        headers_put(&s->headers, "Content-Type", "application/json");
    else if (s->body.len > 0)
        headers_put(&s->headers, "Content-Type", "text/plain; charset=utf-8");
    if (s->body.len > 0 && strcmp(s->method, "HEAD") == 0)
        args_fail(&s->args, HEXMCP_E_INVALID, "a HEAD request has no body; leave it out, or take another "
                  "method");
}

/* In a dry run a URL can begin with {{name}}, which is not known yet. */
static const char *read_url(struct step *s)
{
    hexmcp_str url = args_raw(&s->args, "input");
    if (s->dry_run && hexmcp_str_begins(url, "\"{{"))
        return args_needed(&s->args, "input", 8000);
    return url_argument(&s->args, "input");
}

static bool is_place(const char *name, const char *pointer)
{
    return value_name_valid(name) && pointer_valid(pointer);
}

static void check_extract(struct step *s)
{
    struct args places = args_object(&s->args, "extract");
    hexmcp_json_iter it = hexmcp_json_iter_begin(places.json);
    hexmcp_str key, place;
    while (args_status(&s->args) == HEXMCP_OK && hexmcp_json_next(&it, &key, &place)) {
        const char *name = args_string(&s->args, key, "extract", 64);
        const char *pointer = args_string(&s->args, place, "extract", 1000);
        if (args_status(&s->args) == HEXMCP_OK && !is_place(name, pointer))
            args_fail(&s->args, HEXMCP_E_INVALID,
                      "extract.%.64s: a name is of letters, digits and _, and leads to a JSON Pointer, which is "
                      "\"\" or begins with \"/\"; correct it", name);
    }
}

/* What is wrong is told before anything is sent. With values that are not known yet it cannot be told. */
static void check_ahead(struct step *s)
{
    hexmcp_str expect = args_raw(&s->args, "expect");
    check_extract(s);
    if (expect.len > 0 && !(s->dry_run && memmem(expect.ptr, expect.len, "{{", 2)))
        checks_test(s->r, &s->args, "expect");
}

static int32_t read_step(struct step *s, const hexmcp_round *r, hexmcp_str json, bool dry_run)
{
    static const char *const methods[] = {"GET",   "POST", "PUT",     "DELETE",
                                          "PATCH", "HEAD", "OPTIONS", NULL};
    memset(s, 0, sizeof(*s));
    s->r = r;
    s->dry_run = dry_run;
    s->args = args_begin(json, r->err);
    headers_begin(&s->headers);
    const char *url = read_url(s);
    if (!bytes_add(&s->url, url, strlen(url)))
        args_fail(&s->args, HEXMCP_E_NOMEM, "out of memory for the URL; try again");
    s->method = methods[args_choice(&s->args, "method", methods, 0)];
    s->timeout_ms = args_int(&s->args, "timeout_ms", 100, 120000, 30000);
    s->redirects = (int)args_int(&s->args, "max_redirects", 0, 10, 5);
    headers_read(r, &s->args, "headers", &s->headers);
    headers_read_auth(r, &s->args, "auth", &s->headers, &s->url);
    read_body(s);
    check_ahead(s);
    return args_status(&s->args);
}

static void free_step(struct step *s)
{
    args_end(&s->args);
    headers_end(&s->headers);
    bytes_free(&s->url);
}

/* ---- what is told ---- */

static void put_request(struct step *s, hexmcp_json_writer *w)
{
    hexmcp_json_key(w, "request");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "method", s->method);
    hexmcp_json_put_string(w, "url", bytes_str(&s->url));
    hexmcp_json_put_raw(w, "headers", headers_shown(&s->headers));
    if (s->dry_run && s->body.len > 0 && is_utf8(s->body)) {
        hexmcp_str start = {s->body.ptr, utf8_cut(s->body, PREVIEW)};
        hexmcp_json_put_string(w, "body", start);
        if (start.len < s->body.len)
            hexmcp_json_put_bool(w, "body_cut", 1);
    }
    if (s->body.len > 0)
        hexmcp_json_put_int64(w, "body_bytes", (int64_t)s->body.len);
    hexmcp_json_end_object(w);
}

static void put_body(hexmcp_json_writer *w, hexmcp_str body, bool is_json)
{
    hexmcp_json_put_bool(w, "body_is_json", is_json);
    hexmcp_json_put_int64(w, "body_bytes", (int64_t)body.len);
    if (body.len == 0 || !is_utf8(body) || memchr(body.ptr, 0, body.len))
        return;
    if (body.len > KEEP_ABOVE) {
        hexmcp_json_put_bool(w, "truncated", 1);
        hexmcp_json_put_string(w, "body_preview", (hexmcp_str){body.ptr, utf8_cut(body, PREVIEW)});
    } else if (is_json) {
        hexmcp_json_put_raw(w, "body", body);
    } else {
        hexmcp_json_put_string(w, "body", body);
    }
}

static void put_response(hexmcp_json_writer *w, const struct fetch_answer *answer, bool is_json)
{
    hexmcp_json_key(w, "response");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "status_code", answer->status);
    hexmcp_json_put_text(w, "status_text", response_reason(answer->status));
    hexmcp_json_put_bool(w, "is_success", answer->status >= 200 && answer->status < 300);
    hexmcp_json_put_text(w, "url", answer->url);
    response_put_headers(w, "headers", answer);
    put_body(w, bytes_str(&answer->body), is_json);
    hexmcp_json_end_object(w);
    hexmcp_json_key(w, "timing");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_int64(w, "duration_ms", (int64_t)answer->ms);
    hexmcp_json_end_object(w);
}

/* ---- what is taken on ---- */

static void extract_one(struct step *s, struct checks *c, hexmcp_str key, hexmcp_str place,
                        struct values *values)
{
    const char *name = args_string(&s->args, key, "extract", 64);
    const char *pointer = args_string(&s->args, place, "extract", 1000);
    hexmcp_error err = {.size = sizeof(err)};
    hexmcp_str found;
    char what[80];
    if (args_status(&s->args) != HEXMCP_OK)
        return;
    snprintf(what, sizeof(what), "extract %s", name);
    if (!c->is_json || !pointer_find(bytes_str(&c->answer->body), pointer, &found)) {
        checks_put(c, what, false, c->is_json ? "there is nothing at its pointer" : "the body is no JSON");
        return;
    }
    int32_t status = values_set(values, name, found, &err);
    checks_put(c, what, status == HEXMCP_OK, status == HEXMCP_OK ? "" : err.text);
}

static void extract(struct step *s, struct checks *c, struct values *values)
{
    struct args places = args_object(&s->args, "extract");
    hexmcp_json_iter it = hexmcp_json_iter_begin(places.json);
    hexmcp_str key, place;
    while (args_status(&s->args) == HEXMCP_OK && hexmcp_json_next(&it, &key, &place))
        extract_one(s, c, key, place, values);
}

/* ---- one after the other ---- */

/* A server that does not answer is a test that failed; a host that may not be asked is an error. */
static bool is_no_answer(int32_t status)
{
    return status == HEXMCP_E_UNAVAILABLE || status == HEXMCP_E_TIMEOUT ||
           status == HEXMCP_E_PROTOCOL || status == HEXMCP_E_TOO_LARGE;
}

static int32_t ask(struct step *s, struct fetch_answer *answer)
{
    const struct fetch_request request = {
        .url = s->url.ptr,
        .method = s->method,
        .headers_json = headers_sent(&s->headers),
        .body = s->body,
        .timeout_ms = (uint32_t)s->timeout_ms,
        .max_redirects = s->redirects > 0 ? s->redirects : -1,
        .max_bytes = ANSWER_MOST,
    };
    return fetch(s->r, &request, answer);
}

static int32_t judge(struct step *s, struct values *values, hexmcp_json_writer *w,
                     struct tally *tally)
{
    struct fetch_answer answer = {0};
    struct checks c = {.r = s->r, .out = w, .answer = &answer};
    int32_t status = ask(s, &answer);
    if (status != HEXMCP_OK && !is_no_answer(status))
        return status;
    put_request(s, w);
    if (status == HEXMCP_OK) {
        c.is_json = is_utf8(bytes_str(&answer.body)) && response_is_json(s->r, bytes_str(&answer.body));
        put_response(w, &answer, c.is_json);
    }
    hexmcp_json_key(w, "assertions");
    hexmcp_json_begin_array(w);
    if (status == HEXMCP_OK) {
        checks_make(&c, &s->args, "expect");
        extract(s, &c, values);
    } else {
        checks_put(&c, "answer", false, s->r->err->text);
    }
    hexmcp_json_end_array(w);
    tally->passed += c.passed;
    tally->failed += c.failed;
    fetch_free(&answer);
    return args_status(&s->args);
}

int32_t step_run(struct pace *pace, hexmcp_str json, struct values *values, hexmcp_json_writer *w,
                 struct tally *tally)
{
    struct step s;
    int32_t status = read_step(&s, pace->r, json, false);
    if (status == HEXMCP_OK)
        status = judge(&s, values, w, tally);
    free_step(&s);
    return status;
}

static int32_t pretend(struct step *s, struct values *values)
{
    struct args places = args_object(&s->args, "extract");
    hexmcp_json_iter it = hexmcp_json_iter_begin(places.json);
    hexmcp_str key, place;
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && hexmcp_json_next(&it, &key, &place))
        status = values_pretend(values, args_string(&s->args, key, "extract", 64), s->r->err);
    return status;
}

int32_t step_tell(const hexmcp_round *r, hexmcp_str json, struct values *values, hexmcp_json_writer *w)
{
    struct step s;
    int32_t status = read_step(&s, r, json, true);
    if (status == HEXMCP_OK)
        status = pretend(&s, values);
    if (status == HEXMCP_OK) {
        put_request(&s, w);
        hexmcp_json_key(w, "assertions");
        hexmcp_json_begin_array(w);
        hexmcp_json_end_array(w);
    }
    free_step(&s);
    return status;
}
