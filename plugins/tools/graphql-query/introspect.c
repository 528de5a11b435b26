/*
 * SPDX-License-Identifier: MIT
 */
#include "introspect.h"

#include "kit/keep.h"

#define NAMES_MOST 500

/* As the reference implementation asks, up to seven wrappers of a type. */
static const char question_text[] =
    "query IntrospectionQuery{__schema{queryType{name}mutationType{name}subscriptionType{name}"
    "types{...FullType}directives{name description locations args{...InputValue}}}}"
    "fragment FullType on __Type{kind name description fields(includeDeprecated:true){name description "
    "args{...InputValue}type{...TypeRef}isDeprecated deprecationReason}inputFields{...InputValue}"
    "interfaces{...TypeRef}enumValues(includeDeprecated:true){name description isDeprecated "
    "deprecationReason}possibleTypes{...TypeRef}}"
    "fragment InputValue on __InputValue{name description type{...TypeRef}defaultValue}"
    "fragment TypeRef on __Type{kind name ofType{kind name ofType{kind name ofType{kind name "
    "ofType{kind name ofType{kind name ofType{kind name ofType{kind name}}}}}}}}";

hexmcp_str introspect_document(void)
{
    return hexmcp_str_from(question_text);
}

static void put_root(hexmcp_json_writer *w, const char *key, hexmcp_str schema, const char *member)
{
    hexmcp_str type, name;
    if (hexmcp_json_get(schema, member, &type) == HEXMCP_OK &&
        hexmcp_json_get(type, "name", &name) == HEXMCP_OK &&
        hexmcp_json_type(name) == HEXMCP_JSON_STRING)
        hexmcp_json_put_raw(w, key, name);
}

/* The names of the types that the server's authors made: not __Type and its like. */
static void put_types(hexmcp_json_writer *w, hexmcp_str schema)
{
    hexmcp_str types, type, name;
    size_t count = 0;
    if (hexmcp_json_get(schema, "types", &types) != HEXMCP_OK)
        return;
    hexmcp_json_iter it = hexmcp_json_iter_begin(types);
    hexmcp_json_key(w, "types");
    hexmcp_json_begin_array(w);
    while (hexmcp_json_next(&it, NULL, &type)) {
        if (hexmcp_json_get(type, "name", &name) != HEXMCP_OK ||
            hexmcp_json_type(name) != HEXMCP_JSON_STRING || hexmcp_str_begins(name, "\"__"))
            continue;
        if (count++ < NAMES_MOST)
            hexmcp_json_write_raw(w, name);
    }
    hexmcp_json_end_array(w);
    hexmcp_json_put_int64(w, "type_count", (int64_t)count);
}

static int32_t put_schema(struct answer *a, hexmcp_str schema)
{
    struct kept kept;
    put_root(&a->json, "query_type", schema, "queryType");
    put_root(&a->json, "mutation_type", schema, "mutationType");
    put_root(&a->json, "subscription_type", schema, "subscriptionType");
    put_types(&a->json, schema);
    if (schema.len <= KEEP_ABOVE) {
        hexmcp_json_put_raw(&a->json, "schema", schema);
        return HEXMCP_OK;
    }
    int32_t status = keep(a, schema, "schema of GraphQL", "application/json",
                          "ask for parts of it by operation query and __type(name: \"...\")", &kept);
    if (status == HEXMCP_OK) {
        hexmcp_json_put_bool(&a->json, "truncated", 1);
        hexmcp_json_put_text(&a->json, "schema_uri", kept.uri);
    }
    return status;
}

static int32_t fail_answer(const struct question *q, hexmcp_str json)
{
    char first[250] = "it has no __schema";
    ask_errors(json, first, sizeof(first));
    return hexmcp_fail(q->r->err, HEXMCP_E_UNSUPPORTED,
                       "the endpoint does not tell its schema: %s; it may have introspection switched off",
                       first);
}

static bool find_schema(hexmcp_str json, hexmcp_str *schema)
{
    hexmcp_str data;
    return hexmcp_json_get(json, "data", &data) == HEXMCP_OK &&
           hexmcp_json_get(data, "__schema", schema) == HEXMCP_OK &&
           hexmcp_json_type(*schema) == HEXMCP_JSON_OBJECT;
}

/* The same for whoever asks with the same headers: a schema can depend on who asks. */
static bool make_key(const struct question *q, struct bytes *key)
{
    hexmcp_str sent = hexmcp_json_writer_text(&q->headers.sent);
    return bytes_add(key, q->endpoint.ptr, q->endpoint.len) && bytes_add(key, "\n", 1) &&
           bytes_add(key, sent.ptr, sent.len);
}

static int32_t load(const struct question *q, struct schemas *schemas, hexmcp_str key,
                    struct bytes *schema)
{
    struct fetch_answer answer;
    hexmcp_str json, found;
    int32_t status = ask(q, hexmcp_str_from(question_text), &answer, &json);
    if (status != HEXMCP_OK)
        return status;
    if (!find_schema(json, &found))
        status = fail_answer(q, json);
    else if (!bytes_add(schema, found.ptr, found.len))
        status = hexmcp_fail(q->r->err, HEXMCP_E_NOMEM, "out of memory for the schema; try again");
    else
        schemas_put(schemas, key, found);
    fetch_free(&answer);
    return status;
}

int32_t introspect(const struct question *q, struct schemas *schemas, bool refresh, struct answer *a)
{
    struct bytes key = {0}, schema = {0};
    uint64_t age = 0;
    int32_t status = HEXMCP_OK;
    if (!make_key(q, &key))
        status = hexmcp_fail(q->r->err, HEXMCP_E_NOMEM, "out of memory for the schema; try again");
    bool cached = status == HEXMCP_OK && !refresh &&
                  schemas_get(schemas, bytes_str(&key), &schema, &age);
    if (status == HEXMCP_OK && !cached)
        status = load(q, schemas, bytes_str(&key), &schema);
    if (status == HEXMCP_OK) {
        hexmcp_json_put_bool(&a->json, "success", 1);
        hexmcp_json_put_bool(&a->json, "cached", cached);
        if (cached)
            hexmcp_json_put_int64(&a->json, "age_s", (int64_t)age);
        status = put_schema(a, bytes_str(&schema));
        answer_text(a, "The schema of %.200s%s.", q->endpoint.ptr, cached ? ", as remembered" : "");
    }
    bytes_free(&key);
    bytes_free(&schema);
    return status;
}
