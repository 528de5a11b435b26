#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "adapters/driving/websocket/wire.h"

static void say(struct connection *c, const struct refusal *refusal, struct str header)
{
    size_t before = output_queued(c);
    handshake_refuse(refusal, header, &c->out);
    c->wire->facts.queued_bytes += output_queued(c) - before;
    c->wire->facts.refused++;
    c->moved_ms = sweep_now(c->wire);
    c->deaf = true;
    buffer_clear(&c->in);
    connection_set_stage(c, STAGE_REFUSED);
}

void opening_refuse(struct connection *c, int status, const char *headers, const char *why)
{
    struct refusal refusal = {.status = status, .headers = headers};
    error_set(&refusal.why, ST_UNAVAILABLE, "%s", why);
    opening_forget_check(c);
    say(c, &refusal, (struct str){NULL, 0});
}

void opening_forget_check(struct connection *c)
{
    if (c->check)
        c->check->connection = NULL;
    c->check = NULL;
}

static bool enter(struct connection *c, const struct caller *caller)
{
    struct error err;
    int rc = presence_enter(c->wire, caller, &c->presence);
    if (rc == ST_TOO_LARGE) {
        opening_refuse(c, 429, "Retry-After: 1\r\n",
                       "you have as many connections as you may; close one");
        return false;
    }
    const struct endpoint_factory *factory = c->wire->parts.endpoints;
    if (rc)
        error_set(&err, rc, "out of memory");
    else
        rc = factory->open(factory->ctx, caller, &c->sink, &c->endpoint, &err);
    if (rc)
        opening_refuse(c, 503, "Retry-After: 1\r\n", err.text);
    c->has_endpoint = !rc;
    return !rc;
}

/* The head is still in front of `in`, whole and good. */
static void open_up(struct connection *c, const struct handshake *handshake,
                    const struct caller *caller)
{
    if (!enter(c, caller))
        return;
    size_t before = output_queued(c);
    c->deflate = handshake->deflate;
    handshake_accept(handshake->key, c->deflate, &c->out);
    c->wire->facts.queued_bytes += output_queued(c) - before;
    c->wire->facts.accepted++;
    c->moved_ms = c->active_ms = c->heard_ms = sweep_now(c->wire);
    buffer_drop_front(&c->in, c->head_len);
    connection_set_stage(c, STAGE_OPEN);
    if (c->in.len)
        connection_ready(c);
    else
        buffer_clear(&c->in);
}

static void refuse_credentials(struct connection *c, const struct credential_answer *answer,
                               bool brought)
{
    const struct authenticator *a = c->wire->parts.authenticator;
    struct refusal refusal;
    struct buffer header = BUFFER_INIT;
    handshake_refuse_credentials(answer, a->challenge(a->ctx), brought, &refusal, &header);
    say(c, &refusal, buffer_str(&header));
    buffer_clear(&header);
}

static bool read_head(struct connection *c, struct handshake *handshake, struct refusal *refusal)
{
    return handshake_read((struct str){c->in.data, c->head_len}, &c->wire->options, c->local,
                          handshake, refusal);
}

/* The head is read once more: what it said before it says now, and nothing had to be kept. */
static void on_checked(void *arg, const struct credential_answer *answer)
{
    struct check *check = arg;
    struct connection *c = check->connection;
    free(check);
    if (!c)
        return;
    struct handshake handshake;
    struct refusal refusal;
    c->check = NULL;
    if (!read_head(c, &handshake, &refusal)) {
        say(c, &refusal, (struct str){NULL, 0});
        return;
    }
    if (answer->verdict == CREDENTIALS_OK)
        open_up(c, &handshake, &answer->caller);
    else
        refuse_credentials(c, answer, handshake.authorization.len > 0);
    buffer_clear(&handshake.authorization);
}

static void check(struct connection *c)
{
    const struct authenticator *a = c->wire->parts.authenticator;
    struct handshake handshake;
    struct refusal refusal;
    if (!read_head(c, &handshake, &refusal)) {
        say(c, &refusal, (struct str){NULL, 0});
        return;
    }
    struct check *check = malloc(sizeof(*check));
    if (!check || buffer_failed(&handshake.authorization)) {
        free(check);
        buffer_clear(&handshake.authorization);
        ending_dead(c);
        return;
    }
    check->connection = c;
    c->check = check;
    connection_set_stage(c, STAGE_CHECKING);
    a->check(a->ctx, buffer_str(&handshake.authorization), on_checked, check);
    buffer_clear(&handshake.authorization);
}

/* Reads no more than a head may have, so that what follows it stays in the socket. */
void opening_read(struct connection *c)
{
    size_t seen = c->in.len;
    if (!buffer_reserve(&c->in, seen ? UPGRADE_REQUEST_MAX - seen : 1024)) {
        ending_dead(c);
        return;
    }
    size_t room = c->in.cap - seen;
    if (room > UPGRADE_REQUEST_MAX - seen)
        room = UPGRADE_REQUEST_MAX - seen;
    ssize_t got = recv(c->fd, c->in.data + seen, room, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (got <= 0) {
        ending_dead(c);
        return;
    }
    c->in.len += (size_t)got;
    c->heard_ms = sweep_now(c->wire);
    c->head_len = upgrade_request_length(buffer_str(&c->in), seen);
    if (c->head_len)
        check(c);
    else if (c->in.len == UPGRADE_REQUEST_MAX)
        opening_refuse(c, 431, NULL, "the head of the request is longer than 16384 bytes");
}
