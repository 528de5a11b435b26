/*
 * hexmcp-plugin-host: runs one plugin for hexmcp, in a process that can do nothing but that.
 *
 * hexmcp starts it with a connected socket, the checked file of the plugin and a pipe for what is
 * written; there is nothing to run by hand. The order: learn what to do; load what the plugin may need
 * of the system; give up everything else; only then load the plugin.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/clock/clock.h"
#include "adapters/driven/plugin_host/helper/helper.h"
#include "adapters/driven/plugin_host/wire/datagram.h"
#include "adapters/driven/regex/regex.h"

#define QUEUE_MAX ((size_t)16 << 20)
#define DESCRIPTORS_MAX 1024u

static int post(void *ctx, void (*fn)(void *arg), void *arg)
{
    return loop_post(ctx, fn, arg, NULL);
}

static struct str settings(void *ctx, struct str id)
{
    const struct helper *h = ctx;
    (void)id;
    return h->settings;
}

static void mark_lost(void *ctx, void *arg)
{
    struct helper *h = ctx;
    const struct lost_worker_port *port = loop_lost_worker(h->loop);
    port->mark_lost(port->ctx, arg);
    wire_body(h->wire);
    helper_send(h, WIRE_LOST, 0);
}

static void ended(void *ctx, const struct error *why)
{
    (void)ctx;
    if (why->code == ST_PROTOCOL)
        helper_die(why->text);
    _exit(0); /* hexmcp is gone */
}

/* ---- the first message ---------------------------------------------------------------------- */

