#include "adapters/driven/config/config.h"

#include <stdlib.h>

#include "adapters/driven/config/comments.h"
#include "adapters/driven/config/file.h"
#include "adapters/driven/config/folders.h"
#include "adapters/driven/config/keys.h"
#include "adapters/driven/config/value.h"
#include "core/json/writer.h"

struct value {
    struct json_doc *doc; /* owns its text */
    char *string;         /* decoded, for strings */
    size_t string_len;
    enum config_layer layer;
    char *origin;
};

struct config {
    struct value *values;
};

/* A layer that is being read. */
struct reader {
    struct config *config;
    enum config_layer layer;
    const char *name; /* file, variable or option */
    config_tell_fn *tell; /* NULL: the first fault ends the reading */
    void *ctx;
};

const char *config_layer_name(enum config_layer layer)
{
    static const char *const names[] = {"default",      "system file", "user file",
                                        "project file", "environment", "command line"};
    return names[layer];
}

static void value_clear(struct value *value)
{
    json_free(value->doc);
    free(value->string);
    free(value->origin);
    *value = (struct value){0};
}

/* Replaces the value by the JSON `text`, which has been checked. */
static int store(struct reader *reader, size_t index, struct str text, struct error *err)
{
    struct value fresh = {.layer = reader->layer};
    struct buffer copy = BUFFER_INIT;
    buffer_add_str(&copy, text);
    size_t len;
    char *data = buffer_take(&copy, &len);
    if (!data)
        return error_set(err, ST_NOMEM, "out of memory");
    int rc = json_parse_take(data, len, &fresh.doc, err);
    if (rc)
        return rc;
    json_decode(json_root(fresh.doc), &copy);
    fresh.string = buffer_take(&copy, &fresh.string_len);
    fresh.origin = strdup(reader->name);
    value_clear(&reader->config->values[index]);
    reader->config->values[index] = fresh;
    return ST_OK;
}

static int apply_value(struct reader *reader, size_t index, struct json value, struct error *err)
{
    const struct setting *setting = &config_settings[index];
    struct buffer merged = BUFFER_INIT;
    int rc = ST_OK;
    if (reader->layer == LAYER_PROJECT)
        rc = value_project(setting, json_root(reader->config->values[index].doc), value, &merged,
                           err);
    if (!rc)
        rc = store(reader, index, merged.len ? buffer_str(&merged) : json_text(value), err);
    buffer_clear(&merged);
    return rc;
}

static int apply_folders(struct reader *reader, size_t index, struct json value, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_doc *doc = NULL;
    int rc = folders_resolve(&config_settings[index], reader->layer, value, &text, err);
    if (!rc)
        rc = json_parse(buffer_str(&text), &doc, err);
    if (!rc)
        rc = apply_value(reader, index, json_root(doc), err);
    json_free(doc);
    buffer_clear(&text);
    return rc;
}

static int apply(struct reader *reader, size_t index, struct json value, struct error *err)
{
    const struct setting *setting = &config_settings[index];
    int rc = value_check(setting, value, err);
    if (rc)
        return rc;
    return setting->type == SETTING_FOLDERS ? apply_folders(reader, index, value, err)
                                            : apply_value(reader, index, value, err);
}

/* A fault at a byte of the reader's file: told, so that the reading goes on, or put into `err`. */
static int fault_at(struct reader *reader, const char *text, size_t offset, int rc,
                    struct error *err)
{
    struct place place = place_of(text, offset);
    if (!reader->tell || rc == ST_NOMEM)
        return error_prefix(err, "%s:%u:%u: ", reader->name, place.line, place.column);
    reader->tell(reader->ctx, &(struct config_fault){.source = reader->name,
                                                     .line = place.line,
                                                     .column = place.column,
                                                     .text = err->text});
    return ST_OK;
}

static int fault_of(struct reader *reader, const char *text, struct json value, int rc,
                    struct error *err)
{
    return fault_at(reader, text, (size_t)(json_text(value).ptr - text), rc, err);
}

/* `name` is a section and no object. */
static int not_a_section(struct str name, struct error *err)
{
    return error_set(err, ST_CONFIG, "%.*s must be an object of settings", STR_ARG(name));
}

