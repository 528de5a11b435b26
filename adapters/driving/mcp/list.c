/* tools/list, resources/list, resources/templates/list, prompts/list. */
#include "adapters/driving/mcp/list.h"
#include "adapters/driving/mcp/connection.h"
#include "adapters/driving/mcp/cursor.h"

/* How long a client may keep a list without hearing of changes. */
#define LIST_TTL_MS 60000

/* The member of the result, and the name of the list in a cursor. */
static const struct str names[ITEM_KINDS] = {
    [ITEM_TOOL] = STR_INIT("tools"),
    [ITEM_RESOURCE] = STR_INIT("resources"),
    [ITEM_TEMPLATE] = STR_INIT("resourceTemplates"),
    [ITEM_PROMPT] = STR_INIT("prompts"),
};

/* Writes `"tools":[...]` without the braces around it; `kept`: the names of those that are in it, if
 * it is an array. */
static void write_page(struct mcp *mcp, const struct caller *caller, enum item_kind kind,
                       struct json kept, struct list_page *page)
{
    const struct catalog_service *catalog = mcp->options.catalog;
    struct call_context context = {.caller = caller};
    const struct item *item;
    struct json_writer w = json_writer(&page->text);
    size_t left = mcp->options.page_size;
    uint64_t at = page->after;
    json_key(&w, names[kind]);
    json_begin_array(&w);
    while (left && (item = catalog->next(catalog->ctx, &context, kind, at))) {
        if (list_keeps(kept, item->name))
            list_item_write(&w, page->revision, item);
        at = item->order;
        left--;
    }
    json_end_array(&w);
    if (left == 0 && catalog->next(catalog->ctx, &context, kind, at))
        page->last = at;
    if (buffer_failed(&page->text))
        page->generation = 0;
}

/* A page that not everybody sees alike is written anew each time: the cache does not know callers. */
static const struct list_page *page_behind(const struct request *r, enum item_kind kind,
                                           uint64_t after)
{
    struct mcp *mcp = r->connection->mcp;
    enum revision revision = r->revision;
    const struct catalog_service *catalog = mcp->options.catalog;
    struct list_cache *cache = &mcp->list_caches[kind];
    uint64_t generation = catalog->generation(catalog->ctx, kind);
    bool shared = catalog->is_same_for_all(catalog->ctx, kind);
    const struct list_page *found =
        shared ? list_cache_find(cache, revision, after, generation) : NULL;
    if (found)
        return found;
    struct list_page *page = list_cache_take(cache, revision, after, shared ? generation : 0);
    write_page(mcp, &r->connection->client->caller, kind, json_none(), page);
    return page;
}

/* What hooks have made shorter is for this request alone. */
static const struct list_page *page_of(const struct request *r, enum item_kind kind, uint64_t after,
                                       struct json kept)
{
    struct mcp *mcp = r->connection->mcp;
    if (!json_exists(kept))
        return page_behind(r, kind, after);
    struct list_page *page = list_cache_take(&mcp->list_caches[kind], r->revision, after, 0);
    write_page(mcp, &r->connection->client->caller, kind, kept, page);
    return page;
}

/* The place that the cursor names. An empty one is valid by the rules and behind nothing. */
static int find_start(struct request *r, enum item_kind kind, uint64_t *after, struct error *err)
{
    struct json cursor = json_get(r->params, STR("cursor"));
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    *after = 0;
    if (!json_exists(cursor) || json_is(cursor, STR("")))
        return ST_OK;
    int rc = json_string(cursor, &scratch, &text)
                 ? cursor_read(r->connection, names[kind], text, after, err)
                 : error_set(err, ST_INVALID, "must be a string");
    buffer_clear(&scratch);
    return rc;
}

static void answer_page(struct request *r, const struct list_page *page, struct str cursor)
{
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    if (revision_has(r->revision, FEATURE_RESULT_TYPE)) {
        json_put_string(&w, STR("resultType"), STR("complete"));
        json_put_i64(&w, STR("ttlMs"), LIST_TTL_MS);
        json_put_string(&w, STR("cacheScope"), STR("private"));
        buffer_add_char(w.out, ',');
    }
    buffer_add_str(w.out, buffer_str(&page->text));
    w.comma = true;
    if (cursor.len)
        json_put_string(&w, STR("nextCursor"), cursor);
    answer_modern_meta(r, &w, json_none());
    json_end_object(&w);
    answer_send(r);
}

void list_answer(struct request *r, enum item_kind kind, uint64_t after, struct json kept)
{
    struct buffer cursor = BUFFER_INIT;
    struct error err;
    const struct list_page *page = page_of(r, kind, after, kept);
    int rc = buffer_failed(&page->text) ? error_set(&err, ST_NOMEM, "out of memory") : ST_OK;
    if (!rc && page->last)
        rc = cursor_write(r->connection, names[kind], page->last, &cursor, &err);
    if (rc)
        answer_error(r, RPC_INTERNAL_ERROR, "%.*s cannot be listed: %s; ask again",
                     STR_ARG(names[kind]), err.text);
    else
        answer_page(r, page, buffer_str(&cursor));
    buffer_clear(&cursor);
}

static void list(struct request *r, enum item_kind kind)
{
    uint64_t after;
    struct error err;
    if (find_start(r, kind, &after, &err))
        answer_error(r, RPC_INVALID_PARAMS,
                     "\"cursor\" %s; leave it out to begin with the first page", err.text);
    else if (kind != ITEM_TOOL || !list_ask_hooks(r, after))
        list_answer(r, kind, after, json_none());
}

void tools_list_handle(struct request *r)
{
    list(r, ITEM_TOOL);
}

void resources_list_handle(struct request *r)
{
    list(r, ITEM_RESOURCE);
}

void templates_list_handle(struct request *r)
{
    list(r, ITEM_TEMPLATE);
}

void prompts_list_handle(struct request *r)
{
    list(r, ITEM_PROMPT);
}
