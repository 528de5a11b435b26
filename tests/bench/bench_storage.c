/*
 * bench_storage PLUGIN.so [FOLDER [ROUNDS]]: the SQLite store through its tables beside bare SQLite with the
 * same file, statements and group size, in the same run and folder. Prints medians and their ratio.
 */
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hexmcp/all.h"
#include "plugins/storage/sqlite/db.h"

#define WAITING 256
#define VALUES 10000
#define BLOB_BYTES ((size_t)64 << 20)
#define PIECE_BYTES ((size_t)1 << 20)
#define MANY_EVENTS 1000000
#define ROUNDS_MAX 99

static char folder[300];
static unsigned rounds = 9;

static void die(const char *what)
{
    fprintf(stderr, "bench_storage: %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *list, unsigned count)
{
    qsort(list, count, sizeof(*list), compare);
    return list[count / 2];
}

/* ---- the least of a host: it counts what ends, and wakes who waits for it ---- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ended_some = PTHREAD_COND_INITIALIZER;
static uint64_t ended, wanted, failed;
static atomic_uint_fast64_t emitted;

static int32_t complete(void *ctx, hexmcp_call call, uint32_t outcome, hexmcp_str json)
{
    (void)ctx;
    (void)call;
    pthread_mutex_lock(&mutex);
    if (outcome != HEXMCP_RESULT) {
        fprintf(stderr, "%.*s\n", (int)json.len, json.ptr);
        failed++;
    }
    if (++ended == wanted)
        pthread_cond_signal(&ended_some);
    pthread_mutex_unlock(&mutex);
    return HEXMCP_OK;
}

static int32_t emit(void *ctx, hexmcp_call call, hexmcp_str json, hexmcp_str bytes)
{
    (void)ctx;
    (void)call;
    atomic_fetch_add(&emitted, json.len + bytes.len);
    return HEXMCP_OK;
}

static int32_t drained(void *ctx, hexmcp_call call, hexmcp_reply_fn reply, void *arg)
{
    (void)ctx;
    (void)call;
    (void)reply;
    (void)arg;
    return HEXMCP_E_NOT_FOUND;
}

static const hexmcp_stream_1 stream = {.size = sizeof(stream), .emit = emit, .drained = drained};

static const void *get_interface(void *ctx, const char *id)
{
    (void)ctx;
    return strcmp(id, HEXMCP_STREAM_1) == 0 ? &stream : NULL;
}

static void no_log(void *ctx, hexmcp_call call, uint32_t level, hexmcp_str text)
{
    (void)ctx;
    (void)call;
    (void)level;
    (void)text;
}

static const hexmcp_host host = {.size = sizeof(host),
                                 .name = "bench",
                                 .version = "1",
                                 .get_interface = get_interface,
                                 .log = no_log,
                                 .complete = complete};

/* Waits until no more than `left` of `begun` are open. */
static void wait_for(uint64_t begun, uint64_t left)
{
    pthread_mutex_lock(&mutex);
    wanted = begun > left ? begun - left : 0;
    while (ended < wanted)
        pthread_cond_wait(&ended_some, &mutex);
    pthread_mutex_unlock(&mutex);
    if (failed)
        die("a call failed");
}

/* ---- the plugin ---- */

static hexmcp_plugin_create_fn create;
static const hexmcp_plugin *plugin;
static const hexmcp_eventstore_1 *events;
static const hexmcp_kv_store_1 *values;
static const hexmcp_blob_1 *blobs;

static void load(const char *path)
{
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, "hexmcp_plugin_create") : NULL;
    if (!symbol)
        die(dlerror());
    memcpy(&create, &symbol, sizeof(create));
}

static void start(bool full, unsigned group)
{
    char config[500];
    hexmcp_error err = {.size = sizeof(err)};
    snprintf(config, sizeof(config), "{\"folder\":\"%s\",\"synchronous\":\"%s\",\"maxBatch\":%u}", folder,
             full ? "full" : "normal", group);
    if (create(&host, &plugin, &err) || plugin->init(plugin->self, hexmcp_str_from(config), &err) ||
        plugin->start(plugin->self, &err))
        die(err.text);
    events = plugin->get_interface(plugin->self, HEXMCP_EVENTSTORE_1);
    values = plugin->get_interface(plugin->self, HEXMCP_KV_STORE_1);
    blobs = plugin->get_interface(plugin->self, HEXMCP_BLOB_1);
    ended = failed = 0;
}

static void stop(void)
{
    plugin->stop(plugin->self);
    plugin->destroy(plugin->self);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    (void)st;
    (void)flag;
    (void)ftw;
    return remove(path);
}

static void clear(void)
{
    nftw(folder, remove_one, 4, FTW_DEPTH | FTW_PHYS);
}

/* ---- bare SQLite, with the store's own statements ---- */

static sqlite3 *bare;
static sqlite3_stmt *statements[SQL_COUNT];

static void open_bare(bool full)
{
    char text[400];
    start(full, 1);
    stop();
    snprintf(text, sizeof(text), "%s/store.sqlite", folder);
    if (sqlite3_open_v2(text, &bare, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        die("cannot open the file");
    snprintf(text, sizeof(text), "PRAGMA synchronous=%s; PRAGMA cache_size=-8000;"
             "PRAGMA secure_delete=OFF", full ? "FULL" : "NORMAL");
    sqlite3_exec(bare, text, NULL, NULL, NULL);
}

static sqlite3_stmt *statement(enum sql which)
{
    sqlite3_stmt **s = &statements[which];
    if (!*s && sqlite3_prepare_v3(bare, sql_texts[which], -1, SQLITE_PREPARE_PERSISTENT, s, NULL) !=
                   SQLITE_OK)
        die(sqlite3_errmsg(bare));
    sqlite3_reset(*s);
    return *s;
}

static void run(sqlite3_stmt *s)
{
    int code = sqlite3_step(s);
    if (code != SQLITE_DONE && code != SQLITE_ROW)
        die(sqlite3_errmsg(bare));
    sqlite3_reset(s);
}

static void close_bare(void)
{
    for (int i = 0; i < SQL_COUNT; i++) {
        sqlite3_finalize(statements[i]);
        statements[i] = NULL;
    }
    sqlite3_close(bare);
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
    sqlite3_bind_text(s, at, text, -1, SQLITE_STATIC);
}

/* ---- append ---- */

#define ID "0190aaaa-0000-7000-8000-000000000001"
#define AT "2026-01-31T12:00:00.000Z"
#define DATA                                                                                     \
    "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"What is the weather in the "  \
    "north tomorrow, and shall I take an umbrella with me or a coat?\"}],\"tokens\":21}"

static void append_bare_one(unsigned n)
{
    char name[40];
    snprintf(name, sizeof(name), "session/%u", n % 100);
    sqlite3_stmt *find = statement(SQL_STREAM_FIND);
    bind_text(find, 1, "events");
    bind_text(find, 2, name);
    int64_t number = 0, version = 0;
    if (sqlite3_step(find) == SQLITE_ROW) {
        number = sqlite3_column_int64(find, 0);
        version = sqlite3_column_int64(find, 1);
    }
    sqlite3_reset(find);
    sqlite3_stmt *move = statement(number ? SQL_STREAM_MOVE : SQL_STREAM_ADD);
    if (number) {
        sqlite3_bind_int64(move, 1, number);
        sqlite3_bind_int64(move, 2, version + 1);
    } else {
        bind_text(move, 1, "events");
        bind_text(move, 2, name);
        sqlite3_bind_int64(move, 3, 1);
    }
    run(move);
    if (!number)
        number = sqlite3_last_insert_rowid(bare);
    static const char *const texts[] = {ID, "MessageSent", NULL, AT, "corr-1", NULL, "local",
                                        "default", DATA};
    sqlite3_stmt *add = statement(SQL_EVENT_ADD);
    sqlite3_bind_int64(add, 1, number);
    sqlite3_bind_int64(add, 2, version + 1);
    for (int i = 0; i < 9; i++)
        bind_text(add, i + 3, texts[i]);
    sqlite3_bind_int64(add, 5, 1);
    run(add);
}

static double append_bare(bool full, unsigned group, unsigned count)
{
    open_bare(full);
    double begin = now();
    for (unsigned n = 0; n < count;) {
        run(statement(SQL_BEGIN_WRITE));
        for (unsigned i = 0; i < group; i++)
            append_bare_one(n++);
        run(statement(SQL_COMMIT));
    }
    double rate = count / (now() - begin);
    close_bare();
    clear();
    return rate;
}

static void append_plugin_one(unsigned n)
{
    char text[1000];
    hexmcp_error err = {.size = sizeof(err)};
    int len = snprintf(text, sizeof(text),
                       "{\"streams\":[{\"stream\":\"session/%u\",\"expected\":\"any\",\"events\":[{"
                       "\"id\":\"" ID "\",\"type\":\"MessageSent\",\"schema\":1,\"at\":\"" AT "\","
                       "\"correlation\":\"corr-1\",\"caller\":\"local\",\"tenant\":\"default\","
                       "\"data\":" DATA "}]}]}", n % 100);
    if (events->append(events->self, n + 1, hexmcp_str_from("events"),
                       (hexmcp_str){text, (size_t)len}, &err) != HEXMCP_PENDING)
        die(err.text);
}

static double append_plugin(bool full, unsigned group, unsigned count, unsigned waiting)
{
    start(full, group);
    double begin = now();
    for (unsigned n = 0; n < count; n++) {
        append_plugin_one(n);
        if (n % (waiting / 2 + 1) == 0)
            wait_for(n + 1, waiting / 2);
    }
    wait_for(count, 0);
    double rate = count / (now() - begin);
    stop();
    clear();
    return rate;
}

static void print(const char *what, const char *unit, double *a, double *b)
{
    double x = median(a, rounds), y = median(b, rounds);
    printf("%-44s bare %10.0f %s   plugin %10.0f %s   %.2f x\n", what, x, unit, y, unit, x / y);
    fflush(stdout);
}

static void measure_append(bool full, unsigned group, unsigned count)
{
    double a[ROUNDS_MAX], b[ROUNDS_MAX], c[ROUNDS_MAX];
    char what[80];
    for (unsigned i = 0; i < rounds; i++) {
        a[i] = append_bare(full, group, count);
        b[i] = append_plugin(full, group, count, group > 1 ? 4 * group : WAITING);
        c[i] = append_plugin(full, group, count / 10, 1);
    }
    snprintf(what, sizeof(what), "append, %s, %u event%s a transaction", full ? "FULL" : "NORMAL", group,
             group > 1 ? "s" : "");
    print(what, "/s", a, b);
    if (group == 1)
        printf("%-44s      %10s      plugin %10.0f /s\n", "    one after the other, each awaited", "",
               median(c, rounds));
}

/* ---- point reads ---- */

static void fill(void)
{
    char key[40], value[101];
    hexmcp_error err = {.size = sizeof(err)};
    memset(value, 'v', 100);
    start(false, 1000);
    for (unsigned i = 0; i < VALUES; i++) {
        snprintf(key, sizeof(key), "key/%06u", i);
        values->set(values->self, i + 1, hexmcp_str_from("state/global"), hexmcp_str_from(key),
                    (hexmcp_str){value, 100}, hexmcp_str_from("{}"), &err);
    }
    for (unsigned i = 0; i < VALUES; i++)
        append_plugin_one(i);
    wait_for((uint64_t)2 * VALUES, 0);
    stop();
}

static unsigned pick(unsigned i)
{
    return i * 7919u % VALUES;
}

static double values_bare(unsigned count)
{
    char key[40];
    size_t bytes = 0;
    open_bare(true);
    double begin = now();
    for (unsigned i = 0; i < count; i++) {
        sqlite3_stmt *s = statement(SQL_VALUE_GET);
        snprintf(key, sizeof(key), "key/%06u", pick(i));
        bind_text(s, 1, "state/global");
        bind_text(s, 2, key);
        if (sqlite3_step(s) != SQLITE_ROW)
            die("a value is missing");
        bytes += (size_t)(sqlite3_column_int64(s, 0) + sqlite3_column_int64(s, 1));
        bytes += sqlite3_column_blob(s, 2) ? (size_t)sqlite3_column_bytes(s, 2) : 0;
        sqlite3_reset(s);
    }
    double rate = count / (now() - begin);
    close_bare();
    return bytes > 0 ? rate : 0;
}

static double values_plugin(unsigned count, unsigned waiting)
{
    char key[40];
    hexmcp_error err = {.size = sizeof(err)};
    start(true, 100);
    double begin = now();
    for (unsigned i = 0; i < count; i++) {
        snprintf(key, sizeof(key), "key/%06u", pick(i));
        if (values->get(values->self, i + 1, hexmcp_str_from("state/global"), hexmcp_str_from(key),
                        &err) != HEXMCP_PENDING)
            die(err.text);
        if (i % (waiting / 2 + 1) == 0)
            wait_for(i + 1, waiting / 2);
    }
    wait_for(count, 0);
    double rate = count / (now() - begin);
    stop();
    return rate;
}

static double events_bare(unsigned count)
{
    char name[40];
    size_t bytes = 0;
    open_bare(true);
    double begin = now();
    for (unsigned i = 0; i < count; i++) {
        sqlite3_stmt *find = statement(SQL_STREAM_FIND), *s = statement(SQL_EVENTS_FORWARD);
        snprintf(name, sizeof(name), "session/%u", pick(i) % 100);
        bind_text(find, 1, "events");
        bind_text(find, 2, name);
        if (sqlite3_step(find) != SQLITE_ROW)
            die("a stream is missing");
        sqlite3_bind_int64(s, 1, sqlite3_column_int64(find, 0));
        sqlite3_bind_int64(s, 2, 1 + i % 100);
        sqlite3_bind_int64(s, 3, 1 + i % 100);
        bind_text(s, 4, "");
        if (sqlite3_step(s) != SQLITE_ROW)
            die("an event is missing");
        for (int column = 0; column < 11; column++)
            bytes += sqlite3_column_blob(s, column) ? (size_t)sqlite3_column_bytes(s, column) : 0;
        sqlite3_reset(s);
        sqlite3_reset(find);
    }
    double rate = count / (now() - begin);
    close_bare();
    return bytes > 0 ? rate : 0;
}

static double events_plugin(unsigned count, unsigned waiting)
{
    char query[100];
    hexmcp_error err = {.size = sizeof(err)};
    start(true, 100);
    double begin = now();
    for (unsigned i = 0; i < count; i++) {
        snprintf(query, sizeof(query), "{\"stream\":\"session/%u\",\"from\":%u,\"to\":%u,\"limit\":1}",
                 pick(i) % 100, 1 + i % 100, 1 + i % 100);
        if (events->read(events->self, i + 1, hexmcp_str_from("events"), hexmcp_str_from(query), &err) !=
            HEXMCP_PENDING)
            die(err.text);
        if (i % (waiting / 2 + 1) == 0)
            wait_for(i + 1, waiting / 2);
    }
    wait_for(count, 0);
    double rate = count / (now() - begin);
    stop();
    return rate;
}

static void measure_reads(void)
{
    double a[ROUNDS_MAX], b[ROUNDS_MAX], c[ROUNDS_MAX];
    fill();
    for (unsigned i = 0; i < rounds; i++) {
        a[i] = values_bare(20000);
        b[i] = values_plugin(20000, WAITING);
        c[i] = values_plugin(2000, 1);
    }
    print("read of a value of 100 bytes", "/s", a, b);
    printf("%-44s      %10s      plugin %10.0f /s\n", "    one after the other, each awaited", "",
           median(c, rounds));
    for (unsigned i = 0; i < rounds; i++) {
        a[i] = events_bare(20000);
        b[i] = events_plugin(20000, WAITING);
        c[i] = events_plugin(2000, 1);
    }
    print("read of one event by its version", "/s", a, b);
    printf("%-44s      %10s      plugin %10.0f /s\n", "    one after the other, each awaited", "",
           median(c, rounds));
    clear();
}

/* ---- blobs ---- */

static hexmcp_str blob_key(void)
{
    return hexmcp_str_from("blake3:0000000000000000000000000000000000000000000000000000000000000000");
}

static double put_bare(const char *bytes)
{
    open_bare(true);
    double begin = now();
    sqlite3_stmt *s = statement(SQL_BLOB_ADD);
    bind_text(s, 1, "artifacts");
    bind_text(s, 2, blob_key().ptr);
    sqlite3_bind_int64(s, 3, 1);
    run(s);
    int64_t number = sqlite3_last_insert_rowid(bare), part = 0;
    for (size_t at = 0; at < BLOB_BYTES; at += PIECE_BYTES) {
        s = statement(SQL_PART_ADD);
        sqlite3_bind_int64(s, 1, number * 1048576 + part++);
        sqlite3_bind_blob(s, 2, bytes + at, (int)PIECE_BYTES, SQLITE_STATIC);
        run(s);
    }
    s = statement(SQL_BLOB_SHOW);
    sqlite3_bind_int64(s, 1, number);
    sqlite3_bind_int64(s, 2, (int64_t)BLOB_BYTES);
    run(s);
    double rate = (double)(BLOB_BYTES >> 20) / (now() - begin);
    close_bare();
    return rate;
}

static size_t read_bare(void)
{
    size_t sum = 0;
    for (int64_t part = 0; part < (int64_t)(BLOB_BYTES / PIECE_BYTES); part++) {
        sqlite3_stmt *s = statement(SQL_PART_GET);
        sqlite3_bind_int64(s, 1, 1048576 + part);
        if (sqlite3_step(s) != SQLITE_ROW)
            die("a part is missing");
        const char *bytes = sqlite3_column_blob(s, 0);
        for (int i = 0; i < sqlite3_column_bytes(s, 0); i += 4096)
            sum += (unsigned char)bytes[i];
        sqlite3_reset(s);
    }
    return sum;
}

/* Twice: what comes first after the put waits for the disk. */
static double get_bare(void)
{
    open_bare(true);
    size_t sum = read_bare();
    double begin = now();
    sum += read_bare();
    double rate = (double)(BLOB_BYTES >> 20) / (now() - begin);
    close_bare();
    clear();
    return sum > 0 ? rate : 0;
}

static double put_plugin(const char *bytes)
{
    hexmcp_error err = {.size = sizeof(err)};
    char info[60];
    start(true, 256);
    double begin = now();
    snprintf(info, sizeof(info), "{\"bytes\":%zu}", BLOB_BYTES);
    blobs->put(blobs->self, 1, hexmcp_str_from("artifacts"), blob_key(), hexmcp_str_from(info), &err);
    for (size_t at = 0; at < BLOB_BYTES;) {
        bool last = at + PIECE_BYTES == BLOB_BYTES;
        int32_t status = blobs->write(blobs->self, 1, (hexmcp_str){bytes + at, PIECE_BYTES},
                                      last ? HEXMCP_BLOB_LAST : 0, &err);
        if (status == HEXMCP_E_BUSY)
            usleep(200);
        else if (status < 0)
            die(err.text);
        else
            at += PIECE_BYTES;
    }
    wait_for(1, 0);
    double rate = (double)(BLOB_BYTES >> 20) / (now() - begin);
    stop();
    return rate;
}

static double get_plugin(void)
{
    hexmcp_error err = {.size = sizeof(err)};
    double begin = 0;
    start(true, 256);
    for (unsigned i = 1; i <= 2; i++) {
        begin = now();
        if (blobs->get(blobs->self, i, hexmcp_str_from("artifacts"), blob_key(),
                       hexmcp_str_from("{}"), &err) != HEXMCP_PENDING)
            die(err.text);
        wait_for(i, 0);
    }
    double rate = (double)(BLOB_BYTES >> 20) / (now() - begin);
    stop();
    clear();
    return rate;
}

static void measure_blobs(void)
{
    double put[2][ROUNDS_MAX], get[2][ROUNDS_MAX];
    char *bytes = malloc(BLOB_BYTES);
    if (!bytes)
        die("out of memory");
    memset(bytes, 'b', BLOB_BYTES);
    for (unsigned i = 0; i < rounds; i++) {
        put[0][i] = put_bare(bytes);
        get[0][i] = get_bare();
        put[1][i] = put_plugin(bytes);
        get[1][i] = get_plugin();
    }
    print("put of a blob of 64 MiB, FULL", "MiB/s", put[0], put[1]);
    print("get of it", "MiB/s", get[0], get[1]);
    free(bytes);
}

/* ---- a large file ---- */

static void measure_open(void)
{
    char text[600];
    double a[ROUNDS_MAX];
    open_bare(false);
    snprintf(text, sizeof(text),
             "BEGIN; WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO events SELECT i, 1 + i %% 1000, 1 + i / 1000, '" ID "', 'MessageSent', 1, '" AT
             "', 'corr-1', NULL, 'local', 'default', '" DATA "' FROM n;"
             "INSERT INTO streams SELECT stream, 'events', 'session/' || stream, max(version) FROM events "
             "GROUP BY stream; COMMIT", MANY_EVENTS);
    if (sqlite3_exec(bare, text, NULL, NULL, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(bare));
    close_bare();
    for (unsigned i = 0; i < rounds; i++) {
        double begin = now();
        start(true, 100);
        append_plugin_one(0);
        wait_for(1, 0);
        a[i] = (now() - begin) * 1000;
        stop();
    }
    printf("open a file of %d events and append one: %.1f ms\n", MANY_EVENTS, median(a, rounds));
    clear();
}

int main(int argc, char **argv)
{
    if (argc < 2)
        die("usage: bench_storage PLUGIN.so [FOLDER [ROUNDS]]");
    load(argv[1]);
    snprintf(folder, sizeof(folder), "%s/hexmcp-bench-XXXXXX", argc > 2 ? argv[2] : "/tmp");
    if (!mkdtemp(folder))
        die(strerror(errno));
    if (argc > 3)
        rounds = (unsigned)atoi(argv[3]);
    if (rounds < 1 || rounds > ROUNDS_MAX)
        die("ROUNDS is 1 to 99");
    printf("SQLite %s; medians of %u\n", sqlite3_libversion(), rounds);
    measure_append(true, 1, 500);
    measure_append(true, 100, 10000);
    measure_append(false, 1, 5000);
    measure_append(false, 100, 20000);
    measure_reads();
    measure_blobs();
    measure_open();
    return 0;
}