/* Applies every member of `object`, whose keys begin with `prefix`. */
static int apply_object(struct reader *reader, const char *text, struct json object,
                        struct str prefix, struct error *err)
{
    struct buffer key = BUFFER_INIT;
    struct json_iter it = json_iter(object);
    int rc = ST_OK;
    while (!rc && json_next(&it)) {
        buffer_reset(&key, SIZE_MAX);
        buffer_add_str(&key, prefix);
        if (prefix.len)
            buffer_add_char(&key, '.');
        json_decode(it.key, &key);
        struct str name = buffer_str(&key);
        if (prefix.len == 0 && str_eq(name, STR("$schema")))
            continue;
        ptrdiff_t index = key_find(name);
        bool section = index < 0 && key_is_section(name);
        if (section && json_type(it.value) == JSON_OBJECT) {
            rc = apply_object(reader, text, it.value, name, err);
            continue;
        }
        if (index >= 0)
            rc = apply(reader, (size_t)index, it.value, err);
        else
            rc = section ? not_a_section(name, err) : key_unknown(name, err);
        if (rc)
            rc = fault_of(reader, text, index < 0 && !section ? it.key : it.value, rc, err);
    }
    buffer_clear(&key);
    return rc;
}

static int parse_file(struct reader *reader, struct buffer *text, struct error *err)
{
    struct json_doc *doc;
    size_t fault = 0;
    comments_blank(text->data, text->len);
    int rc = json_parse_located(buffer_str(text), &doc, &fault, err);
    if (rc) {
        err->code = rc == ST_NOMEM ? rc : ST_CONFIG;
        return fault_at(reader, text->data, fault, err->code, err);
    }
    if (json_type(json_root(doc)) == JSON_OBJECT) {
        rc = apply_object(reader, text->data, json_root(doc), STR(""), err);
    } else {
        rc = error_set(err, ST_CONFIG, "the file must hold one JSON object");
        rc = fault_of(reader, text->data, json_root(doc), rc, err);
    }
    json_free(doc);
    return rc;
}

static int load_file(struct reader *reader, enum config_layer layer, const char *path,
                     bool must_exist, struct error *err)
{
    if (!path)
        return ST_OK;
    struct buffer text = BUFFER_INIT;
    reader->layer = layer;
    reader->name = path;
    int rc = file_read(path, &text, err);
    if (rc == ST_NOT_FOUND)
        rc = must_exist ? error_set(err, ST_CONFIG, "%s does not exist", path) : ST_OK;
    else if (!rc)
        rc = parse_file(reader, &text, err);
    buffer_clear(&text);
    return rc;
}

/* `text` as JSON for the setting: strings and choices may come without quotes. */
static void to_json(const struct setting *setting, struct str text, struct buffer *out)
{
    bool bare = setting->type == SETTING_STRING || setting->type == SETTING_CHOICE;
    if (bare && !(text.len && text.ptr[0] == '"')) {
        json_quote(out, text);
        return;
    }
    bool grants = setting->type >= SETTING_HOSTS;
    bool list = setting->type == SETTING_STRINGS || setting->type == SETTING_FOLDERS || grants;
    if (list && !(text.len && text.ptr[0] == '[')) {
        /* A list of words, separated by colons like a search path; hosts have colons in them. */
        char between = setting->type == SETTING_HOSTS ? ',' : ':';
        struct json_writer w = json_writer(out);
        json_begin_array(&w);
        while (text.len) {
            const char *end = memchr(text.ptr, between, text.len);
            size_t len = end ? (size_t)(end - text.ptr) : text.len;
            if (len)
                json_write_string(&w, (struct str){text.ptr, len});
            len += end ? 1 : 0;
            text = (struct str){text.ptr + len, text.len - len};
        }
        json_end_array(&w);
        return;
    }
    buffer_add_str(out, text);
}

static int apply_text(struct reader *reader, size_t index, struct str text, struct error *err)
{
    struct buffer json = BUFFER_INIT;
    struct json_doc *doc;
    to_json(&config_settings[index], text, &json);
    int rc = json_parse(buffer_str(&json), &doc, err);
    if (!rc) {
        rc = apply(reader, index, json_root(doc), err);
        json_free(doc);
    }
    if (rc)
        error_prefix(err, "%s: ", reader->name);
    buffer_clear(&json);
    if (rc && err)
        err->code = ST_CONFIG;
    return rc ? ST_CONFIG : ST_OK;
}

/* A name of ours that nothing reads may be somebody else's business, so it ends no start. */
static void tell_of_unread(struct reader *reader, struct str name)
{
    struct error text;
    if (!reader->tell)
        return;
    error_set(&text, ST_CONFIG, "nothing reads the variable %.*s; \"hexmcp config show\" lists the settings",
              STR_ARG(name));
    reader->tell(reader->ctx,
                 &(struct config_fault){.source = "", .text = text.text, .harmless = true});
}

