/*
 * bench_storage_port PLUGINS URL
 *
 * What the way to the store costs: a typed port, JSON, the plugin, JSON, and back, in this process. Medians of
 * batches with the store that URL names from the folder PLUGINS ("memory:" is the one to
 * look at; others wait for their disk). "session" is what it takes to create one: an append that expects
 * nothing, with its row in a projection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/loop/loop.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "adapters/driven/storage/storage.h"
#include "core/base/error.h"
#include "core/base/str.h"

enum { BATCHES = 51, BATCH = 400 };

static struct loop *loop;
static struct plugin_host *host;
static struct storage *storage;
static const char *url;
static size_t ended;
static unsigned number;

static void die(const char *what)
{
    fprintf(stderr, "%s\n", what);
    exit(1);
}

/* Of this thread alone, if a batch never waits: other programs do not show then. */
static uint64_t now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
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

static void check(const struct error *err)
{
    if (err)
        die(err->text);
    ended++;
}

/* ---- what is measured -------------------------------------------------------------------------- */

static void appended(void *arg, const struct error *err, const struct append_result *r)
{
    (void)arg;
    if (!err && r->conflict)
        die("a conflict");
    check(err);
}

static void projected(void *arg, const struct error *err, bool conflict, uint64_t position)
{
    (void)arg;
    (void)position;
    if (!err && conflict)
        die("a conflict");
    check(err);
}

static void got(void *arg, const struct error *err, const struct kv_value *value)
{
    (void)arg;
    (void)value;
    check(err);
}

static void applied(void *arg, const struct error *err, const struct kv_applied *r)
{
    (void)arg;
    (void)r;
    check(err);
}

static void event_came(void *arg, const struct stored_event *event)
{
    (void)arg;
    (void)event;
}

static void read_done(void *arg, const struct error *err, const struct events_end *end)
{
    (void)arg;
    (void)end;
    check(err);
}

static void create_session(void)
{
    const struct event_store *events = storage_events(storage);
    char stream[64], id[64];
    snprintf(stream, sizeof(stream), "session/01900000-0000-7000-8000-%012u", ++number);
    snprintf(id, sizeof(id), "01900000-0000-7000-8001-%012u", number);
    const struct stored_event event = {
        .id = str_from(id), .type = STR("SessionCreated"), .schema = 1, .at_ms = 1767225600000,
        .correlation = str_from(id), .caller = STR("stdio"), .tenant = STR("local"),
        .data = STR("{\"title\":\"A session\",\"tags\":[\"one\",\"two\"]}")};
    const struct stream_append append = {
        .stream = str_from(stream), .expect = EXPECT_NONE, .events = &event, .count = 1};
    const struct event_batch batch = {.key = str_from(id), .streams = &append, .count = 1};
    events->append(events->ctx, &batch, appended, NULL);
}

static void project(void)
{
    const struct event_store *events = storage_events(storage);
    static uint64_t position;
    char key[32];
    snprintf(key, sizeof(key), "row-%u", ++number);
    const struct projection_row row = {str_from(key), STR("{\"title\":\"A session\",\"events\":1}")};
    const struct projection_write write = {.projection = STR("ActiveSessions"),
                                           .expected = position,
                                           .position = position + 1,
                                           .rows = &row,
                                           .count = 1};
    position++;
    events->project(events->ctx, &write, projected, NULL);
}

static void set(void)
{
    const struct key_value_store *values = storage_values(storage);
    char key[32];
    snprintf(key, sizeof(key), "key-%u", number++ % 1000);
    const struct kv_change change = {.key = str_from(key), .value = STR("a value of some bytes")};
    values->apply(values->ctx, STR("state/global"), &change, 1, applied, NULL);
}

static void get(void)
{
    const struct key_value_store *values = storage_values(storage);
    char key[32];
    snprintf(key, sizeof(key), "key-%u", number++ % 300);
    values->get(values->ctx, STR("state/global"), str_from(key), got, NULL);
}

static void read_event(void)
{
    const struct event_store *events = storage_events(storage);
    const struct events_sink sink = {NULL, event_came, read_done};
    char stream[64];
    snprintf(stream, sizeof(stream), "session/01900000-0000-7000-8000-%012u", 1 + number++ % 1000);
    events->read(events->ctx, &(struct stream_query){.stream = str_from(stream), .limit = 1}, &sink);
}

struct times {
    double wall, processor;
};

/* `parts`: how many operations one call of `fn` begins. */
static struct times batch_ns(void (*fn)(void), size_t count, size_t parts)
{
    size_t before = ended;
    uint64_t start = now_ns(CLOCK_MONOTONIC), used = now_ns(CLOCK_THREAD_CPUTIME_ID);
    for (size_t i = 0; i < count; i++)
        fn();
    while (ended - before < count * parts)
        loop_turn(loop);
    return (struct times){
        (double)(now_ns(CLOCK_MONOTONIC) - start) / (double)count,
        (double)(now_ns(CLOCK_THREAD_CPUTIME_ID) - used) / (double)count,
    };
}

static void measure(const char *name, void (*fn)(void), size_t parts)
{
    static double wall[BATCHES], processor[BATCHES];
    batch_ns(fn, BATCH, parts);
    for (size_t i = 0; i < BATCHES; i++) {
        struct times t = batch_ns(fn, BATCH, parts);
        wall[i] = t.wall;
        processor[i] = t.processor;
    }
    qsort(wall, BATCHES, sizeof(*wall), compare);
    qsort(processor, BATCHES, sizeof(*processor), compare);
    printf("%-18s %8.0f ns, %8.0f ns of the loop's processor time\n", name, wall[BATCHES / 2],
           processor[BATCHES / 2]);
}

static void session(void)
{
    create_session();
    project();
}

int main(int argc, char **argv)
{
    char folder[] = "/tmp/hexmcp-bench-XXXXXX";
    struct error err;
    if (argc != 3)
        die("usage: bench_storage_port PLUGINS URL");
    url = argv[2];
    if (!mkdtemp(folder) || loop_new(0, &loop, &err))
        die("no folder or no loop");
    open_store(argv[1], folder);
    measure("append an event", create_session, 1);
    number = 0;
    measure("read an event", read_event, 1);
    measure("write a row", project, 1);
    measure("set a value", set, 1);
    number = 0;
    measure("get a value", get, 1);
    number = 1u << 20;
    measure("create a session", session, 2);
    plugin_host_stop(host, 5000);
    if (plugin_host_store_calls(host))
        die("calls are left");
    loop_end_workers(loop);
    storage_free(storage);
    plugin_host_free(host);
    loop_free(loop);
    return 0;
}
