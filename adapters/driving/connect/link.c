/* The way to the server: connecting, greeting, and what to do without one. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "adapters/driving/connect/bridge.h"
#include "adapters/driving/local/local.h"
#include "core/json/writer.h"

/* Between two attempts; at most so long, and while one of ours is about to listen. */
#define PAUSE_FIRST_MS 10u
#define PAUSE_MAX_MS 500u
#define PAUSE_STARTING_MS 20u

/* For the greeting, and for opening the session anew. */
#define GREETING_MS 10000u

static void forget_connection(struct link *l)
{
    if (l->end.fd >= 0)
        close(l->end.fd);
    l->end.fd = -1;
    framing_clear(&l->framing);
    queue_clear(&l->queue);
    l->input_ended = l->output_ended = l->leaving = false;
    l->late_at = UINT64_MAX;
}

void link_give_up(struct bridge *b)
{
    forget_connection(&b->link);
    start_done(b);
    b->link.state = LINK_FAILED;
    b->told_failure = b->told_failure || b->pending.first || b->link.number > 0;
    b->failed = true;
    bridge_refuse_all(b, b->link.why.text);
}

/* An attempt has failed. */
static void try_again(struct bridge *b)
{
    struct link *l = &b->link;
    uint64_t now = bridge_now();
    forget_connection(l);
    l->state = LINK_DOWN;
    l->try_at = now + (b->starting.child && l->pause_ms > PAUSE_STARTING_MS ? PAUSE_STARTING_MS
                                                                            : l->pause_ms);
    l->pause_ms = 2 * l->pause_ms < PAUSE_MAX_MS ? 2 * l->pause_ms : PAUSE_MAX_MS;
    if (now >= l->give_up_at)
        link_give_up(b);
}

static void set_why(struct bridge *b, const char *format, va_list arguments)
{
    char why[300];
    const char *advice = b->options->start ? "" : "; start one with: hexmcp serve --unix ";
    vsnprintf(why, sizeof(why), format, arguments);
    error_set(&b->link.why, ST_UNAVAILABLE, "no server on %s: %s%s%s", b->options->socket, why,
              advice, b->options->start ? "" : b->options->socket);
}

static void attempt_failed(struct bridge *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void attempt_failed(struct bridge *b, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    set_why(b, format, arguments);
    va_end(arguments);
    try_again(b);
}

/* ---- losing it ---------------------------------------------------------------------------- */

/* What was written whole may have been worked on. */
static void note_losses(struct bridge *b)
{
    for (struct pending *p = b->pending.first; p; p = p->next) {
        if (b->link.state == LINK_OPEN && p->ends_at <= b->link.queue.written)
            p->lost++;
        p->ends_at = UINT64_MAX;
        p->harmless = false;
    }
}

void link_lost(struct bridge *b, const char *why, ...)
{
    struct link *l = &b->link;
    uint64_t now = bridge_now();
    va_list arguments;
    va_start(arguments, why);
    set_why(b, why, arguments);
    va_end(arguments);
    note_losses(b);
    server_forget_asked(b);
    /* Servers that end again and again do not get new time each. */
    bool reached = l->state == LINK_RESTORING || l->state == LINK_OPEN;
    if (reached && (l->proven || now - l->since >= b->options->reconnect_ms)) {
        l->give_up_at = now + b->options->reconnect_ms;
        l->pause_ms = PAUSE_FIRST_MS;
        l->proven = false;
        b->starting.tried = false;
        b->starting.status = 0;
    }
    b->told_end = false;
    if (b->input_ended && !b->lines_left && !b->pending.first) {
        forget_connection(l);
        l->state = LINK_DOWN;
        b->over = true;
        return;
    }
    try_again(b);
}

/* ---- reaching it -------------------------------------------------------------------------- */

static bool is_ours(int fd, struct ucred *peer)
{
    socklen_t size = sizeof(*peer);
    return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, peer, &size) &&
           (peer->uid == geteuid() || peer->uid == 0);
}

static void greet(struct bridge *b)
{
    struct json_writer w;
    struct buffer *line = queue_line(&b->link.queue);
    buffer_add_str(line, STR(LOCAL_WORD));
    w = json_writer(line);
    json_begin_object(&w);
    json_put_string(&w, STR("version"), str_from(b->options->version));
    json_key(&w, STR("client"));
    json_begin_object(&w);
    json_put_string(&w, STR("name"), STR("connect"));
    json_put_i64(&w, STR("pid"), getpid());
    json_end_object(&w);
    json_key(&w, STR("allow"));
    json_begin_object(&w);
    json_put_raw(&w, STR("read"), b->options->read);
    json_put_raw(&w, STR("write"), b->options->write);
    json_end_object(&w);
    json_end_object(&w);
    queue_end_line(&b->link.queue);
}

