#include "adapters/driving/connect/connect.h"

#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driving/connect/bridge.h"

/* After a signal, and when there is nothing else left to do, the client has this long for what is
 * queued for it. */
#define LAST_WORDS_MS 500u

/* Without a pidfd the parent is looked at this often. */
#define PARENT_MS 1000u

/* Quiet for so long: memory goes back. */
#define QUIET_MS 1000

uint64_t bridge_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- telling the client, sending to the server -------------------------------------------- */

void bridge_tell(struct bridge *b, struct str line)
{
    buffer_add_str(queue_line(&b->to_client), line);
    queue_end_line(&b->to_client);
}

void bridge_send(struct bridge *b, struct pending *p)
{
    buffer_add(queue_line(&b->link.queue), p->text, p->len);
    p->ends_at = queue_end_line(&b->link.queue);
}

void bridge_refuse(struct bridge *b, struct pending *p, const char *text)
{
    struct buffer *line = queue_line(&b->to_client);
    uint64_t batch = p->batch;
    if (batch)
        buffer_add_char(line, '[');
    message_error(line, p->id, RPC_INTERNAL_ERROR, text);
    struct pending *next = p->next;
    pending_remove(&b->pending, p);
    while (batch && next && next->batch == batch) {
        p = next;
        next = p->next;
        buffer_add_char(line, ',');
        message_error(line, p->id, RPC_INTERNAL_ERROR, text);
        pending_remove(&b->pending, p);
    }
    if (batch)
        buffer_add_char(line, ']');
    queue_end_line(&b->to_client);
}

void bridge_refuse_all(struct bridge *b, const char *text)
{
    while (b->pending.first)
        bridge_refuse(b, b->pending.first, text);
}

/* ---- reading ------------------------------------------------------------------------------ */

