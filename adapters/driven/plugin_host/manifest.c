#include "adapters/driven/plugin_host/manifest.h"

#include <stdlib.h>

#include "adapters/driven/plugin_host/manifest_parts.h"
#include "adapters/driven/plugin_host/names.h"

static int read_text(struct reader *r, struct json v, struct manifest *m, enum record_text which)
{
    return reader_text(r, v, &m->scratch[which], &m->text[which]);
}

static int read_format(struct reader *r, struct json v, void *out)
{
    uint32_t format = 0;
    (void)out;
    return reader_u32(r, v, 1, 1, &format);
}

static int read_id(struct reader *r, struct json v, void *out)
{
    struct manifest *m = out;
    int rc = read_text(r, v, m, TEXT_ID);
    if (!rc && !name_is_plugin_id(m->text[TEXT_ID]))
        rc = reader_fail(r, "\"%.*s\" is no plugin id: lower-case letters, digits and '-', at "
                            "least two parts joined by '.', at most 127 bytes",
                         STR_ARG(m->text[TEXT_ID]));
    return rc;
}

static int read_version(struct reader *r, struct json v, void *out)
{
    struct manifest *m = out;
    int rc = read_text(r, v, m, TEXT_VERSION);
    if (!rc && !name_is_version(m->text[TEXT_VERSION]))
        rc = reader_fail(r, "\"%.*s\" is no semantic version of at most 31 bytes, such as "
                            "\"1.0.0\"",
                         STR_ARG(m->text[TEXT_VERSION]));
    return rc;
}

static int read_title(struct reader *r, struct json v, void *out)
{
    return read_text(r, v, out, TEXT_TITLE);
}

static int read_description(struct reader *r, struct json v, void *out)
{
    return read_text(r, v, out, TEXT_DESCRIPTION);
}

static int read_license(struct reader *r, struct json v, void *out)
{
    return read_text(r, v, out, TEXT_LICENSE);
}

static int read_homepage(struct reader *r, struct json v, void *out)
{
    return read_text(r, v, out, TEXT_HOMEPAGE);
}

static int read_abi_major(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 0, 65535, &((struct manifest *)out)->abi_major);
}

static int read_abi_minor(struct reader *r, struct json v, void *out)
{
    return reader_u32(r, v, 0, 65535, &((struct manifest *)out)->abi_minor);
}

static int read_abi(struct reader *r, struct json v, void *out)
{
    static const struct field fields[] = {
        {"major", true, read_abi_major},
        {"minor", true, read_abi_minor},
    };
    return reader_object(r, v, fields, 2, false, out);
}

static int read_interface(struct reader *r, struct json v, void *out)
{
    struct str id;
    (void)out;
    if (!json_plain(v, &id) || !name_is_interface(id))
        return reader_fail(r, "must be an interface id such as \"hexmcp.tool/1\"");
    return ST_OK;
}

static int read_provides(struct reader *r, struct json v, void *out)
{
    struct manifest *m = out;
    m->text[TEXT_PROVIDES] = json_text(v);
    return reader_array(r, v, read_interface, m);
}

static int read_isolation(struct reader *r, struct json v, void *out)
{
    static const char *const words[] = {"auto", "required"};
    size_t which = 0;
    int rc = reader_word(r, v, words, 2, &which);
    if (!rc && which == 1)
        ((struct manifest *)out)->flags |= RECORD_ISOLATED;
    return rc;
}

int manifest_schema(struct reader *r, struct json v, const struct plugin_checks *checks)
{
    int rc = reader_type(r, v, JSON_OBJECT);
    if (rc || !checks || !checks->check_schema)
        return rc;
    struct error why = {0};
    rc = checks->check_schema(checks->ctx, json_text(v), &why);
    return rc ? reader_fail(r, "%s", why.text) : ST_OK;
}

static int read_config(struct reader *r, struct json v, void *out)
{
    struct manifest *m = out;
    int rc = manifest_schema(r, v, m->checks);
    if (!rc && !json_is(json_get(v, STR("type")), STR("object")))
        rc = reader_fail(r, "the schema of the settings must have \"type\": \"object\"");
    m->text[TEXT_CONFIG] = json_text(v);
    return rc;
}

static int read_dynamic(struct reader *r, struct json v, void *out)
{
    bool on = false;
    int rc = reader_bool(r, v, &on);
    if (on)
        ((struct manifest *)out)->flags |= RECORD_DYNAMIC;
    return rc;
}

static int read_concurrent(struct reader *r, struct json v, void *out)
{
    bool on = true;
    int rc = reader_bool(r, v, &on);
    if (!on)
        ((struct manifest *)out)->flags &= ~RECORD_CONCURRENT;
    return rc;
}

static int read_digest(struct reader *r, struct json v, void *out)
{
    struct manifest *m = out;
    int rc = read_text(r, v, m, TEXT_DIGEST);
    if (!rc && !name_is_digest(m->text[TEXT_DIGEST]))
        rc = reader_fail(r, "must be \"sha256:\" and 64 lower-case hexadecimal digits");
    return rc;
}

