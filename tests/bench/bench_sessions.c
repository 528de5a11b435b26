/*
 * bench_sessions PLUGINS URL
 *
 * What a session costs: creating one and adding a message, by the operations of the platform over the
 * journal, the typed ports and the plugin of the store that URL names ("memory:", "sqlite:/path"). Beside
 * it the bare append that both need, by the event store's port, one at a time and in a group. Medians of
 * batches in this process; projections stand still meanwhile.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driven/random/random.h"
#include "adapters/driven/storage/storage.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/session/sessions.h"

enum { BATCHES = 31, BATCH = 400, SINGLES = 200 };

static struct loop *loop;
static struct plugin_host *host;
static struct storage *storage;
static struct journal *journal;
static struct projections *projections;
static struct sessions *sessions;
static struct operations *operations;
static const char *url;
static size_t ended;
static unsigned number;
static char made[BATCH][64]; /* ids of the sessions that were made last */
static unsigned made_count, sent_count;

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void write_log(void *ctx, enum log_level level, struct str source, struct str text)
{
    (void)ctx;
    if (level >= LOG_LEVEL_WARNING)
        fprintf(stderr, "%.*s: %.*s\n", STR_ARG(source), STR_ARG(text));
}

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    return loop_post(ctx, fn, arg, NULL);
}

static int settings(void *ctx, struct str given, struct buffer *out, struct error *err)
{
    return storage_settings(str_from(url), str_from(ctx), given, NULL, out, err);
}

static void open_store(const char *plugins, char *folder)
{
    static const struct log_port log = {NULL, write_log};
    const struct plugin_place place = {.path = plugins, .origin = PLUGIN_BUNDLED, .enable_all = true};
    const struct plugin_host_config config = {
        .places = &place,
        .place_count = 1,
        .version = "0.0.0",
        .clock = system_clock_port(),
        .timer = loop_timers(loop),
        .executor = loop_executor(loop),
        .log = &log,
        .post = post,
        .post_ctx = loop,
    };
    struct buffer id = BUFFER_INIT;
    struct error err;
    if (plugin_host_new(&config, &host, &err) || storage_plugin_id(str_from(url), &id, &err))
        die(err.text);
    const struct plugin_store_choice choice = {.id = id.data, .settings = settings, .ctx = folder};
    if (storage_new(plugin_host_store(host, &choice), loop_timers(loop), &storage, &err))
        die(err.text);
    buffer_clear(&id);
}

static void open_sessions(void)
{
    struct error err;
    const struct journal_parts parts = {.events = storage_events(storage),
                                        .values = storage_values(storage),
                                        .clock = system_clock_port(),
                                        .random = system_random_port()};
    if (journal_new(&parts, &journal, &err))
        die(err.text);
    const struct projections_parts projection_parts = {.events = storage_events(storage),
                                                       .journal = journal,
                                                       .clock = system_clock_port(),
                                                       .timers = loop_timers(loop)};
    if (projections_new(&projection_parts, &projections, &err))
        die(err.text);
    const struct sessions_parts session_parts = {.journal = journal,
                                                 .projections = projections,
                                                 .events = storage_events(storage),
                                                 .clock = system_clock_port(),
                                                 .random = system_random_port()};
    if (sessions_new(&session_parts, &sessions, &err) || operations_new(NULL, &operations, &err) ||
        sessions_add_operations(sessions, operations, &err))
        die(err.text);
}

/* ---- what is measured ---- */

static void done(void *arg, const struct error *err, struct str json)
{
    if (err)
        die(err->text);
    if (arg)
        snprintf(made[made_count++ % BATCH], sizeof(made[0]), "%.36s", json.ptr + 7); /* {"id":"... */
    ended++;
}

