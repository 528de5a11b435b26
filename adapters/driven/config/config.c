#include "adapters/driven/config/config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "adapters/driven/config/comments.h"
#include "adapters/driven/config/folders.h"
#include "adapters/driven/config/value.h"
#include "core/base/nearest.h"
#include "core/json/writer.h"

#define FILE_MAX_BYTES (1024 * 1024)

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
};

const char *config_layer_name(enum config_layer layer)
{
    static const char *const names[] = {"default",      "system file", "user file",
                                        "project file", "environment", "command line"};
    return names[layer];
}

static ptrdiff_t find_setting(struct str key)
{
    for (size_t i = 0; i < config_setting_count; i++)
        if (str_eq(str_from(config_settings[i].key), key))
            return (ptrdiff_t)i;
    return -1;
}

static int unknown_key(struct str key, struct error *err)
{
    struct nearest near = {.word = key};
    for (size_t i = 0; i < config_setting_count; i++)
        nearest_offer(&near, str_from(config_settings[i].key));
    if (near.best.len)
        return error_set(err, ST_CONFIG, "unknown setting \"%.*s\"; did you mean \"%.*s\"?",
                         STR_ARG(key), STR_ARG(near.best));
    return error_set(err, ST_CONFIG,
                     "unknown setting \"%.*s\"; \"hexmcp config show\" lists all of them",
                     STR_ARG(key));
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

static bool is_prefix_of_a_key(struct str key)
{
    for (size_t i = 0; i < config_setting_count; i++) {
        struct str known = str_from(config_settings[i].key);
        if (known.len > key.len && str_starts(known, key) && known.ptr[key.len] == '.')
            return true;
    }
    return false;
}

/* Line and column of `value` in the text of its document. */
static int at_line(const char *text, struct json value, struct error *err)
{
    const char *at = json_text(value).ptr;
    unsigned line = 1;
    for (const char *c = text; c < at; c++)
        line += *c == '\n';
    return error_prefix(err, "line %u: ", line);
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
        ptrdiff_t index = find_setting(name);
        if (index < 0 && is_prefix_of_a_key(name) && json_type(it.value) == JSON_OBJECT) {
            rc = apply_object(reader, text, it.value, name, err);
            continue;
        }
        rc = index < 0 ? unknown_key(name, err) : apply(reader, (size_t)index, it.value, err);
        if (rc)
            at_line(text, it.key, err);
    }
    buffer_clear(&key);
    return rc;
}

static int open_file(const char *path, int *fd, size_t *size, struct error *err)
{
    struct stat st;
    /* A fifo would wait for a writer, a terminal could become ours; both are refused below. */
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (*fd < 0)
        return errno == ENOENT ? ST_NOT_FOUND
                               : error_set(err, ST_CONFIG, "%s cannot be read: %s", path,
                                           strerror(errno));
    if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= FILE_MAX_BYTES) {
        *size = (size_t)st.st_size;
        return ST_OK;
    }
    close(*fd);
    return error_set(err, ST_CONFIG, "%s is not a file of at most %d bytes", path, FILE_MAX_BYTES);
}

static int read_file(const char *path, struct buffer *out, struct error *err)
{
    int fd;
    size_t size;
    int rc = open_file(path, &fd, &size, err);
    if (rc)
        return rc;
    ssize_t got = 1;
    while (got > 0 && out->len <= FILE_MAX_BYTES && buffer_reserve(out, 4096)) {
        got = read(fd, out->data + out->len, out->cap - out->len);
        if (got > 0)
            out->len += (size_t)got;
    }
    close(fd);
    if (got < 0 || buffer_failed(out))
        return error_set(err, ST_CONFIG, "%s cannot be read: %s", path, strerror(errno));
    return ST_OK;
}

static int parse_file(struct reader *reader, struct buffer *text, struct error *err)
{
    struct json_doc *doc;
    comments_blank(text->data, text->len);
    int rc = json_parse(buffer_str(text), &doc, err);
    if (rc) {
        err->code = ST_CONFIG;
        return ST_CONFIG;
    }
    if (json_type(json_root(doc)) != JSON_OBJECT)
        rc = error_set(err, ST_CONFIG, "the file must hold one JSON object");
    else
        rc = apply_object(reader, text->data, json_root(doc), STR(""), err);
    json_free(doc);
    return rc;
}

