/*
 * A server with a trivial protocol on the real WebSocket module, for the wire tests.
 *
 *   echo_server MODULES [name=value]...     the limits of websocket.h by their names, and:
 *     compress=0|1  token_subprotocol=0|1  hosts=NAME  origins=ORIGIN  unix=PATH
 *
 * Prints its port. A message is a command:
 *   anything             "echo anything"
 *   delay MS TEXT        the same, MS later, by a timer
 *   never TEXT           no answer, until the end: "cancelled TEXT"
 *   big N                N bytes
 *   notify COUNT SIZE    COUNT notifications, then "sent=S dropped=D"
 *   pause MS TEXT        echo, and no message is taken for MS
 *   who                  "id tenant" of the caller
 * Credentials: none (if needs=0), "Bearer good-ID", "Bearer slow-ID" (a moment later), "Bearer scope",
 * "Bearer down", "Bearer hang" (never answered); others are invalid, without "Bearer " malformed.
 * Lines on standard input: "facts" prints them, "drain MS" ends, "end" ends at once.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "adapters/driven/loop/loop.h"
#include "adapters/driving/websocket/websocket.h"

struct server {
    struct loop *loop;
    struct websocket_wire wire;
    bool needs;
    bool local;
    bool ended;
    size_t leases;
    uv_poll_t listening;
    uv_poll_t input;
    char line[256];
    size_t line_len;
    struct str host, origin;
};

struct client {
    const struct message_sink *sink;
    struct server *server;
    struct request *first;
    struct timer *resume;
    size_t pending;
    char who[64];
};

struct request {
    struct client *client; /* NULL: gone */
    struct request *next;
    struct timer *timer;
    bool answered;
    char text[];
};

static const struct message_about answer_about = {.kind = MESSAGE_ANSWER, .response = true};
static const struct message_about notification_about = {.kind = MESSAGE_NOTIFICATION};

static void answer(struct client *c, const char *word, const char *text)
{
    size_t len = strlen(word) + strlen(text);
    char *joined = malloc(len + 1);
    snprintf(joined, len + 1, "%s%s", word, text);
    c->sink->send(c->sink->ctx, &answer_about, (struct str){joined, len});
    free(joined);
}

static void request_answer(struct request *r, const char *word)
{
    if (r->answered)
        return;
    r->answered = true;
    r->client->pending--;
    answer(r->client, word, r->text);
}

static struct request *request_new(struct client *c, const char *text)
{
    struct request *r = calloc(1, sizeof(*r) + strlen(text) + 1);
    memcpy(r->text, text, strlen(text) + 1);
    r->client = c;
    r->next = c->first;
    c->first = r;
    c->pending++;
    return r;
}

static void on_delay(void *arg)
{
    request_answer(arg, "echo ");
}

static struct timer *start_timer(struct server *s, unsigned long ms, void (*fn)(void *), void *arg)
{
    const struct timer_port *timers = loop_timers(s->loop);
    struct timer *timer = timers->create(timers->ctx, fn, arg);
    timers->set(timers->ctx, timer, ms);
    return timer;
}

static void send_big(struct client *c, size_t size)
{
    char *text = malloc(size + 1);
    memset(text, 'x', size);
    text[size] = '\0';
    answer(c, "", text);
    free(text);
}

static void send_notifications(struct client *c, const char *args)
{
    char *rest, text[64];
    unsigned long count = strtoul(args, &rest, 10), size = strtoul(rest, NULL, 10), dropped = 0;
    char *bytes = malloc(size);
    memset(bytes, 'n', size);
    for (unsigned long i = 0; i < count; i++)
        if (!c->sink->send(c->sink->ctx, &notification_about, (struct str){bytes, size}))
            dropped++;
    free(bytes);
    snprintf(text, sizeof(text), "sent=%lu dropped=%lu", count - dropped, dropped);
    answer(c, "", text);
}

static void on_resume(void *arg)
{
    struct client *c = arg;
    c->sink->resume(c->sink->ctx);
}

static enum receive_result command(struct client *c, const char *text)
{
    char *rest;
    if (strncmp(text, "delay ", 6) == 0) {
        unsigned long ms = strtoul(text + 6, &rest, 10);
        struct request *r = request_new(c, rest + strspn(rest, " "));
        r->timer = start_timer(c->server, ms, on_delay, r);
    } else if (strncmp(text, "never ", 6) == 0) {
        request_new(c, text + 6);
    } else if (strncmp(text, "big ", 4) == 0) {
        send_big(c, strtoul(text + 4, NULL, 10));
    } else if (strncmp(text, "notify ", 7) == 0) {
        send_notifications(c, text + 7);
    } else if (strcmp(text, "who") == 0) {
        answer(c, "", c->who);
    } else if (strncmp(text, "pause ", 6) == 0) {
        unsigned long ms = strtoul(text + 6, &rest, 10);
        answer(c, "echo ", rest + strspn(rest, " "));
        const struct timer_port *timers = loop_timers(c->server->loop);
        if (c->resume)
            timers->set(timers->ctx, c->resume, ms);
        else
            c->resume = start_timer(c->server, ms, on_resume, c);
        return RECEIVE_PAUSE;
    } else {
        answer(c, "echo ", text);
    }
    return RECEIVE_GO_ON;
}

