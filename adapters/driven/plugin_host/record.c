#include "adapters/driven/plugin_host/record.h"

#include <stdlib.h>

#define RECORD_MAX_BYTES ((size_t)16 << 20)

static size_t round_up(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

static size_t record_bytes(const struct record_draft *d)
{
    size_t total = sizeof(struct record) + d->item_count * sizeof(struct record_item);
    for (size_t i = 0; i < TEXT_COUNT; i++)
        total += d->text[i].len;
    for (size_t i = 0; i < d->item_count; i++)
        total += d->items[i].name.len + d->items[i].json.len;
    return round_up(total);
}

struct filler {
    char *base;
    uint32_t at;
};

static struct span put(struct filler *f, struct str text)
{
    struct span span = {f->at, (uint32_t)text.len};
    if (text.len)
        memcpy(f->base + f->at, text.ptr, text.len);
    f->at += (uint32_t)text.len;
    return span;
}

/* Where `part`, a slice of `whole`, lies when `whole` lies at `placed`. */
static struct span within(struct span placed, struct str whole, struct str part)
{
    if (part.len == 0)
        return (struct span){placed.at, 0};
    return (struct span){placed.at + (uint32_t)(part.ptr - whole.ptr), (uint32_t)part.len};
}

int record_build(const struct record_draft *draft, struct record **out, struct error *err)
{
    size_t size = record_bytes(draft);
    if (size > RECORD_MAX_BYTES)
        return error_set(err, ST_TOO_LARGE, "the plugin's description is larger than 16 MiB");
    struct record *r = calloc(1, size);
    if (!r)
        return error_set(err, ST_NOMEM, "out of memory");
    *r = draft->head;
    r->size = (uint32_t)size;
    r->item_count = (uint32_t)draft->item_count;
    r->items_at = (uint32_t)sizeof(*r);
    struct record_item *items = (struct record_item *)(r + 1);
    struct filler f = {(char *)r, (uint32_t)(sizeof(*r) + draft->item_count * sizeof(*items))};
    for (size_t i = 0; i < TEXT_COUNT; i++)
        r->text[i] = put(&f, draft->text[i]);
    for (size_t i = 0; i < draft->item_count; i++) {
        items[i] = draft->items[i].run;
        items[i].name = put(&f, draft->items[i].name);
    }
    /* Behind all names: a start reads the names alone. */
    for (size_t i = 0; i < draft->item_count; i++) {
        const struct record_item_draft *from = &draft->items[i];
        items[i].json = put(&f, from->json);
        items[i].aliases = within(items[i].json, from->json, from->aliases);
        items[i].category = within(items[i].json, from->json, from->category);
    }
    *out = r;
    return ST_OK;
}

static bool span_valid(struct span s, uint32_t size)
{
    return s.at <= size && s.len <= size - s.at;
}

static bool items_valid(const struct record *r)
{
    if (r->items_at != sizeof(*r) ||
        r->item_count > (r->size - sizeof(*r)) / sizeof(struct record_item))
        return false;
    for (uint32_t i = 0; i < r->item_count; i++) {
        const struct record_item *t = record_item(r, i);
        if (!span_valid(t->name, r->size) || !span_valid(t->json, r->size) ||
            !span_valid(t->aliases, r->size) || !span_valid(t->category, r->size) ||
            t->argument_aliases > 1 || t->run_inline > 1 || t->level > TOOL_PRIVILEGED ||
            t->task > TASK_REQUIRED || t->kind >= ITEM_KINDS || t->task_after_input > 1)
            return false;
    }
    return true;
}

bool record_valid(const void *bytes, size_t size)
{
    const struct record *r = bytes;
    if (size < sizeof(*r) || size > RECORD_MAX_BYTES || r->size != size || size % 8 ||
        r->refusal >= REFUSED_COUNT)
        return false;
    for (size_t i = 0; i < TEXT_COUNT; i++)
        if (!span_valid(r->text[i], r->size))
            return false;
    return items_valid(r);
}

const struct record_item *record_item(const struct record *r, uint32_t index)
{
    return (const struct record_item *)(const void *)((const char *)r + r->items_at) + index;
}

static struct str text_at(const struct record *r, struct span s)
{
    return (struct str){(const char *)r + s.at, s.len};
}

struct str record_item_name(const struct record *r, uint32_t index)
{
    return text_at(r, record_item(r, index)->name);
}

struct str record_item_json(const struct record *r, uint32_t index)
{
    return text_at(r, record_item(r, index)->json);
}

struct str record_item_aliases(const struct record *r, uint32_t index)
{
    return text_at(r, record_item(r, index)->aliases);
}

struct str record_item_category(const struct record *r, uint32_t index)
{
    return text_at(r, record_item(r, index)->category);
}

struct file_key file_key_of(const struct stat *st)
{
    return (struct file_key){
        .dev = (uint64_t)st->st_dev,
        .ino = (uint64_t)st->st_ino,
        .size = (uint64_t)st->st_size,
        .mtime_s = st->st_mtim.tv_sec,
        .ctime_s = st->st_ctim.tv_sec,
        .mtime_ns = (uint32_t)st->st_mtim.tv_nsec,
        .ctime_ns = (uint32_t)st->st_ctim.tv_nsec,
    };
}

bool file_key_same(const struct file_key *a, const struct file_key *b)
{
    return a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           a->mtime_s == b->mtime_s && a->mtime_ns == b->mtime_ns && a->ctime_s == b->ctime_s &&
           a->ctime_ns == b->ctime_ns;
}

bool file_key_similar(const struct file_key *a, const struct file_key *b)
{
    return a->size == b->size && a->mtime_s == b->mtime_s;
}