static void connected(struct bridge *b, int fd)
{
    struct link *l = &b->link;
    struct ucred peer = {0};
    l->end = (struct wire_end){.fd = fd, .kind = WIRE_SOCKET, .restore_flags = -1};
    if (!is_ours(fd, &peer)) {
        l->give_up_at = 0;
        attempt_failed(b, "what listens there runs as another user (uid %u)", (unsigned)peer.uid);
        return;
    }
    framing_init(&l->framing, JSON_MAX_BYTES);
    l->state = LINK_GREETING;
    l->late_at = bridge_now() + GREETING_MS;
    greet(b);
}

/* True, and all is told, if no server can be started. */
static bool cannot_start(struct bridge *b)
{
    const struct starting *s = &b->starting;
    const char *log = b->options->log;
    if (!s->status && !s->lock_failed)
        return false;
    b->link.give_up_at = 0;
    if (s->status)
        attempt_failed(b, "the one that was started ended with status %d%s%s", s->status,
                       log ? "; see " : "", log ? log : "");
    else
        attempt_failed(b, "none can be started: %s.lock: %s", b->options->socket,
                       strerror(s->lock_failed));
    return true;
}

static void attempt(struct bridge *b)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = strlen(b->options->socket);
    if (len >= sizeof(address.sun_path)) {
        b->link.give_up_at = 0;
        attempt_failed(b, "the path is longer than %zu bytes", sizeof(address.sun_path) - 1);
        return;
    }
    memcpy(address.sun_path, b->options->socket, len);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && !connect(fd, (struct sockaddr *)&address, sizeof(address))) {
        connected(b, fd);
        return;
    }
    int failed = errno;
    if (fd >= 0)
        close(fd);
    bool nobody = failed == ENOENT || failed == ECONNREFUSED;
    if (nobody && b->options->start)
        start_server(b);
    if (nobody && cannot_start(b))
        return;
    attempt_failed(b, "%s", failed == ENOENT         ? "nobody listens"
                            : failed == ECONNREFUSED ? "nobody listens any more"
                                                     : strerror(failed));
}

void link_greeted(struct bridge *b, struct str line)
{
    struct link *l = &b->link;
    struct message m;
    if (!str_starts(line, STR(LOCAL_WORD)) ||
        message_read((struct str){line.ptr + strlen(LOCAL_WORD), line.len - strlen(LOCAL_WORD)}, &m)) {
        attempt_failed(b, "what listens there is no hexmcp; it answers: %.*s",
                       (int)(line.len > 80 ? 80 : line.len), line.ptr);
        return;
    }
    struct json error = json_get(m.root, STR("error"));
    if (json_exists(error)) {
        struct buffer text = BUFFER_INIT;
        json_decode(error, &text);
        attempt_failed(b, "the server refuses: %.*s",
                       (int)(text.len > 250 ? 250 : text.len), text.len ? text.data : "");
        buffer_clear(&text);
    } else {
        start_done(b);
        l->proven = l->number++ == 0;
        l->since = bridge_now();
        l->state = LINK_RESTORING;
        restore_begin(b);
    }
    message_clear(&m);
}

/* ---- time --------------------------------------------------------------------------------- */

void link_start(struct bridge *b)
{
    uint64_t now = bridge_now();
    b->link = (struct link){.end.fd = -1,
                            .late_at = UINT64_MAX,
                            .pause_ms = PAUSE_FIRST_MS,
                            .try_at = now,
                            .give_up_at = now + (b->options->start ? b->options->start_ms : 0)};
}

void link_stop(struct bridge *b)
{
    forget_connection(&b->link);
}

void link_turn(struct bridge *b, uint64_t now)
{
    struct link *l = &b->link;
    if (l->state == LINK_DOWN && now >= l->try_at)
        attempt(b);
    else if (now >= l->late_at && l->state == LINK_GREETING)
        attempt_failed(b, "what listens there does not greet");
    else if (now >= l->late_at && l->leaving)
        link_lost(b, "it shut down");
    else if (now >= l->late_at)
        link_lost(b, "it does not open the session again");
}

uint64_t link_due(const struct bridge *b)
{
    return b->link.state == LINK_DOWN ? b->link.try_at : b->link.late_at;
}
