#include "adapters/driving/validator/generate.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/json/writer.h"

#define DEPTH_MAX 12

uint64_t rng_next(struct rng *rng)
{
    uint64_t z = (rng->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

unsigned rng_below(struct rng *rng, unsigned limit)
{
    return limit ? (unsigned)(rng_next(rng) % limit) : 0;
}

static void value(struct generator *g, struct json schema, struct json_writer *w, int depth);

static bool chance(struct generator *g, unsigned percent)
{
    return rng_below(&g->rng, 100) < percent;
}

static struct json pick(struct generator *g, struct json array)
{
    return json_at(array, rng_below(&g->rng, json_count(array)));
}

/* "#/$defs/x"; other references give anything. */
static struct json follow(struct generator *g, struct json reference)
{
    struct str text;
    struct json at = g->root;
    if (!json_plain(reference, &text) || !str_starts(text, STR("#")))
        return json_none();
    text = (struct str){text.ptr + 1, text.len - 1};
    while (text.len && json_exists(at)) {
        const char *slash = memchr(text.ptr + 1, '/', text.len - 1);
        size_t len = slash ? (size_t)(slash - text.ptr) - 1 : text.len - 1;
        at = json_get(at, (struct str){text.ptr + 1, len});
        text = (struct str){text.ptr + 1 + len, text.len - 1 - len};
    }
    return at;
}

static double limit_of(struct json schema, const char *key, double fallback)
{
    double number = fallback;
    json_double(json_get(schema, str_from(key)), &number);
    return number;
}

static void integer(struct generator *g, struct json schema, struct json_writer *w)
{
    double low = ceil(
        fmax(limit_of(schema, "minimum", -1e15), limit_of(schema, "exclusiveMinimum", -1e15) + 1));
    double high = floor(
        fmin(limit_of(schema, "maximum", 1e15), limit_of(schema, "exclusiveMaximum", 1e15) - 1));
    double step = fmax(1, limit_of(schema, "multipleOf", 1));
    if (low <= -1e15 && high >= 1e15 && chance(g, 70)) {
        low = -100;
        high = 1000;
    }
    double chosen =
        chance(g, 15) ? low
        : chance(g, 15)
            ? high
            : low + floor((high - low + 1) * ((double)(rng_next(&g->rng) >> 11) * 0x1p-53));
    chosen = ceil(chosen / step) * step;
    json_write_i64(
        w, (int64_t)fmax(-9e15,
                         fmin(9e15, chosen > high && high - step >= low ? chosen - step : chosen)));
}

static void number(struct generator *g, struct json schema, struct json_writer *w)
{
    double low = limit_of(schema, "minimum", limit_of(schema, "exclusiveMinimum", -1e6));
    double high = limit_of(schema, "maximum", limit_of(schema, "exclusiveMaximum", 1e6));
    if (json_exists(json_get(schema, STR("multipleOf"))) || chance(g, 30))
        integer(g, schema, w);
    else
        json_write_double(w, low + (high - low) *
                                       (0.01 + 0.98 * (double)(rng_next(&g->rng) >> 11) * 0x1p-53));
}

static bool formatted(struct json schema, struct json_writer *w)
{
    static const struct {
        const char *format, *text;
    } known[] = {
        {"date", "2024-02-29"},
        {"date-time", "2024-02-29T23:59:59Z"},
        {"time", "23:59:59Z"},
        {"email", "someone@example.org"},
        {"uri", "https://example.org/a?b=c"},
        {"ipv4", "192.0.2.1"},
        {"ipv6", "2001:db8::1"},
        {"uuid", "123e4567-e89b-42d3-a456-426614174000"},
        {"hostname", "example.org"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (json_is(json_get(schema, STR("format")), str_from(known[i].format))) {
            json_write_string(w, str_from(known[i].text));
            return true;
        }
    return false;
}

/* Words of the kind that tools are fed with, so that some calls get somewhere. */
static struct str word(struct generator *g)
{
    static const char *const words[] = {
        "a",
        "1 + 2",
        "hello world",
        "2024-02-29T12:00:00Z",
        "Europe/Berlin",
        "{\"a\":[1,2]}",
        "[1]",
        "a+b",
        "(a|b)*c",
        "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
        "line one\nline two\n",
        "SGVsbG8=",
        "0",
        "-1",
        "true",
        "null",
        "$1",
        "%s%n",
        "../..",
        "\t",
        "<a href=\"x\">",
        "123e4567-e89b-42d3-a456-426614174000",
        "{\"type\":\"object\"}",
        "UTC",
        "+1d",
    };
    return str_from(words[rng_below(&g->rng, sizeof(words) / sizeof(words[0]))]);
}

static void string(struct generator *g, struct json schema, struct json_writer *w)
{
    struct buffer text = BUFFER_INIT;
    double low = limit_of(schema, "minLength", 0), high = limit_of(schema, "maxLength", 1e6);
    if (formatted(schema, w))
        return;
    if (chance(g, 60))
        buffer_add_str(&text, word(g));
    while ((double)text.len < low || chance(g, 60))
        buffer_add_char(&text, (char)(' ' + (int)rng_below(&g->rng, 95)));
    if ((double)text.len > high || text.len > (size_t)fmax(low, 4096)) {
        buffer_reset(&text, 4096);
        while ((double)text.len < fmin(high, fmax(low, 1)))
            buffer_add_char(&text, 'a');
    }
    json_write_string(w, buffer_str(&text));
    buffer_clear(&text);
}

static void array(struct generator *g, struct json schema, struct json_writer *w, int depth)
{
    unsigned low = (unsigned)fmin(limit_of(schema, "minItems", 0), 1000);
    unsigned high = (unsigned)fmin(limit_of(schema, "maxItems", low + 3), low + 5);
    unsigned count = low + rng_below(&g->rng, high >= low ? high - low + 1 : 1);
    struct json items = json_get(schema, STR("items"));
    struct json_iter first = json_iter(json_get(schema, STR("prefixItems")));
    json_begin_array(w);
    for (unsigned i = 0; i < count; i++)
        value(g, json_next(&first) ? first.value : items, w, depth + 1);
    json_end_array(w);
}

static bool listed(struct json names, struct json key)
{
    struct json_iter it = json_iter(names);
    while (json_next(&it))
        if (json_same_string(it.value, key))
            return true;
    return false;
}

static void path(struct generator *g, struct json_writer *w)
{
    static const char *const names[] = {"notes.txt",   "folder", "folder/more.txt",
                                        "missing.txt", ".",      "data.bin"};
    char text[512];
    snprintf(text, sizeof(text), chance(g, 50) ? "%s/%s" : "%.0s%s", g->folder,
             names[rng_below(&g->rng, sizeof(names) / sizeof(names[0]))]);
    json_write_string(w, str_from(text));
}

static void members(struct generator *g, struct json schema, struct json required,
                    struct json_writer *w, int depth, unsigned percent)
{
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    while (json_next(&it)) {
        if (!listed(required, it.key) && !chance(g, depth > 6 ? 5 : percent))
            continue;
        json_key_raw(w, it.key);
        if (depth == 0 && g->folder && listed(g->paths, it.key))
            path(g, w);
        else
            value(g, it.value, w, depth + 1);
    }
}

static void object(struct generator *g, struct json schema, struct json_writer *w, int depth)
{
    static const unsigned shares[] = {0, 20, 50, 90};
    struct json required = json_get(schema, STR("required"));
    unsigned percent = shares[rng_below(&g->rng, 4)];
    json_begin_object(w);
    members(g, schema, required, w, depth, percent);
    json_end_object(w);
}

static void of_type(struct generator *g, struct json type, struct json schema,
                    struct json_writer *w, int depth)
{
    if (json_is(type, STR("object")))
        object(g, schema, w, depth);
    else if (json_is(type, STR("array")))
        array(g, schema, w, depth);
    else if (json_is(type, STR("string")))
        string(g, schema, w);
    else if (json_is(type, STR("integer")))
        integer(g, schema, w);
    else if (json_is(type, STR("number")))
        number(g, schema, w);
    else if (json_is(type, STR("boolean")))
        json_write_bool(w, chance(g, 50));
    else
        json_write_null(w);
}

static void anything(struct generator *g, struct json_writer *w, int depth)
{
    switch (rng_below(&g->rng, depth > 4 ? 4 : 6)) {
    case 0:
        json_write_null(w);
        break;
    case 1:
        json_write_bool(w, chance(g, 50));
        break;
    case 2:
        json_write_i64(w, (int64_t)rng_below(&g->rng, 2000) - 1000);
        break;
    case 3:
        json_write_string(w, word(g));
        break;
    case 4:
        json_begin_array(w);
        while (chance(g, 50))
            anything(g, w, depth + 1);
        json_end_array(w);
        break;
    default:
        json_begin_object(w);
        if (chance(g, 70)) {
            json_key(w, STR("a"));
            anything(g, w, depth + 1);
        }
        json_end_object(w);
    }
}

/* True if a keyword that says it all stood there. */
static bool given(struct generator *g, struct json schema, struct json_writer *w)
{
    struct json examples = json_get(schema, STR("examples"));
    struct json initial = json_get(schema, STR("default"));
    bool pattern = json_exists(json_get(schema, STR("pattern")));
    struct json chosen = json_get(schema, STR("const"));
    if (!json_exists(chosen) && json_count(json_get(schema, STR("enum"))))
        chosen = pick(g, json_get(schema, STR("enum")));
    if (!json_exists(chosen) && json_count(examples) && (pattern || chance(g, 30)))
        chosen = pick(g, examples);
    if (!json_exists(chosen) && json_exists(initial) && (pattern || chance(g, 15)))
        chosen = initial;
    if (!json_exists(chosen))
        return false;
    json_write_raw(w, json_text(chosen));
    return true;
}

static void value(struct generator *g, struct json schema, struct json_writer *w, int depth)
{
    static const char *const choices[] = {"oneOf", "anyOf"};
    struct json type = json_get(schema, STR("type"));
    if (json_exists(json_get(schema, STR("$ref"))) && depth < DEPTH_MAX) {
        value(g, follow(g, json_get(schema, STR("$ref"))), w, depth + 1);
        return;
    }
    if (given(g, schema, w))
        return;
    for (size_t i = 0; i < 2 && !json_exists(type); i++) {
        struct json list = json_get(schema, str_from(choices[i]));
        if (json_count(list) && depth < DEPTH_MAX) {
            value(g, pick(g, list), w, depth + 1);
            return;
        }
    }
    if (!json_exists(type) && json_count(json_get(schema, STR("allOf"))) && depth < DEPTH_MAX)
        value(g, json_at(json_get(schema, STR("allOf")), 0), w, depth + 1);
    else if (json_type(type) == JSON_ARRAY)
        of_type(g, pick(g, type), schema, w, depth);
    else if (json_exists(type))
        of_type(g, type, schema, w, depth);
    else if (json_exists(json_get(schema, STR("properties"))))
        object(g, schema, w, depth);
    else
        anything(g, w, depth);
}

void generate_value(struct generator *g, struct json schema, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    value(g, schema, &w, 0);
}

static void wrong_member(struct generator *g, struct json_writer *w)
{
    static const char *const values[] = {
        "null",
        "true",
        "-1",
        "1e308",
        "\"\"",
        "[]",
        "{}",
        "[[[[[[]]]]]]",
        "{\"a\":{\"a\":null}}",
        "9007199254740993",
        "\"\\u0000\"",
        "0.1",
        "[null]",
        "-0",
        "18446744073709551616",
    };
    json_write_raw(w, str_from(values[rng_below(&g->rng, sizeof(values) / sizeof(values[0]))]));
}

void generate_wrong(struct generator *g, struct json schema, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(json_get(schema, STR("properties")));
    json_begin_object(&w);
    while (json_next(&it)) {
        if (chance(g, 35))
            continue;
        json_key_raw(&w, it.key);
        if (chance(g, 70))
            wrong_member(g, &w);
        else
            value(g, it.value, &w, 1);
    }
    if (chance(g, 50)) {
        json_key(&w, STR("unknown member"));
        anything(g, &w, 0);
    }
    json_end_object(&w);
}

void generate_damaged(struct rng *rng, struct str text, struct buffer *out)
{
    static const char *const splices[] = {"{", "}",       "[",    "]",       "\"",    "\\", ",",
                                          ":", "\\u0000", "\xFF", "\\ud800", "1e999", "\n"};
    buffer_add_str(out, text);
    for (unsigned n = 1 + rng_below(rng, 4); n && out->len; n--) {
        size_t at = rng_below(rng, (unsigned)out->len);
        const char *splice = splices[rng_below(rng, sizeof(splices) / sizeof(splices[0]))];
        switch (rng_below(rng, 4)) {
        case 0:
            out->data[at] = (char)rng_next(rng);
            break;
        case 1:
            out->len = at;
            break;
        case 2:
            if (at + strlen(splice) <= out->len)
                memcpy(out->data + at, splice, strlen(splice));
            break;
        default:
            buffer_add(out, splice, strlen(splice));
        }
    }
}
