#include "core/toolset/profile.h"

#include "core/base/glob.h"
#include "core/base/nearest.h"
#include "core/base/str.h"

/* Ids of bundled plugins begin so. */
#define BUNDLED STR("hexmcp.")

static const char *const minimal[] = {
    "calculator", "datetime-handler", "text-manipulator", "file-operations", "file-search",
    "json-processor", NULL,
};
static const char *const developer[] = {
    "category:utilities", "category:files", "category:data", "category:system", "category:state",
    "http-request", "api-tester", "graphql-query", "database-connector", NULL,
};
static const char *const data[] = {
    "category:data", "category:files", "category:documents", "category:state", "calculator",
    "datetime-handler", "text-manipulator", "data-validator", "regex-matcher", "template-engine",
    "database-connector", NULL,
};
static const char *const web[] = {
    "category:web", "category:communication", "category:state", "text-manipulator",
    "base64-encoder", "hash-calculator", "json-processor", "xml-processor", "file-operations", NULL,
};
static const char *const everything[] = {NULL};

static const char *const *const built_in[] = {minimal, developer, data, web, everything};
const char *const profile_names[] = {"minimal", "developer", "data", "web", "everything", NULL};

static bool fits(struct str pattern, const struct item *tool)
{
    static const struct str of_category = STR_INIT("category:"), of_plugin = STR_INIT("plugin:");
    struct str subject = tool->name;
    if (str_starts(pattern, of_category)) {
        pattern = (struct str){pattern.ptr + of_category.len, pattern.len - of_category.len};
        subject = tool->category;
    } else if (str_starts(pattern, of_plugin)) {
        pattern = (struct str){pattern.ptr + of_plugin.len, pattern.len - of_plugin.len};
        subject = tool->plugin_id;
    }
    return glob_matches(pattern, subject);
}

static bool fits_one(struct json patterns, const struct item *tool)
{
    struct json_iter it = json_iter(patterns);
    struct buffer scratch = BUFFER_INIT;
    struct str pattern;
    bool found = false;
    while (!found && json_next(&it))
        found = json_string(it.value, &scratch, &pattern) && fits(pattern, tool);
    buffer_clear(&scratch);
    return found;
}

bool profile_has(const struct profile *profile, const struct item *tool)
{
    if (profile->everything)
        return true;
    if (!profile->words)
        return fits_one(profile->include, tool) && !fits_one(profile->exclude, tool);
    if (!str_starts(tool->plugin_id, BUNDLED))
        return true;
    for (const char *const *word = profile->words; *word; word++)
        if (fits(str_from(*word), tool))
            return true;
    return false;
}

static int wrong(struct json name, const char *what, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    json_decode(name, &text);
    int rc = error_set(err, ST_CONFIG, "tools.profiles: \"%.*s\" %s", STR_ARG(buffer_str(&text)),
                       what);
    buffer_clear(&text);
    return rc;
}

static bool is_list(struct json list)
{
    struct json_iter it = json_iter(list);
    if (json_type(list) != JSON_ARRAY)
        return false;
    while (json_next(&it))
        if (json_type(it.value) != JSON_STRING)
            return false;
    return true;
}

static int check_own(struct json name, struct json profile, struct error *err)
{
    for (const char *const *known = profile_names; *known; known++)
        if (json_is(name, str_from(*known)))
            return wrong(name, "is built in; choose another name", err);
    if (json_type(profile) != JSON_OBJECT || !is_list(json_get(profile, STR("include"))))
        return wrong(name, "must be an object with \"include\", an array of patterns", err);
    struct json_iter it = json_iter(profile);
    while (json_next(&it))
        if (!json_is(it.key, STR("include")) && !json_is(it.key, STR("exclude")))
            return wrong(name, "may have \"include\" and \"exclude\" alone", err);
    if (json_exists(json_get(profile, STR("exclude"))) && !is_list(json_get(profile, STR("exclude"))))
        return wrong(name, "must have an array of patterns as \"exclude\"", err);
    return ST_OK;
}

static int unknown(struct str name, struct json own, struct error *err)
{
    struct nearest near = {.word = name};
    struct json_iter it = json_iter(own);
    struct str known;
    for (const char *const *built = profile_names; *built; built++)
        nearest_offer(&near, str_from(*built));
    while (json_next(&it))
        if (json_plain(it.key, &known))
            nearest_offer(&near, known);
    if (near.best.len)
        return error_set(err, ST_CONFIG,
                         "tools.profile: there is no profile \"%.*s\"; did you mean \"%.*s\"?",
                         STR_ARG(name), STR_ARG(near.best));
    return error_set(err, ST_CONFIG,
                     "tools.profile: there is no profile \"%.*s\"; there are minimal, developer, data, "
                     "web, everything and those of tools.profiles",
                     STR_ARG(name));
}

int profile_find(struct str name, struct json own, struct profile *out, struct error *err)
{
    struct json_iter it = json_iter(own);
    struct json mine = json_get(own, name);
    int rc = ST_OK;
    while (!rc && json_next(&it))
        rc = check_own(it.key, it.value, err);
    if (rc)
        return rc;
    for (size_t i = 0; profile_names[i]; i++)
        if (str_eq(name, str_from(profile_names[i]))) {
            *out = (struct profile){.words = built_in[i], .everything = built_in[i] == everything};
            return ST_OK;
        }
    if (!json_exists(mine))
        return unknown(name, own, err);
    *out = (struct profile){.include = json_get(mine, STR("include")),
                            .exclude = json_get(mine, STR("exclude"))};
    return ST_OK;
}