static enum receive_result endpoint_receive(void *ctx, char *data, size_t len)
{
    char *text = malloc(len + 1);
    memcpy(text, data, len);
    text[len] = '\0';
    enum receive_result result = command(ctx, text);
    free(text);
    free(data);
    return result;
}

static void endpoint_reject(void *ctx, const struct error *why)
{
    answer(ctx, "rejected ", why->text);
}

static size_t endpoint_pending(void *ctx)
{
    const struct client *c = ctx;
    return c->pending;
}

static void endpoint_shutdown(void *ctx)
{
    struct client *c = ctx;
    for (struct request *r = c->first; r; r = r->next)
        request_answer(r, "cancelled ");
}

static void endpoint_close(void *ctx)
{
    struct client *c = ctx;
    const struct timer_port *timers = loop_timers(c->server->loop);
    while (c->first) {
        struct request *r = c->first;
        c->first = r->next;
        if (r->timer)
            timers->free(timers->ctx, r->timer);
        free(r);
    }
    if (c->resume)
        timers->free(timers->ctx, c->resume);
    free(c);
}

static int open_endpoint(void *ctx, const struct caller *caller, const struct message_sink *sink,
                         struct message_endpoint *out, struct error *err)
{
    struct client *c = calloc(1, sizeof(*c));
    (void)err;
    c->server = ctx;
    c->sink = sink;
    snprintf(c->who, sizeof(c->who), "%.*s %.*s", (int)caller->id.len, caller->id.ptr,
             (int)caller->tenant.len, caller->tenant.ptr);
    *out = (struct message_endpoint){c, endpoint_receive, endpoint_reject, endpoint_pending,
                                     endpoint_shutdown, endpoint_close};
    return ST_OK;
}

/* ---- credentials ------------------------------------------------------------------------------ */

struct slow_check {
    void (*done)(void *arg, const struct credential_answer *answer);
    void *arg;
    struct timer *timer;
    struct server *server;
    char id[128];
};

static struct str str_of(const char *text)
{
    return (struct str){text, strlen(text)};
}

static void say_ok(void (*done)(void *, const struct credential_answer *), void *arg, const char *id)
{
    const struct credential_answer ok = {
        .verdict = CREDENTIALS_OK,
        .caller = {.id = str_of(id), .tenant = str_of("test"), .authenticated = true}};
    done(arg, &ok);
}

static void on_slow(void *arg)
{
    struct slow_check *slow = arg;
    const struct timer_port *timers = loop_timers(slow->server->loop);
    say_ok(slow->done, slow->arg, slow->id);
    timers->free(timers->ctx, slow->timer);
    free(slow);
}

static void check_slowly(struct server *s, const char *id,
                         void (*done)(void *, const struct credential_answer *), void *arg)
{
    struct slow_check *slow = calloc(1, sizeof(*slow));
    *slow = (struct slow_check){.done = done, .arg = arg, .server = s};
    snprintf(slow->id, sizeof(slow->id), "%s", id);
    slow->timer = start_timer(s, 50, on_slow, slow);
}

static void check(void *ctx, struct str authorization,
                  void (*done)(void *arg, const struct credential_answer *answer), void *arg)
{
    struct server *s = ctx;
    char text[128];
    snprintf(text, sizeof(text), "%.*s", (int)authorization.len,
             authorization.ptr ? authorization.ptr : "");
    struct credential_answer no = {.verdict = CREDENTIALS_INVALID,
                                   .why = str_of("this key is not known"),
                                   .scope = str_of("mcp:use")};
    if (text[0] == '\0' && !s->needs) {
        say_ok(done, arg, "anonymous");
        return;
    }
    if (text[0] == '\0')
        no = (struct credential_answer){.verdict = CREDENTIALS_MISSING,
                                        .why = str_of("credentials are needed")};
    else if (strncmp(text, "Bearer ", 7) != 0)
        no = (struct credential_answer){.verdict = CREDENTIALS_MALFORMED,
                                        .why = str_of("the header Authorization is not Bearer TOKEN")};
    else if (strncmp(text + 7, "good-", 5) == 0) {
        say_ok(done, arg, text + 12);
        return;
    } else if (strncmp(text + 7, "slow-", 5) == 0) {
        check_slowly(s, text + 12, done, arg);
        return;
    } else if (strcmp(text + 7, "hang") == 0) {
        return;
    } else if (strcmp(text + 7, "scope") == 0) {
        no.verdict = CREDENTIALS_INSUFFICIENT;
        no.why = str_of("the token does not allow to use this server");
    } else if (strcmp(text + 7, "down") == 0) {
        no.verdict = CREDENTIALS_UNAVAILABLE;
        no.why = str_of("the credentials cannot be checked now");
    }
    done(arg, &no);
}

