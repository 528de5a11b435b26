/* The resources. */
#include <stdio.h>

#include "conformance.h"
#include "media.h"

/* {"id":"<id>","templateTest":true,"data":"Data for ID: <id>"}; `id` is JSON. Empty on failure. */
static void write_data(hexmcp_json_writer *w, hexmcp_str id)
{
    char *text = text_of(id), *data = NULL;
    hexmcp_json_writer_init(w);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_raw(w, "id", id);
    hexmcp_json_put_bool(w, "templateTest", 1);
    if (text && asprintf(&data, "Data for ID: %s", text) >= 0)
        hexmcp_json_put_text(w, "data", data);
    hexmcp_json_end_object(w);
    free(text);
    free(data);
}

static int32_t read_template(const hexmcp_round *r)
{
    hexmcp_json_writer data, w;
    write_data(&data, argument(r, "id", "\"\""));
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "contents");
    hexmcp_json_begin_array(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_string(&w, "uri", r->name);
    hexmcp_json_put_text(&w, "mimeType", "application/json");
    hexmcp_json_put_string(&w, "text", hexmcp_json_writer_text(&data));
    hexmcp_json_end_object(&w);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    hexmcp_json_writer_free(&data);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}

static int32_t read_other(const hexmcp_round *r)
{
    if (hexmcp_str_begins(r->name, "test://template/"))
        return read_template(r);
    return hexmcp_fail(r->err, HEXMCP_E_NOT_FOUND, "there is no %.*s here; look at the list",
                       (int)(r->name.len < 300 ? r->name.len : 300), r->name.ptr);
}

const hexmcp_simple_item resources[] = {
    HEXMCP_ITEM_FIXED("test://static-text", JSON(
        {"contents": [{"uri": "test://static-text", "mimeType": "text/plain",
                       "text": "This is the content of the static text resource."}]})),
    HEXMCP_ITEM_FIXED("test://static-binary",
     "{\"contents\":[{\"uri\":\"test://static-binary\",\"mimeType\":\"image/png\","
     "\"blob\":\"" PIXEL_PNG "\"}]}"),
    HEXMCP_ITEM_FIXED("test://watched-resource", JSON(
        {"contents": [{"uri": "test://watched-resource", "mimeType": "text/plain",
                       "text": "Watched resource content"}]})),
    HEXMCP_ITEM_OTHERS(read_other),
};
