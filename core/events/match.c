#include "core/events/inside.h"

static struct json member(struct json v, struct str path)
{
    while (path.len && json_exists(v)) {
        const char *dot = memchr(path.ptr, '.', path.len);
        size_t len = dot ? (size_t)(dot - path.ptr) : path.len;
        v = json_get(v, (struct str){path.ptr, len});
        path = dot ? (struct str){dot + 1, path.len - len - 1} : (struct str){NULL, 0};
    }
    return v;
}

static bool is_equal(struct json v, struct str text)
{
    enum json_type type = json_type(v);
    if (type == JSON_STRING)
        return json_is(v, text);
    return (type == JSON_NUMBER || type == JSON_BOOL) && str_eq(json_text(v), text);
}

bool match_holds(const struct event_subscription *what, struct str json, struct json_doc **doc)
{
    if (what->match_count == 0)
        return true;
    if (!*doc && json_parse(json, doc, NULL))
        return false;
    for (size_t i = 0; i < what->match_count; i++)
        if (!is_equal(member(json_root(*doc), what->matches[i].path), what->matches[i].equals))
            return false;
    return true;
}

bool match_valid(const struct event_match *match)
{
    struct str path = match->path;
    if (path.len == 0 || path.len > EVENT_TOPIC_MAX || path.ptr[0] == '.' ||
        path.ptr[path.len - 1] == '.')
        return false;
    for (size_t i = 1; i < path.len; i++)
        if (path.ptr[i] == '.' && path.ptr[i - 1] == '.')
            return false;
    return true;
}