static void execute(const char *name, const char *arguments, void *creates)
{
    static const struct caller caller = {.id = STR_INIT("stdio"), .tenant = STR_INIT("local")};
    const struct operation_service *service = operations_service(operations);
    const struct call_context context = {.caller = &caller};
    const struct operation_request request = {
        .name = str_from(name), .arguments = str_from(arguments), .context = &context};
    const struct operation_observer observer = {.arg = creates, .done = done};
    service->execute(service->ctx, &request, &observer, NULL);
}

static void create(void)
{
    execute("session.create", "{\"title\":\"A session\",\"tags\":[\"one\",\"two\"]}", made);
}

static void send(void)
{
    char arguments[200];
    snprintf(arguments, sizeof(arguments), "{\"id\":\"%s\",\"text\":\"Where is the harbour?\"}",
             made[sent_count++ % BATCH]);
    execute("session.send", arguments, NULL);
}

static void appended(void *arg, const struct error *err, const struct append_result *result)
{
    (void)arg;
    if (err || result->conflict)
        die(err ? err->text : "a conflict");
    ended++;
}

/* The same event by the port alone. */
static void append(void)
{
    const struct event_store *events = storage_events(storage);
    char stream[64], id[64];
    snprintf(stream, sizeof(stream), "session/01900000-0000-7000-8000-%012u", ++number);
    snprintf(id, sizeof(id), "01900000-0000-7000-8001-%012u", number);
    const struct stored_event event = {
        .id = str_from(id), .type = STR("SessionCreated"), .schema = 1, .at_ms = 1767225600000,
        .correlation = str_from(id), .caller = STR("stdio"), .tenant = STR("local"),
        .data = STR("{\"title\":\"A session\",\"tags\":[\"one\",\"two\"],\"config\":{\"maxOperations\":0,"
                    "\"maxBytes\":0,\"maxArtifacts\":0,\"maxDurationMs\":0,\"retentionMs\":0}}")};
    const struct stream_append streams = {
        .stream = str_from(stream), .expect = EXPECT_NONE, .events = &event, .count = 1};
    const struct event_batch batch = {.streams = &streams, .count = 1};
    events->append(events->ctx, &batch, appended, NULL);
}

/* Nanoseconds each of `count` that are begun together. */
static double group_ns(void (*fn)(void), size_t count)
{
    size_t before = ended;
    double start = now_ns();
    for (size_t i = 0; i < count; i++)
        fn();
    while (ended - before < count)
        loop_turn(loop);
    return (now_ns() - start) / (double)count;
}

static double middle(double *all, size_t runs)
{
    qsort(all, runs, sizeof(*all), compare);
    return all[runs / 2];
}

/* In turns, so that what else the machine does falls on all of them. */
static void measure(const char *how, size_t runs, size_t count)
{
    static double bare[SINGLES], created[SINGLES], sent[SINGLES];
    for (size_t i = 0; i < runs; i++) {
        bare[i] = group_ns(append, count);
        created[i] = group_ns(create, count);
        sent[i] = group_ns(send, count);
    }
    double base = middle(bare, runs), begun = middle(created, runs), added = middle(sent, runs);
    printf("%s\n", how);
    printf("  append by the port   %10.0f ns\n", base);
    printf("  create a session     %10.0f ns, %.2f times that\n", begun, begun / base);
    printf("  add a message        %10.0f ns, %.2f times that\n", added, added / base);
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/hexmcp-bench-XXXXXX";
    struct error err;
    if (argc != 3)
        die("usage: bench_sessions PLUGINS URL");
    url = argv[2];
    if (!mkdtemp(folder) || loop_new(0, &loop, &err))
        die("no folder or no loop");
    open_store(argv[1], folder);
    open_sessions();
    group_ns(create, BATCH);
    measure("one at a time", SINGLES, 1);
    measure("400 at once, each of a session of its own", BATCHES, BATCH);
    projections_free(projections);
    journal_free(journal);
    sessions_free(sessions);
    operations_free(operations);
    plugin_host_stop(host, 5000);
    loop_end_workers(loop);
    storage_free(storage);
    plugin_host_free(host);
    loop_free(loop);
    return 0;
}
