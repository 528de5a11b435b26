/* hexmcp.resource/1: the table, and the resources that the manifest lists. */
#include "ask.h"
#include "media.h"

/* {"contents":[...]} with what stands in `contents`. */
static int32_t answer_contents(const struct round *r, const char *contents)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "contents", hexmcp_str_from(contents));
    hexmcp_json_end_object(&w);
    return answer_writer(r, HEXMCP_RESULT, &w);
}

static int32_t read_plain(const struct round *r)
{
    return answer_contents(r, JSON(
        [{"uri": "everything://text", "mimeType": "text/plain", "text": "Plain text.\n"}]));
}

static int32_t read_image(const struct round *r)
{
    return answer_contents(r, "[{\"uri\":\"everything://image\",\"mimeType\":\"image/png\","
                              "\"blob\":\"" PIXEL_PNG "\"}]");
}

/* A folder may answer with what lies in it. */
static int32_t read_several(const struct round *r)
{
    return answer_contents(r, JSON(
        [{"uri": "everything://several/a", "mimeType": "text/plain", "text": "a"},
         {"uri": "everything://several/b", "mimeType": "application/json", "text": "{\"b\":1}"},
         {"uri": "everything://several/c", "mimeType": "application/octet-stream",
          "blob": "AAECAwQFBgc="}]));
}

static int32_t read_described(const struct round *r)
{
    return answer_contents(r, JSON(
        [{"uri": "everything://described", "mimeType": "text/markdown", "text": "# All fields\n"}]));
}

static int32_t read_counter(const struct round *r)
{
    char contents[120];
    snprintf(contents, sizeof(contents),
             "[{\"uri\":\"everything://counter\",\"mimeType\":\"text/plain\",\"text\":\"%d\"}]",
             atomic_load(&r->self->counter));
    return answer_contents(r, contents);
}

static const struct entry resources[] = {
    {"everything://text", read_plain, NULL},
    {"everything://image", read_image, NULL},
    {"everything://several", read_several, NULL},
    {"everything://described", read_described, NULL},
    {"everything://counter", read_counter, NULL},
    {"everything://secret", read_secret, resume_secret},
};

static const struct entry *find_resource(const struct round *r)
{
    return find_entry(resources, sizeof(resources) / sizeof(resources[0]), r->name);
}

static int32_t read_resource(void *self, hexmcp_call call, hexmcp_str uri, hexmcp_str variables,
                             hexmcp_error *err)
{
    struct round r = {(struct everything *)self, call, uri, variables, {"", 0}, {"", 0}, err};
    const struct entry *resource = find_resource(&r);
    return resource ? resource->call(&r) : read_template(&r);
}

static int32_t resume_resource(void *self, hexmcp_call call, hexmcp_str uri, hexmcp_str variables,
                               hexmcp_str state, hexmcp_str answers, hexmcp_error *err)
{
    struct round r = {(struct everything *)self, call, uri, variables, state, answers, err};
    const struct entry *resource = find_resource(&r);
    if (!resource || !resource->resume)
        return hexmcp_fail(err, HEXMCP_E_NOT_FOUND, "%.*s asks for nothing", (int)uri.len, uri.ptr);
    return resource->resume(&r);
}

static int32_t complete_resource(void *self, hexmcp_call call, hexmcp_str uri_template,
                                 hexmcp_str argument, hexmcp_str value, hexmcp_str context,
                                 hexmcp_error *err)
{
    struct round r = {(struct everything *)self, call, uri_template, {"", 0}, {"", 0}, {"", 0}, err};
    return complete_template(&r, argument, value, context);
}

/* No cancel: a read takes microseconds. */
void resources_init(struct everything *self)
{
    self->resource.size = (uint32_t)sizeof(self->resource);
    self->resource.self = self;
    self->resource.read = read_resource;
    self->resource.complete = complete_resource;
    self->resource.resume = resume_resource;
}
