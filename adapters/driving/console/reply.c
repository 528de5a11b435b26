#include "adapters/driving/console/parts.h"

static const struct http_header json_headers[] = {
    {STR_INIT("Content-Type"), STR_INIT("application/json")},
    {STR_INIT("Cache-Control"), STR_INIT("no-store")},
    {STR_INIT("X-Content-Type-Options"), STR_INIT("nosniff")},
    {STR_INIT("Allow"), STR_INIT("GET, HEAD")}, /* of 405 alone */
};
#define JSON_HEADERS 3

static void answer(struct http_request *request, int status, const struct buffer *json)
{
    struct str body = STR("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32603,\"message\":"
                          "\"out of memory for the answer\"}}");
    bool failed = buffer_failed(json);
    size_t headers = status == 405 ? JSON_HEADERS + 1 : JSON_HEADERS;
    request->answer->respond(request->exchange, failed ? 500 : status, json_headers, headers,
                             failed ? body : buffer_str(json));
}

void reply_json(struct http_request *request, const struct buffer *json)
{
    answer(request, 200, json);
}

void reply_error(struct http_request *request, int status, struct str message)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    json_key(&w, STR("error"));
    json_begin_object(&w);
    json_put_i64(&w, STR("code"), status >= 500 ? -32603 : -32600);
    json_put_string(&w, STR("message"), message);
    json_end_object(&w);
    json_end_object(&w);
    answer(request, status, &text);
    buffer_clear(&text);
}

bool reply_is_get(struct http_request *request)
{
    if (str_eq(request->method, STR("GET")) || str_eq(request->method, STR("HEAD")))
        return true;
    reply_error(request, 405, STR("the console is read with GET"));
    return false;
}

bool may_see(const struct caller *viewer, const struct caller *subject)
{
    return subject && str_eq(viewer->tenant, subject->tenant);
}
