/* The data of an event: only what is asked for is made into JSON. */
#include "core/hook/hook.h"
#include "core/json/pointer.h"
#include "core/json/writer.h"

static bool read_member(const struct hook_run *run, uint32_t member, struct buffer *out)
{
    if (run->outcome.changed[member].len == 0)
        return run->event.read(run->event.arg, member, out);
    buffer_add_str(out, run->outcome.changed[member]);
    return true;
}

/* The number of the member, or event->count. */
static uint32_t find_member(const struct hook_event *event, struct str name)
{
    uint32_t i = 0;
    while (i < event->count && !str_eq(str_from(event->members[i].name), name))
        i++;
    return i;
}

static void read_whole(const struct hook_run *run, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    for (uint32_t i = 0; i < run->event.count; i++) {
        struct buffer value = BUFFER_INIT;
        if (read_member(run, i, &value) && !buffer_failed(&value))
            json_put_raw(&w, str_from(run->event.members[i].name), buffer_str(&value));
        buffer_clear(&value);
    }
    json_end_object(&w);
}

static bool read_inside(const struct hook_run *run, uint32_t member, struct str rest,
                        struct buffer *out)
{
    struct buffer text = BUFFER_INIT;
    struct json_doc *doc = NULL;
    bool found = read_member(run, member, &text) && !buffer_failed(&text) &&
                 json_parse(buffer_str(&text), &doc, NULL) == ST_OK;
    if (found) {
        struct json value = json_pointer_get(json_root(doc), rest);
        found = json_exists(value);
        buffer_add_str(out, json_text(value));
    }
    json_free(doc);
    buffer_clear(&text);
    return found;
}

bool hook_data_read(const struct hook_run *run, struct str pointer, struct buffer *out)
{
    struct buffer token = BUFFER_INIT;
    if (!json_pointer_valid(pointer))
        return false;
    if (!json_pointer_next(&pointer, &token)) {
        read_whole(run, out);
        return true;
    }
    uint32_t member = find_member(&run->event, buffer_str(&token));
    bool there = member < run->event.count && !buffer_failed(&token);
    buffer_clear(&token);
    if (!there)
        return false;
    return pointer.len ? read_inside(run, member, pointer, out) : read_member(run, member, out);
}

static bool may_touch(const struct hook *hook, struct str pointer)
{
    if (hook->definition.trusted)
        return true;
    for (size_t i = 0; i < hook->definition.read_count; i++)
        if (json_pointer_within(pointer, hook->definition.reads[i]))
            return true;
    return false;
}

/* The new text of the member, from what it is after earlier changes of the same answer. */
static bool change_inside(const struct hook_run *run, uint32_t member, struct str rest,
                          struct str value, struct buffer *staged)
{
    struct buffer text = BUFFER_INIT, changed = BUFFER_INIT;
    struct json_doc *doc = NULL;
    if (staged->len)
        buffer_add_str(&text, buffer_str(staged));
    bool good = (staged->len || read_member(run, member, &text)) && !buffer_failed(&text) &&
                json_parse(buffer_str(&text), &doc, NULL) == ST_OK &&
                json_pointer_set(json_root(doc), rest, value, &changed);
    json_free(doc);
    buffer_clear(&text);
    if (good) {
        buffer_clear(staged);
        *staged = changed;
    } else {
        buffer_clear(&changed);
    }
    return good;
}

static int stage(const struct hook_run *run, const struct hook *hook, struct str pointer,
                 struct json value, struct buffer *staged, struct error *err)
{
    const struct hook_event *event = &run->event;
    struct buffer token = BUFFER_INIT;
    struct str rest = pointer;
    if (!json_pointer_valid(pointer) || !json_pointer_next(&rest, &token))
        return error_set(err, ST_PROTOCOL, "it changes \"%.*s\", which names no member",
                         STR_ARG(pointer));
    uint32_t member = find_member(event, buffer_str(&token));
    buffer_clear(&token);
    if (!may_touch(hook, pointer))
        return error_set(err, ST_PROTOCOL, "it changes \"%.*s\", which it does not read",
                         STR_ARG(pointer));
    if (member == event->count || !event->members[member].can_change)
        return error_set(err, ST_PROTOCOL, "it changes \"%.*s\", which cannot be changed",
                         STR_ARG(pointer));
    if (rest.len)
        return change_inside(run, member, rest, json_text(value), &staged[member])
                   ? ST_OK
                   : error_set(err, ST_PROTOCOL, "it changes \"%.*s\", which is not there",
                               STR_ARG(pointer));
    buffer_reset(&staged[member], SIZE_MAX);
    buffer_add_str(&staged[member], json_text(value));
    return buffer_failed(&staged[member]) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

static void take_over(struct hook_run *run, struct buffer *staged)
{
    for (uint32_t i = 0; i < run->event.count; i++) {
        if (staged[i].len == 0)
            continue;
        buffer_clear(&run->changed[i]);
        run->changed[i] = staged[i];
        run->outcome.changed[i] = buffer_str(&staged[i]);
        run->outcome.modified = true;
        staged[i] = (struct buffer)BUFFER_INIT;
    }
}

int hook_data_change(struct hook_run *run, const struct hook *hook, struct str data,
                     struct error *err)
{
    struct buffer staged[HOOK_MEMBERS_MAX] = {{0}}, scratch = BUFFER_INIT;
    struct json_doc *doc;
    struct str pointer;
    int rc = json_parse(data, &doc, err);
    if (rc)
        return rc;
    struct json_iter it = json_iter(json_root(doc));
    while (!rc && json_next(&it)) {
        buffer_reset(&scratch, SIZE_MAX);
        rc = json_string(it.key, &scratch, &pointer)
                 ? stage(run, hook, pointer, it.value, staged, err)
                 : error_set(err, ST_NOMEM, "out of memory");
    }
    if (!rc)
        take_over(run, staged);
    for (size_t i = 0; i < HOOK_MEMBERS_MAX; i++)
        buffer_clear(&staged[i]);
    buffer_clear(&scratch);
    json_free(doc);
    return rc;
}
