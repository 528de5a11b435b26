#include "adapters/driving/mcp/input/client_abilities.h"

static bool declares(struct json object, struct str name)
{
    return json_type(json_get(object, name)) == JSON_OBJECT;
}

static void read_sampling(struct client_abilities *out, struct json sampling,
                          enum revision revision)
{
    out->sampling = json_type(sampling) == JSON_OBJECT;
    if (revision_has(revision, FEATURE_SAMPLING_TOOLS))
        out->sampling_tools = declares(sampling, STR("tools"));
    if (revision_has(revision, FEATURE_SAMPLING_CONTEXT))
        out->sampling_context = declares(sampling, STR("context"));
}

/* A client that names no mode can show forms: that is how the first revision with elicitation
 * declared it. */
static void read_elicitation(struct client_abilities *out, struct json elicitation,
                             enum revision revision)
{
    if (json_type(elicitation) != JSON_OBJECT || !revision_has(revision, FEATURE_ELICITATION))
        return;
    bool url = declares(elicitation, STR("url"));
    if (!revision_has(revision, FEATURE_ELICITATION_MODE)) {
        out->elicitation_form = true;
    } else {
        out->elicitation_form = declares(elicitation, STR("form")) || !url;
        out->elicitation_url = url;
    }
}

static void read_roots(struct client_abilities *out, struct json roots, enum revision revision)
{
    bool changed = false;
    out->roots = json_type(roots) == JSON_OBJECT;
    json_bool(json_get(roots, STR("listChanged")), &changed);
    out->roots_list_changed = changed && revision_has_roots_changed(revision);
}

struct client_abilities client_abilities_read(struct json capabilities, enum revision revision)
{
    struct client_abilities out = {0};
    read_sampling(&out, json_get(capabilities, STR("sampling")), revision);
    read_elicitation(&out, json_get(capabilities, STR("elicitation")), revision);
    read_roots(&out, json_get(capabilities, STR("roots")), revision);
    if (revision_has(revision, FEATURE_EXTENSIONS))
        out.tasks = declares(json_get(capabilities, STR("extensions")),
                             STR("io.modelcontextprotocol/tasks"));
    return out;
}
