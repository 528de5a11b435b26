#include "tests/core/state/fixture.h"

struct fake_kv kv, sealed;
struct state_parts parts;
struct state *state;
int64_t wall;
int dones;
char told[4000], published[4000];

static int64_t wall_ms(void *ctx)
{
    (void)ctx;
    return wall;
}

static const struct clock_port clock_source = {.wall_ms = wall_ms};

static int publish(void *ctx, struct str topic, struct str json, struct error *err)
{
    (void)ctx;
    (void)err;
    size_t at = strlen(published);
    snprintf(published + at, sizeof(published) - at, "%.*s %.*s\n", STR_ARG(topic), STR_ARG(json));
    return ST_OK;
}

static const struct event_bus bus = {.publish = publish};

void again(void)
{
    state_free(state);
    state = state_new(&parts);
    assert_non_null(state);
    told[0] = published[0] = '\0';
    dones = 0;
}

int set_up(void **test)
{
    (void)test;
    fake_kv_init(&kv);
    fake_kv_init(&sealed);
    wall = 1000000;
    parts = (struct state_parts){.values = &kv.port, .bus = &bus, .clock = &clock_source,
                                 .max_bytes = 100000, .max_keys = 100};
    again();
    return 0;
}

int tear_down(void **test)
{
    (void)test;
    state_free(state);
    state = NULL;
    fake_kv_clear(&kv);
    fake_kv_clear(&sealed);
    return 0;
}

static void failed(const struct error *err)
{
    dones++;
    snprintf(told, sizeof(told), "%d %s", err->code, err->text);
}

static void changed(void *arg, const struct error *err, const struct state_changed *c)
{
    (void)arg;
    if (err) {
        failed(err);
        return;
    }
    dones++;
    snprintf(told, sizeof(told), "%sv%llu%s%s", c->conflict ? "conflict " : "",
             (unsigned long long)c->version, c->removed ? " removed" : "",
             c->sealed ? " sealed" : "");
    if (c->redacted)
        snprintf(told + strlen(told), 40, " redacted %zu", c->redacted);
}

void set_with(const struct state_place *place, const char *key, const char *json,
              struct state_change change)
{
    struct json_doc *doc = NULL;
    if (json)
        assert_int_equal(json_parse(str_from(json), &doc, NULL), ST_OK);
    change.key = str_from(key);
    change.value = doc ? json_root(doc) : json_none();
    state_set(state, place, &change, changed, NULL);
    json_free(doc);
}

void set(const struct state_place *place, const char *key, const char *json)
{
    set_with(place, key, json, (struct state_change){.value_class = STATE_STANDARD});
}

void erase(const struct state_place *place, const char *key)
{
    set_with(place, key, NULL, (struct state_change){.remove = true});
}

static void got(void *arg, const struct error *err, const struct state_entry *e)
{
    (void)arg;
    if (err) {
        failed(err);
        return;
    }
    dones++;
    snprintf(told, sizeof(told), "%.*s v%llu %s schema %u at %lld expires %lld",
             STR_ARG(json_text(e->value)), (unsigned long long)e->version,
             state_class_name(e->facts.value_class).ptr, e->facts.schema,
             (long long)e->facts.updated_ms, (long long)e->expires_ms);
}

void get(const struct state_place *place, const char *key)
{
    state_get(state, place, str_from(key), got, NULL);
}

static void listed(void *arg, const struct error *err, const struct state_list *l)
{
    (void)arg;
    if (err) {
        failed(err);
        return;
    }
    dones++;
    size_t at = 0;
    for (size_t i = 0; i < l->count; i++)
        at += (size_t)snprintf(told + at, sizeof(told) - at, "%.*s%s%.*s ",
                               STR_ARG(l->entries[i].key),
                               json_exists(l->entries[i].value) ? "=" : "",
                               STR_ARG(json_text(l->entries[i].value)));
    snprintf(told + at, sizeof(told) - at, "next \"%.*s\"", STR_ARG(l->next));
}

void list(const struct state_place *place, struct state_query query)
{
    state_list(state, place, &query, listed, NULL);
}

static void cleared(void *arg, const struct error *err, uint64_t removed)
{
    (void)arg;
    if (err) {
        failed(err);
        return;
    }
    dones++;
    snprintf(told, sizeof(told), "%llu removed", (unsigned long long)removed);
}

void clear(const struct state_place *place, const char *prefix)
{
    state_clear(state, place, str_from(prefix), cleared, NULL);
}

static void used(void *arg, const struct error *err, const struct state_usage *u)
{
    (void)arg;
    if (err) {
        failed(err);
        return;
    }
    dones++;
    snprintf(told, sizeof(told), "%llu of %llu bytes, %llu of %llu keys",
             (unsigned long long)u->bytes, (unsigned long long)u->max_bytes,
             (unsigned long long)u->keys, (unsigned long long)u->max_keys);
}

void usage(const struct state_place *place)
{
    state_usage(state, place, used, NULL);
}
