/*
 * A server with a trivial protocol on the real stdio wire, for the wire tests.
 *
 *   echo_server [drain=MS] [max=BYTES] [parent=0|1] [workers=N]
 *
 * A line is a command and is answered by one line:
 *   anything            echo anything
 *   {... "id":N ...}    {"jsonrpc":"2.0","id":N,"result":{}}, after the member "delay":MS if given
 *   delay MS TEXT       echo, MS later, by a timer
 *   work MS TEXT        the same from a worker that sleeps
 *   big N               N bytes
 *   notify COUNT SIZE   COUNT notifications, then "sent=S dropped=D"
 *   pause MS TEXT       echo, and no input is taken for MS; 0: never again
 *   print TEXT          TEXT by printf and write(1), then echo
 *   memory              the peak of resident memory: "memory KIB" or "memory sanitizer"
 *   children            what descriptors a child has: "children N N N"
 * A request that shutdown() finds pending is answered with "cancelled ..." in place of its echo.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZER
#endif

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/stdio/stdio.h"

#ifdef SANITIZER
/* Asked by the leak checker, which cannot work without /proc; a test hides it. */
int __lsan_is_turned_off(void);
__attribute__((visibility("default"))) int __lsan_is_turned_off(void)
{
    return access("/proc/self", F_OK) != 0;
}
#endif

struct server {
    struct loop *loop;
    const struct message_sink *sink;
    struct timer *resume;
    struct request *first;
    size_t pending;
    bool closed;
};

struct request {
    struct server *server;
    struct timer *timer;
    unsigned long ms;
    bool answered;
    struct request *next;
    size_t len;
    char text[];
};

static void send_text(struct server *s, const char *text, size_t len)
{
    static const struct message_about about = {.kind = MESSAGE_ANSWER, .response = true};
    s->sink->send(s->sink->ctx, &about, (struct str){text, len});
}

static void send_pair(struct server *s, const char *word, const char *text, size_t len)
{
    size_t head = strlen(word);
    char *joined = malloc(head + len);
    memcpy(joined, word, head);
    memcpy(joined + head, text, len);
    send_text(s, joined, head + len);
    free(joined);
}

static void answer(struct server *s, bool cancelled, const char *text, size_t len)
{
    const char *id = len && text[0] == '{' ? strstr(text, "\"id\":") : NULL;
    if (!id) {
        send_pair(s, cancelled ? "cancelled " : "echo ", text, len);
        return;
    }
    char line[160];
    int used = snprintf(line, sizeof(line), "{\"jsonrpc\":\"2.0\",\"id\":%.*s,%s}",
                        (int)strcspn(id + 5, ",}"), id + 5,
                        cancelled ? "\"error\":{\"code\":-32603,\"message\":\"cancelled\"}"
                                  : "\"result\":{}");
    send_text(s, line, (size_t)used);
}

static struct request *request_new(struct server *s, unsigned long ms, const char *text)
{
    size_t len = strlen(text);
    struct request *r = calloc(1, sizeof(*r) + len + 1);
    *r = (struct request){.server = s, .ms = ms, .next = s->first, .len = len};
    memcpy(r->text, text, len);
    s->first = r;
    s->pending++;
    return r;
}

static void request_answer(struct request *r, bool cancelled)
{
    if (r->answered)
        return;
    r->answered = true;
    r->server->pending--;
    answer(r->server, cancelled, r->text, r->len);
}

static void request_done(void *arg)
{
    struct request *r = arg;
    if (!r->server->closed)
        request_answer(r, false);
}

static void request_sleep(void *arg)
{
    struct request *r = arg;
    usleep((useconds_t)r->ms * 1000);
}

static void start_delay(struct server *s, const char *args)
{
    char *text;
    unsigned long ms = strtoul(args, &text, 10);
    struct request *r = request_new(s, ms, text + strspn(text, " "));
    const struct timer_port *timers = loop_timers(s->loop);
    r->timer = timers->create(timers->ctx, request_done, r);
    timers->set(timers->ctx, r->timer, ms);
}

