#include <stdarg.h>
#include <stdio.h>

#include "adapters/driving/mcp/traffic.h"

/* What an idle server keeps of its message buffer. */
#define KEEP_BYTES ((size_t)64 * 1024)

#define MESSAGE_MAX 1024

static struct json_writer begin(struct connection *c)
{
    buffer_reset(&c->mcp->out, KEEP_BYTES);
    buffer_add_str(&c->mcp->out, STR("{\"jsonrpc\":\"2.0\""));
    return json_writer(&c->mcp->out);
}

static struct json_writer begin_answer(struct connection *c, struct str id, struct str member)
{
    struct json_writer w = begin(c);
    if (id.len) {
        buffer_add_str(&c->mcp->out, STR(",\"id\":"));
        buffer_add_str(&c->mcp->out, id);
    }
    buffer_add_str(&c->mcp->out, member);
    return w;
}

struct json_writer answer_begin(struct request *r)
{
    return begin_answer(r->connection, json_text(r->id), STR(",\"result\":"));
}

/* The last resort. Without an id, which would have to be put in. */
static const struct str no_memory = STR_INIT(
    "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,\"message\":\"out of memory\"}}");

static bool put_on_wire(struct connection *c, const struct message_about *about,
                        struct str message)
{
    c->sent += message.len;
    return c->sink.send(c->sink.ctx, about, message);
}

void send_batch(struct connection *c, struct batch *batch)
{
    buffer_add_char(&batch->answers, ']');
    struct message_about about = {MESSAGE_ANSWER, true, batch->origin, 0, false};
    put_on_wire(c, &about,
                buffer_failed(&batch->answers) ? no_memory : buffer_str(&batch->answers));
}

/* Ends the message in c->mcp->out and sends it, or puts it into its batch. Gives its length. */
static size_t send_answer(struct connection *c, struct batch *batch, struct str id,
                          const struct message_about *about)
{
    buffer_add_char(&c->mcp->out, '}');
    if (buffer_failed(&c->mcp->out)) {
        /* Too large for memory: the request must not stay without an answer. */
        buffer_clear(&c->mcp->out);
        begin_answer(c, id, STR(",\"error\":{\"code\":-32603,\"message\":"
                                "\"out of memory for the answer\"}}"));
    }
    struct str answer = buffer_failed(&c->mcp->out) ? no_memory : buffer_str(&c->mcp->out);
    if (batch) {
        buffer_add_char(&batch->answers, batch->answers.len ? ',' : '[');
        buffer_add_str(&batch->answers, answer);
    } else if (!c->closed) {
        put_on_wire(c, about, answer);
    }
    return answer.len;
}

/* `error`: its code, 0 for a result. */
static void answer_send_as(struct request *r, int error)
{
    struct message_about about = {MESSAGE_ANSWER, true, request_origin(r), error,
                                  error && !r->handled};
    size_t sent = send_answer(r->connection, r->batch, json_text(r->id), &about);
    traffic_tell(r, error ? TRAFFIC_ERROR : TRAFFIC_RESULT, error, sent);
    request_done(r);
}

void answer_send(struct request *r)
{
    answer_send_as(r, 0);
}

void answer_empty(struct request *r)
{
    struct json_writer w = answer_begin(r);
    json_begin_object(&w);
    json_end_object(&w);
    answer_send(r);
}

static void write_error(struct connection *c, struct str id, int code, const char *text,
                        struct str data)
{
    struct json_writer w = begin_answer(c, id, STR(",\"error\":"));
    json_begin_object(&w);
    json_put_i64(&w, STR("code"), code);
    json_put_string(&w, STR("message"), str_from(text));
    if (data.len)
        json_put_raw(&w, STR("data"), data);
    json_end_object(&w);
}

/* A text of a client in it may be longer than there is room: cut it at a character. */
static void format_text(char text[MESSAGE_MAX], const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));
static void format_text(char text[MESSAGE_MAX], const char *format, va_list args)
{
    int len = vsnprintf(text, MESSAGE_MAX, format, args);
    if (len < MESSAGE_MAX)
        return;
    char *end = text + MESSAGE_MAX - 2;
    while (end > text && ((unsigned char)*end & 0xC0) == 0x80)
        end--;
    *end = '\0';
}

void answer_error(struct request *r, int code, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    write_error(r->connection, json_text(r->id), code, text, STR(""));
    answer_send_as(r, code);
}

void answer_error_data(struct request *r, int code, struct str data, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    format_text(text, format, args);
    va_end(args);
    write_error(r->connection, json_text(r->id), code, text, data);
    answer_send_as(r, code);
}

void answer_stray(struct connection *c, const struct stray *to, struct json id, int code,
                  const char *text)
{
    /* Up to 2025-06-18 the schema of an error needs an id. */
    bool null_id = c->initialized && c->revision <= REV_2025_06_18;
    struct str written = json_exists(id) ? json_text(id) : null_id ? STR("null") : STR("");
    write_error(c, written, code, text, STR(""));
    struct message_about about = {MESSAGE_ANSWER, true, to->origin, code, true};
    traffic_tell_stray(c, code, send_answer(c, to->batch, written, &about));
}

void answer_modern_meta(struct request *r, struct json_writer *w, struct json own_meta)
{
    if (!revision_has(r->revision, FEATURE_RESULT_TYPE)) {
        if (json_type(own_meta) == JSON_OBJECT)
            json_put_raw(w, STR("_meta"), json_text(own_meta));
        return;
    }
    json_key(w, STR("_meta"));
    json_begin_object(w);
    struct json_iter it = json_iter(own_meta);
    while (json_next(&it)) {
        if (!json_is(it.key, STR("io.modelcontextprotocol/serverInfo")))
            json_put_member(w, it.key, it.value);
    }
    json_put_raw(w, STR("io.modelcontextprotocol/serverInfo"),
                 buffer_str(&r->connection->mcp->server_info));
    json_end_object(w);
}

struct json_writer notification_begin(struct connection *c, struct str method)
{
    struct json_writer w = begin(c);
    buffer_add_str(&c->mcp->out, STR(",\"method\":\""));
    buffer_add_str(&c->mcp->out, method);
    buffer_add_str(&c->mcp->out, STR("\",\"params\":"));
    return w;
}

struct json_writer request_begin(struct connection *c, struct str id, struct str method)
{
    struct json_writer w = begin(c);
    buffer_add_str(&c->mcp->out, STR(",\"id\":\""));
    buffer_add_str(&c->mcp->out, id);
    buffer_add_str(&c->mcp->out, STR("\",\"method\":\""));
    buffer_add_str(&c->mcp->out, method);
    buffer_add_str(&c->mcp->out, STR("\",\"params\":"));
    return w;
}

bool message_send(struct connection *c, enum message_kind kind, void *origin)
{
    struct message_about about = {kind, false, origin, 0, false};
    buffer_add_char(&c->mcp->out, '}');
    return !buffer_failed(&c->mcp->out) && !c->closed &&
           put_on_wire(c, &about, buffer_str(&c->mcp->out));
}

bool notification_send(struct connection *c, void *origin)
{
    return message_send(c, MESSAGE_NOTIFICATION, origin);
}
