#include "tests/core/session/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/json/writer.h"

struct hooks *world_hooks;

static struct world *world; /* the one of the test that runs */

static uint64_t mono(void *ctx)
{
    struct world *w = ctx;
    return w->mono_ns += w->step_ns;
}

static int64_t wall(void *ctx)
{
    return ((struct world *)ctx)->now_ms += 1000;
}

static int fill(void *ctx, void *out, size_t len, struct error *err)
{
    (void)err;
    memset(out, ((struct world *)ctx)->random++, len);
    return ST_OK;
}

/* ---- timers: those that are set to run out soon do when an operation waits ---- */

#define SOON_MS 10u
#define TIMERS_MAX 64u

struct timer {
    void (*fire)(void *arg);
    void *arg;
    bool set;
};

static struct timer *all_timers[TIMERS_MAX];

static struct timer *timer_create(void *ctx, void (*fire)(void *arg), void *arg)
{
    (void)ctx;
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        if (all_timers[i])
            continue;
        all_timers[i] = malloc(sizeof(struct timer));
        *all_timers[i] = (struct timer){fire, arg, false};
        return all_timers[i];
    }
    return NULL;
}

static void timer_set(void *ctx, struct timer *timer, uint64_t delay_ms)
{
    (void)ctx;
    timer->set = delay_ms <= SOON_MS;
}

static void timer_stop(void *ctx, struct timer *timer)
{
    (void)ctx;
    timer->set = false;
}

static void timer_free(void *ctx, struct timer *timer)
{
    (void)ctx;
    for (size_t i = 0; i < TIMERS_MAX; i++)
        if (all_timers[i] == timer)
            all_timers[i] = NULL;
    free(timer);
}

static bool fire_one(void)
{
    for (size_t i = 0; i < TIMERS_MAX; i++) {
        if (!all_timers[i] || !all_timers[i]->set)
            continue;
        all_timers[i]->set = false;
        all_timers[i]->fire(all_timers[i]->arg);
        return true;
    }
    return false;
}

static const struct timer_port timers = {NULL, timer_create, timer_set, timer_stop, timer_free};

/* ---- a digest that is none ---- */

static int sha256(void *ctx, struct str data, uint8_t out[SHA256_BYTES], struct error *err)
{
    (void)ctx;
    (void)err;
    memset(out, 0, SHA256_BYTES);
    for (size_t i = 0; i < data.len; i++)
        out[i % SHA256_BYTES] = (uint8_t)(out[i % SHA256_BYTES] * 31 + data.ptr[i]);
    return ST_OK;
}

static const struct crypto_port crypto = {.sha256 = sha256};

/* ---- calls ---- */

static char *text_of(struct str text)
{
    char *copy = malloc(text.len + 1);
    memcpy(copy, text.ptr ? text.ptr : "", text.len);
    copy[text.len] = '\0';
    return copy;
}

static void end_call(struct world *w, const struct call_request *request)
{
    struct json_doc *doc = NULL;
    struct error err;
    error_set(&err, ST_UNAVAILABLE, "the plugin is not there");
    if (w->result)
        json_parse(str_from(w->result), &doc, NULL);
    request->observer->done(request->user,
                            &(struct call_outcome){.end = w->end,
                                                   .result = doc ? json_root(doc) : json_none(),
                                                   .error = w->end == CALL_FAILED ? &err : NULL});
    json_free(doc);
    if (request->release)
        request->release(request->hold);
}

static int call(void *ctx, const struct call_request *request, uint64_t *id, struct error *err)
{
    struct world *w = world;
    (void)ctx;
    if (str_eq(request->target, STR("gone")))
        return error_set(err, ST_NOT_FOUND, "there is no tool gone");
    w->made++;
    free(w->target);
    free(w->arguments);
    w->target = text_of(request->target);
    w->arguments = text_of(json_text(request->arguments));
    *id = 0;
    if (w->result || w->end == CALL_FAILED) {
        end_call(w, request);
        return ST_OK;
    }
    w->pending = *request;
    *id = 77;
    return ST_OK;
}

