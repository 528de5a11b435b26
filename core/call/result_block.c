/* Content blocks of tools and prompts. */
#include "core/base/base64.h"
#include "core/call/call.h"

static bool is_string(struct json object, struct str member)
{
    return json_type(json_get(object, member)) == JSON_STRING;
}

static bool is_base64(struct json value)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    bool good = json_string(value, &scratch, &text) && base64_check(text);
    buffer_clear(&scratch);
    return good;
}

static int check_media(const struct call *call, struct json block, struct error *err)
{
    if (!is_base64(json_get(block, STR("data"))))
        return result_broken(call, err, "has an image or audio block whose \"data\" is not base64");
    if (!is_string(block, STR("mimeType")))
        return result_broken(call, err, "has an image or audio block without a \"mimeType\"");
    return ST_OK;
}

int result_check_embedded(const struct call *call, struct json resource, struct error *err)
{
    struct json blob = json_get(resource, STR("blob"));
    if (!is_string(resource, STR("uri")))
        return result_broken(call, err, "has a resource without a \"uri\"");
    if (is_string(resource, STR("text")) == json_exists(blob) ||
        (json_exists(blob) && json_exists(json_get(resource, STR("text")))))
        return result_broken(call, err, "has a resource that needs either \"text\" or \"blob\"");
    if (json_exists(blob) && !is_base64(blob))
        return result_broken(call, err, "has a resource whose \"blob\" is not base64");
    return ST_OK;
}

int result_check_block(const struct call *call, struct json block, struct error *err)
{
    struct json type = json_get(block, STR("type"));
    if (json_type(type) != JSON_STRING)
        return result_broken(call, err, "has a content block without a \"type\"");
    if (json_is(type, STR("text")))
        return is_string(block, STR("text"))
                   ? ST_OK
                   : result_broken(call, err, "has a text block without a \"text\"");
    if (json_is(type, STR("image")) || json_is(type, STR("audio")))
        return check_media(call, block, err);
    if (json_is(type, STR("resource")))
        return result_check_embedded(call, json_get(block, STR("resource")), err);
    if (json_is(type, STR("resource_link")))
        return is_string(block, STR("uri")) && is_string(block, STR("name"))
                   ? ST_OK
                   : result_broken(call, err, "has a resource link without \"uri\" and \"name\"");
    return result_broken(call, err, "has a content block of an unknown \"type\"");
}