static bool needs_credentials(void *ctx)
{
    const struct server *s = ctx;
    return s->needs;
}

static struct str challenge(void *ctx)
{
    (void)ctx;
    return str_of("resource_metadata=\"http://127.0.0.1/meta\"");
}

/* ---- the process ------------------------------------------------------------------------------ */

static void on_ended(void *lease)
{
    struct server *s = lease;
    s->leases--;
}

static void on_listening(uv_poll_t *handle, int status, int events)
{
    struct server *s = handle->data;
    int fd;
    (void)status, (void)events;
    uv_os_fd_t listener;
    uv_fileno((uv_handle_t *)handle, &listener);
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        const struct accepted what = {.fd = fd, .local = s->local,
                                      .ended = on_ended, .lease = s};
        s->leases++;
        s->wire.taker.take(s->wire.taker.ctx, &what);
    }
}

static void finish(void *user)
{
    struct server *s = user;
    struct websocket_facts facts;
    s->wire.facts(s->wire.taker.ctx, &facts);
    printf("ended connections=%zu leases=%zu held=%zu queued=%zu\n", facts.connections, s->leases,
           facts.held_bytes, facts.queued_bytes);
    s->ended = true;
    loop_stop(s->loop);
}

static unsigned long private_kib(void)
{
    unsigned long kib, sum = 0;
    char line[256];
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file && fgets(line, sizeof(line), file))
        if (sscanf(line, "Private_Clean: %lu", &kib) == 1 ||
            sscanf(line, "Private_Dirty: %lu", &kib) == 1)
            sum += kib;
    if (file)
        fclose(file);
    return sum;
}

static void print_facts(struct server *s)
{
    struct websocket_facts f;
    s->wire.facts(s->wire.taker.ctx, &f);
    printf("{\"connections\":%zu,\"opening\":%zu,\"held\":%zu,\"queued\":%zu,\"accepted\":%llu,"
           "\"refused\":%llu,\"received\":%llu,\"sent\":%llu,\"dropped\":%llu,\"leases\":%zu,"
           "\"private_kib\":%lu}\n",
           f.connections, f.opening, f.held_bytes, f.queued_bytes, (unsigned long long)f.accepted,
           (unsigned long long)f.refused, (unsigned long long)f.received,
           (unsigned long long)f.sent, (unsigned long long)f.dropped, s->leases, private_kib());
}

static void on_line(struct server *s, const char *line)
{
    if (strcmp(line, "facts") == 0)
        print_facts(s);
    else if (strncmp(line, "drain ", 6) == 0)
        s->wire.drain(s->wire.taker.ctx, strtoul(line + 6, NULL, 10), finish, s);
    else
        finish(s);
}

static void on_input(uv_poll_t *handle, int status, int events)
{
    struct server *s = handle->data;
    (void)status, (void)events;
    ssize_t got = read(0, s->line + s->line_len, sizeof(s->line) - 1 - s->line_len);
    if (got <= 0) {
        uv_poll_stop(handle);
        finish(s);
        return;
    }
    s->line_len += (size_t)got;
    s->line[s->line_len] = '\0';
    char *end;
    while ((end = strchr(s->line, '\n'))) {
        *end = '\0';
        on_line(s, s->line);
        s->line_len -= (size_t)(end + 1 - s->line);
        memmove(s->line, end + 1, s->line_len + 1);
    }
}

static int listen_tcp(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&address, len) || listen(fd, 4096) ||
        getsockname(fd, (struct sockaddr *)&address, &len))
        return -1;
    *port = ntohs(address.sin_port);
    return fd;
}

static int listen_unix(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 64) ? -1 : fd;
}

static void write_log(void *ctx, enum log_level level, struct str component, struct str text)
{
    (void)ctx, (void)level;
    fprintf(stderr, "%.*s: %.*s\n", (int)component.len, component.ptr, (int)text.len, text.ptr);
}

