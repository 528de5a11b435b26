#include "core/json/writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/json/utf8.h"

static void separate(struct json_writer *w)
{
    if (w->comma)
        buffer_add_char(w->out, ',');
    w->comma = true;
}

void json_begin_object(struct json_writer *w)
{
    separate(w);
    buffer_add_char(w->out, '{');
    w->comma = false;
}

void json_end_object(struct json_writer *w)
{
    buffer_add_char(w->out, '}');
    w->comma = true;
}

void json_begin_array(struct json_writer *w)
{
    separate(w);
    buffer_add_char(w->out, '[');
    w->comma = false;
}

void json_end_array(struct json_writer *w)
{
    buffer_add_char(w->out, ']');
    w->comma = true;
}

void json_key(struct json_writer *w, struct str key)
{
    separate(w);
    json_quote(w->out, key);
    buffer_add_char(w->out, ':');
    w->comma = false;
}

void json_write_null(struct json_writer *w)
{
    json_write_raw(w, STR("null"));
}

void json_write_bool(struct json_writer *w, bool value)
{
    json_write_raw(w, value ? STR("true") : STR("false"));
}

void json_write_i64(struct json_writer *w, int64_t value)
{
    separate(w);
    buffer_add_i64(w->out, value);
}

void json_write_u64(struct json_writer *w, uint64_t value)
{
    separate(w);
    buffer_add_u64(w->out, value);
}

void json_write_double(struct json_writer *w, double value)
{
    char text[40] = "null";
    if (isfinite(value))
        for (int digits = 15; digits <= 17; digits++) {
            snprintf(text, sizeof(text), "%.*g", digits, value);
            if (strtod(text, NULL) == value)
                break;
        }
    json_write_raw(w, str_from(text));
}

void json_write_string(struct json_writer *w, struct str text)
{
    separate(w);
    json_quote(w->out, text);
}

void json_write_raw(struct json_writer *w, struct str raw)
{
    separate(w);
    json_copy_line(w->out, raw);
}

void json_put_string(struct json_writer *w, struct str key, struct str text)
{
    json_key(w, key);
    json_write_string(w, text);
}

void json_put_raw(struct json_writer *w, struct str key, struct str raw)
{
    json_key(w, key);
    json_write_raw(w, raw);
}

void json_put_i64(struct json_writer *w, struct str key, int64_t value)
{
    json_key(w, key);
    json_write_i64(w, value);
}

void json_put_bool(struct json_writer *w, struct str key, bool value)
{
    json_key(w, key);
    json_write_bool(w, value);
}

void json_key_raw(struct json_writer *w, struct json key)
{
    json_write_raw(w, json_text(key));
    buffer_add_char(w->out, ':');
    w->comma = false;
}

void json_put_member(struct json_writer *w, struct json key, struct json value)
{
    json_key_raw(w, key);
    json_write_raw(w, json_text(value));
}

static void add_escape(struct buffer *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *shorts = "\"\"\\\\\bb\ff\nn\rr\tt";
    for (const char *s = shorts; *s; s += 2)
        if ((unsigned char)*s == c) {
            buffer_add(out, (char[]){'\\', s[1]}, 2);
            return;
        }
    buffer_add(out, (char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
}

void json_quote(struct buffer *out, struct str text)
{
    const char *at = text.len ? text.ptr : "", *end = at + text.len; /* empty text may be nowhere */
    buffer_reserve(out, text.len + 2);
    buffer_add_char(out, '"');
    while (at < end) {
        const char *run = at;
        size_t bad = 0;
        while (at < end) {
            unsigned char c = (unsigned char)*at;
            if (c < 0x20 || c == '"' || c == '\\')
                break;
            size_t len = utf8_sequence(at, end);
            if (len == 0) {
                bad = 1;
                break;
            }
            at += len;
        }
        buffer_add(out, run, (size_t)(at - run));
        if (at == end)
            break;
        if (bad)
            buffer_add(out, "\xEF\xBF\xBD", 3);
        else
            add_escape(out, (unsigned char)*at);
        at++;
    }
    buffer_add_char(out, '"');
}

struct str json_message(struct buffer *scratch, struct str message)
{
    struct json_writer w = json_writer(scratch);
    json_begin_object(&w);
    json_put_string(&w, STR("message"), message);
    json_end_object(&w);
    return buffer_failed(scratch) ? STR("{}") : buffer_str(scratch);
}
