/* Who hears of changes. */
#include <stdlib.h>

#include "core/json/writer.h"
#include "core/state/inside.h"

struct watcher {
    struct watcher *next;
    uint64_t id;
    char *space;
    size_t space_len;
    char *prefix;
    size_t prefix_len;
    void (*done)(void *arg, const struct error *err, const struct state_seen *seen);
    void *arg;
};

static void watcher_free(struct watcher *w)
{
    free(w->space);
    free(w->prefix);
    free(w);
}

void watch_free_all(struct state *state)
{
    while (state->watchers) {
        struct watcher *w = state->watchers;
        state->watchers = w->next;
        watcher_free(w);
    }
    for (size_t i = 0; i < SEEN_MAX; i++)
        free(state->seen[i].space);
}

/* A cleared prefix concerns whoever watches a part of it. */
static bool concerns(const struct watcher *w, const struct seen *seen)
{
    struct str prefix = {w->prefix, w->prefix_len}, key = {seen->key, seen->key_len};
    return seen->space &&
           str_eq((struct str){w->space, w->space_len}, (struct str){seen->space, seen->space_len}) &&
           (str_starts(key, prefix) || (seen->cleared && str_starts(prefix, key)));
}

static void collect(const struct state *state, const struct watcher *w, uint64_t after,
                    struct buffer *out)
{
    struct json_writer json = json_writer(out);
    json_begin_array(&json);
    uint64_t first = state->sequence > SEEN_MAX ? state->sequence - SEEN_MAX : 0;
    for (uint64_t s = after > first ? after : first; s < state->sequence; s++) {
        const struct seen *seen = &state->seen[(s + 1) % SEEN_MAX];
        if (concerns(w, seen))
            json_write_raw(&json, (struct str){seen->json, seen->json_len});
    }
    json_end_array(&json);
}

/* Tells and frees it. */
static void tell(struct state *state, struct watcher *w, uint64_t after)
{
    struct buffer changes = BUFFER_INIT;
    struct error err;
    collect(state, w, after, &changes);
    const struct state_seen seen = {buffer_str(&changes), state->sequence,
                                    after + SEEN_MAX < state->sequence};
    if (buffer_failed(&changes)) {
        error_set(&err, ST_NOMEM, "out of memory");
        w->done(w->arg, &err, NULL);
    } else {
        w->done(w->arg, NULL, &seen);
    }
    buffer_clear(&changes);
    watcher_free(w);
}

static void event_json(const struct state *state, const struct state_place *place, struct str key,
                       uint64_t version, const char *change, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("sequence"), (int64_t)state->sequence);
    json_put_string(&w, STR("tenant"), place->tenant);
    if (place->scope != STATE_GLOBAL)
        json_put_string(&w, STR("caller"), place->owner);
    json_put_string(&w, STR("scope"), state_scope_name(place->scope));
    if (place->scope == STATE_COMPONENT)
        json_put_string(&w, STR("kind"), place->kind);
    if (place->scope > STATE_USER)
        json_put_string(&w, STR("id"), place->id);
    json_put_string(&w, STR("key"), key);
    json_put_i64(&w, STR("version"), (int64_t)version);
    json_put_string(&w, STR("change"), str_from(change));
    json_end_object(&w);
}

/* Without memory the place in the ring stays empty: that change is not known. */
static void remember(struct state *state, struct str space, struct str key, struct str json,
                     bool cleared)
{
    struct seen *seen = &state->seen[state->sequence % SEEN_MAX];
    char *all = malloc(space.len + key.len + json.len + 1);
    free(seen->space);
    *seen = (struct seen){.space = NULL};
    if (!all)
        return;
    memcpy(all, space.ptr, space.len);
    if (key.len)
        memcpy(all + space.len, key.ptr, key.len);
    memcpy(all + space.len + key.len, json.ptr, json.len);
    *seen = (struct seen){all, all + space.len, all + space.len + key.len, space.len, key.len,
                          json.len, cleared};
}

static void publish(const struct state *state, enum state_scope scope, struct str json)
{
    struct error ignored; /* who only listens loses nothing of the state */
    char topic[32] = "state.";
    struct str name = state_scope_name(scope);
    memcpy(topic + 6, name.ptr, name.len);
    memcpy(topic + 6 + name.len, ".changed", 8);
    if (state->parts.bus)
        state->parts.bus->publish(state->parts.bus->ctx, (struct str){topic, 14 + name.len}, json,
                                  &ignored);
}

void state_tell(struct state *state, const struct state_place *place, struct str key,
                uint64_t version, const char *change)
{
    struct buffer space = BUFFER_INIT, json = BUFFER_INIT;
    state->sequence++;
    event_json(state, place, key, version, change, &json);
    if (!state_space(place, &space, NULL) && !buffer_failed(&json)) {
        remember(state, buffer_str(&space), key, buffer_str(&json), strcmp(change, "cleared") == 0);
        publish(state, place->scope, buffer_str(&json));
        for (struct watcher **at = &state->watchers; *at;) {
            struct watcher *w = *at;
            if (!concerns(w, &state->seen[state->sequence % SEEN_MAX])) {
                at = &w->next;
                continue;
            }
            *at = w->next;
            tell(state, w, state->sequence - 1);
            at = &state->watchers; /* the list may be another one by now */
        }
    }
    buffer_clear(&space);
    buffer_clear(&json);
}

static struct watcher *watcher_new(const struct state_place *place, struct str prefix,
                                   struct error *err)
{
    struct buffer space = BUFFER_INIT, text = BUFFER_INIT;
    struct watcher *w = NULL;
    if (!state_space(place, &space, err)) {
        w = calloc(1, sizeof(*w));
        buffer_add_str(&text, prefix);
        if (w) {
            w->space = buffer_take(&space, &w->space_len);
            w->prefix = buffer_take(&text, &w->prefix_len);
        }
        if (w && (!w->space || !w->prefix)) {
            watcher_free(w);
            w = NULL;
        }
        if (!w)
            error_set(err, ST_NOMEM, "out of memory");
    }
    buffer_clear(&text);
    buffer_clear(&space);
    return w;
}

/* True if a change behind `after` is known, or might have been one. */
static bool known(const struct state *state, const struct watcher *w, uint64_t after)
{
    if (!after || after >= state->sequence)
        return false;
    if (after + SEEN_MAX < state->sequence)
        return true;
    for (uint64_t s = after + 1; s <= state->sequence; s++)
        if (concerns(w, &state->seen[s % SEEN_MAX]))
            return true;
    return false;
}

void state_watch(struct state *state, const struct state_place *place,
                 const struct state_watch *watch,
                 void (*done)(void *arg, const struct error *err, const struct state_seen *seen),
                 void *arg, uint64_t *id)
{
    struct error err;
    struct watcher *w = watcher_new(place, watch->prefix, &err);
    *id = 0;
    if (!w) {
        done(arg, &err, NULL);
        return;
    }
    w->done = done;
    w->arg = arg;
    if (known(state, w, watch->after)) {
        tell(state, w, watch->after);
        return;
    }
    *id = w->id = ++state->last_watch;
    w->next = state->watchers;
    state->watchers = w;
}

void state_unwatch(struct state *state, uint64_t id)
{
    struct watcher **at = &state->watchers;
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    if (!*at)
        return;
    struct watcher *w = *at;
    *at = w->next;
    tell(state, w, state->sequence);
}
