#include "adapters/driving/cli/call/arguments.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/base/nearest.h"
#include "core/json/writer.h"

#define INPUT_MAX_BYTES ((size_t)64 * 1024 * 1024)

static int read_stdin(struct buffer *out, struct error *err)
{
    ssize_t got = 1;
    while (got > 0 && out->len <= INPUT_MAX_BYTES && buffer_reserve(out, 65536)) {
        got = read(STDIN_FILENO, out->data + out->len, out->cap - out->len);
        if (got > 0)
            out->len += (size_t)got;
    }
    if (got < 0)
        return error_set(err, ST_INVALID, "standard input cannot be read: %s", strerror(errno));
    if (out->len > INPUT_MAX_BYTES || buffer_failed(out))
        return error_set(err, ST_TOO_LARGE, "standard input is longer than %zu bytes",
                         INPUT_MAX_BYTES);
    return ST_OK;
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

static int write_args(const struct invocation *inv, struct json properties, struct json_writer *w,
                      struct error *err)
{
    int rc = ST_OK;
    for (int i = 0; i < inv->given_count && !rc; i++) {
        if (strcmp(inv->given[i].name, "arg") != 0)
            continue;
        const char *text = inv->given[i].value, *equals = strchr(text, '=');
        if (!equals)
            return error_set(err, ST_INVALID, "--arg %s: expected NAME=VALUE", text);
        struct str name = {text, (size_t)(equals - text)};
        struct json property = json_get(properties, name);
        rc = json_exists(property) ? ST_OK : unknown_argument(name, properties, err);
        json_key(w, name);
        if (!rc)
            rc = write_value(w, property, name, str_from(equals + 1), err);
    }
    return rc;
}

static bool given_as_arg(const struct invocation *inv, struct json key)
{
    for (int i = 0; i < inv->given_count; i++) {
        const char *text = inv->given[i].value;
        size_t len = strcspn(text, "=");
        if (strcmp(inv->given[i].name, "arg") == 0 && json_is(key, (struct str){text, len}))
            return true;
    }
    return false;
}

static int merge(const struct invocation *inv, struct json base, struct json properties,
                 struct json_doc **out, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct json_writer w = json_writer(&text);
    json_begin_object(&w);
    struct json_iter it = json_iter(base);
    while (json_next(&it)) {
        if (given_as_arg(inv, it.key))
            continue;
        json_put_member(&w, it.key, it.value);
    }
    int rc = write_args(inv, properties, &w, err);
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
        rc = merge(inv, json_root(base), json_get(schema, STR("properties")), out, err);
        json_free(definition);
    }
    json_free(base);
    return rc;
}
