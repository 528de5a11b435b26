/* One request: its headers, its signature, and how it ended. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "adapters/driven/http_client/http_client.h"
#include "adapters/driven/webhook/inside.h"
#include "core/json/writer.h"

/* Of answers no more is read. */
#define ANSWER_MAX 65536

/* ---- the signature ---- */

static int sign(const struct webhook *w, struct str time, char out[2 * SHA256_BYTES + 1],
                struct error *err)
{
    const struct secret_store_port *secrets = w->parts.secrets;
    const struct crypto_port *crypto = w->parts.crypto;
    const struct plugin_grants grants = {.revealed = &w->settings.secret, .revealed_count = 1};
    struct buffer secret = BUFFER_INIT, text = BUFFER_INIT;
    uint8_t mac[SHA256_BYTES];
    int rc = secrets->reveal(secrets->ctx, &grants, w->settings.secret, &secret, err);
    buffer_add_str(&text, time);
    buffer_add_char(&text, '.');
    buffer_add_str(&text, buffer_str(&w->body));
    if (!rc && (buffer_failed(&text) || buffer_failed(&secret)))
        rc = error_set(err, ST_NOMEM, "out of memory");
    if (!rc && secret.len == 0)
        rc = error_set(err, ST_UNAVAILABLE, "the secret %.*s is empty", STR_ARG(w->settings.secret));
    if (!rc)
        rc = crypto->hmac_sha256(crypto->ctx, buffer_str(&secret), buffer_str(&text), mac, err);
    for (size_t i = 0; !rc && i < SHA256_BYTES; i++)
        snprintf(out + 2 * i, 3, "%02x", mac[i]);
    buffer_wipe(&secret);
    buffer_clear(&text);
    return rc;
}

/* ---- the request ---- */

static void put_header(struct json_writer *out, const char *name, struct str value)
{
    json_begin_array(out);
    json_write_string(out, str_from(name));
    json_write_string(out, value);
    json_end_array(out);
}

static void put_headers(const struct webhook *w, struct json_writer *out, struct str time,
                        struct str signature)
{
    json_key(out, STR("headers"));
    json_begin_array(out);
    put_header(out, "Content-Type", STR("application/json"));
    put_header(out, "X-Hexmcp-Event", buffer_str(&w->type));
    put_header(out, "X-Hexmcp-Delivery", str_from(w->id));
    put_header(out, "X-Hexmcp-Timestamp", time);
    put_header(out, "X-Hexmcp-Signature", signature);
    json_end_array(out);
}

static int write_request(const struct webhook *w, struct buffer *text, struct error *err)
{
    char time[24], hex[2 * SHA256_BYTES + 1], signature[80];
    int64_t now = w->parts.clock->wall_ms(w->parts.clock->ctx) / 1000;
    snprintf(time, sizeof(time), "%lld", (long long)now);
    int rc = sign(w, str_from(time), hex, err);
    if (rc)
        return rc;
    snprintf(signature, sizeof(signature), "sha256=%s", hex);
    struct json_writer out = json_writer(text);
    json_begin_object(&out);
    json_key(&out, STR("request"));
    json_begin_object(&out);
    json_put_string(&out, STR("url"), w->settings.url);
    json_put_string(&out, STR("method"), STR("POST"));
    put_headers(w, &out, str_from(time), str_from(signature));
    json_put_i64(&out, STR("timeoutMs"), w->settings.timeout_ms);
    json_put_i64(&out, STR("maxRedirects"), 0);
    json_put_i64(&out, STR("maxBytes"), ANSWER_MAX);
    json_end_object(&out);
    json_end_object(&out);
    return buffer_failed(text) ? error_set(err, ST_NOMEM, "out of memory") : ST_OK;
}

/* ---- the answer ---- */

/* Seconds alone; a date is left to our own back-off. */
static uint64_t retry_after(struct json headers)
{
    struct json_iter it = json_iter(headers);
    while (json_next(&it)) {
        struct str name, value;
        uint64_t seconds = 0;
        if (!json_plain(json_at(it.value, 0), &name) || !json_plain(json_at(it.value, 1), &value) ||
            name.len != 11 || strncasecmp(name.ptr, "retry-after", 11) != 0)
            continue;
        for (size_t i = 0; i < value.len; i++) {
            if (value.ptr[i] < '0' || value.ptr[i] > '9')
                return 0;
            if (seconds < WEBHOOK_RETRY_AFTER_MAX_MS)
                seconds = seconds * 10 + (uint64_t)(value.ptr[i] - '0');
        }
        uint64_t ms = seconds * 1000;
        return ms < WEBHOOK_RETRY_AFTER_MAX_MS ? ms : WEBHOOK_RETRY_AFTER_MAX_MS;
    }
    return 0;
}

static void take_head(struct webhook *w, struct str text)
{
    struct json_doc *doc;
    int64_t status = 0;
    if (json_parse(text, &doc, NULL))
        return;
    if (json_int64(json_get(json_root(doc), STR("status")), &status) && status >= 200)
        w->outcome.status = (unsigned)status;
    w->outcome.retry_after_ms = retry_after(json_get(json_root(doc), STR("headers")));
    json_free(doc);
}

static void take_failure(struct webhook *w, const struct service_event *event)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_doc *doc = NULL;
    struct str message = STR("the request failed");
    if (json_parse(event->text, &doc, NULL) == ST_OK)
        json_string(json_get(json_root(doc), STR("message")), &scratch, &message);
    error_set(&w->outcome.error, event->status, "%.*s", STR_ARG(message));
    json_free(doc);
    buffer_clear(&scratch);
}

static void on_event(void *ctx, const struct service_event *event)
{
    struct webhook *w = ctx;
    const struct service_port *http = w->parts.http;
    uint64_t request = w->request;
    if (event->kind == HTTP_EVENT_HEAD)
        take_head(w, event->text);
    if (event->kind != HTTP_EVENT_COMPLETE && event->kind != HTTP_EVENT_END)
        return;
    if (event->kind == HTTP_EVENT_END)
        take_failure(w, event);
    w->request = 0;
    if (event->kind == HTTP_EVENT_COMPLETE)
        http->close(http->ctx, request);
    webhook_sent(w);
}

int webhook_send(struct webhook *w, struct error *err)
{
    const struct service_port *http = w->parts.http;
    const struct plugin_grants grants = {.hosts = &w->settings.rule, .host_count = 1};
    const struct service_sink sink = {w, on_event};
    char who[WEBHOOK_NAME_MAX + 20];
    struct buffer text = BUFFER_INIT;
    snprintf(who, sizeof(who), "webhook %.*s", STR_ARG(w->settings.name));
    w->outcome = (struct webhook_outcome){0};
    int rc = write_request(w, &text, err);
    const struct service_request request = {.op = HTTP_OP_REQUEST,
                                            .plugin = str_from(who),
                                            .grants = &grants,
                                            .text = buffer_str(&text),
                                            .bytes = buffer_str(&w->body)};
    if (!rc)
        rc = http->open(http->ctx, &request, &sink, &w->request, err);
    buffer_clear(&text);
    return rc;
}