static int read_tools(struct reader *r, struct json v, void *out)
{
    struct manifest *m = out;
    int rc = reader_array(r, v, manifest_read_tool, m);
    if (!rc)
        rc = entry_unique(r, v, STR("name"));
    return rc ? rc : manifest_check_aliases(r, v);
}

static int read_resources(struct reader *r, struct json v, void *out)
{
    ((struct manifest *)out)->text[TEXT_RESOURCES] = json_text(v);
    int rc = reader_array(r, v, manifest_read_resource, out);
    return rc ? rc : entry_unique(r, v, STR("uri"));
}

static int read_templates(struct reader *r, struct json v, void *out)
{
    ((struct manifest *)out)->text[TEXT_TEMPLATES] = json_text(v);
    int rc = reader_array(r, v, manifest_read_template, out);
    return rc ? rc : entry_unique(r, v, STR("uriTemplate"));
}

static int read_prompts(struct reader *r, struct json v, void *out)
{
    ((struct manifest *)out)->text[TEXT_PROMPTS] = json_text(v);
    int rc = reader_array(r, v, manifest_read_prompt, out);
    return rc ? rc : entry_unique(r, v, STR("name"));
}

static const struct field top_fields[] = {
    {"manifest", true, read_format},
    {"id", true, read_id},
    {"version", true, read_version},
    {"title", false, read_title},
    {"description", true, read_description},
    {"license", true, read_license},
    {"homepage", false, read_homepage},
    {"abi", true, read_abi},
    {"provides", true, read_provides},
    {"isolation", false, read_isolation},
    {"config", false, read_config},
    {"grants", false, manifest_read_grants},
    {"dynamic", false, read_dynamic},
    {"concurrent", false, read_concurrent},
    {"digest", false, read_digest},
    {"tools", false, read_tools},
    {"resources", false, read_resources},
    {"resourceTemplates", false, read_templates},
    {"prompts", false, read_prompts},
    {"hooks", false, manifest_read_hooks},
};

static bool provides(struct json root, struct str id)
{
    struct json_iter it = json_iter(json_get(root, STR("provides")));
    while (json_next(&it))
        if (json_is(it.value, id))
            return true;
    return false;
}

/* What is listed must be provided by an interface that `provides` names. */
static int check_listed(struct reader *r, struct json root)
{
    static const struct {
        struct str key;
        struct str interface;
    } needs[] = {
        {STR_INIT("tools"), STR_INIT("hexmcp.tool/1")},
        {STR_INIT("resources"), STR_INIT("hexmcp.resource/1")},
        {STR_INIT("resourceTemplates"), STR_INIT("hexmcp.resource/1")},
        {STR_INIT("prompts"), STR_INIT("hexmcp.prompt/1")},
        {STR_INIT("hooks"), STR_INIT("hexmcp.hook/1")},
    };
    for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
        if (json_count(json_get(root, needs[i].key)) && !provides(root, needs[i].interface)) {
            reader_enter(r, needs[i].key);
            return reader_fail(r, "\"provides\" must name \"%.*s\" for this",
                               STR_ARG(needs[i].interface));
        }
    return ST_OK;
}

static void set_defaults(struct manifest *m, const struct plugin_checks *checks)
{
    *m = (struct manifest){.flags = RECORD_CONCURRENT, .checks = checks};
    m->text[TEXT_CONFIG] = STR("{\"type\":\"object\",\"additionalProperties\":false}");
    m->text[TEXT_GRANTS] = STR("{}");
    m->text[TEXT_RESOURCES] = m->text[TEXT_TEMPLATES] = m->text[TEXT_PROMPTS] = STR("[]");
    m->text[TEXT_HOOKS] = STR("[]");
}

int manifest_read(struct str bytes, const struct plugin_checks *checks, struct manifest *out,
                  struct error *err)
{
    struct manifest m;
    if (bytes.len > MANIFEST_MAX_BYTES)
        return error_set(err, ST_TOO_LARGE, "plugin.json: larger than 1 MiB");
    set_defaults(&m, checks);
    int rc = json_parse(bytes, &m.doc, err);
    if (rc) {
        if (err)
            error_prefix(err, "plugin.json: ");
        return rc;
    }
    struct reader r = {.file = "plugin.json", .err = err};
    struct json root = json_root(m.doc);
    rc = reader_object(&r, root, top_fields, sizeof(top_fields) / sizeof(top_fields[0]), true, &m);
    if (!rc)
        rc = check_listed(&r, root);
    if (rc) {
        manifest_clear(&m);
        return rc;
    }
    *out = m;
    return ST_OK;
}

void manifest_clear(struct manifest *m)
{
    for (size_t i = 0; i < TEXT_COUNT; i++)
        buffer_clear(&m->scratch[i]);
    free(m->items);
    json_free(m->doc);
    *m = (struct manifest){0};
}
