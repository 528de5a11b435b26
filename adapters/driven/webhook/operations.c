/* What can be asked about webhooks. Their secrets, and of their URLs all behind the host, are never told. */
#include <stdlib.h>

#include "adapters/driven/webhook/inside.h"
#include "core/journal/access.h"
#include "core/json/writer.h"
#include "core/operation/operations.h"

#define LIST_MAX 1000u

struct asked {
    struct webhooks *all;
    struct operation_call *call;
    size_t index; /* of the webhook */
    struct buffer text;
    struct json_writer writer;
    bool drop;
    bool more;
    struct arena arena; /* of what is moved */
    struct kv_change *changes;
    size_t count;
};

static void asked_free(struct asked *a)
{
    buffer_clear(&a->text);
    arena_clear(&a->arena);
    free(a);
}

static void refuse(struct asked *a, const struct error *err)
{
    operation_fail(a->call, err);
    asked_free(a);
}

static void answer(struct asked *a)
{
    struct error err;
    json_end_object(&a->writer);
    if (buffer_failed(&a->text)) {
        error_set(&err, ST_NOMEM, "out of memory");
        refuse(a, &err);
        return;
    }
    operation_answer(a->call, buffer_str(&a->text));
    asked_free(a);
}

static struct asked *asked_new(struct webhooks *all, struct operation_call *call)
{
    struct error err;
    struct asked *a = NULL;
    if (!access_is_operator(operation_context(call)->caller))
        error_set(&err, ST_DENIED, "only the user who runs hexmcp may see and change webhooks");
    else if (!(a = calloc(1, sizeof(*a))))
        error_set(&err, ST_NOMEM, "out of memory");
    if (!a) {
        operation_fail(call, &err);
        return NULL;
    }
    a->all = all;
    a->call = call;
    a->writer = json_writer(&a->text);
    json_begin_object(&a->writer);
    return a;
}

/* With the webhook that the arguments name. */
static struct asked *asked_of_one(struct webhooks *all, struct operation_call *call)
{
    struct asked *a = asked_new(all, call);
    struct str name = {NULL, 0};
    struct error err;
    if (!a)
        return NULL;
    json_plain(json_get(operation_arguments(call), STR("name")), &name);
    while (a->index < all->count && !str_eq(all->list[a->index]->settings.name, name))
        a->index++;
    if (a->index < all->count)
        return a;
    error_set(&err, ST_NOT_FOUND, "events.webhooks has no webhook \"%.*s\"; webhook.list names those that "
              "there are", STR_ARG(name));
    refuse(a, &err);
    return NULL;
}

static const struct webhook *webhook_of(const struct asked *a)
{
    return a->all->list[a->index];
}

/* The store has answered. False: nobody waits for it any more. */
static bool answered(struct asked *a)
{
    struct webhooks *all = a->all;
    all->waits--;
    if (!all->gone)
        return true;
    asked_free(a);
    webhooks_release(all);
    return false;
}

static void list_keys(struct asked *a, const char *kind, bool values,
                      void (*done)(void *arg, const struct error *err, const struct kv_entry *entries,
                                   size_t count, bool more))
{
    const struct key_value_store *store = a->all->parts.values;
    char prefix[WEBHOOK_KEY_SIZE];
    const struct kv_query query = {.prefix = webhook_key(prefix, kind, webhook_of(a)->settings.name, 0),
                                   .limit = LIST_MAX,
                                   .values = values};
    a->all->waits++;
    store->list(store->ctx, STR(WEBHOOK_SPACE), &query, done, a);
}

/* ---- webhook.list ---- */

static void list_next(struct asked *a);

static void put_webhook(struct json_writer *w, const struct webhook_settings *s, size_t dead)
{
    json_begin_object(w);
    json_put_string(w, STR("name"), s->name);
    json_put_string(w, STR("place"), s->place);
    json_key(w, STR("events"));
    json_begin_array(w);
    for (size_t i = 0; i < s->pattern_count; i++)
        json_write_string(w, s->patterns[i]);
    json_end_array(w);
    json_put_i64(w, STR("timeoutMs"), s->timeout_ms);
    json_put_i64(w, STR("attempts"), s->attempts);
    json_put_i64(w, STR("maxQueue"), s->max_queue);
    json_put_i64(w, STR("dead"), (int64_t)dead);
    json_end_object(w);
}

static void listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                   bool more)
{
    struct asked *a = arg;
    (void)entries;
    (void)more;
    if (!answered(a))
        return;
    if (err) {
        refuse(a, err);
        return;
    }
    put_webhook(&a->writer, &webhook_of(a)->settings, count);
    a->index++;
    list_next(a);
}

static void list_next(struct asked *a)
{
    if (a->index < a->all->count) {
        list_keys(a, "dead", false, listed);
        return;
    }
    json_end_array(&a->writer);
    answer(a);
}

static void run_list(void *domain, struct operation_call *call)
{
    struct asked *a = asked_new(domain, call);
    if (!a)
        return;
    json_key(&a->writer, STR("webhooks"));
    json_begin_array(&a->writer);
    list_next(a);
}

/* ---- webhook.dead ---- */

static void dead_listed(void *arg, const struct error *err, const struct kv_entry *entries, size_t count,
                        bool more)
{
    struct asked *a = arg;
    if (!answered(a))
        return;
    if (err) {
        refuse(a, err);
        return;
    }
    json_key(&a->writer, STR("dead"));
    json_begin_array(&a->writer);
    for (size_t i = 0; i < count; i++)
        json_write_raw(&a->writer, entries[i].value);
    json_end_array(&a->writer);
    json_put_bool(&a->writer, STR("more"), more);
    answer(a);
}

