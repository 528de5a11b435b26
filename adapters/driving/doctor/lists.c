#include "adapters/driving/doctor/lists.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/json/writer.h"

#define MAX_PAGES 500

struct names {
    struct json *keys;
    size_t count, room;
};

static void check_key(struct examination *x, const struct walk *walk, struct json entry,
                      struct names *names)
{
    struct json key = json_get(entry, str_from(walk->key));
    char text[160];
    if (json_type(key) != JSON_STRING) {
        find(x, DOCTOR_ERROR, "%s: an entry has no string %s: %s", walk->method, walk->key,
             excerpt(entry, text, sizeof(text)));
        return;
    }
    for (size_t i = 0; i < names->count; i++)
        if (json_same_string(names->keys[i], key)) {
            find(x, DOCTOR_ERROR, "%s: two entries have the %s %s", walk->method, walk->key,
                 excerpt(key, text, sizeof(text)));
            return;
        }
    if (names->count == names->room) {
        size_t room = names->room ? names->room * 2 : 64;
        struct json *more = realloc(names->keys, room * sizeof(*more));
        if (!more)
            return;
        names->keys = more;
        names->room = room;
    }
    names->keys[names->count++] = key;
}

static void take_page(struct examination *x, const struct walk *walk, struct json result,
                      struct names *names)
{
    struct json list = json_get(result, str_from(walk->member));
    struct json_iter it = json_iter(list);
    char text[160];
    if (walk->page)
        walk->page(x, walk, result);
    if (json_type(list) != JSON_ARRAY) {
        find(x, DOCTOR_ERROR, "%s: the result has no array %s", walk->method, walk->member);
        return;
    }
    while (json_next(&it)) {
        if (json_type(it.value) != JSON_OBJECT) {
            find(x, DOCTOR_ERROR, "%s: an entry is no object: %s", walk->method,
                 excerpt(it.value, text, sizeof(text)));
            continue;
        }
        if (walk->key)
            check_key(x, walk, it.value, names);
        if (walk->entry)
            walk->entry(x, walk, it.value);
    }
}

static char *page_params(const struct examination *x, const struct walk *walk, struct json cursor)
{
    struct buffer more = BUFFER_INIT, params = BUFFER_INIT;
    if (json_exists(cursor)) {
        buffer_add_str(&more, STR("\"cursor\":"));
        buffer_add_str(&more, json_text(cursor));
    }
    buffer_add_char(&more, '\0');
    if (walk->modern) {
        modern_params(x, more.data ? more.data : "", &params);
    } else {
        buffer_add_char(&params, '{');
        buffer_add(&params, more.data, more.len - 1);
        buffer_add_char(&params, '}');
    }
    buffer_clear(&more);
    size_t len;
    return buffer_take(&params, &len);
}

/* The next cursor, or nothing at the end of the list. */
static struct json ask_page(struct examination *x, struct peer *peer, const struct walk *walk,
                            struct json cursor, struct names *names)
{
    struct json answer, next;
    char text[160];
    char *params = page_params(x, walk, cursor);
    bool answered = params && ask(x, peer, walk->method, params, walk->method, &answer);
    free(params);
    if (!answered)
        return json_none();
    if (error_code(answer)) {
        if (!walk->optional || error_code(answer) != -32601)
            find(x, DOCTOR_ERROR, "%s is answered with the error %s", walk->method,
                 excerpt(json_get(answer, STR("error")), text, sizeof(text)));
        return json_none();
    }
    take_page(x, walk, result_of(answer), names);
    next = json_get(result_of(answer), STR("nextCursor"));
    if (json_exists(next) && json_type(next) != JSON_STRING) {
        find(x, DOCTOR_ERROR, "%s: nextCursor is no string: %s", walk->method,
             excerpt(next, text, sizeof(text)));
        return json_none();
    }
    if (json_exists(next) && json_same_string(next, cursor)) {
        find(x, DOCTOR_ERROR, "%s: nextCursor is the cursor that was asked with", walk->method);
        return json_none();
    }
    return next;
}

void walk_list(struct examination *x, struct peer *peer, const struct walk *walk)
{
    struct names names = {NULL, 0, 0};
    struct json cursor = json_none();
    int pages = 0;
    do
        cursor = ask_page(x, peer, walk, cursor, &names);
    while (json_exists(cursor) && ++pages < MAX_PAGES);
    if (json_exists(cursor))
        find(x, DOCTOR_ERROR, "%s has no end after %d pages", walk->method, MAX_PAGES);
    free(names.keys);
}
