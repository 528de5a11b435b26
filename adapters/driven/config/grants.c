#include "adapters/driven/config/grants.h"

#include "core/json/writer.h"
#include "core/policy/grant_list.h"

static enum grant_list list_of(const struct setting *setting)
{
    return (enum grant_list)(setting->type - SETTING_HOSTS);
}

int grants_check(const struct setting *setting, struct json entries, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(entries);
    bool good = true;
    while (good && json_next(&it))
        good = grant_valid(list_of(setting), grant_entry(it.value, &scratch), err);
    buffer_clear(&scratch);
    if (good)
        return ST_OK;
    error_prefix(err, "%s: ", setting->key);
    err->code = ST_CONFIG;
    return ST_CONFIG;
}

int grants_within(const struct setting *setting, struct json before, struct json entries,
                  struct buffer *out, struct error *err)
{
    struct json fault;
    if (grant_narrow(list_of(setting), before, entries, out, &fault))
        return ST_OK;
    buffer_reset(out, SIZE_MAX);
    return error_set(err, ST_CONFIG,
                     "a project file may only narrow %s, which is %.*s, and %.*s is not in it; set "
                     "it in your user file",
                     setting->key, STR_ARG(json_text(before)), STR_ARG(json_text(fault)));
}

/* The place of the word in the setting's order, -1 if it is none of them. */
static int rank_of(const struct setting *setting, struct json word)
{
    const char *at = setting->choices;
    for (int rank = 0; *at; rank++) {
        size_t len = strcspn(at, " ");
        if (json_is(word, (struct str){at, len}))
            return rank;
        at += len + (at[len] == ' ');
    }
    return -1;
}

int words_check(const struct setting *setting, struct json words, struct error *err)
{
    struct json_iter it = json_iter(words);
    if (json_type(words) != JSON_OBJECT)
        return error_set(err, ST_CONFIG, "%s must be an object", setting->key);
    while (json_next(&it))
        if (rank_of(setting, it.value) < 0)
            return error_set(err, ST_CONFIG, "%s: %.*s must be one of: %s", setting->key,
                             STR_ARG(json_text(it.key)), setting->choices);
    return ST_OK;
}

static struct json member_like(struct json object, struct json key)
{
    struct json_iter it = json_iter(object);
    while (json_next(&it))
        if (json_same_string(it.key, key))
            return it.value;
    return json_none();
}

int words_lower(const struct setting *setting, struct json before, struct json words,
                struct buffer *out, struct error *err)
{
    struct json_writer w = json_writer(out);
    struct json_iter it = json_iter(words);
    json_begin_object(&w);
    while (json_next(&it)) {
        struct json old = member_like(before, it.key);
        int least = json_exists(old) ? rank_of(setting, old) : 1;
        if (rank_of(setting, it.value) > least) {
            buffer_reset(out, SIZE_MAX);
            return error_set(err, ST_CONFIG,
                             "a project file may not set %s of %.*s to %.*s; set it in your user "
                             "file",
                             setting->key, STR_ARG(json_text(it.key)),
                             STR_ARG(json_text(it.value)));
        }
        json_put_member(&w, it.key, it.value);
    }
    it = json_iter(before);
    while (json_next(&it))
        if (!json_exists(member_like(words, it.key)))
            json_put_member(&w, it.key, it.value);
    json_end_object(&w);
    return ST_OK;
}
