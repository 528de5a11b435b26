#include "adapters/driving/mcp/input/input_need.h"

#include "core/input/form.h"
#include "core/input/sampling.h"

struct lack {
    const char *what; /* for "needs ..." */
    const char *name; /* of the capability; NULL if the revision lacks it */
    struct str capabilities;
};

static bool lacks(struct lack *out, const char *what, bool revision, bool ability,
                  const char *name, struct str capabilities)
{
    if (revision && ability)
        return false;
    *out = (struct lack){what, revision ? name : NULL, revision ? capabilities : STR("")};
    return true;
}

static bool lacks_form(struct lack *out, struct json params, const struct input_target *t)
{
    struct json schema = json_get(params, STR("requestedSchema"));
    bool url = t->abilities->elicitation_url;
    return lacks(out, "a form for the user", revision_has(t->revision, FEATURE_ELICITATION),
                 t->abilities->elicitation_form, url ? "elicitation.form" : "elicitation",
                 url ? STR("{\"elicitation\":{\"form\":{}}}") : STR("{\"elicitation\":{}}")) ||
           lacks(out, "a form with a field of several values",
                 revision_has(t->revision, FEATURE_FORM_CHOICES) ||
                     !form_has_multiple_choice(schema),
                 true, NULL, STR(""));
}

static bool lacks_url(struct lack *out, const struct input_target *t)
{
    return lacks(out, "the user to open a URL",
                 revision_has(t->revision, FEATURE_ELICITATION_MODE),
                 t->abilities->elicitation_url, "elicitation.url",
                 STR("{\"elicitation\":{\"url\":{}}}"));
}

static bool lacks_sampling(struct lack *out, struct json params, const struct input_target *t)
{
    bool tools = sampling_needs_tools(params);
    return lacks(out, "sampling by the client", true, t->abilities->sampling, "sampling",
                 tools ? STR("{\"sampling\":{\"tools\":{}}}") : STR("{\"sampling\":{}}")) ||
           lacks(out, "sampling with tools",
                 !tools || revision_has(t->revision, FEATURE_SAMPLING_TOOLS),
                 !tools || t->abilities->sampling_tools, "sampling.tools",
                 STR("{\"sampling\":{\"tools\":{}}}")) ||
           lacks(out, "audio in sampling",
                 revision_has(t->revision, FEATURE_AUDIO) ||
                     !sampling_has_block(params, STR("audio")),
                 true, NULL, STR(""));
}

static bool find_lack(struct lack *out, struct json request, const struct input_target *t)
{
    struct json params = json_get(request, STR("params"));
    switch (input_kind(request)) {
    case INPUT_FORM:
        return lacks_form(out, params, t);
    case INPUT_URL:
        return lacks_url(out, t);
    case INPUT_SAMPLING:
        return lacks_sampling(out, params, t);
    default:
        return lacks(out, "the roots of the client", true, t->abilities->roots, "roots",
                     STR("{\"roots\":{}}"));
    }
}

int input_need(struct json request, const struct input_target *target, struct str *capabilities,
               struct error *err)
{
    struct lack lack;
    if (!find_lack(&lack, request, target))
        return ST_OK;
    *capabilities = lack.capabilities;
    if (lack.name)
        return error_set(err, ST_UNSUPPORTED,
                         "needs %s, but the client did not declare the capability %s", lack.what,
                         lack.name);
    return error_set(err, ST_UNSUPPORTED, "needs %s, which protocol revision %.*s does not have",
                     lack.what, STR_ARG(revision_name(target->revision)));
}

int input_need_all(struct json requests, const struct input_target *target, uint32_t *covered,
                   struct str *capabilities, struct error *err)
{
    struct json_iter it = json_iter(requests);
    uint32_t count = 0;
    while (json_next(&it)) {
        struct lack lack;
        bool lacking = find_lack(&lack, it.value, target);
        count += !lacking;
        if (!lacking || input_is_optional(it.value))
            continue;
        input_need(it.value, target, capabilities, err);
        error_prefix(err, "input request \"%.*s\" ", STR_ARG(input_key(it.key)));
        return ST_UNSUPPORTED;
    }
    if (covered)
        *covered = count;
    return ST_OK;
}
