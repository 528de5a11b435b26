/*
 * SPDX-License-Identifier: MIT
 */
#include "kit/args.h"

#include <stdio.h>

#define SHORTEN "shorten it"

struct args_memory {
    struct args_memory *next;
    max_align_t bytes[];
};

struct args args_begin(hexmcp_str json, hexmcp_error *err)
{
    return (struct args){.json = json, .name = "", .root = {.err = err}};
}

/* The copy that args_begin() returned has a root of its own; a part points to that of the whole. */
static struct args_root *root_of(const struct args *args)
{
    return args->top ? args->top : (struct args_root *)&args->root;
}

void args_end(struct args *args)
{
    struct args_root *root = root_of(args);
    while (root->memory) {
        struct args_memory *next = root->memory->next;
        free(root->memory);
        root->memory = next;
    }
}

int32_t args_status(const struct args *args)
{
    return root_of(args)->status;
}

int32_t args_fail(struct args *args, int32_t code, const char *format, ...)
{
    struct args_root *root = root_of(args);
    char text[sizeof(root->err->text)];
    va_list list;
    if (root->status != HEXMCP_OK)
        return root->status;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    return root->status = hexmcp_fail(root->err, code, "%s", text);
}

void *args_memory(struct args *args, size_t size)
{
    struct args_root *root = root_of(args);
    struct args_memory *block = malloc(sizeof(*block) + size);
    if (!block) {
        args_fail(args, HEXMCP_E_NOMEM, "out of memory for the arguments; try again");
        return NULL;
    }
    block->next = root->memory;
    root->memory = block;
    return block->bytes;
}

hexmcp_str args_raw(struct args *args, const char *key)
{
    hexmcp_str value;
    if (args_status(args) != HEXMCP_OK || hexmcp_json_get(args->json, key, &value) != HEXMCP_OK ||
        hexmcp_json_type(value) == HEXMCP_JSON_NULL)
        return (hexmcp_str){NULL, 0};
    return value;
}

bool args_has(struct args *args, const char *key)
{
    return args_raw(args, key).len > 0;
}

bool args_says(struct args *args, const char *key, const char *usual)
{
    hexmcp_str value = args_raw(args, key);
    return value.len > 0 && !hexmcp_str_equals(value, usual);
}

struct args args_object(struct args *args, const char *key)
{
    struct args part = {.json = args_raw(args, key), .name = "", .top = root_of(args)};
    size_t room = strlen(args->name) + strlen(key) + 2;
    char *name = args_memory(args, room);
    if (name) {
        snprintf(name, room, "%s%s.", args->name, key);
        part.name = name;
    }
    if (part.json.len > 0 && hexmcp_json_type(part.json) != HEXMCP_JSON_OBJECT)
        args_fail(args, HEXMCP_E_INVALID, "%s%s is not an object; give an object", args->name, key);
    return part;
}

/* Room for what the string says: counted only where that may be more than is taken, so that nothing is held
 * of what is refused. */
static bool measure(struct args *args, hexmcp_str value, const char *what, size_t most,
                    const char *advice, size_t *room)
{
    *room = value.len;
    if (value.len <= most || hexmcp_json_string(value, NULL, 0, room) == HEXMCP_E_INVALID ||
        *room <= most)
        return true;
    args_fail(args, HEXMCP_E_TOO_LARGE, "%s%s has %zu bytes, but at most %zu are taken; %s", args->name,
              what, *room, most, advice);
    return false;
}

hexmcp_str args_string_bytes(struct args *args, hexmcp_str value, const char *what, size_t most,
                             const char *advice)
{
    hexmcp_str none = {NULL, 0};
    size_t room, len;
    char *bytes;
    if (hexmcp_json_type(value) != HEXMCP_JSON_STRING) {
        args_fail(args, HEXMCP_E_INVALID, "%s%s is not a text; give a string", args->name, what);
        return none;
    }
    if (!measure(args, value, what, most, advice, &room))
        return none;
    bytes = args_memory(args, room + 1);
    if (!bytes)
        return none;
    if (hexmcp_json_string(value, bytes, room + 1, &len) != HEXMCP_OK) {
        args_fail(args, HEXMCP_E_INVALID, "%s%s holds a character that cannot stand here; leave it out",
                  args->name, what);
        return none;
    }
    return (hexmcp_str){bytes, len};
}

hexmcp_str args_bytes_or(struct args *args, const char *key, size_t most, const char *advice)
{
    hexmcp_str value = args_raw(args, key);
    return value.len > 0 ? args_string_bytes(args, value, key, most, advice) : value;
}

hexmcp_str args_bytes(struct args *args, const char *key, size_t most)
{
    return args_bytes_or(args, key, most, SHORTEN);
}

const char *args_string(struct args *args, hexmcp_str value, const char *what, size_t most)
{
    hexmcp_str text = args_string_bytes(args, value, what, most, SHORTEN);
    if (text.ptr && strlen(text.ptr) != text.len)
        args_fail(args, HEXMCP_E_INVALID, "%s%s holds a NUL character; leave it out", args->name,
                  what);
    return args_status(args) == HEXMCP_OK ? text.ptr : "";
}

const char *args_text(struct args *args, const char *key, size_t most, const char *fallback)
{
    hexmcp_str value = args_raw(args, key);
    return value.len > 0 ? args_string(args, value, key, most) : fallback;
}

