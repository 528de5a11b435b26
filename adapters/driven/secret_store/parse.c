/* The setting secrets.sources. */
#include <stdlib.h>

#include "adapters/driven/secret_store/inside.h"
#include "core/policy/host_rule.h"

static int fault(const struct secret *s, struct error *err, const char *text)
{
    return error_set(err, ST_CONFIG, "secrets.sources: \"%s\" %s", s->name, text);
}

/* A copy without NULs; NULL with the error set. */
static char *copy_text(const struct secret *s, struct json value, const char *wrong,
                       struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    char *copy = NULL;
    if (!json_string(value, &scratch, &text) || !text.len || memchr(text.ptr, '\0', text.len))
        fault(s, err, wrong);
    else if (!(copy = strndup(text.ptr, text.len)))
        error_set(err, ST_NOMEM, "out of memory");
    buffer_clear(&scratch);
    return copy;
}

static int parse_hosts(struct secret *s, struct json rules, struct error *err)
{
    struct json_iter it = json_iter(rules);
    if (json_type(rules) != JSON_ARRAY)
        return fault(s, err, "has \"hosts\" that are no array of rules");
    s->hosts = calloc(json_count(rules) + 1, sizeof(*s->hosts));
    if (!s->hosts)
        return error_set(err, ST_NOMEM, "out of memory");
    while (json_next(&it)) {
        struct error why;
        char *rule = copy_text(s, it.value, "has \"hosts\" that are no array of rules", err);
        if (!rule)
            return err->code;
        s->hosts[s->host_count++] = rule;
        if (!host_rule_valid(str_from(rule), &why))
            return error_set(err, ST_CONFIG, "secrets.sources: \"%s\": hosts: %s", s->name,
                             why.text);
    }
    return ST_OK;
}

static int parse_source(struct secret *s, enum secret_source source, struct json place,
                        struct error *err)
{
    if (s->place)
        return fault(s, err, "has two sources; one of \"env\", \"file\" and \"keyring\" is enough");
    s->source = source;
    s->place = copy_text(s, place, "has a source that is no text", err);
    if (!s->place)
        return err->code;
    if (source == SECRET_FILE && s->place[0] != '/')
        return fault(s, err, "has a \"file\" that is no absolute path");
    return ST_OK;
}

static int parse_member(struct secret *s, struct json key, struct json value, struct error *err)
{
    if (json_is(key, STR("env")))
        return parse_source(s, SECRET_ENV, value, err);
    if (json_is(key, STR("file")))
        return parse_source(s, SECRET_FILE, value, err);
    if (json_is(key, STR("keyring")))
        return parse_source(s, SECRET_KEYRING, value, err);
    if (json_is(key, STR("hosts")))
        return parse_hosts(s, value, err);
    return error_set(err, ST_CONFIG,
                     "secrets.sources: \"%s\" has the unknown member %.*s; known are \"env\", "
                     "\"file\", \"keyring\" and \"hosts\"",
                     s->name, STR_ARG(json_text(key)));
}

static int parse_secret(struct secret *s, struct json key, struct json value, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct str name;
    bool valid = json_string(key, &scratch, &name) && secret_name_valid(name);
    if (valid)
        memcpy(s->name, name.ptr, name.len);
    buffer_clear(&scratch);
    if (!valid)
        return error_set(err, ST_CONFIG,
                         "secrets.sources: %.*s is no name of a secret: a letter, then letters, "
                         "digits, '_', '-' and '.', at most 64",
                         STR_ARG(json_text(key)));
    if (json_type(value) != JSON_OBJECT)
        return fault(s, err, "must be an object with \"env\", \"file\" or \"keyring\"; values do "
                             "not stand in the configuration");
    struct json_iter it = json_iter(value);
    int rc = ST_OK;
    while (!rc && json_next(&it))
        rc = parse_member(s, it.key, it.value, err);
    if (!rc && !s->place)
        rc = fault(s, err, "has no source; add \"env\", \"file\" or \"keyring\"");
    return rc;
}

int secrets_parse(struct secret_store *store, struct str sources, struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(sources, &doc, err);
    if (rc)
        return rc;
    struct json_iter it = json_iter(json_root(doc));
    store->secrets = calloc(json_count(json_root(doc)) + 1, sizeof(*store->secrets));
    if (!store->secrets)
        rc = error_set(err, ST_NOMEM, "out of memory");
    while (!rc && json_next(&it))
        rc = parse_secret(&store->secrets[store->count++], it.key, it.value, err);
    json_free(doc);
    return rc;
}
