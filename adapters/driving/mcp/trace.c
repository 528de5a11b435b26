#include "adapters/driving/mcp/trace.h"

#include "core/base/str.h"
#include "core/json/writer.h"

#define TRACEPARENT_LEN 55

/* https://www.w3.org/TR/trace-context-1/#tracestate-header */
#define TRACESTATE_LEN 512
#define TRACESTATE_MEMBERS 32
#define TRACESTATE_KEY_LEN 256

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

static bool is_key(const char *at, const char *end)
{
    if (at == end || end - at > TRACESTATE_KEY_LEN || strchr("_-*/@", *at))
        return false;
    for (; at < end; at++)
        if (!((*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9') ||
              (*at != '\0' && strchr("_-*/@", *at))))
            return false;
    return true;
}

static bool is_value(const char *at, const char *end)
{
    for (; at < end; at++)
        if (*at < 0x20 || *at > 0x7E || *at == '=')
            return false;
    return true;
}

/* key=value with blanks around it; nothing at all is a member too. */
static bool is_member(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t'))
        at++;
    while (at < end && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    const char *equals = at < end ? memchr(at, '=', (size_t)(end - at)) : NULL;
    return at == end || (equals && is_key(at, equals) && is_value(equals + 1, end));
}

/* It goes out again in headers, so it is held to its grammar. */
static bool is_tracestate(struct str text)
{
    const char *at = text.ptr, *end = text.ptr + text.len;
    if (text.len > TRACESTATE_LEN)
        return false;
    for (int members = 0; at < end; members++) {
        const char *comma = memchr(at, ',', (size_t)(end - at));
        const char *stop = comma ? comma : end;
        if (members == TRACESTATE_MEMBERS || !is_member(at, stop))
            return false;
        at = comma ? comma + 1 : end;
    }
    return true;
}

void trace_read(struct json meta, struct call_context *context)
{
    struct str text;
    context->meta = json_type(meta) == JSON_OBJECT ? json_text(meta) : STR("");
    if (!json_plain(json_get(meta, STR("traceparent")), &text) || !is_traceparent(text))
        return;
    context->traceparent = text;
    if (json_plain(json_get(meta, STR("tracestate")), &text) && is_tracestate(text))
        context->tracestate = text;
}

void trace_write(struct json meta, struct buffer *out)
{
    struct call_context context = {0};
    struct json_writer w = json_writer(out);
    trace_read(meta, &context);
    if (context.traceparent.len == 0)
        return;
    json_begin_object(&w);
    json_put_string(&w, STR("traceparent"), context.traceparent);
    if (context.tracestate.len)
        json_put_string(&w, STR("tracestate"), context.tracestate);
    json_end_object(&w);
}
