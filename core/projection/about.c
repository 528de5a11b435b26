#include "core/json/writer.h"
#include "core/projection/inside.h"

struct about about_read(struct str value)
{
    struct about about = {0};
    struct json_doc *doc;
    int64_t version, builds = 0;
    if (!value.len || json_parse(value, &doc, NULL))
        return about;
    struct json v = json_root(doc);
    if (json_int64(json_get(v, STR("version")), &version) && version > 0 && version <= UINT32_MAX) {
        about.version = (uint32_t)version;
        json_int64(json_get(v, STR("builds")), &builds);
        about.builds = (uint32_t)builds;
        json_bool(json_get(v, STR("building")), &about.building);
        json_bool(json_get(v, STR("paused")), &about.paused);
    }
    json_free(doc);
    return about;
}

void about_write(struct buffer *out, const struct about *about)
{
    struct json_writer w = json_writer(out);
    json_begin_object(&w);
    json_put_i64(&w, STR("version"), about->version);
    if (about->builds)
        json_put_i64(&w, STR("builds"), about->builds);
    if (about->building)
        json_put_bool(&w, STR("building"), true);
    if (about->paused)
        json_put_bool(&w, STR("paused"), true);
    json_end_object(&w);
}
