/*
 * plugin.c - the tool "email-sender" behind the plugin ABI.
 *
 * SPDX-License-Identifier: MIT
 */
#include "hexmcp/plugin.h"

#include <curl/curl.h>
#include <sodium.h>

#include "kit/answer.h"
#include "kit/encode.h"
#include "send.h"

/* So much of a message is shown by a dry run. */
#define SHOWN_MOST 16384

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int32_t send_it(const hexmcp_round *r, const struct request *q, hexmcp_str mail, struct sent *sent)
{
    struct settings *s = r->self;
    if (!settings_count(s, now_ms()))
        return hexmcp_fail(r->err, HEXMCP_E_BUSY,
                           "%d message%s may be sent within an hour, and so many were; send it later",
                           s->per_hour, s->per_hour == 1 ? "" : "s");
    if (q->provider == PROVIDER_SMTP)
        return smtp_send(r, s, q, mail, sent);
    return q->provider == PROVIDER_SENDGRID ? sendgrid_send(r, s, q, sent) : ses_send(r, s, q, mail, sent);
}

static void put_envelope(hexmcp_json_writer *w, const struct request *q)
{
    const char *mail;
    hexmcp_json_key(w, "envelope");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "from", q->from.mail);
    hexmcp_json_key(w, "recipients");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; (mail = request_recipient(q, i)); i++)
        hexmcp_json_write_text(w, mail);
    hexmcp_json_end_array(w);
    hexmcp_json_end_object(w);
}

static int32_t tell(const hexmcp_round *r, const struct request *q, hexmcp_str mail, const struct sent *sent)
{
    struct answer a;
    char time[32];
    struct tm t;
    hexmcp_json_writer *w = answer_begin(&a, r);
    gmtime_r(&q->message.time, &t);
    strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%SZ", &t);
    hexmcp_json_put_text(w, "operation", "send");
    hexmcp_json_put_text(w, "provider", provider_name(q->provider));
    hexmcp_json_put_text(w, "status", q->dry_run ? "dry_run" : "sent");
    hexmcp_json_put_bool(w, "dry_run", q->dry_run);
    hexmcp_json_put_text(w, "message_id", sent->id);
    hexmcp_json_put_text(w, "timestamp", time);
    put_envelope(w, q);
    hexmcp_json_put_int64(w, "bytes", (int64_t)mail.len);
    if (sent->response[0])
        hexmcp_json_put_text(w, "response", sent->response);
    if (q->dry_run) {
        hexmcp_json_put_string(w, "message", (hexmcp_str){mail.ptr, utf8_cut(mail, SHOWN_MOST)});
        hexmcp_json_put_bool(w, "truncated", mail.len > SHOWN_MOST);
    }
    if (q->dry_run)
        answer_text(&a, "The message is ready; nothing was sent.");
    else
        answer_text(&a, "The message was sent by %s.", provider_name(q->provider));
    return answer_end(&a);
}

static int32_t compose(const hexmcp_round *r, const struct request *q)
{
    struct bytes mail = {0};
    struct sent sent = {0};
    int32_t status = HEXMCP_OK;
    memcpy(sent.id, q->id, sizeof(sent.id));
    if (!message_write(&q->message, &mail))
        status = hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the message; try again");
    if (status == HEXMCP_OK && !q->dry_run)
        status = send_it(r, q, bytes_str(&mail), &sent);
    if (status == HEXMCP_OK)
        status = tell(r, q, bytes_str(&mail), &sent);
    bytes_free(&mail);
    return status;
}

static int32_t call(const hexmcp_round *r)
{
    struct args args = args_begin(r->args, r->err);
    struct request *q = calloc(1, sizeof(*q));
    int32_t status = q ? request_read(r, &args, r->self, q)
                       : hexmcp_fail(r->err, HEXMCP_E_NOMEM, "out of memory for the message; try again");
    if (status == HEXMCP_OK)
        status = compose(r, q);
    if (q)
        request_free(q);
    free(q);
    args_end(&args);
    return status;
}

static int32_t make(void *self, const hexmcp_host *host, hexmcp_error *err)
{
    (void)host;
    (void)err;
    pthread_mutex_init(&((struct settings *)self)->mutex, NULL);
    return HEXMCP_OK;
}

static int32_t init(void *self, const hexmcp_host *host, hexmcp_str config_json, hexmcp_error *err)
{
    (void)host;
    if (sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return hexmcp_fail(err, HEXMCP_E_UNAVAILABLE, "libsodium or libcurl cannot start");
    return settings_read(self, config_json, err);
}

static void clear(void *self)
{
    pthread_mutex_destroy(&((struct settings *)self)->mutex);
}

static const hexmcp_simple_item tools[] = {HEXMCP_ITEM("email-sender", call), HEXMCP_ITEM_END};

static const hexmcp_simple plugin = {
    .self_size = sizeof(struct settings), .make = make, .init = init, .clear = clear, .tools = tools};

HEXMCP_SIMPLE_PLUGIN("hexmcp.email-sender", "0.1.0", plugin);
