#include "adapters/driving/connect/message.h"

#include "core/json/writer.h"

#define META_VERSION "io.modelcontextprotocol/protocolVersion"

static const struct {
    struct str name;
    enum method method;
} methods[] = {
    {STR_INIT("initialize"), METHOD_INITIALIZE},
    {STR_INIT("notifications/initialized"), METHOD_INITIALIZED},
    {STR_INIT("tools/call"), METHOD_CALL},
    {STR_INIT("logging/setLevel"), METHOD_SET_LEVEL},
    {STR_INIT("resources/subscribe"), METHOD_SUBSCRIBE},
    {STR_INIT("resources/unsubscribe"), METHOD_UNSUBSCRIBE},
    {STR_INIT("subscriptions/listen"), METHOD_LISTEN},
    {STR_INIT("notifications/cancelled"), METHOD_CANCELLED},
    {STR_INIT("notifications/progress"), METHOD_PROGRESS},
    {STR_INIT("notifications/subscriptions/acknowledged"), METHOD_ACKNOWLEDGED},
};

static enum method method_of(struct json name)
{
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        if (json_is(name, methods[i].name))
            return methods[i].method;
    return METHOD_OTHER;
}

void message_look(struct message *m)
{
    struct json name = json_get(m->root, STR("method"));
    m->id = json_get(m->root, STR("id"));
    m->params = json_get(m->root, STR("params"));
    m->method = method_of(name);
    /* What has another id is answered without one, so it is not to be waited for. */
    bool id = json_type(m->id) == JSON_STRING || json_is_integer_text(m->id);
    bool answer = json_exists(json_get(m->root, STR("result"))) ||
                  json_exists(json_get(m->root, STR("error")));
    if (json_type(m->root) == JSON_ARRAY)
        m->shape = SHAPE_BATCH;
    else if (json_type(name) == JSON_STRING && id)
        m->shape = SHAPE_REQUEST;
    else if (json_type(name) == JSON_STRING && !json_exists(m->id))
        m->shape = SHAPE_NOTIFICATION;
    else if (!json_exists(name) && answer)
        m->shape = SHAPE_RESPONSE;
    else
        m->shape = SHAPE_ODD;
}

int message_read(struct str line, struct message *out)
{
    struct message m = {.line = line};
    int rc = json_parse(line, &m.doc, NULL);
    if (rc)
        return rc;
    m.root = json_root(m.doc);
    message_look(&m);
    *out = m;
    return ST_OK;
}

void message_clear(struct message *m)
{
    json_free(m->doc);
    m->doc = NULL;
}

bool message_has_version(struct json params)
{
    return json_exists(json_get(json_get(params, STR("_meta")), STR(META_VERSION)));
}

void message_splice(struct buffer *out, struct str line, struct json at, struct str id)
{
    struct str old = json_text(at);
    size_t before = (size_t)(old.ptr - line.ptr);
    buffer_add(out, line.ptr, before);
    buffer_add_str(out, id);
    buffer_add(out, old.ptr + old.len, line.len - before - old.len);
}

void message_error(struct buffer *out, struct str id, int code, const char *text)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    if (id.len)
        json_put_raw(&w, STR("id"), id);
    json_key(&w, STR("error"));
    json_begin_object(&w);
    json_put_i64(&w, STR("code"), code);
    json_put_string(&w, STR("message"), str_from(text));
    json_end_object(&w);
    json_end_object(&w);
}

static void put_subscription(struct json_writer *w, struct str id)
{
    json_key(w, STR("_meta"));
    json_begin_object(w);
    json_put_raw(w, STR("io.modelcontextprotocol/subscriptionId"), id);
    json_end_object(w);
}

void message_listen_cancelled(struct buffer *out, struct str id, const char *reason)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    json_put_string(&w, STR("method"), STR("notifications/cancelled"));
    json_key(&w, STR("params"));
    json_begin_object(&w);
    put_subscription(&w, id);
    json_put_raw(&w, STR("requestId"), id);
    json_put_string(&w, STR("reason"), str_from(reason));
    json_end_object(&w);
    json_end_object(&w);
}

void message_listen_result(struct buffer *out, struct str id)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    json_put_raw(&w, STR("id"), id);
    json_key(&w, STR("result"));
    json_begin_object(&w);
    json_put_string(&w, STR("resultType"), STR("complete"));
    put_subscription(&w, id);
    json_end_object(&w);
    json_end_object(&w);
}