static int load_variable(struct reader *reader, const char *entry, struct error *err)
{
    const char *equals = strchr(entry, '=');
    if (strncmp(entry, "HEXMCP_", 7) != 0 || !equals)
        return ST_OK;
    char name[VARIABLE_MAX];
    size_t index;
    switch (key_of_variable((struct str){entry, (size_t)(equals - entry)}, &index, err)) {
    case VARIABLE_SETTING:
        key_variable(config_settings[index].key, name);
        reader->name = name;
        return apply_text(reader, index, str_from(equals + 1), err);
    case VARIABLE_NEAR:
        return ST_CONFIG;
    case VARIABLE_UNKNOWN:
        tell_of_unread(reader, (struct str){entry, (size_t)(equals - entry)});
        return ST_OK;
    default:
        return ST_OK;
    }
}

static int load_environment(struct reader *reader, char *const *environment, struct error *err)
{
    reader->layer = LAYER_ENVIRONMENT;
    for (; environment && *environment; environment++) {
        int rc = (*environment)[0] == 'H' ? load_variable(reader, *environment, err) : ST_OK;
        if (rc && (!reader->tell || rc == ST_NOMEM))
            return rc;
        if (rc)
            reader->tell(reader->ctx, &(struct config_fault){.source = "", .text = err->text});
    }
    return ST_OK;
}

static int load_defaults(struct reader *reader, struct error *err)
{
    int rc = ST_OK;
    reader->layer = LAYER_DEFAULT;
    reader->name = "";
    for (size_t i = 0; i < config_setting_count && !rc; i++)
        rc = store(reader, i, str_from(config_settings[i].initial), err);
    return rc;
}

static int load_layers(struct reader *reader, const struct config_sources *sources,
                       struct error *err)
{
    bool chosen = sources->chosen_path != NULL;
    int rc = load_defaults(reader, err);
    if (!rc)
        rc = load_file(reader, LAYER_SYSTEM, sources->system_path, false, err);
    if (!rc)
        rc = load_file(reader, LAYER_USER, chosen ? sources->chosen_path : sources->user_path,
                       chosen, err);
    if (!rc)
        rc = load_file(reader, LAYER_PROJECT, sources->project_path, false, err);
    if (!rc)
        rc = load_environment(reader, sources->environment, err);
    return rc;
}

static int load(const struct config_sources *sources, config_tell_fn *tell, void *ctx,
                struct config **out, struct error *err)
{
    struct config *config = calloc(1, sizeof(*config));
    if (config)
        config->values = calloc(config_setting_count, sizeof(*config->values));
    if (!config || !config->values) {
        config_free(config);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    struct reader reader = {.config = config, .tell = tell, .ctx = ctx};
    int rc = load_layers(&reader, sources, err);
    if (rc) {
        config_free(config);
        return rc;
    }
    *out = config;
    return ST_OK;
}

int config_load(const struct config_sources *sources, struct config **out, struct error *err)
{
    return load(sources, NULL, NULL, out, err);
}

int config_check(const struct config_sources *sources, config_tell_fn *tell, void *ctx,
                 struct error *err)
{
    struct config *config;
    int rc = load(sources, tell, ctx, &config, err);
    if (!rc)
        config_free(config);
    return rc;
}

void config_free(struct config *config)
{
    if (!config)
        return;
    for (size_t i = 0; i < config_setting_count && config->values; i++)
        value_clear(&config->values[i]);
    free(config->values);
    free(config);
}

int config_set(struct config *config, struct str key, struct str text, struct error *err)
{
    ptrdiff_t index = key_find(key);
    if (index < 0)
        return key_unknown(key, err);
    struct reader reader = {
        .config = config, .layer = LAYER_COMMAND_LINE, .name = "command line"};
    return apply_text(&reader, (size_t)index, text, err);
}

struct str config_json(const struct config *config, size_t index)
{
    return json_text(json_root(config->values[index].doc));
}

enum config_layer config_origin(const struct config *config, size_t index)
{
    return config->values[index].layer;
}

struct str config_origin_name(const struct config *config, size_t index)
{
    return str_from(config->values[index].origin);
}

static const struct value *value_of(const struct config *config, const char *key)
{
    return &config->values[key_find(str_from(key))];
}

int64_t config_integer(const struct config *config, const char *key)
{
    int64_t number = 0;
    json_int64(json_root(value_of(config, key)->doc), &number);
    return number;
}

bool config_bool(const struct config *config, const char *key)
{
    bool truth = false;
    json_bool(json_root(value_of(config, key)->doc), &truth);
    return truth;
}

struct str config_string(const struct config *config, const char *key)
{
    const struct value *value = value_of(config, key);
    return (struct str){value->string, value->string_len};
}

struct str config_text(const struct config *config, const char *key)
{
    return json_text(json_root(value_of(config, key)->doc));
}
