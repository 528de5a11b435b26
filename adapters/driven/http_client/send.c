#include <stdio.h>
#include <string.h>

#include "adapters/driven/http_client/exchange.h"

static size_t give_written(struct http_exchange *x, char *out, size_t room)
{
    size_t len = x->upload.len < room ? x->upload.len : room;
    if (len == 0)
        return x->upload_complete ? 0 : CURL_READFUNC_PAUSE;
    memcpy(out, x->upload.data, len);
    buffer_drop_front(&x->upload, len);
    x->streamed = true;
    exchange_events(x)->sent(x->request.arg, len);
    return len;
}

size_t exchange_give_body(char *out, size_t size, size_t count, void *arg)
{
    struct http_exchange *x = arg;
    size_t room = size * count;
    if (x->request.streams)
        return give_written(x, out, room);
    size_t left = x->request.body.len - x->body_at;
    size_t len = left < room ? left : room;
    if (len)
        memcpy(out, x->request.body.ptr + x->body_at, len);
    x->body_at += len;
    return len;
}

/* libcurl begins anew when a connection that was kept turns out to be dead. */
int exchange_seek_body(void *arg, curl_off_t offset, int origin)
{
    struct http_exchange *x = arg;
    if (origin != SEEK_SET || (x->request.streams && x->streamed))
        return CURL_SEEKFUNC_CANTSEEK;
    if (!x->request.streams)
        x->body_at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}