static void start_json(struct server *s, const char *line)
{
    const char *delay = strstr(line, "\"delay\":");
    if (!delay) {
        answer(s, false, line, strlen(line));
        return;
    }
    struct request *r = request_new(s, strtoul(delay + 8, NULL, 10), line);
    const struct timer_port *timers = loop_timers(s->loop);
    r->timer = timers->create(timers->ctx, request_done, r);
    timers->set(timers->ctx, r->timer, r->ms);
}

static void start_work(struct server *s, const char *args)
{
    char *text;
    struct error err;
    unsigned long ms = strtoul(args, &text, 10);
    struct request *r = request_new(s, ms, text + strspn(text, " "));
    const struct executor_port *executor = loop_executor(s->loop);
    if (executor->submit(executor->ctx, request_sleep, request_done, r, &err))
        request_answer(r, true);
}

static void send_big(struct server *s, const char *args)
{
    size_t len = strtoul(args, NULL, 10);
    char *text = malloc(len);
    memset(text, 'b', len);
    send_text(s, text, len);
    free(text);
}

static void send_notifications(struct server *s, const char *args)
{
    char *rest, line[80];
    static const struct message_about about = {.kind = MESSAGE_NOTIFICATION};
    unsigned long count = strtoul(args, &rest, 10), sent = 0;
    size_t len = strtoul(rest, NULL, 10);
    char *text = malloc(len);
    memset(text, 'n', len);
    for (unsigned long i = 0; i < count; i++)
        sent += s->sink->send(s->sink->ctx, &about, (struct str){text, len});
    free(text);
    int used = snprintf(line, sizeof(line), "sent=%lu dropped=%lu", sent, count - sent);
    send_text(s, line, (size_t)used);
}

static void resume(void *arg)
{
    struct server *s = arg;
    s->sink->resume(s->sink->ctx);
}

static enum receive_result pause_input(struct server *s, const char *args)
{
    char *text;
    unsigned long ms = strtoul(args, &text, 10);
    text += strspn(text, " ");
    send_pair(s, "echo ", text, strlen(text));
    const struct timer_port *timers = loop_timers(s->loop);
    if (ms)
        timers->set(timers->ctx, s->resume, ms);
    return RECEIVE_PAUSE;
}

static void print(struct server *s, const char *text)
{
    printf("%s\n", text);
    fflush(stdout);
    if (write(STDOUT_FILENO, "written\n", 8) != 8)
        fprintf(stderr, "descriptor 1 cannot be written\n");
    send_pair(s, "echo ", text, strlen(text));
}

#ifdef SANITIZER
static void send_memory(struct server *s)
{
    send_text(s, "memory sanitizer", 16);
}
#else
/* Not ru_maxrss, which counts what the process was before exec. */
static void send_memory(struct server *s)
{
    char status[4096] = "", line[40];
    FILE *file = fopen("/proc/self/status", "r");
    size_t len = file ? fread(status, 1, sizeof(status) - 1, file) : 0;
    if (file)
        fclose(file);
    status[len] = '\0';
    const char *peak = strstr(status, "VmHWM:");
    int used = snprintf(line, sizeof(line), "memory %ld", peak ? strtol(peak + 6, NULL, 10) : -1);
    send_text(s, line, (size_t)used);
}
#endif

static void send_children(struct server *s)
{
    char line[4096];
    FILE *child = popen("for d in /proc/self/fd/*; do printf ' %s' ${d##*/}; done", "r");
    size_t used = fread(line, 1, sizeof(line), child);
    pclose(child);
    send_pair(s, "children", line, used);
}

static const char *after(const char *line, const char *word)
{
    size_t len = strlen(word);
    return strncmp(line, word, len) == 0 ? line + len : NULL;
}