static void run_dead(void *domain, struct operation_call *call)
{
    struct asked *a = asked_of_one(domain, call);
    if (a)
        list_keys(a, "dead", true, dead_listed);
}

/* ---- webhook.retry, webhook.drop ---- */

static void answer_moved(struct asked *a)
{
    json_put_i64(&a->writer, a->drop ? STR("dropped") : STR("retried"),
                 (int64_t)(a->drop ? a->count : a->count / 2));
    json_put_bool(&a->writer, STR("more"), a->more);
    answer(a);
}

static void moved(void *arg, const struct error *err, const struct kv_applied *applied)
{
    struct asked *a = arg;
    struct error conflict;
    if (!answered(a))
        return;
    if (!err && applied->conflict) {
        error_set(&conflict, ST_BUSY, "the dead letters of \"%.*s\" have changed meanwhile; ask again",
                  STR_ARG(webhook_of(a)->settings.name));
        err = &conflict;
    }
    if (err) {
        refuse(a, err);
        return;
    }
    const struct webhook *w = webhook_of(a);
    if (w->looker)
        w->parts.timers->set(w->parts.timers->ctx, w->looker, 0);
    answer_moved(a);
}

static void add_move(struct asked *a, const struct kv_entry *entry)
{
    static const size_t kind = sizeof("dead") - 1;
    struct buffer key = BUFFER_INIT;
    a->changes[a->count++] = (struct kv_change){.key = arena_copy(&a->arena, entry->key),
                                                .remove = true,
                                                .if_version = true,
                                                .version = entry->version};
    if (a->drop)
        return;
    buffer_add_str(&key, STR("retry"));
    buffer_add(&key, entry->key.ptr + kind, entry->key.len - kind);
    if (buffer_failed(&key))
        a->arena.failed = true;
    a->changes[a->count++] =
        (struct kv_change){.key = arena_copy(&a->arena, buffer_str(&key)), .value = STR("{}")};
    buffer_clear(&key);
}

/* Those that the arguments ask for: one, or all. */
static bool is_asked_for(const struct asked *a, const struct kv_entry *entry)
{
    char key[WEBHOOK_KEY_SIZE];
    int64_t position;
    if (!json_int64(json_get(operation_arguments(a->call), STR("position")), &position))
        return true;
    return str_eq(entry->key,
                  webhook_key(key, "dead", webhook_of(a)->settings.name, (uint64_t)position));
}

static void move_listed(void *arg, const struct error *err, const struct kv_entry *entries,
                        size_t count, bool more)
{
    struct asked *a = arg;
    struct error nomem;
    if (!answered(a))
        return;
    if (err) {
        refuse(a, err);
        return;
    }
    a->more = more;
    a->changes = arena_alloc(&a->arena, (2 * WEBHOOK_MOVE_MAX + 1) * sizeof(*a->changes));
    for (size_t i = 0, taken = 0; !a->arena.failed && i < count; i++) {
        if (!is_asked_for(a, &entries[i]))
            continue;
        if (taken++ < WEBHOOK_MOVE_MAX)
            add_move(a, &entries[i]);
        else
            a->more = true;
    }
    if (a->arena.failed) {
        error_set(&nomem, ST_NOMEM, "out of memory");
        refuse(a, &nomem);
    } else if (a->count == 0) {
        answer_moved(a);
    } else {
        const struct key_value_store *store = a->all->parts.values;
        a->all->waits++;
        store->apply(store->ctx, STR(WEBHOOK_SPACE), a->changes, a->count, moved, a);
    }
}

static void run_move(void *domain, struct operation_call *call, bool drop)
{
    struct asked *a = asked_of_one(domain, call);
    if (!a)
        return;
    a->drop = drop;
    list_keys(a, "dead", false, move_listed);
}

static void run_retry(void *domain, struct operation_call *call)
{
    run_move(domain, call, false);
}

static void run_drop(void *domain, struct operation_call *call)
{
    run_move(domain, call, true);
}

/* ---- the table ---- */

#define NAME "\"name\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":64}"
#define ONE_OR_ALL                                                                                 \
    "{\"type\":\"object\",\"properties\":{" NAME ",\"position\":{\"type\":\"integer\",\"minimum\":1," \
    "\"description\":\"Of the event; without it all of the webhook.\"}},\"required\":[\"name\"],"   \
    "\"additionalProperties\":false}"

static const struct operation table[] = {
    {"webhook.list", "List webhooks",
     "The webhooks of the setting events.webhooks, and how many dead letters each has.",
     "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}", OPERATION_READS, run_list},
    {"webhook.dead", "List dead letters",
     "Events that a webhook could not deliver, in the order of their positions, and why.",
     "{\"type\":\"object\",\"properties\":{" NAME "},\"required\":[\"name\"],"
     "\"additionalProperties\":false}",
     OPERATION_READS, run_dead},
    {"webhook.retry", "Try dead letters again",
     "Has dead letters delivered once more, by the process that delivers; one that fails is dead again.",
     ONE_OR_ALL, OPERATION_CHANGES, run_retry},
    {"webhook.drop", "Drop dead letters",
     "Gives dead letters up for good. Their events stay in the store.", ONE_OR_ALL, OPERATION_DESTROYS,
     run_drop},
};

int webhook_operations_add(struct webhooks *webhooks, struct operations *operations, struct error *err)
{
    return operations_add(operations, table, sizeof(table) / sizeof(table[0]), webhooks, err);
}
