/*
 * SPDX-License-Identifier: MIT
 */
#include "subscribe_socket.h"
#include "conversation.h"
#include "params.h"
#include "upgrade.h"

#include "kit/encode.h"

#include <stdio.h>

struct subscription {
    struct question *q;
    struct pace pace;
    uint32_t begin_ms;  /* until the connection is accepted */
    uint32_t listen_ms; /* from then on */
    double accepted_ms; /* when that was */
    struct place place;
    struct credentials credentials;
    struct channel channel;
    struct upgraded upgraded;
    struct socket socket;
    struct gathered gathered;
    struct conversation talk;
    struct bytes params, body;
};

/* ---- what is asked ---- */

static int32_t read_arguments(struct subscription *s, const struct settings *settings, hexmcp_str document)
{
    struct question *q = s->q;
    hexmcp_str params = args_raw(&q->args, "connection_params");
    s->listen_ms = (uint32_t)args_int(&q->args, "duration_ms", 100, 300000, 30000);
    s->gathered.most = (size_t)args_int(&q->args, "max_events", 1, 1000, 10);
    s->begin_ms = q->timeout_ms;
    int32_t status = args_status(&q->args);
    if (status == HEXMCP_OK)
        status = place_read(q->r, q->endpoint.ptr, &s->place);
    s->credentials = (struct credentials){.r = q->r, .settings = settings, .place = &s->place};
    if (status == HEXMCP_OK && params.len > 0)
        status = params_fill(&s->credentials, params, &s->params);
    if (status == HEXMCP_OK && !ask_write(q, document.ptr, document.len, &s->body))
        status = hexmcp_fail(q->r->err, HEXMCP_E_NOMEM, "out of memory for the request; try again");
    return status;
}

/* ---- the connection ---- */

static int32_t no_memory(const struct subscription *s)
{
    return hexmcp_fail(s->q->r->err, HEXMCP_E_NOMEM, "out of memory for the connection; try again");
}

/* What the protocols mean by the codes with which they close. */
static const char *meaning(unsigned code)
{
    switch (code) {
    case 4401:
    case 4403:
        return "check auth and connection_params";
    case 4400:
        return "check input, variables and connection_params";
    case 4429:
    case 1013:
        return "try again later";
    default:
        return "check the endpoint, auth and connection_params";
    }
}

static int32_t fail_begin(const struct subscription *s)
{
    const struct socket *k = &s->socket;
    hexmcp_error *err = s->q->r->err;
    const struct place *p = &s->place;
    if (s->talk.wrong)
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL, "%s:%u speaks no GraphQL over WebSocket: %s; check the endpoint",
                           p->host, p->port, s->talk.wrong);
    if (s->talk.refused)
        return hexmcp_fail(err, HEXMCP_E_DENIED,
                           "%s:%u does not accept the connection: %.200s; check auth and connection_params",
                           p->host, p->port, s->talk.errors.ptr);
    if (k->close_code)
        return hexmcp_fail(err, k->close_code == 4401 || k->close_code == 4403 ? HEXMCP_E_DENIED
                                                                               : HEXMCP_E_PROTOCOL,
                           "%s:%u closed the connection with %u%s%s before it accepted it; %s", p->host, p->port,
                           k->close_code, *k->close_reason ? " " : "", k->close_reason, meaning(k->close_code));
    if (k->binary || socket_fault(k))
        return hexmcp_fail(err, HEXMCP_E_PROTOCOL, "%s:%u breaks the protocol of WebSocket; check the endpoint",
                           p->host, p->port);
    if (k->lost)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "%s:%u closed the connection before it accepted it; %s",
                           p->host, p->port, meaning(0));
    return hexmcp_fail(err, HEXMCP_E_TIMEOUT,
                       "%s:%u did not accept the connection (connection_ack) within %u ms; check the endpoint",
                       p->host, p->port, s->begin_ms);
}

/* Goes on while there is time and something to wait for. */
static int32_t go_on(struct subscription *s)
{
    int32_t status = HEXMCP_OK;
    while (status == HEXMCP_OK && socket_step(&s->socket)) {
        double ms = pace_ms(&s->pace);
        if (!s->talk.begun)
            s->accepted_ms = ms;
        if (ms - s->accepted_ms > s->listen_ms || s->accepted_ms > s->begin_ms)
            break;
        status = pace_step(&s->pace, (double)s->gathered.count, (double)s->gathered.most, "listening");
    }
    return status;
}

