#include "core/json/writer.h"
#include "core/task/entry.h"

static bool is_digit(struct str text)
{
    return text.len && text.ptr[0] >= '0' && text.ptr[0] <= '9';
}

/* In the first round a key stays what it is, unless it looks like one of a later round. */
static bool is_numbered(struct str key, uint32_t round)
{
    return round > 1 || is_digit(key);
}

static void write_key(struct json_writer *w, struct json key, uint32_t round)
{
    struct buffer text = BUFFER_INIT, shown = BUFFER_INIT;
    json_decode(key, &text);
    if (is_numbered(buffer_str(&text), round)) {
        buffer_add_u64(&shown, round);
        buffer_add_char(&shown, '.');
    }
    buffer_add_str(&shown, buffer_str(&text));
    if (buffer_failed(&text) || buffer_failed(&shown))
        w->out->failed = true;
    json_key(w, buffer_str(&shown));
    buffer_clear(&text);
    buffer_clear(&shown);
}

void task_requests_write(struct json requests, uint32_t round, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(requests);
    json_begin_object(&w);
    while (json_next(&it)) {
        write_key(&w, it.key, round);
        json_write_raw(&w, json_text(it.value));
    }
    json_end_object(&w);
}

struct str task_key_of_plugin(struct str key, uint32_t round)
{
    if (!is_numbered(key, round))
        return key;
    const char *dot = memchr(key.ptr, '.', key.len);
    size_t skip = (size_t)(dot - key.ptr) + 1;
    return (struct str){key.ptr + skip, key.len - skip};
}
