/*
 * tera_list.c - filters of arrays and objects, and of texts as lists of characters.
 *
 * SPDX-License-Identifier: MIT
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tera_eval.h"

typedef struct value list_filter(const struct called *c, const struct value *list);

/* Characters of UTF-8. */
static double count_characters(hexmcp_str text)
{
    double count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += (text.ptr[i] & 0xc0) != 0x80;
    return count;
}

static struct value length(const struct called *c, const struct value *list)
{
    if (list->type == VALUE_STRING)
        return value_of_number(count_characters(list->text));
    if (list->type < VALUE_ARRAY)
        return called_fail(c, "it is for texts, arrays and objects, but got %s", value_type_name(list));
    return value_of_number((double)list->count);
}

static struct value nothing(void)
{
    return (struct value){.type = VALUE_NULL};
}

static struct value first(const struct called *c, const struct value *list)
{
    (void)c;
    return list->count > 0 ? list->items[0] : nothing();
}

static struct value last(const struct called *c, const struct value *list)
{
    (void)c;
    return list->count > 0 ? list->items[list->count - 1] : nothing();
}

static struct value nth(const struct called *c, const struct value *list)
{
    double n = called_number(c, "n", 0, 0);
    return n >= 0 && n < (double)list->count ? list->items[(size_t)n] : nothing();
}

static struct value *copy_items(const struct called *c, const struct value *list)
{
    struct value *items = render_memory(c->render, (list->count + 1) * sizeof(*items));
    if (items && list->count > 0)
        memcpy(items, list->items, list->count * sizeof(*items));
    return items;
}

static struct value array(struct value *items, size_t count)
{
    return items ? value_of_array(items, count) : (struct value){0};
}

static struct value reverse(const struct called *c, const struct value *list)
{
    struct value *items = copy_items(c, list);
    for (size_t i = 0; items && i < list->count; i++)
        items[i] = list->items[list->count - 1 - i];
    return array(items, list->count);
}

static struct value join(const struct called *c, const struct value *list)
{
    hexmcp_str sep = called_text(c, "sep", 0, "");
    struct bytes out = {0};
    bool good = true;
    for (size_t i = 0; i < list->count && good && render_step(c->render); i++) {
        hexmcp_str text = value_text(c->render, &list->items[i]);
        good = (i == 0 || bytes_add(&out, sep.ptr, sep.len)) && bytes_add(&out, text.ptr, text.len) &&
               out.len <= OUTPUT_BYTES_MAX;
    }
    if (!good)
        called_fail(c, "the text has more than 8 MiB; make it smaller");
    return value_of_text(render_take(c->render, &out));
}

/* The member named by `attribute`, "a.b" of a in b; the value itself without it. */
static struct value attribute_of(const struct called *c, const struct value *value, hexmcp_str path)
{
    struct value part = *value;
    while (path.len > 0 && part.type != VALUE_NONE) {
        const char *dot = memchr(path.ptr, '.', path.len);
        size_t len = dot ? (size_t)(dot - path.ptr) : path.len;
        part = value_part(c->render, &part, (hexmcp_str){path.ptr, len});
        path.ptr += len + (dot != NULL);
        path.len -= len + (dot != NULL);
    }
    return part;
}

struct keyed {
    struct value key, value;
    size_t place;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int order = value_compare(&x->key, &y->key);
    return order == 0 || order == 2 ? (x->place > y->place) - (x->place < y->place) : order;
}

static struct value sort(const struct called *c, const struct value *list)
{
    hexmcp_str path = called_text(c, "attribute", 0, "");
    struct keyed *keyed = render_memory(c->render, (list->count + 1) * sizeof(*keyed));
    struct value *items = copy_items(c, list);
    for (size_t i = 0; keyed && items && i < list->count && render_step(c->render); i++) {
        keyed[i] = (struct keyed){attribute_of(c, &list->items[i], path), list->items[i], i};
        if (value_compare(&keyed[0].key, &keyed[i].key) == 2)
            return called_fail(c, "%s and %s cannot be compared", value_type_name(&keyed[0].key),
                               value_type_name(&keyed[i].key));
    }
    if (!keyed || !items)
        return (struct value){0};
    if (list->count > 0)
        qsort(keyed, list->count, sizeof(*keyed), compare_keyed);
    for (size_t i = 0; i < list->count; i++)
        items[i] = keyed[i].value;
    return array(items, list->count);
}