static int load_file(struct config *config, enum config_layer layer, const char *path,
                     bool must_exist, struct error *err)
{
    if (!path)
        return ST_OK;
    struct reader reader = {config, layer, path};
    struct buffer text = BUFFER_INIT;
    int rc = read_file(path, &text, err);
    if (rc == ST_NOT_FOUND) {
        buffer_clear(&text);
        return must_exist ? error_set(err, ST_CONFIG, "%s does not exist", path) : ST_OK;
    }
    if (!rc) {
        rc = parse_file(&reader, &text, err);
        if (rc)
            error_prefix(err, "%s: ", path);
    }
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
    bool list = setting->type == SETTING_STRINGS || setting->type == SETTING_FOLDERS;
    if (list && !(text.len && text.ptr[0] == '[')) {
        /* A list of words, separated by colons like a search path. */
        struct json_writer w = json_writer(out);
        json_begin_array(&w);
        while (text.len) {
            const char *colon = memchr(text.ptr, ':', text.len);
            size_t len = colon ? (size_t)(colon - text.ptr) : text.len;
            if (len)
                json_write_string(&w, (struct str){text.ptr, len});
            len += colon ? 1 : 0;
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

/* "stdio.drain_ms" -> "HEXMCP_STDIO_DRAIN_MS". */
static void variable_name(const char *key, char *out, size_t size)
{
    snprintf(out, size, "HEXMCP_%s", key);
    for (char *c = out; *c; c++)
        *c = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
}

/* Variables that are no settings: they are read elsewhere. */
static bool is_other_variable(struct str name)
{
    static const char *const others[] = {"HEXMCP_PLUGIN_PATH", "HEXMCP_CACHE",
                                         "HEXMCP_SCHEMA_SUITE", "HEXMCP_MCP_SCHEMA"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (str_eq(name, str_from(others[i])))
            return true;
    return false;
}

static int load_variable(struct config *config, const char *entry, struct error *err)
{
    const char *equals = strchr(entry, '=');
    if (strncmp(entry, "HEXMCP_", 7) != 0 || !equals)
        return ST_OK;
    struct str name = {entry, (size_t)(equals - entry)};
    struct nearest near = {.word = name};
    char known[96];
    for (size_t i = 0; i < config_setting_count; i++) {
        variable_name(config_settings[i].key, known, sizeof(known));
        if (str_eq(str_from(known), name)) {
            struct reader reader = {config, LAYER_ENVIRONMENT, known};
            return apply_text(&reader, i, str_from(equals + 1), err);
        }
    }
    if (is_other_variable(name))
        return ST_OK;
    for (size_t i = 0; i < config_setting_count && !near.best.len; i++) {
        variable_name(config_settings[i].key, known, sizeof(known));
        nearest_offer(&near, str_from(known));
    }
    if (near.best.len)
        return error_set(err, ST_CONFIG, "unknown variable %.*s; did you mean %.*s?", STR_ARG(name),
                         STR_ARG(near.best));
    return ST_OK;
}

static int load_environment(struct config *config, char *const *environment, struct error *err)
{
    int rc = ST_OK;
    for (; environment && *environment && !rc; environment++)
        if ((*environment)[0] == 'H')
            rc = load_variable(config, *environment, err);
    return rc;
}

static int load_defaults(struct config *config, struct error *err)
{
    struct reader reader = {config, LAYER_DEFAULT, ""};
    int rc = ST_OK;
    for (size_t i = 0; i < config_setting_count && !rc; i++)
        rc = store(&reader, i, str_from(config_settings[i].initial), err);
    return rc;
}

int config_load(const struct config_sources *sources, struct config **out, struct error *err)
{
    struct config *config = calloc(1, sizeof(*config));
    if (config)
        config->values = calloc(config_setting_count, sizeof(*config->values));
    if (!config || !config->values) {
        config_free(config);
        return error_set(err, ST_NOMEM, "out of memory");
    }
    bool chosen = sources->chosen_path != NULL;
    int rc = load_defaults(config, err);
    if (!rc)
        rc = load_file(config, LAYER_SYSTEM, sources->system_path, false, err);
    if (!rc)
        rc = load_file(config, LAYER_USER, chosen ? sources->chosen_path : sources->user_path,
                       chosen, err);
    if (!rc)
        rc = load_file(config, LAYER_PROJECT, sources->project_path, false, err);
    if (!rc)
        rc = load_environment(config, sources->environment, err);
    if (rc) {
        config_free(config);
        return rc;
    }
    *out = config;
    return ST_OK;
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
    ptrdiff_t index = find_setting(key);
    if (index < 0)
        return unknown_key(key, err);
    struct reader reader = {config, LAYER_COMMAND_LINE, "command line"};
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
    return &config->values[find_setting(str_from(key))];
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
