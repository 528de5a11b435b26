#include "adapters/driven/denials/denial_list.h"

#include <stdlib.h>

#include "core/base/str.h"
#include "core/json/utf8.h"
#include "core/json/writer.h"

#define FORMAT 1

static void clear(struct denial *d)
{
    free(d->plugin);
    free(d->what);
}

void denial_list_clear(struct denial_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        clear(&list->at[i]);
    free(list->at);
    *list = (struct denial_list){0};
}

static struct str cut(struct str text)
{
    size_t len = 0, next;
    while (len < text.len && (next = utf8_sequence(text.ptr + len, text.ptr + text.len)) != 0 &&
           len + next <= DENIAL_TEXT_MAX)
        len += next;
    return (struct str){text.ptr, len};
}

static struct denial *find(const struct denial_list *list, struct str plugin, struct str what)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_eq(str_from(list->at[i].plugin), plugin) &&
            str_eq(str_from(list->at[i].what), what))
            return &list->at[i];
    return NULL;
}

/* Removes the one that is longest ago, of `plugin` if that is not empty. */
static void drop_oldest(struct denial_list *list, struct str plugin)
{
    size_t oldest = list->count;
    for (size_t i = 0; i < list->count; i++)
        if ((plugin.len == 0 || str_eq(str_from(list->at[i].plugin), plugin)) &&
            (oldest == list->count || list->at[i].last_ms < list->at[oldest].last_ms))
            oldest = i;
    clear(&list->at[oldest]);
    list->count--;
    memmove(&list->at[oldest], &list->at[oldest + 1],
            (list->count - oldest) * sizeof(*list->at));
}

static bool make_room(struct denial_list *list, struct str plugin)
{
    size_t own = 0;
    for (size_t i = 0; i < list->count; i++)
        own += str_eq(str_from(list->at[i].plugin), plugin);
    if (own >= DENIALS_OF_PLUGIN_MAX)
        drop_oldest(list, plugin);
    else if (list->count >= DENIALS_MAX)
        drop_oldest(list, STR(""));
    if (list->count < list->cap)
        return true;
    size_t cap = list->cap ? list->cap * 2 : 16;
    struct denial *at = realloc(list->at, cap * sizeof(*at));
    if (!at)
        return false;
    list->at = at;
    list->cap = cap;
    return true;
}

bool denial_list_add(struct denial_list *list, struct str plugin, struct str what, uint64_t more,
                     int64_t first_ms, int64_t last_ms, bool *fresh)
{
    plugin = cut(plugin);
    what = cut(what);
    struct denial *d = find(list, plugin, what);
    if (fresh)
        *fresh = !d;
    if (!d) {
        struct denial added = {.plugin = strndup(plugin.len ? plugin.ptr : "", plugin.len),
                               .what = strndup(what.len ? what.ptr : "", what.len),
                               .first_ms = first_ms,
                               .last_ms = last_ms};
        if (!added.plugin || !added.what || !make_room(list, plugin)) {
            clear(&added);
            return false;
        }
        d = &list->at[list->count++];
        *d = added;
    }
    d->count = d->count > (uint64_t)INT64_MAX - more ? (uint64_t)INT64_MAX : d->count + more;
    d->first_ms = first_ms < d->first_ms ? first_ms : d->first_ms;
    d->last_ms = last_ms > d->last_ms ? last_ms : d->last_ms;
    return true;
}

static bool read_one(struct denial_list *list, struct json at)
{
    struct buffer plugin = BUFFER_INIT, what = BUFFER_INIT;
    struct str id, text;
    int64_t count, first, last;
    bool good = json_string(json_get(at, STR("plugin")), &plugin, &id) &&
                json_string(json_get(at, STR("what")), &what, &text) && id.len && text.len &&
                !memchr(id.ptr, 0, id.len) && !memchr(text.ptr, 0, text.len) &&
                json_int64(json_get(at, STR("count")), &count) && count > 0 &&
                json_int64(json_get(at, STR("first")), &first) &&
                json_int64(json_get(at, STR("last")), &last) &&
                denial_list_add(list, id, text, (uint64_t)count, first, last, NULL);
    buffer_clear(&plugin);
    buffer_clear(&what);
    return good;
}

bool denial_list_read(struct denial_list *list, struct str text)
{
    struct json_doc *doc;
    int64_t format = 0;
    if (json_parse(text, &doc, NULL))
        return false;
    struct json denials = json_get(json_root(doc), STR("denials"));
    struct json_iter it = json_iter(denials);
    bool good = json_int64(json_get(json_root(doc), STR("format")), &format) &&
                format == FORMAT && json_type(denials) == JSON_ARRAY;
    while (good && json_next(&it))
        good = read_one(list, it.value);
    json_free(doc);
    return good;
}

void denial_list_write(const struct denial_list *list, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("format"), FORMAT);
    json_key(&w, STR("denials"));
    json_begin_array(&w);
    for (size_t i = 0; i < list->count; i++) {
        const struct denial *d = &list->at[i];
        json_begin_object(&w);
        json_put_string(&w, STR("plugin"), str_from(d->plugin));
        json_put_string(&w, STR("what"), str_from(d->what));
        json_put_i64(&w, STR("count"), (int64_t)d->count);
        json_put_i64(&w, STR("first"), d->first_ms);
        json_put_i64(&w, STR("last"), d->last_ms);
        json_end_object(&w);
    }
    json_end_array(&w);
    json_end_object(&w);
    buffer_add_char(out, '\n');
}
