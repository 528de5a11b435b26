#include "adapters/driven/plugin_host/wire/codec.h"

void wire_put_u8(struct buffer *b, uint8_t value)
{
    buffer_add_char(b, (char)value);
}

void wire_put_u32(struct buffer *b, uint32_t value)
{
    buffer_add(b, &value, sizeof(value));
}

void wire_put_i32(struct buffer *b, int32_t value)
{
    buffer_add(b, &value, sizeof(value));
}

void wire_put_u64(struct buffer *b, uint64_t value)
{
    buffer_add(b, &value, sizeof(value));
}

void wire_put_f64(struct buffer *b, double value)
{
    buffer_add(b, &value, sizeof(value));
}

void wire_put_text(struct buffer *b, struct str text)
{
    wire_put_u32(b, (uint32_t)text.len);
    buffer_add_str(b, text);
}

struct wire_fields wire_fields(struct str body)
{
    return (struct wire_fields){.at = body.ptr, .end = body.ptr ? body.ptr + body.len : NULL};
}

static void take(struct wire_fields *f, void *out, size_t len)
{
    memset(out, 0, len);
    if (f->failed || (size_t)(f->end - f->at) < len) {
        f->failed = true;
        return;
    }
    memcpy(out, f->at, len);
    f->at += len;
}

uint8_t wire_u8(struct wire_fields *f)
{
    uint8_t value;
    take(f, &value, sizeof(value));
    return value;
}

bool wire_bool(struct wire_fields *f)
{
    uint8_t value = wire_u8(f);
    f->failed = f->failed || value > 1;
    return value == 1;
}

uint32_t wire_u32(struct wire_fields *f)
{
    uint32_t value;
    take(f, &value, sizeof(value));
    return value;
}

int32_t wire_i32(struct wire_fields *f)
{
    int32_t value;
    take(f, &value, sizeof(value));
    return value;
}

uint64_t wire_u64(struct wire_fields *f)
{
    uint64_t value;
    take(f, &value, sizeof(value));
    return value;
}

double wire_f64(struct wire_fields *f)
{
    double value;
    take(f, &value, sizeof(value));
    return value;
}

struct str wire_text(struct wire_fields *f)
{
    uint32_t len = wire_u32(f);
    if (f->failed || (size_t)(f->end - f->at) < len) {
        f->failed = true;
        return STR("");
    }
    struct str text = {f->at, len};
    f->at += len;
    return text;
}

bool wire_fields_end(const struct wire_fields *f)
{
    return !f->failed && f->at == f->end;
}
