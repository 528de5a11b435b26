/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"
#include "body.h"

static const char *const methods[] = {"GET",   "POST", "PUT",     "DELETE",
                                      "PATCH", "HEAD", "OPTIONS", NULL};
enum { METHOD_POST = 1, METHOD_PATCH = 4, METHOD_HEAD = 5 };

static void read_url(struct request *q)
{
    const char *url = url_argument(&q->args, "input");
    if (!bytes_add(&q->url, url, strlen(url)))
        args_fail(&q->args, HEXMCP_E_NOMEM, "out of memory for the URL; try again");
}

/* What may be sent twice without harm is sent again by itself. */
static void read_method(struct request *q)
{
    size_t method = args_choice(&q->args, "method", methods, 0);
    q->method = methods[method];
    q->retry = retry_default(method == METHOD_POST || method == METHOD_PATCH ? 1 : 3);
    retry_read(&q->args, "retry", &q->retry);
}

static void read_answer(struct request *q)
{
    static const char *const formats[] = {"auto", "text", "json", "base64", NULL};
    struct args *args = &q->args;
    q->answer.format = (enum response_format)args_choice(args, "response_format", formats, 0);
    q->answer.target_path = args_text(args, "target_path", 4096, NULL);
    q->answer.overwrite = args_bool(args, "overwrite", false);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, 120000, 30000);
    q->max_redirects = (int)args_int(args, "max_redirects", 0, 10, 5);
    q->max_bytes = (uint64_t)args_int(args, "max_bytes", 1, 104857600, 10485760);
    q->dry_run = args_bool(args, "dry_run", false);
}

int32_t request_read(const hexmcp_round *r, struct request *request)
{
    struct request *q = request;
    memset(q, 0, sizeof(*q));
    q->args = args_begin(r->args, r->err);
    headers_begin(&q->headers);
    read_url(q);
    read_method(q);
    read_answer(q);
    headers_read(r, &q->args, "headers", &q->headers);
    headers_read_auth(r, &q->args, "auth", &q->headers, &q->url);
    if (args_status(&q->args) == HEXMCP_OK)
        body_read(r, &q->args, &q->headers, &q->body);
    if (q->body.len > 0 && q->method == methods[METHOD_HEAD])
        args_fail(&q->args, HEXMCP_E_INVALID, "a HEAD request has no body; leave it out, or take another "
                  "method");
    return args_status(&q->args);
}

void request_free(struct request *request)
{
    args_end(&request->args);
    headers_end(&request->headers);
    bytes_free(&request->url);
    bytes_free(&request->body);
}