struct argument {
    const char *name;
    size_t *size;
    uint64_t *time;
    bool *flag;
    const char **text;
};

static void set(const struct argument *arguments, size_t count, const char *given)
{
    const char *equals = strchr(given, '=');
    for (size_t i = 0; equals && i < count; i++) {
        const struct argument *a = &arguments[i];
        size_t len = strlen(a->name);
        if (len != (size_t)(equals - given) || strncmp(a->name, given, len) != 0)
            continue;
        if (a->size)
            *a->size = strtoul(equals + 1, NULL, 10);
        if (a->time)
            *a->time = strtoul(equals + 1, NULL, 10);
        if (a->flag)
            *a->flag = equals[1] == '1';
        if (a->text)
            *a->text = equals + 1;
        return;
    }
    fprintf(stderr, "echo_server: unknown argument %s\n", given);
    exit(2);
}

static const char *read_arguments(int argc, char **argv, struct server *s,
                                  struct websocket_options *o)
{
    const char *host = NULL, *origin = NULL, *path = NULL;
    struct websocket_limits *l = &o->limits;
    const struct argument arguments[] = {
        {.name = "max_connections", .size = &l->max_connections},
        {.name = "max_per_caller", .size = &l->max_per_caller},
        {.name = "max_message_bytes", .size = &l->max_message_bytes},
        {.name = "max_inflated_bytes", .size = &l->max_inflated_bytes},
        {.name = "max_held_bytes", .size = &l->max_held_bytes},
        {.name = "max_queued_bytes", .size = &l->max_queued_bytes},
        {.name = "handshake_ms", .time = &l->handshake_ms},
        {.name = "write_ms", .time = &l->write_ms},
        {.name = "ping_ms", .time = &l->ping_ms},
        {.name = "idle_ms", .time = &l->idle_ms},
        {.name = "compress", .flag = &o->compress},
        {.name = "token_subprotocol", .flag = &o->token_subprotocol},
        {.name = "needs", .flag = &s->needs},
        {.name = "hosts", .text = &host},
        {.name = "origins", .text = &origin},
        {.name = "unix", .text = &path},
    };
    for (int i = 2; i < argc; i++)
        set(arguments, sizeof(arguments) / sizeof(arguments[0]), argv[i]);
    if (host) {
        s->host = str_of(host);
        o->origins.hosts = &s->host;
        o->origins.host_count = 1;
    }
    if (origin) {
        s->origin = str_of(origin);
        o->origins.origins = &s->origin;
        o->origins.origin_count = 1;
    }
    return path;
}

static void poll_fd(struct server *s, uv_poll_t *handle, int fd, uv_poll_cb on_event)
{
    uv_poll_init(loop_uv(s->loop), handle, fd);
    handle->data = s;
    uv_poll_start(handle, UV_READABLE, on_event);
}

int main(int argc, char **argv)
{
    static struct server server;
    struct error err = {0};
    uint16_t port = 0;
    struct websocket_options options = {
        .limits = {.max_connections = 20000, .max_per_caller = 20000,
                   .max_message_bytes = (size_t)64 << 20, .max_inflated_bytes = (size_t)16 << 20,
                   .max_held_bytes = (size_t)256 << 20, .max_queued_bytes = (size_t)8 << 20,
                   .handshake_ms = 10000, .write_ms = 30000, .ping_ms = 30000},
        .compress = true};
    const char *path = read_arguments(argc, argv, &server, &options);
    int fd = path ? listen_unix(path) : listen_tcp(&port);
    options.origins.ports = &port;
    options.origins.port_count = 1;
    server.local = path;
    setvbuf(stdout, NULL, _IOLBF, 0);
    int rc = loop_new(1, &server.loop, &err);
    const struct endpoint_factory endpoints = {&server, open_endpoint};
    const struct authenticator authenticator = {&server, check, needs_credentials, challenge};
    const struct log_port log = {NULL, write_log};
    if (!rc) {
        const struct websocket_parts parts = {loop_uv(server.loop), &endpoints, &authenticator, &log};
        rc = websocket_open(argv[1], &options, &parts, &server.wire, &err);
    }
    if (rc) {
        fprintf(stderr, "echo_server: %s\n", err.text);
        return 70;
    }
    poll_fd(&server, &server.listening, fd, on_listening);
    poll_fd(&server, &server.input, 0, on_input);
    printf("%u\n", port);
    loop_run(server.loop);
    uv_close((uv_handle_t *)&server.listening, NULL);
    uv_close((uv_handle_t *)&server.input, NULL);
    server.wire.free(server.wire.taker.ctx);
    loop_turn(server.loop);
    loop_end_workers(server.loop);
    loop_free(server.loop);
    return 0;
}
