#include "tests/plugins/support/fake_services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hexmcp/json.h"

#define DEFINITION_MAX ((size_t)256 << 10)
#define NAME_MAX_BYTES 8192u
#define ELICITATION_MAX 64u

static struct fake_item *find(struct fake_services *s, uint32_t kind, const char *name)
{
    for (size_t i = 0; i < FAKE_ITEMS; i++)
        if (s->items[i].name && s->items[i].kind == kind && strcmp(s->items[i].name, name) == 0)
            return &s->items[i];
    return NULL;
}

static void drop(struct fake_item *item)
{
    free(item->name);
    free(item->definition);
    free(item->options);
    *item = (struct fake_item){0};
}

static char *copy(hexmcp_str text)
{
    return strndup(text.ptr ? text.ptr : "", text.ptr ? text.len : 0);
}

/* What the plugin calls the item; from malloc, NULL if the definition has none. */
static char *name_in(hexmcp_str definition, uint32_t kind)
{
    static const char *const keys[] = {"name", "uri", "uriTemplate", "name"};
    hexmcp_str value;
    char *name = NULL;
    size_t len;
    if (hexmcp_json_get(definition, keys[kind], &value) == HEXMCP_OK)
        hexmcp_json_string_dup(value, &name, &len);
    return name;
}

/* Takes `name` over. Returns why not, or NULL. */
static const char *keep(struct fake_services *s, uint32_t kind, char *name, hexmcp_str definition,
                        hexmcp_str options)
{
    struct fake_item *item = NULL;
    for (size_t i = 0; i < FAKE_ITEMS && !item; i++)
        item = s->items[i].name ? NULL : &s->items[i];
    const char *fault = !name                  ? "the definition names nothing"
                        : find(s, kind, name) ? "it is published already"
                        : !item                ? "the fake host keeps no more items"
                                               : NULL;
    if (fault)
        free(name);
    else
        *item = (struct fake_item){kind, name, copy(definition), copy(options)};
    return fault;
}

/* With the mutex held. */
static void answer(struct fake_services *s, hexmcp_reply_fn reply, void *arg, int32_t status,
                   const char *key, const char *text)
{
    hexmcp_json_writer w;
    struct fake_reply *r = &s->replies[(s->first + s->waiting++) % FAKE_REPLIES];
    *r = (struct fake_reply){.reply = reply, .arg = arg, .status = status};
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    if (key)
        hexmcp_json_put_text(&w, key, text);
    hexmcp_json_end_object(&w);
    r->json = hexmcp_json_writer_take(&w, NULL);
}

/* With the mutex held: what the real host refuses at once. */
static int32_t check(const struct fake_services *s, uint32_t kind, size_t len, size_t max)
{
    if (s->refusal)
        return s->refusal;
    if (kind > HEXMCP_KIND_PROMPT)
        return HEXMCP_E_INVALID;
    if (len > max)
        return HEXMCP_E_TOO_LARGE;
    return s->waiting < FAKE_REPLIES ? HEXMCP_OK : HEXMCP_E_BUSY;
}

static int32_t publish(void *ctx, uint32_t kind, hexmcp_str definition, hexmcp_str options,
                       hexmcp_reply_fn reply, void *arg)
{
    struct fake_services *s = ctx;
    size_t longer = definition.len > options.len ? definition.len : options.len;
    pthread_mutex_lock(&s->mutex);
    int32_t status = check(s, kind, longer, DEFINITION_MAX);
    if (status == HEXMCP_OK) {
        char *name = name_in(definition, kind);
        const char *fault = keep(s, kind, name, definition, options);
        if (fault)
            answer(s, reply, arg, HEXMCP_E_INVALID, "message", fault);
        else
            answer(s, reply, arg, HEXMCP_OK, "name", name);
    }
    pthread_mutex_unlock(&s->mutex);
    return status;
}

static int32_t withdraw(void *ctx, uint32_t kind, hexmcp_str name, hexmcp_reply_fn reply, void *arg)
{
    struct fake_services *s = ctx;
    pthread_mutex_lock(&s->mutex);
    int32_t status = check(s, kind, name.len, NAME_MAX_BYTES);
    if (status == HEXMCP_OK) {
        char *text = copy(name);
        struct fake_item *item = text ? find(s, kind, text) : NULL;
        if (item) {
            drop(item);
            answer(s, reply, arg, HEXMCP_OK, NULL, NULL);
        } else {
            answer(s, reply, arg, HEXMCP_E_NOT_FOUND, "message", "the plugin has no such item");
        }
        free(text);
    }
    pthread_mutex_unlock(&s->mutex);
    return status;
}

static int32_t tell(struct fake_services *s, const char *what, hexmcp_str text, size_t max)
{
    pthread_mutex_lock(&s->mutex);
    int32_t status = s->refusal ? s->refusal : text.len > max ? HEXMCP_E_TOO_LARGE : HEXMCP_OK;
    if (status == HEXMCP_OK) {
        s->told++;
        snprintf(s->last_told, sizeof(s->last_told), "%s %.*s", what, (int)text.len, text.ptr);
    }
    pthread_mutex_unlock(&s->mutex);
    return status;
}

static int32_t resource_updated(void *ctx, hexmcp_str uri)
{
    return tell(ctx, "updated", uri, NAME_MAX_BYTES);
}

static int32_t elicitation_complete(void *ctx, hexmcp_str id)
{
    return id.len ? tell(ctx, "elicited", id, ELICITATION_MAX) : HEXMCP_E_INVALID;
}

void services_init(struct fake_services *s)
{
    pthread_mutex_init(&s->mutex, NULL);
    s->catalog = (hexmcp_catalog_1){sizeof(s->catalog), 0, s, publish, withdraw};
    s->notify = (hexmcp_notify_1){sizeof(s->notify), 0, s, resource_updated, elicitation_complete};
}

void services_clear(struct fake_services *s)
{
    for (size_t i = 0; i < FAKE_ITEMS; i++)
        drop(&s->items[i]);
    pthread_mutex_destroy(&s->mutex);
}

static int take(struct fake_services *s, struct fake_reply *ret)
{
    pthread_mutex_lock(&s->mutex);
    int found = s->waiting > 0;
    if (found) {
        *ret = s->replies[s->first];
        s->first = (s->first + 1) % FAKE_REPLIES;
        s->waiting--;
    }
    pthread_mutex_unlock(&s->mutex);
    return found;
}

void services_reply(struct fake_services *s)
{
    struct fake_reply r;
    while (take(s, &r)) {
        if (r.reply)
            r.reply(r.arg, r.status, hexmcp_str_from(r.json));
        free(r.json);
    }
}

void services_stop(struct fake_services *s)
{
    struct fake_reply r;
    while (take(s, &r)) {
        if (r.reply)
            r.reply(r.arg, HEXMCP_E_UNAVAILABLE,
                    hexmcp_str_from("{\"message\":\"the plugin is not running\"}"));
        free(r.json);
    }
    pthread_mutex_lock(&s->mutex);
    for (size_t i = 0; i < FAKE_ITEMS; i++)
        drop(&s->items[i]);
    pthread_mutex_unlock(&s->mutex);
}

const struct fake_item *services_find(struct fake_services *s, uint32_t kind, const char *name)
{
    pthread_mutex_lock(&s->mutex);
    const struct fake_item *item = find(s, kind, name);
    pthread_mutex_unlock(&s->mutex);
    return item;
}
