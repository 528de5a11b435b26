#include <errno.h>
#include <openssl/err.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "adapters/driving/tls/inside.h"

/* Records that one event moves in each direction, so that one connection does not hold up others. */
#define RECORDS_AT_ONCE 4

static bool is_empty(const struct rest *rest)
{
    return rest->at == rest->len;
}

static void clear(struct rest *rest)
{
    free(rest->data);
    *rest = (struct rest){0};
}

static bool keep(struct rest *rest, const char *from, size_t len)
{
    char *copy = malloc(len);
    if (!copy)
        return false;
    memcpy(copy, from, len);
    *rest = (struct rest){copy, len, 0};
    return true;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* How much those behind us took; all, if they take nothing any more. */
static size_t give_app(struct session *s, const char *from, size_t len)
{
    ssize_t wrote;
    if (s->app_gone)
        return len;
    do
        wrote = send(s->app, from, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    while (wrote < 0 && errno == EINTR);
    if (wrote >= 0) {
        s->moved += (uint64_t)wrote;
        return (size_t)wrote;
    }
    if (would_block())
        return 0;
    s->app_gone = true;
    return len;
}

/* What an operation of OpenSSL that moved nothing means. */
static void note_read(struct session *s, int rc)
{
    switch (SSL_get_error(s->ssl, rc)) {
    case SSL_ERROR_WANT_READ:
        break;
    case SSL_ERROR_WANT_WRITE:
        s->read_wants_write = true;
        break;
    case SSL_ERROR_ZERO_RETURN:
        s->net_eof = true;
        break;
    default:
        s->net_dead = true;
    }
}

static size_t give_net(struct session *s, const char *from, size_t len)
{
    ERR_clear_error();
    s->write_wants_read = false;
    int wrote = SSL_write(s->ssl, from, (int)len);
    if (wrote > 0) {
        s->moved += (uint64_t)wrote;
        return (size_t)wrote;
    }
    switch (SSL_get_error(s->ssl, wrote)) {
    case SSL_ERROR_WANT_READ:
        s->write_wants_read = true;
        break;
    case SSL_ERROR_WANT_WRITE:
        break;
    default:
        s->net_dead = true;
    }
    return 0;
}

/* From the client to those behind us. False: nothing more can be moved now. */
static bool pump_in(struct session *s)
{
    if (!is_empty(&s->to_app)) {
        s->to_app.at += give_app(s, s->to_app.data + s->to_app.at, s->to_app.len - s->to_app.at);
        if (!is_empty(&s->to_app))
            return false;
        clear(&s->to_app);
    }
    if (s->net_eof)
        return false;
    ERR_clear_error();
    s->read_wants_write = false;
    int got = SSL_read(s->ssl, s->tls->record, (int)RECORD_BYTES);
    if (got <= 0) {
        note_read(s, got);
        return false;
    }
    s->moved += (uint64_t)got;
    size_t given = give_app(s, s->tls->record, (size_t)got);
    if (given < (size_t)got && !keep(&s->to_app, s->tls->record + given, (size_t)got - given))
        s->net_dead = true;
    return given == (size_t)got;
}

static bool is_hung_up(int fd)
{
    struct pollfd p = {.fd = fd};
    return poll(&p, 1, 0) > 0 && (p.revents & (POLLHUP | POLLERR));
}

static ssize_t read_app(struct session *s)
{
    ssize_t got;
    do
        got = recv(s->app, s->tls->record, RECORD_BYTES, MSG_DONTWAIT);
    while (got < 0 && errno == EINTR);
    return got;
}

/* From those behind us to the client. */
static bool pump_out(struct session *s)
{
    if (!is_empty(&s->to_net)) {
        s->to_net.at += give_net(s, s->to_net.data + s->to_net.at, s->to_net.len - s->to_net.at);
        if (!is_empty(&s->to_net))
            return false;
        clear(&s->to_net);
    }
    if (s->app_eof)
        return false;
    ssize_t got = read_app(s);
    if (got < 0 && would_block())
        return false;
    if (got <= 0) {
        s->app_eof = true;
        s->app_gone = s->app_gone || got < 0 || is_hung_up(s->app);
        return false;
    }
    size_t given = give_net(s, s->tls->record, (size_t)got);
    if (given < (size_t)got && !keep(&s->to_net, s->tls->record + given, (size_t)got - given))
        s->net_dead = true;
    return given == (size_t)got;
}

/* Tells each side that the other one has nothing more to say. */
static void pass_ends(struct session *s)
{
    if (s->net_eof && is_empty(&s->to_app) && !s->app_shut) {
        shutdown(s->app, SHUT_WR);
        s->app_shut = true;
    }
    if (s->app_eof && is_empty(&s->to_net) && !s->net_shut && !s->net_dead) {
        ERR_clear_error();
        int rc = SSL_shutdown(s->ssl);
        int why = rc < 0 ? SSL_get_error(s->ssl, rc) : SSL_ERROR_NONE;
        if (why == SSL_ERROR_WANT_WRITE) {
            s->read_wants_write = true;
            return;
        }
        shutdown(s->net, SHUT_WR);
        s->net_shut = true;
    }
}

void pump(struct session *s)
{
    for (int i = 0; i < RECORDS_AT_ONCE && !s->net_dead; i++) {
        bool in = pump_in(s);
        bool out = !s->net_dead && pump_out(s);
        if (!in && !out)
            break;
    }
    pass_ends(s);
}
