#include "tests/core/session/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/str.h"
#include "core/digest/blake3.h"
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
    if (w->tells)
        request->observer->progress(request->user, 1, 2, STR(""));
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

/* ---- artifacts ---- */

static char *whose(const struct operation_call *call)
{
    static char text[64];
    const struct caller *caller = operation_context(call)->caller;
    snprintf(text, sizeof(text), "%.*s@%.*s", STR_ARG(caller->id), STR_ARG(caller->tenant));
    return text;
}

/* The caller's artifact of "id"; NULL if it has none. */
static struct world_artifact *find_artifact(struct world *w, struct operation_call *call)
{
    struct json id = json_get(operation_arguments(call), STR("id"));
    for (size_t i = 0; i < w->artifact_count; i++)
        if (json_is(id, str_from(w->artifacts[i].id)) &&
            strcmp(w->artifacts[i].caller, whose(call)) == 0)
            return &w->artifacts[i];
    return NULL;
}

static bool artifact_says_no(const char *operation, struct operation_call *call)
{
    struct error err;
    if (!world->artifact_fails || strcmp(world->artifact_fails, operation) != 0)
        return false;
    error_set(&err, ST_UNAVAILABLE, "%s says no", operation);
    operation_fail(call, &err);
    return true;
}

static struct world_artifact *add_artifact(struct operation_call *call)
{
    struct world_artifact *artifact = &world->artifacts[world->artifact_count++];
    artifact->caller = text_of(str_from(whose(call)));
    artifact->facts = text_of(json_text(operation_arguments(call)));
    artifact->bytes = text_of(operation_bytes(call));
    artifact->len = operation_bytes(call).len;
    return artifact;
}

static void answer_artifact(struct operation_call *call, struct world_artifact *artifact)
{
    struct buffer out = BUFFER_INIT;
    struct json_writer w = json_writer(&out);
    struct json_doc *facts;
    struct json_iter it;
    json_parse(str_from(artifact->facts), &facts, NULL);
    it = json_iter(json_root(facts));
    json_begin_object(&w);
    json_key(&w, STR("artifact"));
    json_begin_object(&w);
    json_put_string(&w, STR("id"), str_from(artifact->id));
    while (json_next(&it))
        json_put_member(&w, it.key, it.value);
    json_put_i64(&w, STR("size"), (int64_t)artifact->len);
    json_end_object(&w);
    json_end_object(&w);
    operation_answer(call, buffer_str(&out));
    json_free(facts);
    buffer_clear(&out);
}

static void seal_artifact(struct world_artifact *artifact)
{
    uint8_t digest[BLAKE3_BYTES];
    blake3((struct str){artifact->bytes, artifact->len}, digest);
    blake3_text(digest, artifact->id);
}

static void do_put(struct operation_call *call)
{
    struct world_artifact *artifact = add_artifact(call);
    seal_artifact(artifact);
    answer_artifact(call, artifact);
}

static void put_artifact(void *domain, struct operation_call *call)
{
    (void)domain;
    if (artifact_says_no("artifact.put", call))
        return;
    if (world->artifact_wait)
        world->waiting = call;
    else
        do_put(call);
}

void world_artifact_go(struct world *w)
{
    struct operation_call *call = w->waiting;
    w->waiting = NULL;
    do_put(call);
}

static void get_artifact(void *domain, struct operation_call *call)
{
    struct world_artifact *artifact = find_artifact(world, call);
    struct error err;
    (void)domain;
    if (artifact_says_no("artifact.get", call))
        return;
    if (!artifact) {
        error_set(&err, ST_NOT_FOUND, "there is no such artifact");
        operation_fail(call, &err);
        return;
    }
    size_t half = artifact->len / 2;
    operation_piece(call, STR("{}"), (struct str){artifact->bytes, half});
    operation_piece(call, STR("{}"), (struct str){artifact->bytes + half, artifact->len - half});
    operation_answer(call, STR("{}"));
}

static void hold_artifact(void *domain, struct operation_call *call)
{
    struct world_artifact *artifact = find_artifact(world, call);
    struct error err;
    struct str owner = {NULL, 0};
    (void)domain;
    if (artifact_says_no("artifact.hold", call))
        return;
    if (!artifact) {
        error_set(&err, ST_NOT_FOUND, "there is no such artifact");
        operation_fail(call, &err);
        return;
    }
    json_plain(json_get(operation_arguments(call), STR("owner")), &owner);
    snprintf(artifact->owner, sizeof(artifact->owner), "%.*s", STR_ARG(owner));
    operation_answer(call, STR("{\"held\":true}"));
}

