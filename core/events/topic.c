#include "core/events/topic.h"

#include "ports/driven/event_bus.h"

/* The next part of a topic; false at its end. */
static bool next_part(struct str *rest, struct str *part)
{
    if (!rest->ptr)
        return false;
    const char *dot = rest->len ? memchr(rest->ptr, '.', rest->len) : NULL;
    size_t len = dot ? (size_t)(dot - rest->ptr) : rest->len;
    *part = (struct str){rest->ptr, len};
    *rest = dot ? (struct str){dot + 1, rest->len - len - 1} : (struct str){NULL, 0};
    return true;
}

static bool is_word(struct str part)
{
    for (size_t i = 0; i < part.len; i++) {
        char c = part.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              c == '_' || c == '-'))
            return false;
    }
    return part.len > 0;
}

static bool is_any(struct str part)
{
    return part.len == 2 && part.ptr[0] == '*' && part.ptr[1] == '*';
}

static bool is_one(struct str part)
{
    return part.len == 1 && part.ptr[0] == '*';
}

static bool valid(struct str text, bool stars)
{
    struct str part;
    size_t parts = 0;
    if (text.len == 0 || text.len > EVENT_TOPIC_MAX)
        return false;
    while (next_part(&text, &part))
        if (++parts > EVENT_PARTS_MAX ||
            !(is_word(part) || (stars && (is_one(part) || is_any(part)))))
            return false;
    return true;
}

bool topic_valid(struct str topic)
{
    return valid(topic, false);
}

bool topic_pattern_valid(struct str pattern)
{
    return valid(pattern, true);
}

bool topic_is_of(struct str plugin, struct str topic)
{
    const struct str prefix = STR("plugin.");
    if (!str_starts(topic, prefix))
        return false;
    topic.ptr += prefix.len;
    topic.len -= prefix.len;
    return topic.len > plugin.len + 1 && str_starts(topic, plugin) && topic.ptr[plugin.len] == '.';
}

/* Only the newest "**" may have to take one part more: an older one would not change what the parts
 * after the newer one can match. So the work is bounded by parts times parts. */
bool topic_matches(struct str pattern, struct str topic)
{
    struct str after_any = {NULL, 0}, retry = {NULL, 0}, want, part;
    bool any = false;
    for (;;) {
        struct str topic_before = topic;
        bool wants = next_part(&pattern, &want);
        if (wants && is_any(want)) {
            any = true;
            after_any = pattern;
            retry = topic_before;
            continue;
        }
        bool has = next_part(&topic, &part);
        if (!wants && !has)
            return true;
        if (wants && has && (is_one(want) || str_eq(want, part)))
            continue;
        if (!any || !next_part(&retry, &part))
            return false;
        pattern = after_any;
        topic = retry;
    }
}
