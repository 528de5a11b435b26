/*
 * providers.c - SendGrid and Amazon SES, over HTTP.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "kit/encode.h"
#include "kit/fetch.h"
#include "kit/secret.h"
#include "send.h"
#include "sign.h"

#define ANSWER_MOST 65536

static int32_t post(const hexmcp_round *r, const char *who, struct fetch_request *q,
                    struct fetch_answer *answer)
{
    q->method = "POST";
    q->max_redirects = -1;
    q->max_bytes = ANSWER_MOST;
    int32_t status = fetch(r, q, answer);
    if (status != HEXMCP_OK)
        return status;
    if (answer->status >= 200 && answer->status < 300)
        return HEXMCP_OK;
    size_t shown = utf8_cut(bytes_str(&answer->body), 200);
    hexmcp_fail(r->err, answer->status == 401 || answer->status == 403 ? HEXMCP_E_DENIED : HEXMCP_E_UNAVAILABLE,
                "%s answered %d: %.*s; nothing was sent", who, answer->status, (int)shown,
                shown ? answer->body.ptr : "");
    fetch_free(answer);
    return r->err->code;
}

/* ---- SendGrid ---- */

static void put_address(hexmcp_json_writer *w, const struct address *a)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "email", a->mail);
    if (a->name[0])
        hexmcp_json_put_text(w, "name", a->name);
    hexmcp_json_end_object(w);
}

static void put_addresses(hexmcp_json_writer *w, const char *key, const struct address *list, size_t count)
{
    if (count == 0)
        return;
    hexmcp_json_key(w, key);
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        put_address(w, &list[i]);
    hexmcp_json_end_array(w);
}

static void put_content(hexmcp_json_writer *w, const char *type, const char *text)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", type);
    hexmcp_json_put_text(w, "value", text);
    hexmcp_json_end_object(w);
}

static bool put_attachments(hexmcp_json_writer *w, const struct message *m)
{
    bool good = true;
    if (m->attachment_count == 0)
        return true;
    hexmcp_json_key(w, "attachments");
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < m->attachment_count; i++) {
        struct bytes text = {0};
        good = good && encode_base64(&text, m->attachments[i].data.ptr, m->attachments[i].data.len);
        hexmcp_json_begin_object(w);
        hexmcp_json_put_string(w, "content", bytes_str(&text));
        hexmcp_json_put_text(w, "type", m->attachments[i].type);
        hexmcp_json_put_text(w, "filename", m->attachments[i].name);
        hexmcp_json_end_object(w);
        bytes_free(&text);
    }
    hexmcp_json_end_array(w);
    return good;
}

static bool put_sendgrid(hexmcp_json_writer *w, const struct request *q)
{
    const struct message *m = &q->message;
    hexmcp_json_begin_object(w);
    hexmcp_json_key(w, "personalizations");
    hexmcp_json_begin_array(w);
    hexmcp_json_begin_object(w);
    put_addresses(w, "to", q->to, m->to_count);
    put_addresses(w, "cc", q->cc, m->cc_count);
    put_addresses(w, "bcc", q->bcc, q->bcc_count);
    hexmcp_json_end_object(w);
    hexmcp_json_end_array(w);
    hexmcp_json_key(w, "from");
    put_address(w, &q->from);
    if (m->reply_to) {
        hexmcp_json_key(w, "reply_to");
        put_address(w, &q->reply_to);
    }
    hexmcp_json_put_text(w, "subject", m->subject);
    hexmcp_json_key(w, "content");
    hexmcp_json_begin_array(w);
    put_content(w, "text/plain", *m->text ? m->text : " ");
    if (m->html)
        put_content(w, "text/html", m->html);
    hexmcp_json_end_array(w);
    bool good = put_attachments(w, m);
    hexmcp_json_end_object(w);
    return good && hexmcp_json_writer_status(w) == HEXMCP_OK;
}

