#include "adapters/driving/cli/call/arguments.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "core/base/nearest.h"
#include "core/json/writer.h"

#define INPUT_MAX_BYTES ((size_t)64 * 1024 * 1024)

/* Where the arguments come from. */
struct source {
    const struct invocation *inv;
    struct json properties; /* of the tool's input schema */
    bool texts;             /* there is no schema: every value is a text */
};

static int read_all(int fd, const char *name, struct buffer *out, struct error *err)
{
    ssize_t got = 1;
    while (got > 0 && out->len <= INPUT_MAX_BYTES && buffer_reserve(out, 65536)) {
        got = read(fd, out->data + out->len, out->cap - out->len);
        if (got > 0)
            out->len += (size_t)got;
    }
    if (got < 0)
        return error_set(err, ST_INVALID, "%s cannot be read: %s", name, strerror(errno));
    if (out->len > INPUT_MAX_BYTES || buffer_failed(out))
        return error_set(err, ST_TOO_LARGE, "%s is longer than %zu bytes", name, INPUT_MAX_BYTES);
    return ST_OK;
}

static int read_stdin(struct buffer *out, struct error *err)
{
    return read_all(STDIN_FILENO, "standard input", out, err);
}

/* "-" is standard input. */
static int read_file(const char *path, struct buffer *out, struct error *err)
{
    if (strcmp(path, "-") == 0)
        return read_stdin(out, err);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ST_INVALID, "%s cannot be opened: %s", path, strerror(errno));
    int rc = read_all(fd, path, out, err);
    close(fd);
    return rc;
}

/* The JSON object that the operand gives; "{}" if there is none. */
static int read_operand(const char *operand, struct json_doc **out, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    int rc = ST_OK;
    if (operand && strcmp(operand, "-") == 0)
        rc = read_stdin(&text, err);
    else
        buffer_add_str(&text, str_from(operand ? operand : "{}"));
    if (rc) {
        buffer_clear(&text);
        return rc;
    }
    size_t len;
    char *data = buffer_take(&text, &len);
    if (!data)
        return error_set(err, ST_NOMEM, "out of memory");
    rc = json_parse_take(data, len, out, err);
    if (rc) {
        error_prefix(err, "the arguments are not JSON: ");
    } else if (json_type(json_root(*out)) != JSON_OBJECT) {
        json_free(*out);
        rc = error_set(err, ST_INVALID, "the arguments must be a JSON object like "
                                        "'{\"name\":\"value\"}'");
    }
    return rc;
}

static bool type_holds_string(struct json type)
{
    struct json_iter it = json_iter(type);
    if (json_is(type, STR("string")))
        return true;
    while (json_type(type) == JSON_ARRAY && json_next(&it))
        if (json_is(it.value, STR("string")))
            return true;
    return false;
}

/* By `type`, or by the one of a branch of anyOf. An enum without type is taken to hold strings. */
static bool allows_string(struct json property)
{
    struct json type = json_get(property, STR("type"));
    struct json_iter it = json_iter(json_get(property, STR("anyOf")));
    while (!json_exists(type) && json_next(&it))
        if (type_holds_string(json_get(it.value, STR("type"))))
            return true;
    return json_exists(type) ? type_holds_string(type)
                             : json_exists(json_get(property, STR("enum")));
}

/* Text that is meant as JSON although a string is allowed too: an array or object where the schema
 * has a choice. */
static bool is_meant_as_json(struct json property, struct str text)
{
    bool brackets = text.len && (text.ptr[0] == '[' || text.ptr[0] == '{');
    return brackets && !json_is(json_get(property, STR("type")), STR("string"));
}

static int unknown_argument(struct str name, struct json properties, struct error *err)
{
    struct nearest near = {.word = name};
    struct json_iter it = json_iter(properties);
    struct str known;
    while (json_next(&it))
        if (json_plain(it.key, &known))
            nearest_offer(&near, known);
    if (near.best.len)
        return error_set(err, ST_INVALID, "--arg %.*s: no such argument; did you mean \"%.*s\"?",
                         STR_ARG(name), STR_ARG(near.best));
    return ST_OK;
}

