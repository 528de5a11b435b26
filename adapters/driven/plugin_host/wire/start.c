#include "adapters/driven/plugin_host/wire/start.h"

#include "core/base/error.h"
#include "plugin_wire_build_id.h"

struct str wire_build(void)
{
    return STR(HEXMCP_WIRE_BUILD_ID);
}

static void put_texts(struct buffer *b, const struct str *texts, size_t count)
{
    wire_put_u32(b, (uint32_t)count);
    for (size_t i = 0; i < count; i++)
        wire_put_text(b, texts[i]);
}

void wire_put_start(struct buffer *b, const struct wire_start *s)
{
    wire_put_text(b, s->build);
    wire_put_text(b, s->version);
    wire_put_text(b, s->settings);
    wire_put_text(b, s->bundle);
    wire_put_text(b, s->modules);
    wire_put_u64(b, s->memory_bytes);
    wire_put_u32(b, s->grace_ms);
    wire_put_u32(b, s->workers);
    wire_put_u8(b, s->strict);
    wire_put_u8(b, s->files);
    wire_put_u8(b, s->schemas);
    wire_put_u8(b, s->reads_paths);
    wire_put_u8(b, s->writes_paths);
    wire_put_u8(b, s->direct_paths);
    put_texts(b, s->system, s->system_count);
    put_texts(b, s->read, s->read_count);
    put_texts(b, s->write, s->write_count);
    wire_put_u32(b, (uint32_t)s->service_count);
    for (size_t i = 0; i < s->service_count; i++) {
        wire_put_text(b, s->services[i].id);
        wire_put_text(b, s->services[i].missing);
    }
    wire_put_u8(b, s->carries);
    wire_put_text(b, s->carried);
    wire_put_text(b, s->record);
}

static size_t get_count(struct wire_fields *f, size_t max)
{
    uint32_t count = wire_u32(f);
    f->failed = f->failed || count > max;
    return f->failed ? 0 : count;
}

static size_t get_texts(struct wire_fields *f, struct str *out, size_t max)
{
    size_t count = get_count(f, max);
    for (size_t i = 0; i < count; i++)
        out[i] = wire_text(f);
    return count;
}

int wire_get_start(struct str body, struct wire_start *s, struct error *err)
{
    struct wire_fields f = wire_fields(body);
    s->build = wire_text(&f);
    if (f.failed || !str_eq(s->build, wire_build()))
        return error_set(err, ST_PROTOCOL, "it is of another build than hexmcp; install them "
                                           "together");
    s->version = wire_text(&f);
    s->settings = wire_text(&f);
    s->bundle = wire_text(&f);
    s->modules = wire_text(&f);
    s->memory_bytes = wire_u64(&f);
    s->grace_ms = wire_u32(&f);
    s->workers = wire_u32(&f);
    s->strict = wire_bool(&f);
    s->files = wire_bool(&f);
    s->schemas = wire_bool(&f);
    s->reads_paths = wire_bool(&f);
    s->writes_paths = wire_bool(&f);
    s->direct_paths = wire_bool(&f);
    s->system_count = get_texts(&f, s->system, sizeof(s->system) / sizeof(s->system[0]));
    s->read_count = get_texts(&f, s->read, WIRE_FOLDERS_MAX);
    s->write_count = get_texts(&f, s->write, WIRE_FOLDERS_MAX);
    s->service_count = get_count(&f, WIRE_SERVICES_MAX);
    for (size_t i = 0; i < s->service_count; i++) {
        s->services[i].id = wire_text(&f);
        s->services[i].missing = wire_text(&f);
    }
    s->carries = wire_bool(&f);
    s->carried = wire_text(&f);
    s->record = wire_text(&f);
    return wire_fields_end(&f) ? ST_OK
                               : error_set(err, ST_PROTOCOL, "what starts it does not fit");
}
