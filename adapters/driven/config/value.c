#include "adapters/driven/config/value.h"

#include "adapters/driven/config/folders.h"
#include "adapters/driven/config/grants.h"
#include "core/base/nearest.h"
#include "core/json/writer.h"

/* The word at *at, moving *at behind it; empty at the end. */
static struct str next_word(const char **at)
{
    while (**at == ' ')
        (*at)++;
    const char *start = *at;
    while (**at && **at != ' ')
        (*at)++;
    return (struct str){start, (size_t)(*at - start)};
}

/* The position of the choice, -1 if it is none. */
static int choice_rank(const struct setting *setting, struct json value)
{
    const char *at = setting->choices;
    struct str word = next_word(&at);
    for (int rank = 0; word.len; rank++, word = next_word(&at))
        if (json_is(value, word))
            return rank;
    return -1;
}

static int check_choice(const struct setting *setting, struct json value, struct error *err)
{
    if (choice_rank(setting, value) >= 0)
        return ST_OK;
    struct nearest near = {0};
    struct str text;
    if (json_plain(value, &text))
        near.word = text;
    const char *at = setting->choices;
    for (struct str word = next_word(&at); word.len; word = next_word(&at))
        nearest_offer(&near, word);
    if (near.best.len)
        return error_set(err, ST_CONFIG, "%s must be one of: %s (did you mean \"%.*s\"?)",
                         setting->key, setting->choices, STR_ARG(near.best));
    return error_set(err, ST_CONFIG, "%s must be one of: %s", setting->key, setting->choices);
}

static int check_integer(const struct setting *setting, struct json value, struct error *err)
{
    int64_t number;
    if (json_int64(value, &number) && number >= setting->low && number <= setting->high)
        return ST_OK;
    return error_set(err, ST_CONFIG, "%s must be a whole number from %lld to %lld", setting->key,
                     (long long)setting->low, (long long)setting->high);
}

static int check_strings(const struct setting *setting, struct json value, struct error *err)
{
    bool good = json_type(value) == JSON_ARRAY;
    struct json_iter it = json_iter(value);
    while (good && json_next(&it))
        good = json_type(it.value) == JSON_STRING;
    return good ? ST_OK
                : error_set(err, ST_CONFIG, "%s must be an array of strings", setting->key);
}

static int check_grants(const struct setting *setting, struct json value, struct error *err)
{
    int rc = check_strings(setting, value, err);
    return rc ? rc : grants_check(setting, value, err);
}

int value_check(const struct setting *setting, struct json value, struct error *err)
{
    switch (setting->type) {
    case SETTING_BOOL:
        if (json_type(value) == JSON_BOOL)
            return ST_OK;
        return error_set(err, ST_CONFIG, "%s must be true or false", setting->key);
    case SETTING_INTEGER:
        return check_integer(setting, value, err);
    case SETTING_CHOICE:
        return check_choice(setting, value, err);
    case SETTING_STRINGS:
    case SETTING_FOLDERS:
        return check_strings(setting, value, err);
    case SETTING_STRING:
        if (json_type(value) == JSON_STRING)
            return ST_OK;
        return error_set(err, ST_CONFIG, "%s must be a string", setting->key);
    case SETTING_WORDS:
        return words_check(setting, value, err);
    case SETTING_HOSTS:
    case SETTING_ENV:
    case SETTING_PROGRAMS:
    case SETTING_SECRETS:
    case SETTING_OPERATIONS:
        return check_grants(setting, value, err);
    default:
        if (json_type(value) == JSON_OBJECT)
            return ST_OK;
        return error_set(err, ST_CONFIG, "%s must be an object", setting->key);
    }
}

static bool is_lower(const struct setting *setting, struct json before, struct json value)
{
    int64_t old_number = 0, number = 0;
    bool old_truth = false, truth = false;
    switch (setting->type) {
    case SETTING_INTEGER:
        json_int64(before, &old_number);
        json_int64(value, &number);
        return number <= old_number;
    case SETTING_CHOICE:
        return choice_rank(setting, value) <= choice_rank(setting, before);
    case SETTING_BOOL:
        json_bool(before, &old_truth);
        json_bool(value, &truth);
        return !truth || old_truth;
    default:
        return false;
    }
}

/* 0 is only known to be 4 or more. */
static bool is_fewer(struct json before, struct json value)
{
    int64_t old_number = 0, number = 0;
    json_int64(before, &old_number);
    json_int64(value, &number);
    if (number == 0)
        return old_number == 0;
    return number <= (old_number ? old_number : 4);
}

static bool is_capped(struct json before, struct json value)
{
    int64_t old_number = 0, number = 0;
    json_int64(before, &old_number);
    json_int64(value, &number);
    return old_number == 0 || (number != 0 && number <= old_number);
}

/* True if the project file may set a setting that is only ever lowered. */
static bool is_less(const struct setting *setting, struct json before, struct json value)
{
    switch (setting->project) {
    case PROJECT_FEWER:
        return is_fewer(before, value);
    case PROJECT_CAP:
        return is_capped(before, value);
    default:
        return is_lower(setting, before, value);
    }
}

static int project_unset(const struct setting *setting, struct json before, struct json value,
                         struct error *err)
{
    if (str_eq(json_text(before), str_from(setting->initial)) || json_same_string(before, value))
        return ST_OK;
    return error_set(err, ST_CONFIG,
                     "a project file may only set %s while it is %s, and it is %.*s; set it in your "
                     "user file",
                     setting->key, setting->initial, STR_ARG(json_text(before)));
}

static void join_strings(struct json before, struct json value, struct buffer *out)
{
    struct json_writer w = json_writer(out);
    json_begin_array(&w);
    struct json_iter it = json_iter(before);
    while (json_next(&it))
        json_write_raw(&w, json_text(it.value));
    it = json_iter(value);
    while (json_next(&it))
        json_write_raw(&w, json_text(it.value));
    json_end_array(&w);
}

static int project_true(const struct setting *setting, struct json value, struct error *err)
{
    bool truth = false;
    json_bool(value, &truth);
    return truth ? ST_OK
                 : error_set(err, ST_CONFIG,
                             "a project file may only set %s to true; set it in your user file",
                             setting->key);
}

int value_project(const struct setting *setting, struct json before, struct json value,
                  struct buffer *merged, struct error *err)
{
    switch (setting->project) {
    case PROJECT_FREE:
        return ST_OK;
    case PROJECT_ADD:
        join_strings(before, value, merged);
        return ST_OK;
    case PROJECT_WITHIN:
        return setting->type == SETTING_FOLDERS
                   ? folders_within(setting, before, value, err)
                   : grants_within(setting, before, value, merged, err);
    case PROJECT_UNSET:
        return project_unset(setting, before, value, err);
    case PROJECT_TRUE:
        return project_true(setting, value, err);
    case PROJECT_LOWER:
        if (setting->type == SETTING_WORDS)
            return words_lower(setting, before, value, merged, err);
        __attribute__((fallthrough));
    case PROJECT_FEWER:
    case PROJECT_CAP:
        if (is_less(setting, before, value))
            return ST_OK;
        return error_set(err, ST_CONFIG,
                         "a project file may only lower %s, which is %.*s; set it in your user file",
                         setting->key, STR_ARG(json_text(before)));
    default:
        return error_set(err, ST_CONFIG,
                         "a project file may not set %s; set it in your user file", setting->key);
    }
}
