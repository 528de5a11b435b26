/*
 * SPDX-License-Identifier: MIT
 */
#include "check.h"

#include "hexmcp/host/schema.h"

struct told {
    struct answer *answer;
    size_t faults;
    bool valid;
};

static void copy_member(hexmcp_json_writer *w, hexmcp_str fault, const char *from, const char *to)
{
    hexmcp_str value;
    if (hexmcp_json_get(fault, from, &value) == HEXMCP_OK)
        hexmcp_json_put_raw(w, to, value);
}

static void put_fault(hexmcp_json_writer *w, hexmcp_str fault)
{
    hexmcp_json_begin_object(w);
    copy_member(w, fault, "instance", "path");
    copy_member(w, fault, "keyword", "keyword");
    copy_member(w, fault, "schema", "schema_path");
    copy_member(w, fault, "message", "message");
    hexmcp_json_end_object(w);
}

static void take(void *arg, hexmcp_str json)
{
    struct told *told = arg;
    hexmcp_json_writer *w = &told->answer->json;
    hexmcp_str valid, faults, fault, more;
    int yes = 0, others = 0;
    if (hexmcp_json_get(json, "valid", &valid) == HEXMCP_OK)
        hexmcp_json_bool(valid, &yes);
    told->valid = yes;
    hexmcp_json_put_bool(w, "valid", yes);
    hexmcp_json_key(w, "errors");
    hexmcp_json_begin_array(w);
    if (hexmcp_json_get(json, "faults", &faults) == HEXMCP_OK) {
        hexmcp_json_iter it = hexmcp_json_iter_begin(faults);
        for (; hexmcp_json_next(&it, NULL, &fault); told->faults++)
            put_fault(w, fault);
    }
    hexmcp_json_end_array(w);
    if (hexmcp_json_get(json, "more", &more) == HEXMCP_OK && hexmcp_json_bool(more, &others) == 0 &&
        others)
        hexmcp_json_put_bool(w, "truncated", true);
}

/* The text is no JSON: that is an answer, too. */
static void put_broken(hexmcp_json_writer *w, const char *why)
{
    hexmcp_json_put_bool(w, "valid", false);
    hexmcp_json_key(w, "errors");
    hexmcp_json_begin_array(w);
    hexmcp_json_begin_object(w);
    hexmcp_json_put_text(w, "path", "");
    hexmcp_json_put_text(w, "keyword", "json");
    hexmcp_json_put_text(w, "message", why);
    hexmcp_json_end_object(w);
    hexmcp_json_end_array(w);
}

static void ignore(void *arg, hexmcp_str json)
{
    (void)arg;
    (void)json;
}

int32_t check_put(struct answer *a, hexmcp_str text, hexmcp_str schema)
{
    const hexmcp_schema_1 *schemas = hexmcp_round_service(a->r, HEXMCP_SCHEMA_1);
    struct told told = {.answer = a};
    hexmcp_error why = {.size = sizeof(why)};
    hexmcp_str any = hexmcp_str_from("true");
    if (!schemas)
        return hexmcp_fail(a->r->err, HEXMCP_E_UNSUPPORTED,
                           "this host cannot check JSON; use operation query to see whether it parses");
    int32_t status = schemas->validate(schemas->ctx, any, text, 0, ignore, NULL, &why);
    if (status == HEXMCP_E_INVALID) {
        put_broken(&a->json, why.text);
        answer_text(a, "No JSON: %s", why.text);
        return HEXMCP_OK;
    }
    if (status == HEXMCP_OK)
        status = schemas->validate(schemas->ctx, schema.len ? schema : any, text,
                                   HEXMCP_SCHEMA_FORMATS, take, &told, &why);
    if (status != HEXMCP_OK)
        return hexmcp_fail(a->r->err, status, "%s", why.text);
    if (told.valid)
        answer_text(a, schema.len ? "It fits the schema." : "It is JSON.");
    else
        answer_text(a, "It does not fit the schema: %zu errors.", told.faults);
    return HEXMCP_OK;
}