/* Writes the value of one --arg as the schema types it. */
static int write_value(struct json_writer *w, struct json property, struct str name,
                       struct str text, struct error *err)
{
    struct json_doc *doc;
    if (allows_string(property) && !is_meant_as_json(property, text)) {
        json_write_string(w, text);
        return ST_OK;
    }
    if (json_parse(text, &doc, err) == ST_OK) {
        json_write_raw(w, text);
        json_free(doc);
        return ST_OK;
    }
    if (!json_exists(json_get(property, STR("type")))) {
        json_write_string(w, text);
        return ST_OK;
    }
    return error_set(err, ST_INVALID, "--arg %.*s: expected JSON of type %.*s, got %.*s",
                     STR_ARG(name), STR_ARG(json_text(json_get(property, STR("type")))),
                     STR_ARG(text));
}

/* An option that gives one argument: --arg or --arg-file. */
static bool gives_argument(const struct given *given)
{
    return strcmp(given->name, "arg") == 0 || strcmp(given->name, "arg-file") == 0;
}

static int write_given(const struct source *source, const struct given *given, struct str name,
                       struct json_writer *w, struct error *err)
{
    struct json property = json_get(source->properties, name);
    struct buffer file = BUFFER_INIT;
    struct str text = str_from(given->value + name.len + 1);
    int rc = source->texts || json_exists(property)
                 ? ST_OK
                 : unknown_argument(name, source->properties, err);
    if (!rc && strcmp(given->name, "arg-file") == 0) {
        rc = read_file(text.ptr, &file, err);
        text = buffer_str(&file);
        if (rc)
            error_prefix(err, "--arg-file %.*s: ", STR_ARG(name));
    }
    json_key(w, name);
    if (!rc && source->texts)
        json_write_string(w, text);
    else if (!rc)
        rc = write_value(w, property, name, text, err);
    buffer_clear(&file);
    return rc;
}

static int write_args(const struct source *source, struct json_writer *w, struct error *err)
{
    int rc = ST_OK;
    for (int i = 0; i < source->inv->given_count && !rc; i++) {
        const struct given *given = &source->inv->given[i];
        if (!gives_argument(given))
            continue;
        const char *equals = strchr(given->value, '=');
        if (!equals)
            return error_set(err, ST_INVALID, "--%s %s: expected NAME=%s", given->name, given->value,
                             strcmp(given->name, "arg") == 0 ? "VALUE" : "FILE");
        struct str name = {given->value, (size_t)(equals - given->value)};
        rc = write_given(source, given, name, w, err);
    }
    return rc;
}

static bool given_as_arg(const struct invocation *inv, struct json key)
{
    for (int i = 0; i < inv->given_count; i++) {
        const struct given *given = &inv->given[i];
        if (gives_argument(given) &&
            json_is(key, (struct str){given->value, strcspn(given->value, "=")}))
            return true;
    }
    return false;
}

static int merge(const struct source *source, struct json base, struct json_doc **out,
                 struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    struct json_iter it = json_iter(base);
    while (json_next(&it)) {
        if (given_as_arg(source->inv, it.key))
            continue;
        json_put_member(&w, it.key, it.value);
    }
    int rc = write_args(source, &w, err);
    json_end_object(&w);
    size_t len;
    char *data = buffer_take(&text, &len);
    if (!data)
        return error_set(err, ST_NOMEM, "out of memory");
    struct json_doc *doc;
    int parsed = json_parse_take(data, len, &doc, rc ? NULL : err);
    if (rc || parsed) {
        if (!parsed)
            json_free(doc);
        return rc ? rc : error_prefix(err, "the arguments: ");
    }
    *out = doc;
    return ST_OK;
}

int arguments_read(const struct invocation *inv, const struct item *tool,
                   const char *operand, struct json_doc **out, struct error *err)
{
    struct json_doc *base, *definition;
    int rc = read_operand(operand, &base, err);
    if (rc)
        return rc;
    rc = json_parse(tool->json, &definition, err);
    if (!rc) {
        struct json schema = json_get(json_root(definition), STR("inputSchema"));
        struct source source = {.inv = inv, .properties = json_get(schema, STR("properties"))};
        rc = merge(&source, json_root(base), out, err);
        json_free(definition);
    }
    json_free(base);
    return rc;
}

int arguments_read_texts(const struct invocation *inv, const char *operand, struct json_doc **out,
                         struct error *err)
{
    struct source source = {.inv = inv, .texts = true};
    struct json_doc *base;
    int rc = read_operand(operand, &base, err);
    if (rc)
        return rc;
    rc = merge(&source, json_root(base), out, err);
    json_free(base);
    return rc;
}
