/*
 * SPDX-License-Identifier: MIT
 */
#include "value.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Items of an array or object while they are read. */
struct growing {
    struct value *items;
    hexmcp_str *keys;
    size_t count, room;
};

struct value value_of_bool(bool yes)
{
    return (struct value){.type = VALUE_BOOL, .yes = yes};
}

struct value value_of_number(double number)
{
    return (struct value){.type = VALUE_NUMBER, .number = number};
}

struct value value_of_text(hexmcp_str text)
{
    return (struct value){.type = VALUE_STRING, .text = text};
}

struct value value_of_array(const struct value *items, size_t count)
{
    return (struct value){.type = VALUE_ARRAY, .items = items, .count = count};
}

static hexmcp_str parse_string(struct render *render, hexmcp_str json)
{
    size_t len = 0;
    char *text = render_memory(render, json.len + 1);
    if (text && hexmcp_json_string(json, text, json.len + 1, &len) != HEXMCP_OK)
        render_fail(render, HEXMCP_E_INVALID, "the context holds a text that cannot be read");
    return (hexmcp_str){text ? text : "", text ? len : 0};
}

static bool grow(struct growing *g)
{
    size_t room = g->room ? g->room * 2 : 8;
    struct value *items = realloc(g->items, room * sizeof(*items));
    if (items)
        g->items = items;
    hexmcp_str *keys = realloc(g->keys, room * sizeof(*keys));
    if (keys)
        g->keys = keys;
    if (!items || !keys)
        return false;
    g->room = room;
    return true;
}

static struct value settle(struct render *render, struct growing *g, bool is_object)
{
    struct value *items = render_memory(render, g->count * sizeof(*items));
    hexmcp_str *keys = is_object ? render_memory(render, g->count * sizeof(*keys)) : NULL;
    struct value value = {.type = is_object ? VALUE_OBJECT : VALUE_ARRAY};
    if (items && (keys || !is_object) && g->count > 0) {
        memcpy(items, g->items, g->count * sizeof(*items));
        if (is_object)
            memcpy(keys, g->keys, g->count * sizeof(*keys));
        value.items = items;
        value.keys = keys;
        value.count = g->count;
    }
    free(g->items);
    free(g->keys);
    return value;
}

static struct value parse_items(struct render *render, hexmcp_str json, bool is_object)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(json);
    struct growing g = {0};
    hexmcp_str key, item;
    if (!render_down(render, "arrays and objects of the context"))
        return (struct value){0};
    while (render_step(render) && hexmcp_json_next(&it, &key, &item)) {
        if (g.count == g.room && !grow(&g)) {
            render_fail(render, HEXMCP_E_NOMEM, "out of memory for the context; try again");
            break;
        }
        if (is_object)
            g.keys[g.count] = parse_string(render, key);
        g.items[g.count++] = value_parse(render, item);
    }
    render_up(render);
    return settle(render, &g, is_object);
}

struct value value_parse(struct render *render, hexmcp_str json)
{
    struct value value = {0};
    int yes = 0;
    switch (hexmcp_json_type(json)) {
    case HEXMCP_JSON_BOOL:
        hexmcp_json_bool(json, &yes);
        return value_of_bool(yes);
    case HEXMCP_JSON_NUMBER:
        hexmcp_json_double(json, &value.number);
        value.type = VALUE_NUMBER;
        value.text = json;
        return value;
    case HEXMCP_JSON_STRING:
        return value_of_text(parse_string(render, json));
    case HEXMCP_JSON_ARRAY:
        return parse_items(render, json, false);
    case HEXMCP_JSON_OBJECT:
        return parse_items(render, json, true);
    default:
        value.type = VALUE_NULL;
        return value;
    }
}

