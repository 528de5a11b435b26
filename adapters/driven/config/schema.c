#include "adapters/driven/config/config.h"

#include <stdio.h>

#include "core/json/pretty.h"
#include "core/json/writer.h"

static void write_words(struct json_writer *w, const char *words)
{
    json_begin_array(w);
    while (*words) {
        const char *space = strchr(words, ' ');
        size_t len = space ? (size_t)(space - words) : strlen(words);
        json_write_string(w, (struct str){words, len});
        words += len + (space ? 1 : 0);
    }
    json_end_array(w);
}

static void write_type(struct json_writer *w, const struct setting *setting)
{
    static const char *const types[] = {
        [SETTING_BOOL] = "boolean",  [SETTING_INTEGER] = "integer", [SETTING_STRING] = "string",
        [SETTING_CHOICE] = "string", [SETTING_STRINGS] = "array",   [SETTING_FOLDERS] = "array",
        [SETTING_OBJECT] = "object", [SETTING_WORDS] = "object",    [SETTING_HOSTS] = "array",
        [SETTING_ENV] = "array",     [SETTING_PROGRAMS] = "array",  [SETTING_SECRETS] = "array",
        [SETTING_OPERATIONS] = "array",
    };
    json_put_string(w, STR("type"), str_from(types[setting->type]));
    if (setting->type == SETTING_INTEGER) {
        json_put_i64(w, STR("minimum"), setting->low);
        json_put_i64(w, STR("maximum"), setting->high);
    } else if (setting->type == SETTING_CHOICE) {
        json_key(w, STR("enum"));
        write_words(w, setting->choices);
    } else if (setting->type == SETTING_STRINGS) {
        json_put_raw(w, STR("items"), STR("{\"type\":\"string\"}"));
    } else if (setting->type == SETTING_WORDS) {
        json_key(w, STR("additionalProperties"));
        json_begin_object(w);
        json_key(w, STR("enum"));
        write_words(w, setting->choices);
        json_end_object(w);
    } else if (setting->type == SETTING_OPERATIONS) {
        json_put_raw(w, STR("items"),
                     STR("{\"type\":\"string\",\"maxLength\":127,\"pattern\":"
                         "\"^([A-Za-z0-9_-]+\\\\.)+([A-Za-z0-9_-]+|\\\\*)$|^\\\\*$\"}"));
    } else if (setting->type == SETTING_FOLDERS || setting->type >= SETTING_HOSTS) {
        json_put_raw(w, STR("items"), STR("{\"type\":\"string\",\"minLength\":1}"));
    }
}

static const char *project_sentence(const struct setting *setting)
{
    switch (setting->project) {
    case PROJECT_NEVER:
        return " Not in a project file.";
    case PROJECT_LOWER:
    case PROJECT_FEWER:
    case PROJECT_CAP:
        return " A project file can only lower it.";
    case PROJECT_ADD:
        return " A project file adds to it.";
    case PROJECT_UNSET:
        return " A project file can only set it where nothing else has.";
    case PROJECT_TRUE:
        return " A project file can only set it to true.";
    case PROJECT_WITHIN:
        if (setting->type != SETTING_FOLDERS)
            return " A project file can only name what is allowed before it.";
        return " Full paths, or below \"~/\". A project file can only name folders within, and may "
               "name them from where it is.";
    default:
        return "";
    }
}

static void write_setting(struct json_writer *w, const struct setting *setting)
{
    struct buffer text = BUFFER_INIT;
    buffer_add_str(&text, str_from(setting->help));
    buffer_add_str(&text, str_from(project_sentence(setting)));
    json_begin_object(w);
    write_type(w, setting);
    json_put_raw(w, STR("default"), str_from(setting->initial));
    json_put_string(w, STR("description"), buffer_str(&text));
    json_end_object(w);
    buffer_clear(&text);
}

/* "log.level": the section and what follows its dot. */
static struct str section_of(const char *key)
{
    return (struct str){key, strcspn(key, ".")};
}

static bool is_first_of_section(size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (str_eq(section_of(config_settings[i].key), section_of(config_settings[index].key)))
            return false;
    return true;
}

static void write_section(struct json_writer *w, struct str section)
{
    json_key(w, section);
    json_begin_object(w);
    json_put_string(w, STR("type"), STR("object"));
    json_put_bool(w, STR("additionalProperties"), false);
    json_key(w, STR("properties"));
    json_begin_object(w);
    for (size_t i = 0; i < config_setting_count; i++) {
        const struct setting *setting = &config_settings[i];
        if (!str_eq(section_of(setting->key), section))
            continue;
        json_key(w, str_from(setting->key + section.len + 1));
        write_setting(w, setting);
    }
    json_end_object(w);
    json_end_object(w);
}

/* Keys may be written with their dot. Patterns, since editors offer what is below `properties`, and
 * one way of writing is enough to offer. */
static void write_dotted(struct json_writer *w, const struct setting *setting)
{
    struct str section = section_of(setting->key);
    const char *rest = setting->key + section.len + 1;
    char pattern[128], target[160];
    snprintf(pattern, sizeof(pattern), "^%.*s\\.%s$", STR_ARG(section), rest);
    snprintf(target, sizeof(target), "#/properties/%.*s/properties/%s", STR_ARG(section), rest);
    json_key(w, str_from(pattern));
    json_begin_object(w);
    json_put_string(w, STR("$ref"), str_from(target));
    json_end_object(w);
}

static void write_root(struct json_writer *w)
{
    json_begin_object(w);
    json_put_string(w, STR("$schema"), STR("http://json-schema.org/draft-07/schema#"));
    json_put_string(w, STR("title"), STR("Configuration of hexmcp"));
    json_put_bool(w, STR("allowTrailingCommas"), true);
    json_put_string(w, STR("type"), STR("object"));
    json_put_bool(w, STR("additionalProperties"), false);
    json_key(w, STR("properties"));
    json_begin_object(w);
    json_put_raw(w, STR("$schema"), STR("{\"type\":\"string\"}"));
    for (size_t i = 0; i < config_setting_count; i++)
        if (is_first_of_section(i))
            write_section(w, section_of(config_settings[i].key));
    json_end_object(w);
    json_key(w, STR("patternProperties"));
    json_begin_object(w);
    for (size_t i = 0; i < config_setting_count; i++)
        write_dotted(w, &config_settings[i]);
    json_end_object(w);
    json_end_object(w);
}

int config_schema(struct buffer *out, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    struct json_doc *doc;
    write_root(&w);
    int rc = json_parse(buffer_str(&text), &doc, err);
    if (!rc) {
        json_pretty(out, json_root(doc));
        buffer_add_char(out, '\n');
        json_free(doc);
    }
    buffer_clear(&text);
    return rc;
}
