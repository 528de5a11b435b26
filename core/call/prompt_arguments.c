/* The arguments of prompts, and which of them can be completed. */
#include "core/base/nearest.h"
#include "core/call/call.h"
#include "core/uri/uri_template.h"

static int read_definition(const struct item *prompt, struct json_doc **doc, struct error *err)
{
    if (!json_parse(prompt->json, doc, err))
        return ST_OK;
    error_prefix(err, "the definition of prompt \"%.*s\" cannot be used: ",
                 STR_ARG(prompt->name));
    /* Not the caller's fault, whatever is wrong with it. */
    return err->code = ST_PROTOCOL;
}

/* The argument `name` in the list of a prompt's definition. */
static struct json find_argument(struct json prompt, struct str name)
{
    struct json_iter it = json_iter(json_get(prompt, STR("arguments")));
    while (json_next(&it))
        if (json_is(json_get(it.value, STR("name")), name))
            return it.value;
    return json_none();
}

static int unknown_argument(const struct item *prompt, struct json definition, struct str name,
                            struct error *err)
{
    struct nearest near = {.word = name};
    struct json_iter it = json_iter(json_get(definition, STR("arguments")));
    while (json_next(&it)) {
        struct str known;
        if (json_plain(json_get(it.value, STR("name")), &known))
            nearest_offer(&near, known);
    }
    if (near.best.len)
        return error_set(err, ST_INVALID,
                         "prompt \"%.*s\" has no argument \"%.*s\"; did you mean \"%.*s\"?",
                         STR_ARG(prompt->name), STR_ARG(name), STR_ARG(near.best));
    return error_set(err, ST_INVALID, "prompt \"%.*s\" has no argument \"%.*s\"",
                     STR_ARG(prompt->name), STR_ARG(name));
}

static int check_given(const struct item *prompt, struct json definition, struct json given,
                       struct error *err)
{
    struct json_iter it = json_iter(given);
    while (json_next(&it)) {
        struct buffer scratch = BUFFER_INIT;
        struct str name = {NULL, 0};
        int rc = ST_OK;
        if (!json_string(it.key, &scratch, &name))
            rc = error_set(err, ST_NOMEM, "out of memory");
        else if (!json_exists(find_argument(definition, name)))
            rc = unknown_argument(prompt, definition, name, err);
        else if (json_type(it.value) != JSON_STRING)
            rc = error_set(err, ST_INVALID,
                           "argument \"%.*s\" of prompt \"%.*s\" must be a string", STR_ARG(name),
                           STR_ARG(prompt->name));
        buffer_clear(&scratch);
        if (rc)
            return rc;
    }
    return ST_OK;
}

static int check_required(const struct item *prompt, struct json definition, struct json given,
                          struct error *err)
{
    struct json_iter it = json_iter(json_get(definition, STR("arguments")));
    while (json_next(&it)) {
        bool required = false;
        struct buffer scratch = BUFFER_INIT;
        struct str name = {NULL, 0};
        json_bool(json_get(it.value, STR("required")), &required);
        bool missing = required &&
                       json_string(json_get(it.value, STR("name")), &scratch, &name) &&
                       !json_exists(json_get(given, name));
        if (missing)
            error_set(err, ST_INVALID, "prompt \"%.*s\" needs the argument \"%.*s\", a string",
                      STR_ARG(prompt->name), STR_ARG(name));
        buffer_clear(&scratch);
        if (missing)
            return ST_INVALID;
    }
    return ST_OK;
}

int call_check_prompt_arguments(const struct call *call, struct error *err)
{
    const struct item *prompt = call->item->definition;
    struct json_doc *doc;
    int rc = read_definition(prompt, &doc, err);
    if (rc)
        return rc;
    struct json given = call->request.arguments;
    rc = check_given(prompt, json_root(doc), given, err);
    if (!rc)
        rc = check_required(prompt, json_root(doc), given, err);
    json_free(doc);
    return rc;
}

static int check_prompt_argument(const struct item *prompt, struct str argument, struct error *err)
{
    struct json_doc *doc;
    int rc = read_definition(prompt, &doc, err);
    if (rc)
        return rc;
    if (!json_exists(find_argument(json_root(doc), argument)))
        rc = unknown_argument(prompt, json_root(doc), argument, err);
    json_free(doc);
    return rc;
}

int call_check_argument_name(const struct item *item, struct str argument, struct error *err)
{
    if (item->kind == ITEM_PROMPT)
        return check_prompt_argument(item, argument, err);
    if (uri_template_has(item->name, argument))
        return ST_OK;
    return error_set(err, ST_INVALID, "resource template \"%.*s\" has no variable \"%.*s\"",
                     STR_ARG(item->name), STR_ARG(argument));
}