static struct value unique(const struct called *c, const struct value *list)
{
    hexmcp_str path = called_text(c, "attribute", 0, "");
    struct value *items = copy_items(c, list), *keys = copy_items(c, list);
    size_t count = 0;
    for (size_t i = 0; items && keys && i < list->count; i++) {
        struct value key = attribute_of(c, &list->items[i], path);
        size_t j = 0;
        while (j < count && render_step(c->render) && !value_equals(c->render, &keys[j], &key))
            j++;
        if (j < count)
            continue;
        keys[count] = key;
        items[count++] = list->items[i];
    }
    return array(keys ? items : NULL, count);
}

static struct value slice(const struct called *c, const struct value *list)
{
    double count = (double)list->count;
    double from = called_number(c, "start", 0, 0), to = called_number(c, "end", 1, count);
    from = trunc(from < 0 ? fmax(from + count, 0) : fmin(from, count));
    to = trunc(to < 0 ? fmax(to + count, 0) : fmin(to, count));
    if (!(from < to))
        return value_of_array(list->items, 0);
    return value_of_array(list->items + (size_t)from, (size_t)to - (size_t)from);
}

static struct value map(const struct called *c, const struct value *list)
{
    hexmcp_str path = called_text(c, "attribute", 0, "");
    struct value *items = copy_items(c, list);
    for (size_t i = 0; items && i < list->count && render_step(c->render); i++)
        items[i] = attribute_of(c, &list->items[i], path);
    return array(items, list->count);
}

/* Those whose attribute is `value`, or is true if no value is given. */
static struct value filter(const struct called *c, const struct value *list)
{
    hexmcp_str path = called_text(c, "attribute", 0, "");
    struct value wanted = called_argument(c, "value", 1), *items = copy_items(c, list);
    size_t count = 0;
    for (size_t i = 0; items && i < list->count && render_step(c->render); i++) {
        struct value value = attribute_of(c, &list->items[i], path);
        bool fits = wanted.type == VALUE_NONE ? value_is_true(&value)
                                              : value_equals(c->render, &value, &wanted);
        if (fits)
            items[count++] = list->items[i];
    }
    return array(items, count);
}

static struct value concat(const struct called *c, const struct value *list)
{
    struct value with = called_argument(c, "with", 0);
    size_t more = with.type == VALUE_ARRAY ? with.count : 1;
    struct value *items = render_memory(c->render, (list->count + more + 1) * sizeof(*items));
    if (!items)
        return (struct value){0};
    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof(*items));
    for (size_t i = 0; i < more; i++)
        items[list->count + i] = with.type == VALUE_ARRAY ? with.items[i] : with;
    return array(items, list->count + more);
}

static struct value sum(const struct called *c, const struct value *list)
{
    double total = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].type != VALUE_NUMBER)
            return called_fail(c, "it is for numbers, but one element is %s", value_type_name(&list->items[i]));
        total += list->items[i].number;
    }
    return value_of_number(total);
}

static struct value extreme(const struct called *c, const struct value *list)
{
    struct value best = list->count > 0 ? list->items[0] : nothing();
    for (size_t i = 1; i < list->count && render_step(c->render); i++)
        if (value_compare(&list->items[i], &best) == (text_is(c->name, "max") ? 1 : -1))
            best = list->items[i];
    return best;
}

static struct value keys(const struct called *c, const struct value *list)
{
    struct value *items = copy_items(c, list);
    for (size_t i = 0; items && i < list->count; i++)
        items[i] = list->type == VALUE_OBJECT ? value_of_text(list->keys[i]) : value_of_number((double)i);
    return array(items, list->count);
}

static struct value values(const struct called *c, const struct value *list)
{
    return array(copy_items(c, list), list->count);
}

static struct value get(const struct called *c, const struct value *list)
{
    struct value found = attribute_of(c, list, called_text(c, "key", 0, ""));
    return found.type == VALUE_NONE ? called_argument(c, "default", 1) : found;
}

static const struct {
    const char *name;
    list_filter *run;
} filters[] = {
    {"length", length}, {"count", length}, {"first", first},   {"last", last},     {"nth", nth},
    {"reverse", reverse}, {"join", join},  {"sort", sort},     {"unique", unique}, {"slice", slice},
    {"map", map},       {"filter", filter}, {"concat", concat}, {"sum", sum},      {"min", extreme},
    {"max", extreme},   {"keys", keys},    {"values", values}, {"get", get},
};

bool filter_list(const struct called *c, struct value *value)
{
    for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
        if (!text_is(c->name, filters[i].name))
            continue;
        if (value->type < VALUE_ARRAY && filters[i].run != length)
            *value = called_fail(c, "it is for arrays, but got %s", value_type_name(value));
        else
            *value = filters[i].run(c, value);
        return true;
    }
    return false;
}
