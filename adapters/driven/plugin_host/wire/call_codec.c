#include "adapters/driven/plugin_host/wire/call_codec.h"

#include <stdlib.h>

#include "core/base/error.h"

enum { HAS_PATHS = 1, HARD_LINKS = 2, NARROWED = 4, ON_LOOP = 8, RESUME = 16, ALL_FLAGS = 31 };

static const size_t texts[] = {
    offsetof(struct run_request, name),
    offsetof(struct run_request, argument),    offsetof(struct run_request, value),
    offsetof(struct run_request, state),       offsetof(struct run_request, answers),
    offsetof(struct run_request, traceparent), offsetof(struct run_request, tracestate),
    offsetof(struct run_request, meta),
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

static uint32_t flags_of(const struct run_request *q)
{
    uint32_t flags = (q->on_loop ? ON_LOOP : 0) | (q->resume ? RESUME : 0);
    if (q->paths)
        flags |= HAS_PATHS | (q->paths->hard_links ? HARD_LINKS : 0) |
                 (q->paths->narrowed ? NARROWED : 0);
    return flags;
}

void wire_put_call(struct buffer *b, const struct run_request *q)
{
    size_t count = q->paths ? q->paths->count : 0;
    wire_put_u32(b, (uint32_t)q->action);
    wire_put_u32(b, (uint32_t)q->kind);
    wire_put_u32(b, flags_of(q));
    wire_put_u64(b, q->deadline_ns);
    for (size_t i = 0; i < TEXTS; i++)
        wire_put_text(b, *(const struct str *)(const void *)((const char *)q + texts[i]));
    wire_put_u32(b, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        const struct path_grant *grant = &q->paths->at[i];
        wire_put_text(b, grant->folder);
        wire_put_text(b, grant->real);
        wire_put_text(b, grant->beneath);
        wire_put_u8(b, grant->write);
    }
}

static int get_grants(struct wire_fields *f, struct wire_call *out, struct error *err)
{
    uint32_t count = wire_u32(f);
    if (count > WIRE_GRANTS_MAX)
        return error_set(err, ST_PROTOCOL, "a call has %u path grants, more than %u", count,
                         WIRE_GRANTS_MAX);
    if (!count)
        return ST_OK;
    out->entries = calloc(count, sizeof(*out->entries));
    if (!out->entries)
        return error_set(err, ST_NOMEM, "out of memory");
    for (uint32_t i = 0; i < count; i++) {
        struct path_grant *grant = &out->entries[i];
        grant->folder = wire_text(f);
        grant->real = wire_text(f);
        grant->beneath = wire_text(f);
        grant->write = wire_bool(f);
    }
    out->paths.at = out->entries;
    out->paths.count = count;
    return ST_OK;
}

static void set_flags(struct wire_call *out, uint32_t flags)
{
    out->request.on_loop = flags & ON_LOOP;
    out->request.resume = flags & RESUME;
    out->paths.hard_links = flags & HARD_LINKS;
    out->paths.narrowed = flags & NARROWED;
    out->request.paths = flags & HAS_PATHS ? &out->paths : NULL;
}

int wire_get_call(struct str body, struct wire_call *out, struct error *err)
{
    struct wire_fields f = wire_fields(body);
    *out = (struct wire_call){0};
    struct run_request *q = &out->request;
    uint32_t action = wire_u32(&f), kind = wire_u32(&f), flags = wire_u32(&f);
    q->deadline_ns = wire_u64(&f);
    for (size_t i = 0; i < TEXTS; i++)
        *(struct str *)(void *)((char *)q + texts[i]) = wire_text(&f);
    int rc = get_grants(&f, out, err);
    q->arguments = wire_text(&f);
    if (!rc && (!wire_fields_end(&f) || action > ACTION_HOOK || kind >= ITEM_KINDS ||
                flags & ~(uint32_t)ALL_FLAGS))
        rc = error_set(err, ST_PROTOCOL, "a call has fields that do not fit");
    if (rc) {
        free(out->entries);
        return rc;
    }
    q->action = (enum action)action;
    q->kind = (enum item_kind)kind;
    set_flags(out, flags);
    return ST_OK;
}
