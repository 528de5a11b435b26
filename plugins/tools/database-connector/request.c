/*
 * SPDX-License-Identifier: MIT
 */
#include "request.h"

#include <sodium.h>
#include <stdio.h>

static const char *const operations[] = {"query", "explain", "schema", NULL};
static const char *const kinds[] = {"SELECT", "INSERT", "UPDATE", "DELETE", NULL};

#define TEXT_MOST ((size_t)4 * 1024 * 1024)

const char *operation_name(enum operation operation)
{
    return operations[operation];
}

const char *kind_name(enum kind kind)
{
    return kinds[kind];
}

/* {"base64": "..."} are bytes. */
static bool is_bytes(hexmcp_str value, hexmcp_str *inner)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    hexmcp_str key, ignored;
    return hexmcp_json_type(value) == HEXMCP_JSON_OBJECT && hexmcp_json_next(&it, &key, inner) &&
           hexmcp_json_equals(key, "base64") && hexmcp_json_type(*inner) == HEXMCP_JSON_STRING &&
           !hexmcp_json_next(&it, NULL, &ignored);
}

static void read_bytes(struct args *args, const char *what, hexmcp_str inner, struct param *p)
{
    const char *text = args_string(args, inner, what, TEXT_MOST);
    size_t len = strlen(text);
    unsigned char *bytes = args_memory(args, len + 1);
    if (!bytes)
        return;
    if (sodium_base642bin(bytes, len + 1, text, len, NULL, &p->len, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        args_fail(args, HEXMCP_E_INVALID, "%s is no base64; write the standard alphabet with padding",
                  what);
    *p = (struct param){PARAM_BYTES, (const char *)bytes, p->len};
}

static const char *copied(struct args *args, hexmcp_str text)
{
    char *copy = args_memory(args, text.len + 1);
    if (!copy)
        return "";
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

static void read_param(struct args *args, const char *what, hexmcp_str value, struct param *p)
{
    int type = hexmcp_json_type(value), yes = 0;
    hexmcp_str inner;
    *p = (struct param){PARAM_NULL, "", 0};
    if (type == HEXMCP_JSON_BOOL) {
        hexmcp_json_bool(value, &yes);
        *p = (struct param){PARAM_BOOL, yes ? "1" : "0", 1};
    } else if (type == HEXMCP_JSON_NUMBER) {
        *p = (struct param){PARAM_NUMBER, copied(args, value), value.len};
    } else if (type == HEXMCP_JSON_STRING) {
        const char *text = args_string(args, value, what, TEXT_MOST);
        *p = (struct param){PARAM_TEXT, text, strlen(text)};
    } else if (is_bytes(value, &inner)) {
        read_bytes(args, what, inner, p);
    } else if (type != HEXMCP_JSON_NULL) {
        *p = (struct param){PARAM_TEXT, copied(args, value), value.len}; /* JSON for JSON columns */
    }
}

static void read_params(struct args *args, struct request *q)
{
    hexmcp_str list = args_raw(args, "params"), value;
    hexmcp_json_iter it = hexmcp_json_iter_begin(list);
    char what[32];
    if (list.len == 0)
        return;
    if (hexmcp_json_type(list) != HEXMCP_JSON_ARRAY) {
        args_fail(args, HEXMCP_E_INVALID, "params is no array; give the values in their order");
        return;
    }
    q->params = args_memory(args, PARAMS_MOST * sizeof(*q->params));
    while (q->params && hexmcp_json_next(&it, NULL, &value)) {
        if (q->param_count == PARAMS_MOST) {
            args_fail(args, HEXMCP_E_TOO_LARGE, "params has more than %d values; give fewer",
                      PARAMS_MOST);
            return;
        }
        snprintf(what, sizeof(what), "params[%zu]", q->param_count);
        read_param(args, what, value, &q->params[q->param_count++]);
    }
}

static void check(struct args *args, const struct request *q)
{
    if (!q->database == !q->path)
        args_fail(args, HEXMCP_E_INVALID,
                  q->path ? "database and path are both given; give the name of a configured database, "
                            "or the path of an SQLite file"
                          : "there is no database; give database, the name of a configured one, or "
                            "path, an SQLite file");
    if (q->operation == OPERATION_SCHEMA && q->query)
        args_fail(args, HEXMCP_E_INVALID,
                  "schema takes no query; leave it out, or give operation \"query\"");
    if (q->operation != OPERATION_SCHEMA && (!q->query || !*q->query))
        args_fail(args, HEXMCP_E_INVALID, "query is missing; give one SQL statement");
    if (q->operation != OPERATION_SCHEMA && q->table)
        args_fail(args, HEXMCP_E_INVALID, "table is for schema only; name it in the query");
}

int32_t request_read(struct args *args, struct request *q)
{
    *q = (struct request){0};
    q->operation = (enum operation)args_choice(args, "operation", operations, OPERATION_QUERY);
    q->database = args_text(args, "database", 100, NULL);
    q->path = args_text(args, "path", 4096, NULL);
    q->query = args_text(args, "query", QUERY_MOST, NULL);
    q->table = args_text(args, "table", 200, NULL);
    q->kind = (enum kind)args_choice(args, "query_type", kinds, KIND_SELECT);
    q->limit = args_int(args, "limit", 1, ROWS_MOST, 100);
    q->offset = args_int(args, "offset", 0, 1000000000, 0);
    q->dry_run = args_bool(args, "dry_run", false);
    q->timeout_ms = (uint32_t)args_int(args, "timeout_ms", 100, TIMEOUT_MOST_MS, 30000);
    read_params(args, q);
    check(args, q);
    return args_status(args);
}