static const char *end_of(const struct subscription *s)
{
    const struct socket *k = &s->socket;
    if (s->talk.complete)
        return "complete";
    if (s->talk.errors.len > 0)
        return "error";
    if (s->gathered.full || socket_fault(k) == WSLAY_CODE_MESSAGE_TOO_BIG)
        return "too_large";
    if (s->talk.wrong || k->binary || socket_fault(k))
        return "protocol_error";
    if (s->gathered.count >= s->gathered.most)
        return "max_events";
    return k->lost || k->close_code ? "closed" : "time";
}

/* The server may say a secret again where it says why it closes. */
static void hide_reason(struct subscription *s)
{
    char *reason = s->socket.close_reason;
    struct bytes clean = {0};
    bool good = credentials_hide(&s->credentials, hexmcp_str_from(reason), &clean);
    snprintf(reason, sizeof(s->socket.close_reason), "%.*s",
             good ? (int)utf8_cut(bytes_str(&clean), sizeof(s->socket.close_reason) - 1) : 0,
             good ? clean.ptr : "");
    bytes_free(&clean);
}

static void put(struct subscription *s, struct answer *a)
{
    hexmcp_json_writer *w = &a->json;
    hexmcp_json_put_int64(w, "status_code", 101);
    hexmcp_json_put_text(w, "transport", "websocket");
    hexmcp_json_put_text(w, "subprotocol", s->talk.legacy ? "graphql-ws" : "graphql-transport-ws");
    hexmcp_json_put_int64(w, "duration_ms", (int64_t)pace_ms(&s->pace));
    const char *end = end_of(s);
    size_t wrong = gathered_put(&s->gathered, a, end);
    if (s->socket.close_code)
        hexmcp_json_put_int64(w, "close_code", s->socket.close_code);
    if (s->socket.close_reason[0])
        hexmcp_json_put_text(w, "close_reason", s->socket.close_reason);
    if (s->talk.wrong)
        hexmcp_json_put_text(w, "fault", s->talk.wrong);
    if (s->talk.errors.len > 0)
        hexmcp_json_put_raw(w, "errors", bytes_str(&s->talk.errors));
    hexmcp_json_put_bool(w, "success", wrong == 0 && s->talk.errors.len == 0 &&
                                           strcmp(end, "protocol_error") != 0);
}

static int32_t talk(struct subscription *s, struct answer *a)
{
    s->socket = (struct socket){.channel = &s->channel, .rest = &s->upgraded.rest,
                                .take = conversation_take, .arg = &s->talk};
    s->talk = (struct conversation){.r = s->q->r, .credentials = &s->credentials, .socket = &s->socket,
                                    .legacy = s->upgraded.legacy, .start = bytes_str(&s->body),
                                    .gathered = &s->gathered};
    if (!socket_begin(&s->socket))
        return no_memory(s);
    int32_t status = conversation_begin(&s->talk, bytes_str(&s->params)) ? go_on(s) : no_memory(s);
    hide_reason(s);
    if (status == HEXMCP_OK && !s->talk.begun)
        status = fail_begin(s);
    else if (status == HEXMCP_OK)
        put(s, a);
    conversation_end(&s->talk);
    socket_close(&s->socket);
    socket_end(&s->socket);
    bytes_free(&s->talk.errors);
    return status;
}

static int32_t open_and_talk(struct subscription *s, struct answer *a)
{
    const struct upgrade how = {.pace = &s->pace, .channel = &s->channel, .place = &s->place,
                                .credentials = &s->credentials, .timeout_ms = s->begin_ms,
                                .headers = hexmcp_json_writer_text(&s->q->headers.sent)};
    int32_t status = channel_open(&s->pace, &s->place, s->credentials.settings->ca_file, s->begin_ms, &s->channel);
    if (status != HEXMCP_OK)
        return status;
    status = upgrade(&how, &s->upgraded);
    if (status == HEXMCP_OK)
        status = talk(s, a);
    bytes_free(&s->upgraded.rest);
    channel_close(&s->channel);
    return status;
}

int32_t subscribe_socket(struct question *q, const struct settings *settings, hexmcp_str document,
                         struct answer *a)
{
    struct subscription *s = calloc(1, sizeof(*s));
    if (!s)
        return hexmcp_fail(q->r->err, HEXMCP_E_NOMEM, "out of memory for the connection; try again");
    s->q = q;
    s->pace = pace_begin(q->r);
    int32_t status = read_arguments(s, settings, document);
    if (status == HEXMCP_OK)
        status = open_and_talk(s, a);
    if (s->params.ptr)
        explicit_bzero(s->params.ptr, s->params.len);
    credentials_forget(&s->credentials);
    bytes_free(&s->params);
    bytes_free(&s->body);
    gathered_free(&s->gathered);
    place_free(&s->place);
    free(s);
    return status;
}