int32_t sendgrid_send(const hexmcp_round *r, struct settings *s, const struct request *q, struct sent *sent)
{
    char bearer[100];
    snprintf(bearer, sizeof(bearer), "Bearer {{secret:%s}}", s->sendgrid_key);
    const char *const headers[][2] = {{"Authorization", bearer}, {"Content-Type", "application/json"}};
    struct fetch_answer answer;
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    int32_t status = put_sendgrid(&w, q) ? HEXMCP_OK
                                         : hexmcp_fail(r->err, HEXMCP_E_NOMEM,
                                                       "out of memory for the message; try again");
    struct fetch_request request = {.url = s->sendgrid_url, .headers = headers, .header_count = 2,
                                    .body = hexmcp_json_writer_text(&w), .timeout_ms = q->timeout_ms};
    if (status == HEXMCP_OK)
        status = post(r, "SendGrid", &request, &answer);
    hexmcp_json_writer_free(&w);
    if (status != HEXMCP_OK)
        return status;
    hexmcp_str id = fetch_header(&answer, "x-message-id");
    snprintf(sent->id, sizeof(sent->id), "%s", q->id);
    if (id.len > 0)
        hexmcp_json_string(id, sent->id, sizeof(sent->id), NULL);
    snprintf(sent->response, sizeof(sent->response), "%d", answer.status);
    fetch_free(&answer);
    return HEXMCP_OK;
}

/* ---- Amazon SES ---- */

static void put_mails(hexmcp_json_writer *w, const char *key, const struct address *list, size_t count)
{
    hexmcp_json_key(w, key);
    hexmcp_json_begin_array(w);
    for (size_t i = 0; i < count; i++)
        hexmcp_json_write_text(w, list[i].mail);
    hexmcp_json_end_array(w);
}

static bool put_ses(hexmcp_json_writer *w, const struct request *q, hexmcp_str mail)
{
    struct bytes text = {0};
    bool good = encode_base64(&text, mail.ptr, mail.len);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "FromEmailAddress", q->from.mail);
    hexmcp_json_key(w, "Destination");
    hexmcp_json_begin_object(w);
    put_mails(w, "ToAddresses", q->to, q->message.to_count);
    put_mails(w, "CcAddresses", q->cc, q->message.cc_count);
    put_mails(w, "BccAddresses", q->bcc, q->bcc_count);
    hexmcp_json_end_object(w);
    hexmcp_json_key(w, "Content");
    hexmcp_json_begin_object(w);
    hexmcp_json_key(w, "Raw");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_string(w, "Data", bytes_str(&text));
    hexmcp_json_end_object(w);
    hexmcp_json_end_object(w);
    hexmcp_json_end_object(w);
    bytes_free(&text);
    return good && hexmcp_json_writer_status(w) == HEXMCP_OK;
}

static int32_t post_ses(const hexmcp_round *r, const struct settings *s, const struct request *q,
                        hexmcp_str body, struct fetch_answer *answer)
{
    char secret[257], date[SIGN_DATE_ROOM], authorization[SIGN_ROOM];
    int32_t status = secret_reveal(r, s->ses_secret, secret, sizeof(secret));
    if (status != HEXMCP_OK)
        return status;
    bool good = sign_v4(&(struct sign){.url = s->ses_url, .region = s->ses_region, .service = "ses",
                                       .key_id = s->ses_key_id, .secret = secret, .body = body,
                                       .time = q->message.time},
                        date, authorization);
    secret_forget(secret, sizeof(secret));
    if (!good)
        return hexmcp_fail(r->err, HEXMCP_E_INVALID, "the URL of SES in the settings is none of https");
    const char *const headers[][2] = {{"Authorization", authorization}, {"X-Amz-Date", date},
                                      {"Content-Type", "application/json"}};
    struct fetch_request request = {.url = s->ses_url, .headers = headers, .header_count = 3, .body = body,
                                    .timeout_ms = q->timeout_ms};
    return post(r, "SES", &request, answer);
}

int32_t ses_send(const hexmcp_round *r, struct settings *s, const struct request *q, hexmcp_str mail,
                 struct sent *sent)
{
    struct fetch_answer answer;
    hexmcp_json_writer w;
    hexmcp_str id;
    hexmcp_json_writer_init(&w);
    int32_t status = put_ses(&w, q, mail) ? post_ses(r, s, q, hexmcp_json_writer_text(&w), &answer)
                                          : hexmcp_fail(r->err, HEXMCP_E_NOMEM,
                                                        "out of memory for the message; try again");
    hexmcp_json_writer_free(&w);
    if (status != HEXMCP_OK)
        return status;
    snprintf(sent->id, sizeof(sent->id), "%s", q->id);
    if (hexmcp_json_get(bytes_str(&answer.body), "MessageId", &id) == HEXMCP_OK)
        hexmcp_json_string(id, sent->id, sizeof(sent->id), NULL);
    snprintf(sent->response, sizeof(sent->response), "%d", answer.status);
    fetch_free(&answer);
    return HEXMCP_OK;
}
