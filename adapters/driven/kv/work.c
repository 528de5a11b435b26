/* What a worker does: a batch is one transaction, and if that fails each ask is one of its own. */
#include "adapters/driven/kv/inside.h"
#include "adapters/driven/module/module.h"
#include "adapters/driven/private_file/private_file.h"
#include "core/json/writer.h"

static int64_t now_ms(const struct kv *kv)
{
    return kv->config.clock->wall_ms(kv->config.clock->ctx);
}

static void put_ttl(struct json_writer *w, int64_t expires_ms, int64_t now)
{
    if (expires_ms)
        json_put_i64(w, STR("ttlMs"), expires_ms > now ? expires_ms - now : 0);
}

static int get(struct kv *kv, struct kv_ask *a, struct error *err)
{
    struct kv_entry found;
    int64_t now = now_ms(kv);
    int rc = kv->backend.get(kv->backend.ctx, a->plugin, a->key, now, &found, err);
    if (rc)
        return rc;
    struct json_writer w = json_writer(&a->text);
    json_begin_object(&w);
    json_put_i64(&w, STR("version"), (int64_t)found.version);
    put_ttl(&w, found.expires_ms, now);
    json_end_object(&w);
    buffer_add_str(&a->bytes, found.value);
    return ST_OK;
}

static int change(struct kv *kv, struct kv_ask *a, struct error *err)
{
    int64_t now = now_ms(kv);
    const struct kv_change c = {
        .plugin = a->plugin,
        .key = a->key,
        .value = a->value,
        .expires_ms = a->ttl_ms ? now + (int64_t)a->ttl_ms : 0,
        .conditional = a->conditional,
        .version = a->version,
        .now_ms = now,
        .max_bytes = kv->config.max_bytes,
        .max_keys = kv->config.max_keys,
    };
    struct kv_done done;
    int rc = a->op == KV_SET ? kv->backend.set(kv->backend.ctx, &c, &done, err)
                             : kv->backend.remove(kv->backend.ctx, &c, &done, err);
    if (rc)
        return rc;
    struct json_writer w = json_writer(&a->text);
    json_begin_object(&w);
    json_put_bool(&w, STR("done"), done.done);
    json_put_i64(&w, STR("version"), (int64_t)done.version);
    json_end_object(&w);
    return ST_OK;
}

struct list {
    struct json_writer w;
    uint32_t left;
    bool more;
    int64_t now;
};

static void put_key(void *arg, const struct kv_entry *entry)
{
    struct list *l = arg;
    l->more = l->left == 0;
    if (l->more)
        return;
    l->left--;
    json_begin_object(&l->w);
    json_put_string(&l->w, STR("key"), entry->key);
    json_put_i64(&l->w, STR("bytes"), (int64_t)entry->bytes);
    json_put_i64(&l->w, STR("version"), (int64_t)entry->version);
    put_ttl(&l->w, entry->expires_ms, l->now);
    json_end_object(&l->w);
}

static int list(struct kv *kv, struct kv_ask *a, struct error *err)
{
    struct list l = {json_writer(&a->text), a->limit, false, now_ms(kv)};
    /* One more than asked for tells whether there are more. */
    const struct kv_listing what = {a->plugin, a->prefix, a->after, a->limit + 1, l.now};
    json_begin_object(&l.w);
    json_key(&l.w, STR("keys"));
    json_begin_array(&l.w);
    int rc = kv->backend.list(kv->backend.ctx, &what, put_key, &l, err);
    json_end_array(&l.w);
    json_put_bool(&l.w, STR("more"), l.more);
    json_end_object(&l.w);
    return rc;
}

/* ST_OK also for a failure of the ask alone; else the transaction is lost. */
static int answer(struct kv *kv, struct kv_ask *a, struct error *err)
{
    struct error why = {0};
    buffer_reset(&a->text, SIZE_MAX);
    buffer_reset(&a->bytes, SIZE_MAX);
    a->failure.code = ST_OK;
    int rc = a->op == KV_GET ? get(kv, a, &why) : a->op == KV_LIST ? list(kv, a, &why)
                                                                   : change(kv, a, &why);
    if (!rc && (buffer_failed(&a->text) || buffer_failed(&a->bytes)))
        rc = error_set(&why, ST_NOMEM, "out of memory");
    if (rc == ST_NOT_FOUND || rc == ST_TOO_LARGE) {
        a->failure = why;
        return ST_OK;
    }
    if (rc)
        *err = why;
    return rc;
}

static bool writes(const struct kv_ask *a)
{
    return a->op == KV_SET || a->op == KV_REMOVE;
}

/* `count` asks as one transaction. */
static int transact(struct kv *kv, struct kv_ask *a, size_t count, struct error *err)
{
    struct kv_backend *b = &kv->backend;
    bool changes = false;
    struct kv_ask *at = a;
    for (size_t i = 0; i < count; i++, at = at->next)
        changes = changes || writes(at);
    int rc = b->begin(b->ctx, changes, err);
    if (!rc && changes)
        rc = b->sweep(b->ctx, now_ms(kv), err);
    for (size_t i = 0; !rc && i < count; i++, a = a->next)
        rc = answer(kv, a, err);
    if (!rc)
        rc = b->commit(b->ctx, err);
    if (rc)
        b->rollback(b->ctx);
    return rc;
}

static int open_backend(struct kv *kv, struct error *err)
{
    module_entry *entry;
    int lock;
    if (kv->open)
        return ST_OK;
    /* The lock makes the folders, and lets one program at a time make the file. */
    char *lock_path = kv->path + strlen(kv->path) + 1;
    int rc = module_open(kv->config.modules, "kv", &entry, err);
    if (!rc)
        rc = private_file_lock(lock_path, &lock, err);
    if (rc)
        return rc;
    rc = ((kv_backend_open *)entry)(kv->path, &kv->backend, err);
    private_file_unlock(lock);
    kv->open = rc == ST_OK;
    return rc;
}

void kv_work(struct kv *kv)
{
    struct error err = {0};
    size_t count = 0;
    for (struct kv_ask *a = kv->batch; a; a = a->next)
        count++;
    int opened = open_backend(kv, &err);
    int rc = opened ? opened : transact(kv, kv->batch, count, &err);
    if (!rc)
        return;
    for (struct kv_ask *a = kv->batch; a; a = a->next) {
        if (!opened && count > 1)
            rc = transact(kv, a, 1, &err);
        if (rc)
            a->failure = err;
    }
}
