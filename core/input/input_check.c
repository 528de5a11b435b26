#include "core/input/input_check.h"

#include "core/input/form.h"
#include "core/input/sampling.h"
#include "core/input/shapes.h"
#include "core/uri/parts.h"

static bool is_same_ignoring_case(struct str text, struct str wanted)
{
    if (text.len != wanted.len)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((text.ptr[i] | 0x20) != (wanted.ptr[i] | 0x20))
            return false;
    return true;
}

/* Of a text that is a URI. */
static int check_web_url(struct str url, struct error *err)
{
    struct uri_parts parts = uri_parts(url);
    struct str authority = parts.authority;
    if (!is_same_ignoring_case(parts.scheme, STR("https:")) &&
        !is_same_ignoring_case(parts.scheme, STR("http:")))
        return error_set(err, ST_INVALID, "/url: must begin with https:// or http://");
    if (authority.len <= strlen("//") || authority.ptr[strlen("//")] == ':')
        return error_set(err, ST_INVALID, "/url: must name a host");
    if (memchr(authority.ptr, '@', authority.len))
        return error_set(err, ST_INVALID, "/url: must not hold a user or a password");
    return ST_OK;
}

static int check_url(struct json params, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str url;
    int rc = json_string(json_get(params, STR("url")), &scratch, &url)
                 ? check_web_url(url, err)
                 : error_set(err, ST_NOMEM, "out of memory");
    buffer_clear(&scratch);
    return rc;
}

static int check_params(enum input_kind kind, struct json params, struct error *err)
{
    static const enum shape shapes[] = {
        [INPUT_FORM] = SHAPE_FORM,
        [INPUT_URL] = SHAPE_URL,
        [INPUT_SAMPLING] = SHAPE_SAMPLING,
        [INPUT_ROOTS] = SHAPE_ROOTS,
    };
    int rc = shape_check(shapes[kind], params, err);
    if (rc)
        return rc;
    switch (kind) {
    case INPUT_FORM:
        return form_check(json_get(params, STR("requestedSchema")), err);
    case INPUT_URL:
        return check_url(params, err);
    case INPUT_SAMPLING:
        return sampling_check(params, err);
    default:
        return ST_OK;
    }
}

static int check_request(struct json request, struct error *err)
{
    int rc = shape_check(SHAPE_REQUEST, request, err);
    if (rc)
        return rc;
    enum input_kind kind = input_kind(request);
    if (kind == INPUT_UNKNOWN)
        return error_set(err, ST_INVALID, "elicitation/create: \"mode\" must be \"form\" or "
                                          "\"url\"");
    rc = check_params(kind, json_get(request, STR("params")), err);
    if (rc)
        error_prefix(err, "%.*s: ", STR_ARG(input_method(kind)));
    return rc;
}

static int broken(struct error *err)
{
    if (err->code != ST_NOMEM)
        err->code = ST_PROTOCOL;
    return err->code;
}

int input_check(struct json requests, struct error *err)
{
    if (json_exists(requests) && json_type(requests) != JSON_OBJECT)
        return error_set(err, ST_PROTOCOL, "\"requests\" must be an object");
    if (json_count(requests) > INPUT_MAX_REQUESTS)
        return error_set(err, ST_PROTOCOL, "\"requests\" holds %u requests; %d are the most",
                         json_count(requests), INPUT_MAX_REQUESTS);
    struct json_iter it = json_iter(requests);
    while (json_next(&it)) {
        struct str key = input_key(it.key);
        if (key.len == 0)
            return error_set(err, ST_PROTOCOL,
                             "a key in \"requests\" must be 1 to %d of A-Za-z0-9_.-, is %.*s",
                             INPUT_MAX_KEY, STR_ARG(json_text(it.key)));
        if (check_request(it.value, err)) {
            error_prefix(err, "input request \"%.*s\": ", STR_ARG(key));
            return broken(err);
        }
    }
    return ST_OK;
}