static void release_artifacts(void *domain, struct operation_call *call)
{
    (void)domain;
    if (artifact_says_no("artifact.release", call))
        return;
    for (size_t i = 0; i < world->artifact_count; i++)
        if (json_is(json_get(operation_arguments(call), STR("owner")),
                    str_from(world->artifacts[i].owner)))
            world->artifacts[i].owner[0] = '\0';
    operation_answer(call, STR("{\"released\":1}"));
}

static void stat_artifact(void *domain, struct operation_call *call)
{
    struct world_artifact *artifact = find_artifact(world, call);
    struct error err;
    (void)domain;
    if (artifact_says_no("artifact.stat", call))
        return;
    error_set(&err, ST_NOT_FOUND, "there is no such artifact");
    if (artifact)
        answer_artifact(call, artifact);
    else
        operation_fail(call, &err);
}

static void begin_artifact(void *domain, struct operation_call *call)
{
    char text[40];
    (void)domain;
    if (artifact_says_no("artifact.begin", call))
        return;
    add_artifact(call);
    snprintf(text, sizeof(text), "{\"upload\":\"%zu\"}", world->artifact_count - 1);
    operation_answer(call, str_from(text));
}

static struct world_artifact *upload_of(struct operation_call *call)
{
    struct str number = {"", 0};
    json_plain(json_get(operation_arguments(call), STR("upload")), &number);
    return &world->artifacts[number.ptr[0] - '0'];
}

static void write_artifact(void *domain, struct operation_call *call)
{
    struct world_artifact *artifact = upload_of(call);
    struct str bytes = operation_bytes(call);
    (void)domain;
    artifact->bytes = realloc(artifact->bytes, artifact->len + bytes.len + 1);
    memcpy(artifact->bytes + artifact->len, bytes.ptr, bytes.len);
    artifact->len += bytes.len;
    artifact->bytes[artifact->len] = '\0';
    operation_answer(call, STR("{}"));
}

static void finish_artifact(void *domain, struct operation_call *call)
{
    struct world_artifact *artifact = upload_of(call);
    (void)domain;
    seal_artifact(artifact);
    answer_artifact(call, artifact);
}

static void drop_artifact(void *domain, struct operation_call *call)
{
    (void)domain;
    world->dropped++;
    operation_answer(call, STR("{\"dropped\":true}"));
}

static void remove_artifacts(void *domain, struct operation_call *call)
{
    struct json session = json_get(operation_arguments(call), STR("session"));
    (void)domain;
    for (size_t i = 0; i < world->artifact_count; i++) {
        struct json_doc *facts;
        json_parse(str_from(world->artifacts[i].facts), &facts, NULL);
        if (json_same_string(json_get(json_root(facts), STR("session")), session))
            world->artifacts[i].id[0] = '\0';
        json_free(facts);
    }
    operation_answer(call, STR("{}"));
}

#define ARTIFACT(name, run) {"artifact." name, "", "", "{}", OPERATION_CHANGES, run}

static const struct operation artifact_operations[] = {
    ARTIFACT("put", put_artifact),         ARTIFACT("get", get_artifact),
    ARTIFACT("stat", stat_artifact),       ARTIFACT("hold", hold_artifact),
    ARTIFACT("release", release_artifacts), ARTIFACT("begin", begin_artifact),
    ARTIFACT("write", write_artifact),     ARTIFACT("finish", finish_artifact),
    ARTIFACT("drop", drop_artifact),       ARTIFACT("remove", remove_artifacts),
};

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
    if (projections_new(&projections, &w->projections, &err) ||
        operations_new(NULL, &w->operations, &err) ||
        operations_add(w->operations, artifact_operations, 10, NULL, &err))
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
        .artifacts = operations_service(w->operations),
        .limits = {.max_operations = 1000, .max_bytes = 100 << 20, .max_artifacts = 3},
        .record_all = record_all,
        .hooks = world_hooks,
    };
    if (sessions_new(&parts, &w->sessions, &err) ||
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
    for (size_t i = 0; i < w->artifact_count; i++) {
        free(w->artifacts[i].caller);
        free(w->artifacts[i].bytes);
        free(w->artifacts[i].facts);
    }
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
