#include "adapters/driving/mcp/trace.h"

#include "core/base/str.h"

#define TRACEPARENT_LEN 55

static bool is_hex(struct str text, size_t from, size_t len)
{
    bool all_zero = true;
    for (size_t i = from; i < from + len; i++) {
        char c = text.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
            return false;
        all_zero = all_zero && c == '0';
    }
    return !all_zero || len == 2;
}

/* 00-<32 hex>-<16 hex>-<2 hex>, neither id all zero. */
static bool is_traceparent(struct str text)
{
    return text.len == TRACEPARENT_LEN && str_starts(text, STR("00-")) && text.ptr[35] == '-' &&
           text.ptr[52] == '-' && is_hex(text, 3, 32) && is_hex(text, 36, 16) &&
           is_hex(text, 53, 2);
}

void trace_read(struct json meta, struct call_context *context)
{
    struct str text;
    if (!json_plain(json_get(meta, STR("traceparent")), &text) || !is_traceparent(text))
        return;
    context->traceparent = text;
    if (json_plain(json_get(meta, STR("tracestate")), &text) && text.len <= 512)
        context->tracestate = text;
}
