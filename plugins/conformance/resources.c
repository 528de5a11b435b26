/* hexmcp.resource/1: the table, and the resources. */
#include <stdio.h>

#include "conformance.h"
#include "media.h"

static const struct entry resources[] = {
    {"test://static-text", NULL, NULL, JSON(
        {"contents": [{"uri": "test://static-text", "mimeType": "text/plain",
                       "text": "This is the content of the static text resource."}]})},
    {"test://static-binary", NULL, NULL,
     "{\"contents\":[{\"uri\":\"test://static-binary\",\"mimeType\":\"image/png\","
     "\"blob\":\"" PIXEL_PNG "\"}]}"},
    {"test://watched-resource", NULL, NULL, JSON(
        {"contents": [{"uri": "test://watched-resource", "mimeType": "text/plain",
                       "text": "Watched resource content"}]})},
};

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

static int32_t read_template(const struct round *r)
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
    return answer_writer(r, HEXMCP_RESULT, &w);
}

static int32_t read_resource(void *self, hexmcp_call call, hexmcp_str uri, hexmcp_str variables,
                             hexmcp_error *err)
{
    struct round r = {(struct conformance *)self, call, uri, variables, {"", 0}, {"", 0}, err};
    if (str_begins(uri, "test://template/"))
        return read_template(&r);
    return entries_begin(resources, sizeof(resources) / sizeof(resources[0]), &r);
}

void resources_init(struct conformance *self)
{
    self->resource.size = (uint32_t)sizeof(self->resource);
    self->resource.self = self;
    self->resource.read = read_resource;
}