static void cancel(void *ctx, uint64_t id)
{
    struct world *w = world;
    (void)ctx;
    if (id != 77 || !w->pending.observer)
        return;
    struct call_request request = w->pending;
    w->pending.observer = NULL;
    w->cancelled++;
    w->end = CALL_CANCELLED;
    end_call(w, &request);
}

const struct call_service world_calls = {NULL, call, cancel};

static const struct item tools[] = {
    {.kind = ITEM_TOOL, .name = STR_INIT("look"),
     .json = STR_INIT("{\"annotations\":{\"readOnlyHint\":true}}")},
    {.kind = ITEM_TOOL, .name = STR_INIT("change"), .json = STR_INIT("{}")},
    {.kind = ITEM_TOOL, .name = STR_INIT("gone"), .json = STR_INIT("{}")},
};

static const struct item *find(void *ctx, const struct call_context *context, enum item_kind kind,
                               struct str name)
{
    (void)ctx;
    (void)context;
    for (size_t i = 0; kind == ITEM_TOOL && i < 3; i++)
        if (str_eq(tools[i].name, name))
            return &tools[i];
    return NULL;
}

static const struct catalog_service catalog = {.find = find};

/* ---- search ---- */

static void index_documents(void *ctx, struct str space, struct str documents, search_done *done,
                            void *arg)
{
    struct world *w = world;
    struct json_doc *doc;
    struct json_iter it;
    (void)ctx;
    (void)space;
    if (json_parse(documents, &doc, NULL))
        abort();
    it = json_iter(json_get(json_root(doc), STR("documents")));
    if (w->documents.len)
        w->documents.len--;
    while (json_next(&it)) {
        buffer_add_str(&w->documents, w->indexed++ ? STR(",") : STR("["));
        buffer_add_str(&w->documents, json_text(it.value));
    }
    buffer_add_str(&w->documents, w->documents.len ? STR("]") : STR("[]"));
    json_free(doc);
    done(arg, NULL, STR("{}"));
}

/* As a store does that knows nothing of filters, so that the operation must look at the hits. */
static void query(void *ctx, struct str space, struct str text, search_done *done, void *arg)
{
    struct world *w = world;
    struct buffer out = BUFFER_INIT;
    struct json_doc *doc, *asked;
    struct json_iter it;
    struct str words;
    bool first = true;
    (void)ctx;
    (void)space;
    json_parse(text, &asked, NULL);
    json_plain(json_get(json_root(asked), STR("text")), &words);
    json_parse(w->documents.len ? buffer_str(&w->documents) : STR("[]"), &doc, NULL);
    buffer_add_str(&out, STR("{\"hits\":["));
    it = json_iter(json_root(doc));
    while (json_next(&it)) {
        struct str body = json_text(json_get(it.value, STR("text")));
        if (!memmem(body.ptr, body.len, words.ptr, words.len))
            continue;
        buffer_add_str(&out, first ? STR("{\"id\":") : STR(",{\"id\":"));
        buffer_add_str(&out, json_text(json_get(it.value, STR("id"))));
        buffer_add_str(&out, STR(",\"score\":1,\"fields\":"));
        buffer_add_str(&out, json_text(json_get(it.value, STR("fields"))));
        buffer_add_char(&out, '}');
        first = false;
    }
    buffer_add_str(&out, STR("]}"));
    json_free(doc);
    json_free(asked);
    done(arg, NULL, buffer_str(&out));
    buffer_clear(&out);
}

static void remove_documents(void *ctx, struct str space, struct str ids, search_done *done,
                             void *arg)
{
    struct world *w = world;
    struct json_doc *doc;
    (void)ctx;
    (void)space;
    if (json_parse(ids, &doc, NULL))
        abort();
    w->removed += json_count(json_get(json_root(doc), STR("ids")));
    json_free(doc);
    done(arg, NULL, STR("{}"));
}

static const struct search_index search = {
    .index = index_documents, .remove = remove_documents, .query = query};

/* ---- the world ---- */

