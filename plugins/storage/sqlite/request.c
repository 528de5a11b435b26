/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include "blobs.h"
#include "store.h"

static char *copy_text(hexmcp_str *slice, hexmcp_str text, char *at)
{
    *slice = (hexmcp_str){at, text.len};
    if (text.ptr && text.len > 0)
        memcpy(at, text.ptr, text.len);
    at[text.len] = '\0';
    return at + text.len + 1;
}

struct request *request_new(const struct operation *operation, struct store *store, hexmcp_call call,
                            const hexmcp_str texts[4])
{
    size_t size = sizeof(struct request) + texts[0].len + texts[1].len + texts[2].len + texts[3].len + 4;
    struct request *r = malloc(size);
    if (!r)
        return NULL;
    memset(r, 0, sizeof(*r));
    r->err.size = (uint32_t)sizeof(r->err);
    r->operation = operation;
    r->store = store;
    r->call = call;
    r->size = size;
    char *at = copy_text(&r->space, texts[0], (char *)(r + 1));
    at = copy_text(&r->key, texts[1], at);
    at = copy_text(&r->json, texts[2], at);
    copy_text(&r->bytes, texts[3], at);
    return r;
}

void request_free(struct request *r)
{
    if (!r)
        return;
    if (r->put)
        put_unref(r->put);
    out_free(&r->answer);
    out_free(&r->held);
    free(r->parsed);
    free(r);
}

void *request_parsed(struct request *r, size_t bytes, hexmcp_error *err)
{
    r->parsed = calloc(1, bytes);
    if (!r->parsed)
        hexmcp_fail(err, HEXMCP_E_NOMEM, "out of memory; try again");
    return r->parsed;
}

static int32_t emit(struct request *r, hexmcp_str json, hexmcp_str bytes)
{
    const hexmcp_stream_1 *stream = r->store->stream;
    return stream->emit(stream->ctx, r->call, json, bytes);
}

static void hold(struct request *r, hexmcp_str json, hexmcp_str bytes)
{
    const size_t lengths[2] = {json.len, bytes.len};
    out_raw(&r->held, (hexmcp_str){(const char *)lengths, sizeof(lengths)});
    out_raw(&r->held, json);
    out_raw(&r->held, bytes);
    r->gone = r->gone || r->held.failed;
}

void request_send(struct request *r, hexmcp_str json, hexmcp_str bytes)
{
    int32_t status = r->held.len > 0 || r->behind ? HEXMCP_E_BUSY : HEXMCP_OK;
    if (status == HEXMCP_OK && !r->gone)
        status = emit(r, json, bytes);
    if (status == HEXMCP_E_BUSY)
        hold(r, json, bytes);
    else if (status != HEXMCP_OK)
        r->gone = true;
}

bool request_resend(struct request *r)
{
    size_t at = 0;
    int32_t status = HEXMCP_OK;
    while (at < r->held.len && status == HEXMCP_OK) {
        size_t lengths[2];
        const char *piece = r->held.text + at + sizeof(lengths);
        memcpy(lengths, r->held.text + at, sizeof(lengths));
        status = emit(r, (hexmcp_str){piece, lengths[0]}, (hexmcp_str){piece + lengths[0], lengths[1]});
        if (status == HEXMCP_OK)
            at += sizeof(lengths) + lengths[0] + lengths[1];
    }
    if (status != HEXMCP_OK && status != HEXMCP_E_BUSY) {
        r->gone = true;
        at = r->held.len;
    }
    if (at > 0)
        memmove(r->held.text, r->held.text + at, r->held.len - at);
    r->held.len -= at;
    return r->held.len == 0;
}

void request_complete(struct request *r, int32_t status, const hexmcp_error *err)
{
    const hexmcp_host *host = r->store->host;
    if (status != HEXMCP_OK)
        hexmcp_complete_fail(host, r->call, status, err->text);
    else if (r->answer.failed)
        hexmcp_complete_fail(host, r->call, HEXMCP_E_NOMEM, "out of memory; try again");
    else
        host->complete(host->ctx, r->call, HEXMCP_RESULT, out_text(&r->answer));
}

void request_cancelled(struct request *r)
{
    const hexmcp_host *host = r->store->host;
    host->complete(host->ctx, r->call, HEXMCP_CANCELLED, STR("{}"));
}

void queue_init(struct queue *q)
{
    *q = (struct queue){0};
    q->last = &q->first;
}

void queue_push(struct queue *q, struct request *r)
{
    r->next = NULL;
    *q->last = r;
    q->last = &r->next;
    q->bytes += r->size;
}

struct request *queue_pop(struct queue *q)
{
    struct request *r = q->first;
    if (!r)
        return NULL;
    q->first = r->next;
    if (!q->first)
        q->last = &q->first;
    q->bytes -= r->size;
    return r;
}

/* Parts of a blob come and go with their put. */
struct request *queue_find(const struct queue *q, hexmcp_call call)
{
    struct request *r = q->first;
    while (r && (r->call != call || r->put))
        r = r->next;
    return r;
}