const char *args_needed(struct args *args, const char *key, size_t most)
{
    const char *text = args_text(args, key, most, "");
    if (*text == '\0')
        args_fail(args, HEXMCP_E_INVALID, "%s%s is missing or empty; give it", args->name, key);
    return text;
}

/* A schema's integer may also be written 5.0 or 1e3. */
static bool take_whole(hexmcp_str value, int64_t *number)
{
    double real;
    if (hexmcp_json_int64(value, number) == HEXMCP_OK)
        return true;
    if (hexmcp_json_double(value, &real) != HEXMCP_OK || real < -9e15 || real > 9e15)
        return false;
    *number = (int64_t)real;
    return (double)*number == real;
}

int64_t args_int(struct args *args, const char *key, int64_t low, int64_t high, int64_t fallback)
{
    hexmcp_str value = args_raw(args, key);
    int64_t number;
    if (value.len == 0)
        return fallback;
    if (take_whole(value, &number) && number >= low && number <= high)
        return number;
    args_fail(args, HEXMCP_E_INVALID, "%s%s is not a whole number from %lld to %lld; correct it",
              args->name, key, (long long)low, (long long)high);
    return fallback;
}

double args_number(struct args *args, const char *key, double low, double high, double fallback)
{
    hexmcp_str value = args_raw(args, key);
    double number;
    if (value.len == 0)
        return fallback;
    if (hexmcp_json_double(value, &number) == HEXMCP_OK && number >= low && number <= high)
        return number;
    args_fail(args, HEXMCP_E_INVALID, "%s%s is not a number from %g to %g; correct it", args->name,
              key, low, high);
    return fallback;
}

bool args_bool(struct args *args, const char *key, bool fallback)
{
    hexmcp_str value = args_raw(args, key);
    int yes;
    if (value.len == 0)
        return fallback;
    if (hexmcp_json_bool(value, &yes) == HEXMCP_OK)
        return yes;
    args_fail(args, HEXMCP_E_INVALID, "%s%s is neither true nor false; correct it", args->name, key);
    return fallback;
}

static void fail_choice(struct args *args, const char *key, const char *wrong,
                        const char *const *names)
{
    char list[400] = "";
    for (size_t i = 0, at = 0; names[i] && at < sizeof(list); i++)
        at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "", names[i]);
    args_fail(args, HEXMCP_E_INVALID, "%s%s is %s; give one of %s", args->name, key, wrong, list);
}

size_t args_choice(struct args *args, const char *key, const char *const *names, size_t fallback)
{
    hexmcp_str value = args_raw(args, key);
    if (value.len == 0)
        return fallback;
    for (size_t i = 0; names[i]; i++)
        if (hexmcp_json_equals(value, names[i]))
            return i;
    fail_choice(args, key, "unknown", names);
    return fallback;
}

size_t args_choice_needed(struct args *args, const char *key, const char *const *names)
{
    if (!args_has(args, key))
        fail_choice(args, key, "missing", names);
    return args_choice(args, key, names, 0);
}

static size_t count_items(hexmcp_str array)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(array);
    hexmcp_str item;
    size_t count = 0;
    while (hexmcp_json_next(&it, NULL, &item))
        count++;
    return count;
}

const char *const *args_texts(struct args *args, const char *key, size_t most_items,
                              size_t most_bytes, size_t *count)
{
    hexmcp_str value = args_raw(args, key), item;
    bool alone = hexmcp_json_type(value) == HEXMCP_JSON_STRING;
    size_t items = alone ? 1 : count_items(value), at = 0;
    *count = 0;
    if (value.len == 0)
        return NULL;
    if (!alone && hexmcp_json_type(value) != HEXMCP_JSON_ARRAY) {
        args_fail(args, HEXMCP_E_INVALID, "%s%s is not an array of texts; give one", args->name, key);
        return NULL;
    }
    if (items > most_items) {
        args_fail(args, HEXMCP_E_TOO_LARGE, "%s%s has %zu elements, but at most %zu are taken; give fewer",
                  args->name, key, items, most_items);
        return NULL;
    }
    const char **texts = args_memory(args, (items + 1) * sizeof(*texts));
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    if (alone && texts)
        texts[at++] = args_string(args, value, key, most_bytes);
    while (!alone && texts && hexmcp_json_next(&it, NULL, &item))
        texts[at++] = args_string(args, item, key, most_bytes);
    *count = args_status(args) == HEXMCP_OK ? at : 0;
    return texts;
}

static bool says_nothing(hexmcp_str value)
{
    int yes = 1;
    return value.len == 0 || hexmcp_json_equals(value, "") ||
           (hexmcp_json_bool(value, &yes) == HEXMCP_OK && !yes);
}

static void refuse(struct args *args, const struct args_taker *taker, const char *const *names,
                   size_t operation)
{
    char list[300] = "";
    for (size_t i = 0, at = 0; names[i] && at < sizeof(list); i++)
        if (taker->operations & 1u << i)
            at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", at ? ", " : "", names[i]);
    args_fail(args, HEXMCP_E_INVALID, "%s%s is not for %s but for %s; leave it out, or take another operation",
              args->name, taker->name, names[operation], list);
}

void args_refuse(struct args *args, const struct args_taker *takers, const char *const *names,
                 size_t operation)
{
    for (; takers->name; takers++)
        if (!(takers->operations & 1u << operation) && !says_nothing(args_raw(args, takers->name)))
            refuse(args, takers, names, operation);
}
