/* The tool `content`: a content block of every type. */
#include "everything.h"
#include "media.h"

static void begin_block(hexmcp_json_writer *w, const char *type)
{
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "type", type);
}

/* For whom the text is, how much it matters, and how old it is. */
static void write_text(hexmcp_json_writer *w)
{
    begin_block(w, "text");
    hexmcp_json_put_text(w, "text", "One block of every type.");
    hexmcp_json_put_raw(w, "annotations",
                        hexmcp_str_from("{\"audience\":[\"user\",\"assistant\"],\"priority\":0.5,"
                                        "\"lastModified\":\"2026-01-02T03:04:05Z\"}"));
    hexmcp_json_end_object(w);
}

static void write_media(hexmcp_json_writer *w, const char *type, const char *data,
                        const char *mime_type)
{
    begin_block(w, type);
    hexmcp_json_put_text(w, "data", data);
    hexmcp_json_put_text(w, "mimeType", mime_type);
    hexmcp_json_end_object(w);
}

/* Names a resource that the client may read; it need not be listed. */
static void write_link(hexmcp_json_writer *w)
{
    begin_block(w, "resource_link");
    hexmcp_json_put_text(w, "uri", "everything://text");
    hexmcp_json_put_text(w, "name", "text");
    hexmcp_json_put_text(w, "mimeType", "text/plain");
    hexmcp_json_end_object(w);
}

/* Brings the resource along: `key` is text or blob. */
static void write_embedded(hexmcp_json_writer *w, const char *uri, const char *mime_type,
                           const char *key, const char *data)
{
    begin_block(w, "resource");
    hexmcp_json_key(w, "resource");
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "uri", uri);
    hexmcp_json_put_text(w, "mimeType", mime_type);
    hexmcp_json_put_text(w, key, data);
    hexmcp_json_end_object(w);
    hexmcp_json_end_object(w);
}

int32_t tool_content(const hexmcp_round *r)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_key(&w, "content");
    hexmcp_json_begin_array(&w);
    write_text(&w);
    write_media(&w, "image", PIXEL_PNG, "image/png");
    write_media(&w, "audio", CLICK_WAV, "audio/wav");
    write_link(&w);
    write_embedded(&w, "everything://text", "text/plain", "text", "Plain text.\n");
    write_embedded(&w, "everything://bytes", "application/octet-stream", "blob", EIGHT_BYTES);
    hexmcp_json_end_array(&w);
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}