/* True at the end of what comes there. */
static bool read_into(struct framing *framing, const struct wire_end *end, bool *no_memory)
{
    size_t room;
    char *to = framing_space(framing, READ_BYTES, &room);
    if (!to) {
        *no_memory = true;
        return true;
    }
    ssize_t got = wire_end_read(end, to, READ_BYTES);
    if (got > 0)
        framing_filled(framing, (size_t)got);
    return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

/* ---- the client --------------------------------------------------------------------------- */

static bool takes_client_lines(const struct bridge *b)
{
    const struct link *l = &b->link;
    if (queue_length(&b->to_client) > TO_CLIENT_MAX)
        return false;
    return l->state == LINK_FAILED ||
           (l->state == LINK_OPEN && !l->leaving && queue_length(&l->queue) <= TO_SERVER_MAX);
}

static void take_client_lines(struct bridge *b)
{
    struct str line;
    while (b->lines_left && takes_client_lines(b)) {
        enum framing_result result = framing_next(&b->from_client, &line);
        if (result == FRAMING_MORE && b->input_ended)
            result = framing_rest(&b->from_client, &line);
        if (result == FRAMING_LINE)
            client_line(b, line);
        else if (result == FRAMING_TOO_LONG)
            client_too_long(b);
        else
            b->lines_left = false;
    }
}

static void read_client(struct bridge *b)
{
    b->used = true;
    if (read_into(&b->from_client, &b->options->ends.in, &b->no_memory))
        b->input_ended = true;
    b->lines_left = framing_held(&b->from_client) > 0;
}

/* ---- the server --------------------------------------------------------------------------- */

static void take_server_lines(struct bridge *b)
{
    struct link *l = &b->link;
    struct str line;
    while (l->end.fd >= 0 && queue_length(&b->to_client) <= TO_CLIENT_MAX) {
        enum framing_result result = framing_next(&l->framing, &line);
        if (result == FRAMING_MORE && l->input_ended)
            link_lost(b, "it ended the connection");
        if (result == FRAMING_MORE)
            return;
        if (result == FRAMING_TOO_LONG)
            link_lost(b, "it sent a line of more than %zu bytes", JSON_MAX_BYTES);
        else if (l->state == LINK_GREETING)
            link_greeted(b, line);
        else
            server_line(b, line);
    }
}

static void read_server(struct bridge *b)
{
    b->used = true;
    if (read_into(&b->link.framing, &b->link.end, &b->no_memory))
        b->link.input_ended = true;
}

static void write_server(struct bridge *b)
{
    struct link *l = &b->link;
    if (l->end.fd < 0 || l->output_ended)
        return;
    enum queue_result result = queue_write(&l->queue, &l->end);
    if (result == QUEUE_DEAD)
        l->output_ended = true; /* its last words are still to be read */
    if (result != QUEUE_EMPTY || b->told_end || l->state != LINK_OPEN)
        return;
    if (b->input_ended && !b->lines_left) {
        shutdown(l->end.fd, SHUT_WR);
        b->told_end = l->output_ended = true;
    }
}

/* ---- the end ------------------------------------------------------------------------------ */

/* As a server does that shuts down. */
static void end_listening(struct bridge *b)
{
    for (struct pending *p = b->pending.first, *next; p; p = next) {
        struct buffer *line = queue_line(&b->to_client);
        next = p->next;
        if (p->method != METHOD_LISTEN)
            continue;
        message_listen_cancelled(line, p->id, "the server is shutting down");
        queue_end_line(&b->to_client);
        message_listen_result(line, p->id);
        queue_end_line(&b->to_client);
        pending_remove(&b->pending, p);
    }
}

static void end_now(struct bridge *b)
{
    end_listening(b);
    bridge_refuse_all(b, "the server is shutting down");
    b->input_ended = true;
    b->lines_left = false;
    b->over = true;
    link_stop(b);
    b->link.state = LINK_FAILED;
}

static void check_end(struct bridge *b)
{
    bool done = b->input_ended && !b->lines_left;
    if (b->no_memory || b->to_client.bytes.failed || b->link.queue.bytes.failed) {
        error_set(&b->link.why, ST_NOMEM, "out of memory for a message");
        b->failed = true;
        b->over = true;
        return;
    }
    if (b->link.state == LINK_FAILED && b->told_failure && !b->lines_left)
        b->over = true;
    if (done && b->link.state == LINK_FAILED)
        b->over = true;
    if (done && !b->pending.first && (b->link.state == LINK_DOWN || b->told_end))
        b->over = true;
}

static void last_words(struct bridge *b)
{
    struct pollfd out = {.fd = b->options->ends.out.fd, .events = POLLOUT};
    uint64_t until = bridge_now() + LAST_WORDS_MS;
    while (queue_write(&b->to_client, &b->options->ends.out) == QUEUE_WAIT) {
        uint64_t now = bridge_now();
        if (now >= until || poll(&out, 1, (int)(until - now)) <= 0 || !(out.revents & POLLOUT))
            return;
    }
}

static bool parent_is_gone(const struct bridge *b)
{
    return b->options->watch_parent && b->options->ends.parent > 0 &&
           getppid() != b->options->ends.parent;
}

static void on_signal(struct bridge *b)
{
    struct signalfd_siginfo info;
    while (read(b->signal_fd, &info, sizeof(info)) == sizeof(info))
        if (info.ssi_signo == SIGCHLD)
            start_reap(b);
        else
            end_now(b);
}

/* ---- waiting ------------------------------------------------------------------------------ */

enum { AT_SIGNAL, AT_PARENT, AT_IN, AT_OUT, AT_SERVER, AT_COUNT };

static void want(const struct bridge *b, struct pollfd fds[AT_COUNT])
{
    const struct link *l = &b->link;
    bool room = queue_length(&b->to_client) <= TO_CLIENT_MAX;
    short server = 0;
    if (!l->input_ended && room)
        server |= POLLIN;
    if (!l->output_ended && queue_length(&l->queue))
        server |= POLLOUT;
    bool in = !b->input_ended && (takes_client_lines(b) ? !b->lines_left
                                                        : framing_held(&b->from_client) < READ_BYTES);
    fds[AT_SIGNAL] = (struct pollfd){.fd = b->signal_fd, .events = POLLIN};
    fds[AT_PARENT] = (struct pollfd){.fd = b->parent_fd, .events = POLLIN};
    fds[AT_IN] = (struct pollfd){.fd = in ? b->options->ends.in.fd : -1, .events = POLLIN};
    fds[AT_OUT] = (struct pollfd){.fd = b->options->ends.out.fd,
                                  .events = queue_length(&b->to_client) ? POLLOUT : 0};
    /* A hangup is always told: who cannot act on it must not ask. */
    fds[AT_SERVER] = (struct pollfd){.fd = server ? l->end.fd : -1, .events = server};
}

static int time_left(const struct bridge *b, uint64_t now)
{
    uint64_t due = link_due(b);
    uint64_t left = due <= now ? 0 : due - now;
    if (b->parent_fd < 0 && b->options->watch_parent && left > PARENT_MS)
        left = PARENT_MS;
    if (b->used && left > QUIET_MS)
        left = QUIET_MS;
    return left > 3600000 ? 3600000 : (int)left;
}

static void empty(struct framing *f)
{
    struct framing fresh;
    if (framing_held(f))
        return;
    framing_init(&fresh, f->limit);
    fresh.skipping = f->skipping;
    framing_clear(f);
    *f = fresh;
}

static void give_memory_back(struct bridge *b)
{
    if (!b->used)
        return;
    b->used = false;
    empty(&b->from_client);
    empty(&b->link.framing);
    malloc_trim(0);
}

static void turn(struct bridge *b)
{
    struct pollfd fds[AT_COUNT];
    want(b, fds);
    int ready = poll(fds, AT_COUNT, time_left(b, bridge_now()));
    if (ready == 0)
        give_memory_back(b);
    if (ready < 0)
        return;
    if (fds[AT_SIGNAL].revents)
        on_signal(b);
    if (fds[AT_PARENT].revents || parent_is_gone(b))
        end_now(b);
    if (fds[AT_OUT].revents & (POLLERR | POLLHUP | POLLNVAL))
        b->over = true;
    if (fds[AT_IN].revents)
        read_client(b);
    if (fds[AT_SERVER].revents & (POLLIN | POLLHUP | POLLERR))
        read_server(b);
}

/* Everything that can be done without waiting. */
static void act(struct bridge *b)
{
    if (b->over)
        return;
    link_turn(b, bridge_now());
    take_server_lines(b);
    take_client_lines(b);
    write_server(b);
    if (queue_write(&b->to_client, &b->options->ends.out) == QUEUE_DEAD)
        b->over = true;
    check_end(b);
}

static int watch(struct bridge *b)
{
    const struct connect_options *options = b->options;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    b->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (b->signal_fd < 0)
        return error_set(&b->link.why, ST_UNAVAILABLE, "cannot wait for signals: %s",
                         strerror(errno));
    b->parent_fd = -1;
    if (options->watch_parent && options->ends.parent > 0)
        b->parent_fd = (int)syscall(SYS_pidfd_open, options->ends.parent, 0);
    return ST_OK;
}

static void clear(struct bridge *b)
{
    link_stop(b);
    start_done(b);
    pending_clear(&b->pending);
    session_clear(&b->session);
    while (b->asked) {
        struct asked *gone = b->asked;
        b->asked = gone->next;
        free(gone);
    }
    framing_clear(&b->from_client);
    queue_clear(&b->to_client);
    if (b->parent_fd >= 0)
        close(b->parent_fd);
    if (b->signal_fd >= 0)
        close(b->signal_fd);
}

static void say_failure(struct bridge *b)
{
    if (b->failed && !b->said_failure)
        fprintf(stderr, "hexmcp: %s\n", b->link.why.text);
    b->said_failure = b->failed;
}

int connect_run(const struct connect_options *options)
{
    struct bridge b = {.options = options, .starting.lock = -1, .parent_fd = -1, .signal_fd = -1};
    pending_init(&b.pending);
    framing_init(&b.from_client, options->max_message_bytes);
    link_start(&b);
    b.failed = b.over = watch(&b) != ST_OK;
    for (act(&b); !b.over; act(&b)) {
        say_failure(&b);
        turn(&b);
    }
    last_words(&b);
    say_failure(&b);
    int rc = b.failed ? b.link.why.code : ST_OK;
    clear(&b);
    stdio_restore(&options->ends);
    return rc;
}
