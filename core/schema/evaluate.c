#include "core/schema/evaluate.h"

bool spend(struct check *c, uint64_t count)
{
    if (c->stopped)
        return false;
    if (c->steps > count) {
        c->steps -= count;
        return true;
    }
    c->steps = 0;
    return stop(c, ST_TOO_LARGE,
                "cannot be checked: value and schema together need too many steps");
}

/* ---- unevaluated members and elements ------------------------------------------------------ */

static bool bad_rest(struct check *c, const struct node *n, struct str keyword, struct json key,
                     uint32_t index)
{
    if (json_exists(key))
        return fault(c, n, keyword, "unknown property %s", brief_of(key).text);
    return fault(c, n, keyword, "unexpected item %u", index);
}

static bool check_rest(struct check *c, const struct node *n, struct str keyword,
                       const struct node *rest, struct json v, struct marks *marks)
{
    struct json_iter it = json_iter(v);
    bool good = true;
    for (uint32_t i = 0; go_on(c, good) && spend(c, 1) && json_next(&it); i++) {
        if (marks_has(marks, i))
            continue;
        if (rest->kind == NODE_NEVER)
            good = bad_rest(c, n, keyword, it.key, i);
        else
            good = evaluate_child(c, rest, it.value, it.key, i) && good;
        marks_set(marks, i);
    }
    return good;
}

static bool check_unevaluated(struct check *c, const struct node *n, struct json v,
                              struct marks *marks)
{
    enum json_type type = json_type(v);
    if (n->unevaluated_items && type == JSON_ARRAY)
        return check_rest(c, n, STR("unevaluatedItems"), n->unevaluated_items, v, marks);
    if (n->unevaluated_properties && type == JSON_OBJECT)
        return check_rest(c, n, STR("unevaluatedProperties"), n->unevaluated_properties, v, marks);
    return true;
}

/* ---- one schema ---------------------------------------------------------------------------- */

static bool check_kind(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    switch (json_type(v)) {
    case JSON_NUMBER:
        return !n->has_number || evaluate_number(c, n, v);
    case JSON_STRING:
        return !n->has_string || evaluate_string(c, n, v);
    case JSON_ARRAY:
        return !n->has_array || evaluate_array(c, n, v, marks);
    case JSON_OBJECT:
    case JSON_NONE:
        return !n->has_object || evaluate_object(c, n, v, marks);
    default:
        return true;
    }
}

static bool evaluate_keywords(struct check *c, const struct node *n, struct json v,
                              struct marks *marks)
{
    bool good = true;
    if (n->types && !(n->types & type_of(v)))
        return wrong_type(c, n, STR("type"), n->types, v);
    if (n->has_equal)
        good = evaluate_equal(c, n, v);
    if (go_on(c, good))
        good = check_kind(c, n, v, marks) && good;
    if (n->has_in_place && go_on(c, good))
        good = evaluate_in_place(c, n, v, marks) && good;
    /* What failed has evaluated nothing, so these would blame the wrong ones. */
    if (n->wants_marks && good)
        good = check_unevaluated(c, n, v, marks);
    return good;
}

/* unevaluated* must see what its own schema evaluated and nothing of its neighbours. */
static bool evaluate_with_marks(struct check *c, const struct node *n, struct json v,
                                struct marks *marks)
{
    struct marks own;
    if (!n->wants_marks || json_count(v) == 0)
        return evaluate_keywords(c, n, v, marks);
    bool good = marks_begin(c, &own, v) && evaluate_keywords(c, n, v, &own);
    if (good && marks)
        marks_add(marks, &own);
    marks_end(&own);
    return good;
}

bool evaluate(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    if (n->kind == NODE_ALWAYS)
        return !c->stopped;
    if (n->kind == NODE_NEVER)
        return fault(c, n, STR(""), "is not allowed");
    if (c->depth == SCHEMA_DEPTH)
        return stop(c, ST_TOO_LARGE,
                    "cannot be checked: more than %u schemas within each other; does a $ref lead "
                    "back to itself?",
                    SCHEMA_DEPTH);
    if (!spend(c, 1))
        return false;
    const struct scope *outer = c->scope;
    struct scope own = {outer, n->resource};
    if (!outer || outer->resource != n->resource)
        c->scope = &own;
    c->depth++;
    bool good = evaluate_with_marks(c, n, v, marks);
    c->depth--;
    c->scope = outer;
    return good && !c->stopped;
}

bool evaluate_child(struct check *c, const struct node *n, struct json v, struct json key,
                    uint32_t index)
{
    const struct path *outer = c->path;
    struct path own = {outer, key, index};
    c->path = &own;
    bool good = evaluate(c, n, v, NULL);
    c->path = outer;
    return good;
}

/* ---- the whole value ----------------------------------------------------------------------- */

static struct check check_of(const struct schema *schema, struct json value,
                             struct schema_result *result)
{
    uint64_t values = json_values(value);
    return (struct check){.schema = schema,
                          .result = result,
                          .name = json_none(),
                          .steps = SCHEMA_STEPS + SCHEMA_VALUE_STEPS * values};
}

int schema_validate(const struct schema *schema, struct json value, struct schema_result *result)
{
    struct check quick = check_of(schema, value, result);
    if (evaluate(&quick, schema->root, value, NULL))
        return ST_OK;
    if (quick.stopped)
        return quick.stopped;
    /* Faults are rare: their words come from a second pass. */
    struct check c = check_of(schema, value, result);
    c.faults = result;
    evaluate(&c, schema->root, value, NULL);
    return result->count || !c.stopped ? ST_INVALID : c.stopped;
}

int schema_check(const struct schema *schema, struct json value, struct error *err)
{
    struct schema_result result = SCHEMA_RESULT_INIT;
    struct buffer text = BUFFER_INIT;
    int rc = schema_validate(schema, value, &result);
    if (rc) {
        schema_result_text(&result, &text);
        error_set(err, rc, "%.*s", STR_ARG(buffer_str(&text)));
    }
    buffer_clear(&text);
    schema_result_clear(&result);
    return rc;
}