static enum receive_result handle(struct server *s, const char *line, size_t len)
{
    const char *args;
    if (line[0] == '{')
        start_json(s, line);
    else if ((args = after(line, "delay ")))
        start_delay(s, args);
    else if ((args = after(line, "work ")))
        start_work(s, args);
    else if ((args = after(line, "big ")))
        send_big(s, args);
    else if ((args = after(line, "notify ")))
        send_notifications(s, args);
    else if ((args = after(line, "pause ")))
        return pause_input(s, args);
    else if ((args = after(line, "print ")))
        print(s, args);
    else if (after(line, "memory"))
        send_memory(s);
    else if (after(line, "children"))
        send_children(s);
    else
        answer(s, false, line, len);
    return RECEIVE_GO_ON;
}

static enum receive_result receive(void *ctx, char *data, size_t len)
{
    char *line = realloc(data, len + 1);
    line[len] = '\0';
    enum receive_result result = handle(ctx, line, len);
    free(line);
    return result;
}

static void reject(void *ctx, const struct error *why)
{
    send_pair(ctx, "rejected ", why->text, strlen(why->text));
}

static size_t pending(void *ctx)
{
    return ((struct server *)ctx)->pending;
}

static void shut_down(void *ctx)
{
    for (struct request *r = ((struct server *)ctx)->first; r; r = r->next)
        request_answer(r, true);
}

static void close_endpoint(void *ctx)
{
    struct server *s = ctx;
    const struct timer_port *timers = loop_timers(s->loop);
    timers->free(timers->ctx, s->resume);
    for (struct request *r = s->first; r; r = r->next)
        timers->free(timers->ctx, r->timer);
    s->closed = true;
}

static int open_endpoint(void *ctx, const struct caller *caller, const struct message_sink *sink,
                         struct message_endpoint *out, struct error *err)
{
    struct server *s = ctx;
    (void)caller;
    (void)err;
    s->sink = sink;
    const struct timer_port *timers = loop_timers(s->loop);
    s->resume = timers->create(timers->ctx, resume, s);
    *out = (struct message_endpoint){.ctx = s,
                                     .receive = receive,
                                     .reject = reject,
                                     .pending = pending,
                                     .shutdown = shut_down,
                                     .close = close_endpoint};
    return ST_OK;
}

static void read_arguments(int argc, char **argv, struct stdio_options *options, unsigned *workers)
{
    for (int i = 1; i < argc; i++) {
        const char *value;
        if ((value = after(argv[i], "drain=")))
            options->drain_ms = strtoul(value, NULL, 10);
        else if ((value = after(argv[i], "max=")))
            options->max_message_bytes = strtoul(value, NULL, 10);
        else if ((value = after(argv[i], "parent=")))
            options->watch_parent = value[0] == '1';
        else if ((value = after(argv[i], "workers=")))
            *workers = (unsigned)strtoul(value, NULL, 10);
    }
}

static void free_requests(struct server *s)
{
    while (s->first) {
        struct request *next = s->first->next;
        free(s->first);
        s->first = next;
    }
}

int main(int argc, char **argv)
{
    struct stdio_options options = {
        .max_message_bytes = (size_t)64 << 20, .drain_ms = 2000, .watch_parent = true};
    struct server server = {.loop = NULL};
    struct endpoint_factory factory = {.ctx = &server, .open = open_endpoint};
    struct error err;
    unsigned workers = 0;
    int rc = stdio_claim(&options.ends, &err);
    read_arguments(argc, argv, &options, &workers);
    if (!rc)
        rc = loop_new(workers, &server.loop, &err);
    if (!rc)
        rc = stdio_serve(server.loop, &options, &factory, &err);
    if (rc)
        fprintf(stderr, "echo_server: %s\n", err.text);
    /* Requests of workers that still run are theirs. */
    if (!loop_end_workers(server.loop))
        _exit(rc ? 70 : 0);
    loop_free(server.loop);
    free_requests(&server);
    return rc ? 70 : 0;
}