static bool started_by_hexmcp(void)
{
    int type = 0;
    socklen_t size = sizeof(type);
    return getsockopt(HELPER_WIRE, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           type == SOCK_SEQPACKET;
}

/* What was read stays, as the texts of `start` lie in it. */
static int read_start(struct wire_start *start, struct error *err)
{
    struct pollfd fd = {.fd = HELPER_WIRE, .events = POLLIN};
    struct wire_message *message = malloc(sizeof(*message));
    char *space = malloc(DATAGRAM_SPACE);
    int rc = ST_BUSY;
    if (!message || !space) {
        free(message);
        free(space);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    while (rc == ST_BUSY) {
        poll(&fd, 1, -1);
        rc = datagram_read(HELPER_WIRE, space, message, err);
    }
    if (rc == ST_OK && message->op != WIRE_START)
        rc = error_set(err, ST_PROTOCOL, "message %d does not begin anything", (int)message->op);
    return rc ? rc : wire_get_start(message->body, start, err);
}

static int take_record(struct str bytes, struct record **out, struct error *err)
{
    struct record *record = malloc(bytes.len + 1); /* aligned */
    if (!record)
        return error_set(err, ST_NOMEM, "out of memory");
    memcpy(record, bytes.ptr, bytes.len);
    if (!record_valid(record, bytes.len)) {
        free(record);
        return error_set(err, ST_PROTOCOL, "the record of the plugin is not valid");
    }
    *out = record;
    return ST_OK;
}

/* ---- the parts ------------------------------------------------------------------------------ */

static int open_loop(struct helper *h, const struct wire_start *start, struct error *err)
{
    const struct wire_events events = {h, helper_message, ended};
    pthread_mutex_init(&h->lock, NULL);
    pthread_cond_init(&h->answered, NULL);
    int rc = loop_new(start->workers, &h->loop, err);
    if (!rc)
        rc = wire_new(loop_uv(h->loop), HELPER_WIRE, QUEUE_MAX, &events, &h->wire, err);
    if (!rc)
        wire_hold_back(h->wire, true);
    return rc;
}

static int open_host(struct helper *h, const struct wire_start *start, struct error *err)
{
    struct plugin_checks checks = plugin_checker_functions(&h->checker);
    struct record *record = NULL;
    struct plugin_host_config config = {
        .version = strndup(start->version.ptr, start->version.len),
        .clock = system_clock_port(),
        .timer = loop_timers(h->loop),
        .executor = loop_executor(h->loop),
        .log = &h->log,
        .denials = &h->denials,
        .files = start->files ? &h->files : NULL,
        .services = h->service_ports,
        .service_count = h->service_count,
        .lost_worker = &h->lost_worker,
        /* The program has checked the settings, and checks what is published. */
        .checks = {.ctx = checks.ctx, 
                   .check_value = start->schemas ? checks.check_value : NULL},
        .post = post,
        .post_ctx = h->loop,
        .settings = settings,
        .settings_ctx = h,
        .grace_ms = start->grace_ms,
        .max_lost = UINT32_MAX,
    };
    char *path = strndup(start->bundle.ptr, start->bundle.len);
    int rc = config.version && path ? take_record(start->record, &record, err)
                                    : error_set(err, ST_NOMEM, "out of memory");
    if (!rc && (rc = plugin_host_new_one(&config, path, record, HELPER_PLUGIN, &h->grants, &h->host,
                                         err)))
        free(record);
    free(path);
    return rc;
}

static char *copy_of(struct str bytes)
{
    char *copy = malloc(bytes.len + 1);
    if (copy && bytes.len)
        memcpy(copy, bytes.ptr, bytes.len);
    return copy;
}

static int open_parts(struct helper *h, const struct wire_start *start, struct error *err)
{
    h->settings = start->settings;
    h->grants = (struct plugin_grants){.reads_paths = start->reads_paths,
                                       .writes_paths = start->writes_paths,
                                       .direct_paths = start->direct_paths};
    h->checker.regex = regex_module_port(h->regex);
    h->lost_worker = (struct lost_worker_port){h, mark_lost};
    helper_log_init(h);
    helper_files_init(h);
    helper_calls_init(h);
    helper_offers_init(h);
    int rc = helper_services_init(h, start, err);
    if (!rc)
        rc = open_host(h, start, err);
    if (rc)
        return rc;
    h->host->offer_exit = &h->offer_exit;
    h->runtime = plugin_host_runtime(h->host);
    h->runtime->attach(h->runtime->ctx, &h->events);
    struct plugin *p = h->host->plugins[0];
    if (start->carries && !(p->carried = copy_of(start->carried)))
        return error_set(err, ST_NOMEM, "out of memory");
    p->carried_len = start->carried.len;
    return plugin_load(p, err);
}

/* ---- what it keeps -------------------------------------------------------------------------- */

/* True if the plugin's file names the interface. */
static bool names(const char *interface)
{
    struct stat st;
    if (fstat(HELPER_PLUGIN, &st) < 0 || st.st_size <= 0)
        return false;
    size_t size = (size_t)st.st_size;
    void *at = mmap(NULL, size, PROT_READ, MAP_PRIVATE, HELPER_PLUGIN, 0);
    if (at == MAP_FAILED)
        return false;
    bool found = memmem(at, size, interface, strlen(interface)) != NULL;
    munmap(at, size);
    return found;
}

/* Patterns are compiled by a module, which could not be read later. */
static int load_regex(struct helper *h, const struct wire_start *start, struct error *err)
{
    static char folder[4096];
    snprintf(folder, sizeof(folder), "%.*s", STR_ARG(start->modules));
    int rc = regex_module_new(folder, &h->regex, err);
    if (rc || !names(HEXMCP_SCHEMA_1))
        return rc;
    const struct regex_port *port = regex_module_port(h->regex);
    struct regex *pattern = NULL;
    rc = port->compile(port->ctx, STR("a"), &pattern, err);
    if (!rc)
        port->free(port->ctx, pattern);
    return rc;
}

/* The names of TEXT_NEEDED, which point into `doc`. */
static size_t read_needed(const struct record *record, struct json_doc **doc, struct str *out,
                          size_t max)
{
    size_t count = 0;
    if (json_parse(record_text(record, TEXT_NEEDED), doc, NULL))
        return 0;
    struct json_iter it = json_iter(json_root(*doc));
    while (count < max && json_next(&it))
        out[count++] = json_text(it.value);
    return count;
}

/* json_text() gives a string with its quotes; a library with an escape in its name is none. */
static void unquote(struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i].len >= 2)
            names[i] = (struct str){names[i].ptr + 1, names[i].len - 2};
}