static bool same(hexmcp_str a, hexmcp_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

struct value value_member(struct render *render, const struct value *value, hexmcp_str key)
{
    render_work(render, value->count);
    for (size_t i = 0; value->type == VALUE_OBJECT && i < value->count; i++)
        if (same(value->keys[i], key))
            return value->items[i];
    return (struct value){0};
}

struct value value_part(struct render *render, const struct value *value, hexmcp_str key)
{
    uint64_t index = 0;
    if (value->type == VALUE_ARRAY && text_is(key, "length"))
        return value_of_number((double)value->count);
    if (value->type != VALUE_ARRAY)
        return value_member(render, value, key);
    for (size_t i = 0; i < key.len; i++) {
        if (key.ptr[i] < '0' || key.ptr[i] > '9' || index > value->count)
            return (struct value){0};
        index = index * 10 + (uint64_t)(key.ptr[i] - '0');
    }
    return key.len > 0 && index < value->count ? value->items[index] : (struct value){0};
}

/* The shortest text that is this number again. */
static hexmcp_str number_text(struct render *render, const struct value *value)
{
    char text[40];
    if (value->text.len > 0)
        return value->text;
    if (value->number == floor(value->number) && fabs(value->number) < 1e15)
        snprintf(text, sizeof(text), "%.0f", value->number + 0.0);
    else
        for (int digits = 6; digits <= 17; digits++) {
            snprintf(text, sizeof(text), "%.*g", digits, value->number);
            if (strtod(text, NULL) == value->number)
                break;
        }
    return render_copy(render, hexmcp_str_from(text));
}

void value_write_json(hexmcp_json_writer *w, const struct value *value)
{
    switch (value->type) {
    case VALUE_BOOL:
        hexmcp_json_write_bool(w, value->yes);
        break;
    case VALUE_NUMBER:
        if (value->text.len > 0)
            hexmcp_json_write_raw(w, value->text);
        else
            hexmcp_json_write_double(w, value->number);
        break;
    case VALUE_STRING:
        hexmcp_json_write_string(w, value->text);
        break;
    case VALUE_ARRAY:
        hexmcp_json_begin_array(w);
        for (size_t i = 0; i < value->count; i++)
            value_write_json(w, &value->items[i]);
        hexmcp_json_end_array(w);
        break;
    case VALUE_OBJECT:
        hexmcp_json_begin_object(w);
        for (size_t i = 0; i < value->count; i++) {
            char *key = strndup(value->keys[i].ptr, value->keys[i].len);
            hexmcp_json_key(w, key ? key : "");
            free(key);
            value_write_json(w, &value->items[i]);
        }
        hexmcp_json_end_object(w);
        break;
    default:
        hexmcp_json_write_null(w);
    }
}

static hexmcp_str json_text(struct render *render, const struct value *value)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    value_write_json(&w, value);
    if (hexmcp_json_writer_status(&w) != HEXMCP_OK)
        render_fail(render, HEXMCP_E_NOMEM, "out of memory for a value as JSON; try again");
    hexmcp_str text = render_copy(render, hexmcp_json_writer_text(&w));
    hexmcp_json_writer_free(&w);
    return text;
}

hexmcp_str value_text(struct render *render, const struct value *value)
{
    switch (value->type) {
    case VALUE_BOOL:
        return hexmcp_str_from(value->yes ? "true" : "false");
    case VALUE_NUMBER:
        return number_text(render, value);
    case VALUE_STRING:
        return value->text;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        return json_text(render, value);
    default:
        return hexmcp_str_from("");
    }
}

bool value_is_true(const struct value *value)
{
    switch (value->type) {
    case VALUE_BOOL:
        return value->yes;
    case VALUE_NUMBER:
        return value->number != 0;
    case VALUE_STRING:
        return value->text.len > 0;
    case VALUE_ARRAY:
    case VALUE_OBJECT:
        return value->count > 0;
    default:
        return false;
    }
}

int value_compare(const struct value *a, const struct value *b)
{
    if (a->type == VALUE_NUMBER && b->type == VALUE_NUMBER)
        return (a->number > b->number) - (a->number < b->number);
    if (a->type != VALUE_STRING || b->type != VALUE_STRING)
        return 2;
    size_t len = a->text.len < b->text.len ? a->text.len : b->text.len;
    int order = len > 0 ? memcmp(a->text.ptr, b->text.ptr, len) : 0;
    if (order == 0)
        return (a->text.len > b->text.len) - (a->text.len < b->text.len);
    return order < 0 ? -1 : 1;
}

bool value_equals(struct render *render, const struct value *a, const struct value *b)
{
    bool a_none = a->type <= VALUE_NULL, b_none = b->type <= VALUE_NULL;
    if (a_none || b_none)
        return a_none && b_none;
    if (a->type != b->type)
        return false;
    if (a->type == VALUE_BOOL)
        return a->yes == b->yes;
    if (a->type < VALUE_ARRAY)
        return value_compare(a, b) == 0;
    bool equal = a->count == b->count;
    for (size_t i = 0; i < a->count && equal && render_step(render); i++) {
        struct value other =
            a->type == VALUE_OBJECT ? value_member(render, b, a->keys[i]) : b->items[i];
        equal = value_equals(render, &a->items[i], &other);
    }
    return equal;
}

const char *value_type_name(const struct value *value)
{
    static const char *const names[] = {"nothing", "null",     "true or false", "a number",
                                        "a text",  "an array", "an object"};
    return names[value->type];
}
