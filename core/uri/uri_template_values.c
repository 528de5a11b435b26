#include "core/json/utf8.h"
#include "core/uri/characters.h"
#include "core/uri/uri_template_matcher.h"

/* False if it is no UTF-8 or holds U+0000. */
static bool write_text(struct json_writer *w, struct str escaped)
{
    struct buffer text = BUFFER_INIT;
    for (size_t i = 0; i < escaped.len; i++) {
        int byte = uri_escape_at(escaped, i);
        buffer_add_char(&text, byte >= 0 ? (char)byte : escaped.ptr[i]);
        i += byte >= 0 ? 2 : 0;
    }
    size_t at = 0, len = 1;
    while (at < text.len && len && text.data[at]) {
        len = utf8_sequence(text.data + at, text.data + text.len);
        at += len;
    }
    bool good = at == text.len;
    if (good)
        json_write_string(w, text.len ? buffer_str(&text) : STR(""));
    w->out->failed |= buffer_failed(&text);
    buffer_clear(&text);
    return good;
}

static size_t find(struct str text, char c)
{
    const char *found = text.len ? memchr(text.ptr, c, text.len) : NULL;
    return found ? (size_t)(found - text.ptr) : text.len;
}

static bool write_value(struct json_writer *w, const struct item *item)
{
    struct str rest = item->found;
    if (rest.len == 0)
        return true;
    json_key(w, item->variable->name);
    if (!item->variable->explode)
        return write_text(w, rest);
    json_begin_array(w);
    for (;;) {
        size_t len = find(rest, item->part->op->separator);
        if (!write_text(w, (struct str){rest.ptr, len}))
            return false;
        if (len == rest.len)
            break;
        rest = uri_behind(rest, len + 1);
    }
    json_end_array(w);
    return true;
}

/* The next value of `v` among the pairs; `pairs` becomes what is behind it. */
static bool next_value(const struct item *item, const struct template_variable *v,
                       struct str *pairs, struct str *value)
{
    while (pairs->len) {
        struct str pair = uri_behind(*pairs, 1);
        pair.len = find(pair, item->part->op->separator);
        *pairs = uri_behind(*pairs, 1 + pair.len);
        struct str name = {pair.ptr, find(pair, '=')};
        if (str_eq(name, v->name)) {
            *value = name.len < pair.len ? uri_behind(pair, name.len + 1) : STR("");
            return true;
        }
    }
    return false;
}

static bool write_pair_values(struct json_writer *w, const struct item *item,
                              const struct template_variable *v, struct str pairs)
{
    struct str value;
    if (!next_value(item, v, &pairs, &value))
        return true;
    json_key(w, v->name);
    if (!v->explode)
        return write_text(w, value) && !next_value(item, v, &pairs, &value);
    json_begin_array(w);
    do {
        if (!write_text(w, value))
            return false;
    } while (next_value(item, v, &pairs, &value));
    json_end_array(w);
    return true;
}

static bool write_pairs(struct json_writer *w, const struct matcher *m, const struct item *item,
                        struct str pairs)
{
    for (size_t i = 0; i < item->part->count; i++)
        if (!write_pair_values(w, item, &m->parts.variables[item->part->first + i], pairs))
            return false;
    return true;
}

static bool write_items(struct json_writer *w, const struct matcher *m)
{
    for (size_t i = 0; i < m->count; i++) {
        const struct item *item = &m->items[i];
        struct str found = item->found;
        if (item->kind == ITEM_VALUE && !write_value(w, item))
            return false;
        if (item->kind == ITEM_QUERY && found.len)
            found.len += m->items[++i].found.len;
        if (item->kind >= ITEM_QUERY && found.len && !write_pairs(w, m, item, found))
            return false;
    }
    return true;
}

int template_write_values(const struct matcher *m, struct json_writer *variables)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    json_begin_object(&w);
    bool good = write_items(&w, m);
    json_end_object(&w);
    int status = buffer_failed(&out) ? ST_NOMEM : good ? ST_OK : ST_NOT_FOUND;
    if (status == ST_OK)
        json_write_raw(variables, buffer_str(&out));
    buffer_clear(&out);
    return status;
}
