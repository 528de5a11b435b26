#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driving/doctor/peer_parts.h"
#include "adapters/driving/doctor/report.h"
#include "core/json/writer.h"

/* The end of a process is looked for this often. */
#define TICK_MS 20
/* A line of an answer may be as long as this; a server that writes more is cut off. */
#define LINE_MAX_BYTES ((size_t)256 * 1024 * 1024)

int64_t peer_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

void peer_close_input(struct peer *peer)
{
    close_end(&peer->in);
}

static void cut_lines(struct peer *peer)
{
    size_t start = 0;
    const char *end;
    while ((end = memchr(peer->line.data + start, '\n', peer->line.len - start))) {
        size_t at = (size_t)(end - peer->line.data);
        peer_take_line(peer, buffer_part(&peer->line, start, at - start));
        start = at + 1;
    }
    buffer_drop_front(&peer->line, start);
}

static void end_of_output(struct peer *peer)
{
    char quoted[160];
    if (peer->line.len) {
        report_quote(buffer_str(&peer->line), quoted, sizeof(quoted));
        observe(peer->observed, ODD_UNENDED, "the output ends without a line end: %s", quoted);
    }
    buffer_reset(&peer->line, 0);
    close_end(&peer->out);
}

static void read_output(struct peer *peer)
{
    if (!buffer_reserve(&peer->line, 65536) || peer->line.len > LINE_MAX_BYTES) {
        close_end(&peer->out);
        return;
    }
    size_t fresh = peer->line.len;
    ssize_t got = read(peer->out, peer->line.data + fresh, 65536);
    if (got > 0) {
        peer->line.len += (size_t)got;
        if (memchr(peer->line.data + fresh, '\n', (size_t)got))
            cut_lines(peer);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        end_of_output(peer);
    }
}

static void keep_last_error(struct observed *observed, const char *bytes, size_t len)
{
    while (len && (bytes[len - 1] == '\n' || bytes[len - 1] == '\r'))
        len--;
    size_t start = len;
    while (start && bytes[start - 1] != '\n')
        start--;
    if (len > start)
        report_quote((struct str){bytes + start, len - start}, observed->stderr_last, 200);
}

static void read_errors(struct peer *peer)
{
    char bytes[16384];
    ssize_t got = read(peer->err, bytes, sizeof(bytes));
    if (got > 0) {
        peer->observed->stderr_bytes += (size_t)got;
        for (ssize_t i = 0; i < got; i++)
            peer->observed->stderr_lines += bytes[i] == '\n';
        keep_last_error(peer->observed, bytes, (size_t)got);
    } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        close_end(&peer->err);
    }
}

static void look_for_end(struct peer *peer)
{
    if (!peer->ended && waitpid(peer->pid, &peer->status, WNOHANG) == peer->pid)
        peer->ended = true;
}

/* The server does not read any more: EPIPE is its end, not ours. */
static size_t write_some(struct peer *peer, struct str bytes)
{
    ssize_t done = peer->in < 0 ? -1 : write(peer->in, bytes.ptr, bytes.len);
    if (done < 0 && errno != EAGAIN && errno != EINTR)
        close_end(&peer->in);
    return done > 0 ? (size_t)done : 0;
}

/* Waits for one thing to happen, at most until `until`, and takes it. */
static void turn(struct peer *peer, struct str *bytes, int64_t until)
{
    bool writes = peer->in >= 0 && (bytes->len || peer->replies.len);
    struct pollfd ends[3] = {
        {.fd = peer->out, .events = POLLIN},
        {.fd = peer->err, .events = POLLIN},
        {.fd = writes ? peer->in : -1, .events = POLLOUT},
    };
    int64_t left = until - peer_now();
    int ms = left < 0 ? 0 : left < TICK_MS ? (int)left : TICK_MS;
    if (poll(ends, 3, ms) > 0) {
        if (ends[0].revents)
            read_output(peer);
        if (ends[1].revents)
            read_errors(peer);
        if (ends[2].revents && bytes->len) {
            size_t done = write_some(peer, *bytes);
            *bytes = (struct str){bytes->ptr + done, bytes->len - done};
        } else if (ends[2].revents) {
            buffer_drop_front(&peer->replies, write_some(peer, buffer_str(&peer->replies)));
        }
    }
    look_for_end(peer);
}

/* What was written before the end is still in the pipe. */
static bool nothing_more(struct peer *peer)
{
    struct pollfd end = {.fd = peer->out, .events = POLLIN};
    return peer->out < 0 || (peer->ended && poll(&end, 1, 0) <= 0);
}

enum waited peer_send(struct peer *peer, struct str bytes, uint32_t ms)
{
    int64_t until = peer_now() + ms;
    while (bytes.len) {
        if (peer->in < 0 || nothing_more(peer))
            return WAIT_GONE;
        if (peer_now() >= until)
            return WAIT_TIMEOUT;
        turn(peer, &bytes, until);
    }
    return WAIT_DONE;
}

enum waited peer_wait(struct peer *peer, size_t request, uint32_t ms)
{
    int64_t until = peer_now() + ms;
    struct str none = {NULL, 0};
    while (!peer->asked[request].answer) {
        if (nothing_more(peer))
            return WAIT_GONE;
        if (peer_now() >= until)
            return WAIT_TIMEOUT;
        turn(peer, &none, until);
    }
    return WAIT_DONE;
}