static int preload(const struct wire_start *start, struct error *err)
{
    struct str names[64];
    struct json_doc *doc = NULL;
    struct record *record;
    int rc = take_record(start->record, &record, err);
    if (rc)
        return rc;
    size_t count = read_needed(record, &doc, names, sizeof(names) / sizeof(names[0]));
    unquote(names, count);
    rc = sandbox_preload(names, count, err);
    json_free(doc);
    free(record);
    return rc;
}

#define FOLDERS (WIRE_FOLDERS_MAX + 2)

/* NULL-terminated copies, which stay until the process ends. */
static size_t copy_folders(const struct str *from, size_t count, const char **out)
{
    size_t copied = 0;
    for (size_t i = 0; i < count; i++)
        if ((out[copied] = strndup(from[i].ptr, from[i].len)))
            copied++;
    return copied;
}

static int enter_sandbox(struct helper *h, const struct wire_start *start, struct error *err)
{
    static const char *read[FOLDERS], *write[WIRE_FOLDERS_MAX];
    static const int keep[] = {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO, HELPER_WIRE,
                               HELPER_PLUGIN};
    size_t reads = copy_folders(&start->bundle, 1, read);
    read[reads++] = "/proc/self/fd/4"; /* HELPER_PLUGIN */
    reads += copy_folders(start->read, start->read_count, read + reads);
    struct sandbox_plan plan = {.read = read,
                                .read_count = reads,
                                .write = write,
                                .write_count = copy_folders(start->write, start->write_count, write),
                                .system = start->system,
                                .system_count = start->system_count,
                                .keep = keep,
                                .keep_count = sizeof(keep) / sizeof(keep[0]),
                                .memory_bytes = start->memory_bytes,
                                .file_bytes = start->writes_paths ? 0 : start->memory_bytes,
                                .descriptors = DESCRIPTORS_MAX,
                                .strict = start->strict,
                                .report_fd = HELPER_REPORT};
    return sandbox_enter(&plan, &h->found, err);
}

static int confine(struct helper *h, const struct wire_start *start, struct error *err)
{
    int rc = preload(start, err);
    if (!rc)
        rc = load_regex(h, start, err);
    if (!rc)
        rc = enter_sandbox(h, start, err);
    return rc;
}

/* What the kernel lacks. */
static void tell_missing(struct helper *h)
{
    for (size_t i = 0; i < h->found.missing_count; i++) {
        struct buffer *body = wire_body(h->wire);
        wire_put_text(body, str_from(h->found.missing[i]));
        helper_send(h, WIRE_NOTE, 0);
    }
}

/* What a plugin's process inherits says nothing and reacts to nothing. */
static void prepare(void)
{
    pid_t parent = getppid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(0);
    signal(SIGPIPE, SIG_IGN);
    setvbuf(stdout, NULL, _IOLBF, 0);
}

static void tell_ready(struct helper *h, int rc, const struct error *err)
{
    struct buffer *body = wire_body(h->wire);
    wire_put_i32(body, rc);
    wire_put_text(body, rc ? str_from(err->text) : STR(""));
    helper_send(h, WIRE_READY, 0);
}

int main(void)
{
    static struct helper h;
    static struct wire_start start;
    struct error err = {0};
    if (!started_by_hexmcp()) {
        fprintf(stderr, "hexmcp-plugin-host is started by hexmcp, to run a plugin\n");
        return 64;
    }
    prepare();
    if (read_start(&start, &err))
        helper_die(err.text);
    struct error refused = {0};
    int confined = confine(&h, &start, &refused);
    if (open_loop(&h, &start, &err))
        helper_die(err.text);
    tell_missing(&h);
    int rc = confined ? confined : open_parts(&h, &start, &refused);
    tell_ready(&h, rc, &refused);
    loop_run(h.loop);
    return 0;
}