static void open_parts(struct world *w, bool record_all)
{
    static struct clock_port clock;
    static struct random_port random;
    static const struct redactor redactor = {NULL, {NULL, 0}};
    struct error err;
    clock = (struct clock_port){w, mono, wall};
    random = (struct random_port){w, fill};
    const struct journal_parts journal = {
        .events = fake_event_store_port(w->store), .clock = &clock, .random = &random};
    if (journal_new(&journal, &w->journal, &err))
        abort();
    const struct projections_parts projections = {.events = fake_event_store_port(w->store),
                                                  .journal = w->journal,
                                                  .clock = &clock,
                                                  .timers = &timers};
    if (projections_new(&projections, &w->projections, &err))
        abort();
    const struct sessions_parts parts = {
        .journal = w->journal,
        .projections = w->projections,
        .events = fake_event_store_port(w->store),
        .search = &search,
        .clock = &clock,
        .random = &random,
        .crypto = &crypto,
        .calls = &world_calls,
        .catalog = &catalog,
        .redactor = &redactor,
        .limits = {.max_operations = 1000, .max_bytes = 100 << 20},
        .record_all = record_all,
        .hooks = world_hooks,
    };
    if (sessions_new(&parts, &w->sessions, &err) || operations_new(NULL, &w->operations, &err) ||
        sessions_add_operations(w->sessions, w->operations, &err) ||
        recorder_new(w->sessions, &world_calls, &w->recorder, &err)) {
        fprintf(stderr, "# %s\n", err.text);
        abort();
    }
}

struct world *world_open(bool record_all)
{
    struct world *w = calloc(1, sizeof(*w));
    world = w;
    w->now_ms = 1700000000000;
    w->step_ns = 1000;
    w->ann = (struct caller){.id = STR("ann"), .tenant = STR("acme")};
    w->bob = (struct caller){.id = STR("bob"), .tenant = STR("acme")};
    w->eve = (struct caller){.id = STR("ann"), .tenant = STR("other")};
    w->store = fake_event_store_new();
    w->result = "{\"content\":[]}";
    open_parts(w, record_all);
    return w;
}

struct world *world_new(void)
{
    return world_open(false);
}

void world_free(struct world *w)
{
    projections_free(w->projections);
    journal_free(w->journal);
    sessions_free(w->sessions);
    recorder_free(w->recorder);
    operations_free(w->operations);
    fake_event_store_free(w->store);
    buffer_clear(&w->pieces);
    buffer_clear(&w->documents);
    free(w->text);
    free(w->target);
    free(w->arguments);
    free(w);
}

static void piece(void *arg, struct str json, struct str bytes)
{
    struct world *w = arg;
    (void)json;
    buffer_add_str(&w->pieces, bytes);
}

static void done(void *arg, const struct error *err, struct str json)
{
    struct world *w = arg;
    w->done++;
    w->code = err ? err->code : ST_OK;
    free(w->text);
    w->text = text_of(err ? str_from(err->text) : json);
}

int run_bytes(struct world *w, const struct caller *caller, const char *operation,
                     const char *arguments, struct str bytes)
{
    const struct operation_service *service = operations_service(w->operations);
    const struct call_context context = {.caller = caller};
    const struct operation_request request = {.name = str_from(operation),
                                              .arguments = str_from(arguments),
                                              .bytes = bytes,
                                              .context = &context};
    const struct operation_observer observer = {w, piece, done};
    w->code = 1; /* not ended */
    service->execute(service->ctx, &request, &observer, NULL);
    while (w->code == 1 && fire_one())
        ;
    return w->code;
}

int run(struct world *w, const struct caller *caller, const char *operation, const char *arguments)
{
    return run_bytes(w, caller, operation, arguments, (struct str){NULL, 0});
}

int run_on(struct world *w, const struct caller *caller, const char *operation, const char *id,
           const char *format)
{
    char arguments[8192];
    snprintf(arguments, sizeof(arguments), format, id);
    return run(w, caller, operation, arguments);
}

const char *member(struct world *w, const char *name)
{
    static char text[256];
    struct json_doc *doc;
    struct str value = {NULL, 0};
    text[0] = '\0';
    if (json_parse(str_from(w->text), &doc, NULL))
        return text;
    if (!json_plain(json_get(json_root(doc), str_from(name)), &value))
        value = json_text(json_get(json_root(doc), str_from(name)));
    snprintf(text, sizeof(text), "%.*s", (int)value.len, value.ptr ? value.ptr : "");
    json_free(doc);
    return text;
}