enum waited peer_listen(struct peer *peer, uint32_t ms)
{
    int64_t until = peer_now() + ms;
    struct str none = {NULL, 0};
    while (peer_now() < until) {
        if (nothing_more(peer))
            return WAIT_GONE;
        turn(peer, &none, until);
    }
    return WAIT_DONE;
}

enum waited peer_wait_end(struct peer *peer, uint32_t ms)
{
    int64_t until = peer_now() + ms;
    struct str none = {NULL, 0};
    while (!peer->ended && peer_now() < until)
        turn(peer, &none, until);
    while (peer->ended && !nothing_more(peer))
        turn(peer, &none, until);
    return peer->ended ? WAIT_DONE : WAIT_TIMEOUT;
}

static size_t new_request(struct peer *peer, bool text_id)
{
    if (peer->asked_count == peer->asked_room) {
        size_t room = peer->asked_room ? peer->asked_room * 2 : 64;
        struct asked *more = realloc(peer->asked, room * sizeof(*more));
        if (!more)
            abort();
        peer->asked = more;
        peer->asked_room = room;
    }
    struct asked *asked = &peer->asked[peer->asked_count];
    *asked = (struct asked){.answer = NULL};
    long long serial = (long long)++peer->serial;
    if (text_id)
        snprintf(asked->id, sizeof(asked->id), "\"d-%lld\"", serial);
    else
        snprintf(asked->id, sizeof(asked->id), "%lld", serial);
    return peer->asked_count++;
}

static void write_message(const char *id, const char *method, struct str params,
                          struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    if (id)
        json_put_raw(&w, STR("id"), str_from(id));
    json_put_string(&w, STR("method"), str_from(method));
    if (params.len)
        json_put_raw(&w, STR("params"), params);
    json_end_object(&w);
    buffer_add_char(out, '\n');
}

size_t peer_prepare(struct peer *peer, const char *method, struct str params, bool text_id,
                    struct buffer *out)
{
    size_t request = new_request(peer, text_id);
    write_message(peer->asked[request].id, method, params, out);
    return request;
}

/* What comes right behind is to be read by itself: how lines that come together are taken is a
 * question of its own (split-lines, concurrency). */
#define SETTLE_MS 50

/* A server that takes no byte for this long does not read. */
#define SEND_MS 10000

size_t peer_request(struct peer *peer, const char *method, struct str params)
{
    struct buffer line = BUFFER_INIT;
    size_t request = peer_prepare(peer, method, params, false, &line);
    peer_send(peer, buffer_str(&line), SEND_MS);
    buffer_clear(&line);
    return request;
}

void peer_notify(struct peer *peer, const char *method, struct str params)
{
    struct buffer line = BUFFER_INIT;
    write_message(NULL, method, params, &line);
    peer_send(peer, buffer_str(&line), SEND_MS);
    buffer_clear(&line);
    peer_listen(peer, SETTLE_MS);
}

enum waited peer_call(struct peer *peer, const char *method, struct str params, uint32_t ms,
                      struct json *answer)
{
    size_t request = peer_request(peer, method, params);
    enum waited end = peer_wait(peer, request, ms);
    *answer = peer_answer(peer, request);
    return end;
}

const char *peer_id(const struct peer *peer, size_t request)
{
    return peer->asked[request].id;
}

struct json peer_answer(const struct peer *peer, size_t request)
{
    struct json_doc *answer = peer->asked[request].answer;
    return answer ? json_root(answer) : json_none();
}

void peer_null_ids(struct peer *peer, enum null_id meaning)
{
    peer->null_meaning = meaning;
}

size_t peer_null_id_count(const struct peer *peer)
{
    return peer->null_ids;
}

void peer_signal(struct peer *peer, int signal)
{
    if (!peer->ended)
        kill(peer->pid, signal);
}

bool peer_gone(const struct peer *peer)
{
    return peer->ended || peer->out < 0;
}

bool peer_crashed(const struct peer *peer)
{
    return peer->ended && WIFSIGNALED(peer->status);
}

void peer_ending(const struct peer *peer, char *out, size_t room)
{
    if (!peer->ended)
        snprintf(out, room, "it closed its standard output");
    else if (WIFSIGNALED(peer->status))
        snprintf(out, room, "it ended by signal %d (%s)", WTERMSIG(peer->status),
                 strsignal(WTERMSIG(peer->status)));
    else
        snprintf(out, room, "it ended with status %d", WEXITSTATUS(peer->status));
}

void peer_end(struct peer *peer)
{
    if (!peer)
        return;
    /* The number of the group stays taken until its first process has been waited for. */
    if (!peer->ended) {
        kill(-peer->pid, SIGKILL);
        kill(peer->pid, SIGKILL);
        while (waitpid(peer->pid, &peer->status, 0) < 0 && errno == EINTR)
            continue;
    }
    guard_end();
    /* Whoever is killed leaves its own children to us. */
    while (children_besides(0, true, NULL, 0))
        continue;
    close_end(&peer->in);
    close_end(&peer->out);
    close_end(&peer->err);
    for (size_t i = 0; i < peer->asked_count; i++)
        json_free(peer->asked[i].answer);
    free(peer->asked);
    buffer_clear(&peer->line);
    buffer_clear(&peer->replies);
    free(peer);
}
