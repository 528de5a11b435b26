/* Any text: what core/json takes, it can walk, decode, write and read again as the same value. */
#include <stdlib.h>

#include "core/json/equal.h"
#include "core/json/number.h"
#include "core/json/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void write_string(struct json_writer *w, struct json v, bool key)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = {NULL, 0};
    check(json_string(v, &scratch, &text));
    check(json_is(v, text));
    size_t characters = 0;
    for (size_t i = 0; i < text.len; i++)
        characters += (text.ptr[i] & 0xC0) != 0x80;
    check(json_length(v) == characters);
    if (key)
        json_key(w, text);
    else
        json_write_string(w, text);
    buffer_clear(&scratch);
}

static void write_value(struct json_writer *w, struct json v);

static void write_container(struct json_writer *w, struct json v)
{
    struct json_iter it = json_iter(v);
    uint32_t values = 1, count = 0;
    for (; json_next(&it); count++) {
        values += json_values(it.value) + json_exists(it.key);
        check(json_contains(v, it.value));
        if (json_exists(it.key))
            write_string(w, it.key, true);
        write_value(w, it.value);
    }
    check(count == json_count(v) && values == json_values(v));
}

static void write_value(struct json_writer *w, struct json v)
{
    bool truth;
    switch (json_type(v)) {
    case JSON_OBJECT:
        json_begin_object(w);
        write_container(w, v);
        json_end_object(w);
        break;
    case JSON_ARRAY:
        json_begin_array(w);
        write_container(w, v);
        json_end_array(w);
        break;
    case JSON_STRING:
        write_string(w, v, false);
        break;
    case JSON_BOOL:
        check(json_bool(v, &truth));
        json_write_bool(w, truth);
        break;
    default:
        json_write_raw(w, json_text(v));
    }
}

/* Numbers of one array, each with its neighbour. */
static void compare_numbers(struct json v)
{
    struct json_iter it = json_iter(v);
    struct json last = json_none();
    while (json_next(&it)) {
        if (json_type(it.value) == JSON_NUMBER && json_exists(last)) {
            int order = number_compare(last, it.value), back = number_compare(it.value, last);
            int64_t count;
            check((order < 0) == (back > 0) && (order == 0) == (back == 0));
            check(order != 0 || number_hash(last) == number_hash(it.value));
            check(!number_count(last, &count) || number_is_integer(last));
            if (number_is_unit(last) && number_is_multiple(it.value, last))
                check(!number_is_integer(last) || number_is_integer(it.value));
        }
        last = json_type(it.value) == JSON_NUMBER ? it.value : json_none();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct json_doc *doc, *again;
    struct error err;
    struct buffer out = BUFFER_INIT, line = BUFFER_INIT;
    uint64_t steps = UINT64_MAX;
    if (json_parse((struct str){(const char *)data, size}, &doc, &err)) {
        check(err.text[0] != '\0');
        return 0;
    }
    struct json_writer w = json_writer(&out);
    write_value(&w, json_root(doc));
    compare_numbers(json_root(doc));
    check(json_parse(buffer_str(&out), &again, &err) == ST_OK);
    check(json_equal(json_root(doc), json_root(again), &steps));
    check(json_hash(json_root(doc)) == json_hash(json_root(again)));
    json_copy_line(&line, (struct str){(const char *)data, size});
    check(!memchr(line.data, '\n', line.len) && !memchr(line.data, '\r', line.len));
    json_free(again);
    check(json_parse(buffer_str(&line), &again, &err) == ST_OK);
    json_free(again);
    json_free(doc);
    buffer_clear(&out);
    buffer_clear(&line);
    return 0;
}
