/* The resources that the manifest lists. */
#include "everything.h"
#include "media.h"

/* {"contents":[...]} with what stands in `contents`. */
static int32_t answer_contents(const hexmcp_round *r, const char *contents)
{
    hexmcp_json_writer w;
    hexmcp_json_writer_init(&w);
    hexmcp_json_begin_object(&w);
    hexmcp_json_put_raw(&w, "contents", hexmcp_str_from(contents));
    hexmcp_json_end_object(&w);
    return hexmcp_round_writer(r, HEXMCP_RESULT, &w);
}

static int32_t read_plain(const hexmcp_round *r)
{
    return answer_contents(r, JSON(
        [{"uri": "everything://text", "mimeType": "text/plain", "text": "Plain text.\n"}]));
}

static int32_t read_image(const hexmcp_round *r)
{
    return answer_contents(r, "[{\"uri\":\"everything://image\",\"mimeType\":\"image/png\","
                              "\"blob\":\"" PIXEL_PNG "\"}]");
}

/* A folder may answer with what lies in it. */
static int32_t read_several(const hexmcp_round *r)
{
    return answer_contents(r, JSON(
        [{"uri": "everything://several/a", "mimeType": "text/plain", "text": "a"},
         {"uri": "everything://several/b", "mimeType": "application/json", "text": "{\"b\":1}"},
         {"uri": "everything://several/c", "mimeType": "application/octet-stream",
          "blob": "AAECAwQFBgc="}]));
}

static int32_t read_described(const hexmcp_round *r)
{
    return answer_contents(r, JSON(
        [{"uri": "everything://described", "mimeType": "text/markdown", "text": "# All fields\n"}]));
}

static int32_t read_counter(const hexmcp_round *r)
{
    char contents[120];
    snprintf(contents, sizeof(contents),
             "[{\"uri\":\"everything://counter\",\"mimeType\":\"text/plain\",\"text\":\"%d\"}]",
             atomic_load(&self_of(r)->counter));
    return answer_contents(r, contents);
}

/* The manifest lists those with a name; what matches a template comes to read_template. */
const hexmcp_simple_item resources[] = {
    HEXMCP_ITEM("everything://text", read_plain),
    HEXMCP_ITEM("everything://image", read_image),
    HEXMCP_ITEM("everything://several", read_several),
    HEXMCP_ITEM("everything://described", read_described),
    HEXMCP_ITEM("everything://counter", read_counter),
    HEXMCP_ITEM_ASKS("everything://secret", read_secret, resume_secret),
    HEXMCP_ITEM_OTHERS(read_template),
};
