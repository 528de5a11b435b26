#include "core/schema/evaluate.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/json/equal.h"
#include "core/json/number.h"

#define MAX_FAULTS 4u

bool spend(struct check *c, uint64_t count)
{
    if (c->steps >= count && !c->stopped) {
        c->steps -= count;
        return true;
    }
    c->stopped = c->stopped ? c->stopped : ST_TOO_LARGE;
    return false;
}

static void add_path(struct buffer *out, const struct path *path)
{
    if (!path)
        return;
    add_path(out, path->outer);
    buffer_add_char(out, '/');
    if (!json_exists(path->key)) {
        buffer_add_u64(out, path->index);
        return;
    }
    struct buffer name = BUFFER_INIT;
    json_decode(path->key, &name);
    for (size_t i = 0; i < name.len; i++) {
        if (name.data[i] == '~' || name.data[i] == '/')
            buffer_add_str(out, name.data[i] == '~' ? STR("~0") : STR("~1"));
        else
            buffer_add_char(out, name.data[i]);
    }
    buffer_clear(&name);
}

bool fault(struct check *c, const char *format, ...)
{
    char text[300];
    va_list args;
    if (!c->faults || c->fault_count++ >= MAX_FAULTS)
        return false;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (c->faults->len)
        buffer_add_str(c->faults, STR("; "));
    if (c->path) {
        add_path(c->faults, c->path);
        buffer_add_str(c->faults, STR(": "));
    }
    buffer_add_str(c->faults, str_from(text));
    return false;
}

/* ---- marks -------------------------------------------------------------------------------- */

bool marks_begin(struct check *c, struct marks *marks, struct json value)
{
    marks->count = json_count(value);
    marks->bits = calloc(marks->count / 64 + 1, sizeof(uint64_t));
    if (!marks->bits)
        c->stopped = ST_NOMEM;
    return marks->bits && spend(c, marks->count / 64 + 1);
}

void marks_end(struct marks *marks)
{
    free(marks->bits);
}

void marks_add(struct marks *to, const struct marks *from)
{
    for (uint32_t i = 0; i <= to->count / 64; i++)
        to->bits[i] |= from->bits[i];
}

/* ---- types, numbers, strings -------------------------------------------------------------- */

static unsigned type_of(struct json v)
{
    switch (json_type(v)) {
    case JSON_NULL:
        return TYPE_NULL;
    case JSON_BOOL:
        return TYPE_BOOLEAN;
    case JSON_NUMBER:
        return number_is_integer(v) ? TYPE_INTEGER : TYPE_NUMBER;
    case JSON_STRING:
        return TYPE_STRING;
    case JSON_ARRAY:
        return TYPE_ARRAY;
    default:
        return TYPE_OBJECT;
    }
}

static const char *type_name(unsigned bit)
{
    return bit == TYPE_NULL      ? "null"
           : bit == TYPE_BOOLEAN ? "boolean"
           : bit == TYPE_INTEGER ? "integer"
           : bit == TYPE_NUMBER  ? "number"
           : bit == TYPE_STRING  ? "string"
           : bit == TYPE_ARRAY   ? "array"
                                 : "object";
}

static bool wrong_type(struct check *c, unsigned types, unsigned type)
{
    char wanted[80] = "";
    for (unsigned bit = TYPE_NULL; bit <= TYPE_OBJECT; bit <<= 1) {
        if (!(types & bit) || (bit == TYPE_INTEGER && (types & TYPE_NUMBER)))
            continue;
        size_t used = strlen(wanted);
        snprintf(wanted + used, sizeof(wanted) - used, "%s%s", used ? " or " : "", type_name(bit));
    }
    return fault(c, "must be %s, is %s", wanted, type_name(type));
}

static bool check_numbers(struct check *c, const struct node *n, struct json v)
{
    bool good = true;
    if (!spend(c, json_text(v).len / 32))
        return false;
    if (json_exists(n->minimum) && number_compare(v, n->minimum) < 0)
        good = fault(c, "must be at least %.*s", STR_ARG(json_text(n->minimum)));
    if (json_exists(n->maximum) && number_compare(v, n->maximum) > 0)
        good = fault(c, "must be at most %.*s", STR_ARG(json_text(n->maximum)));
    if (json_exists(n->exclusive_minimum) && number_compare(v, n->exclusive_minimum) <= 0)
        good = fault(c, "must be more than %.*s", STR_ARG(json_text(n->exclusive_minimum)));
    if (json_exists(n->exclusive_maximum) && number_compare(v, n->exclusive_maximum) >= 0)
        good = fault(c, "must be less than %.*s", STR_ARG(json_text(n->exclusive_maximum)));
    if (json_exists(n->multiple_of) && !number_is_multiple(v, n->multiple_of))
        good = fault(c, "must be a multiple of %.*s", STR_ARG(json_text(n->multiple_of)));
    return good;
}

int search_pattern(struct check *c, const struct pattern *pattern, struct json string)
{
    const struct regex_port *port = c->schema->regex;
    struct buffer scratch = BUFFER_INIT;
    struct error err;
    struct str text;
    int rc = ST_NOMEM;
    if (spend(c, 100 + json_text(string).len / 32) && json_string(string, &scratch, &text))
        rc = port->search(port->ctx, pattern->regex, text, &err);
    buffer_clear(&scratch);
    if (rc < 0 && !c->stopped)
        c->stopped = rc;
    return rc;
}

static bool check_strings(struct check *c, const struct node *n, struct json v)
{
    bool good = true;
    if (n->length.low >= 0 || n->length.high >= 0) {
        int64_t length = (int64_t)json_length(v);
        if (!spend(c, (uint64_t)length / 32))
            return false;
        if (n->length.low > length)
            good = fault(c, "must be at least %lld characters long, is %lld",
                         (long long)n->length.low, (long long)length);
        if (n->length.high >= 0 && n->length.high < length)
            good = fault(c, "must be at most %lld characters long, is %lld",
                         (long long)n->length.high, (long long)length);
    }
    if (n->pattern && search_pattern(c, n->pattern, v) != 1)
        good = fault(c, "must match the pattern %.*s", STR_ARG(n->pattern->text));
    return good;
}

static bool check_choices(struct check *c, const struct node *n, struct json v)
{
    struct json_iter it = json_iter(n->choices);
    while (json_next(&it))
        if (json_equal(it.value, v, &c->steps))
            return true;
    if (!spend(c, 1))
        return false;
    return fault(c, "must be one of %.*s", STR_ARG(json_text(n->choices)));
}

static bool check_values(struct check *c, const struct node *n, struct json v)
{
    bool good = true;
    if (json_exists(n->constant) && !json_equal(n->constant, v, &c->steps))
        good = fault(c, "must be %.*s", STR_ARG(json_text(n->constant)));
    if (json_exists(n->choices))
        good = check_choices(c, n, v) && good;
    if (n->has_number && json_type(v) == JSON_NUMBER)
        good = check_numbers(c, n, v) && good;
    if (n->has_string && json_type(v) == JSON_STRING)
        good = check_strings(c, n, v) && good;
    return good;
}

/* ---- schemas in place --------------------------------------------------------------------- */

/* Applies a schema to the same value; what it evaluated counts only if the value fits. */
static bool apply(struct check *c, const struct node *node, struct json v, struct marks *marks)
{
    struct marks own;
    if (!marks)
        return evaluate(c, node, v, NULL);
    if (!marks_begin(c, &own, v))
        return false;
    bool good = evaluate(c, node, v, &own);
    if (good)
        marks_add(marks, &own);
    marks_end(&own);
    return good;
}

/* The same without a word about faults. */
static bool apply_quietly(struct check *c, const struct node *node, struct json v,
                          struct marks *marks)
{
    struct buffer *faults = c->faults;
    c->faults = NULL;
    bool good = apply(c, node, v, marks);
    c->faults = faults;
    return good;
}

static bool check_any_of(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    bool any = false;
    for (uint32_t i = 0; i < n->any_of.count && !(any && !marks); i++)
        any = apply_quietly(c, n->any_of.items[i], v, marks) || any;
    return any || fault(c, "fits none of the %u allowed forms (anyOf)", n->any_of.count);
}

static bool check_one_of(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    uint32_t fitting = 0;
    for (uint32_t i = 0; i < n->one_of.count; i++)
        fitting += apply_quietly(c, n->one_of.items[i], v, marks);
    if (fitting == 1)
        return true;
    return fault(c, "must fit exactly one of %u forms (oneOf), fits %u", n->one_of.count, fitting);
}

static bool check_condition(struct check *c, const struct node *n, struct json v,
                            struct marks *marks)
{
    bool truth = apply_quietly(c, n->if_, v, marks);
    const struct node *next = truth ? n->then_ : n->else_;
    return !next || apply(c, next, v, marks);
}

/* The outermost resource in scope that has the dynamic anchor decides. */
static const struct node *dynamic_target(struct check *c, const struct node *n)
{
    const struct anchor *found = NULL;
    if (n->dynamic_name.len == 0)
        return n->dynamic_ref;
    for (const struct scope *s = c->scope; s; s = s->outer)
        for (const struct anchor *a = s->resource->anchors; a; a = a->next)
            if (a->dynamic && str_eq(a->name, n->dynamic_name))
                found = a;
    /* The node is there: compiling made one for each dynamic anchor. */
    return found ? node_find(c->schema, found->at) : n->dynamic_ref;
}

static bool check_in_place(struct check *c, const struct node *n, struct json v,
                           struct marks *marks)
{
    bool good = true;
    if (n->ref)
        good = apply(c, n->ref, v, marks) && good;
    if (n->dynamic_ref)
        good = apply(c, dynamic_target(c, n), v, marks) && good;
    for (uint32_t i = 0; i < n->all_of.count; i++)
        good = apply(c, n->all_of.items[i], v, marks) && good;
    if (n->any_of.count)
        good = check_any_of(c, n, v, marks) && good;
    if (n->one_of.count)
        good = check_one_of(c, n, v, marks) && good;
    if (n->not_ && apply_quietly(c, n->not_, v, NULL))
        good = fault(c, "must not fit the schema under \"not\"");
    if (n->if_)
        good = check_condition(c, n, v, marks) && good;
    return good;
}

/* ---- unevaluated members and elements ------------------------------------------------------ */

static bool check_unevaluated(struct check *c, const struct node *rest, struct json v,
                              struct marks *marks)
{
    struct json_iter it = json_iter(v);
    bool good = true;
    for (uint32_t i = 0; json_next(&it); i++) {
        if (marks_has(marks, i))
            continue;
        if (rest->kind == NODE_NEVER)
            good = json_exists(it.key)
                       ? fault(c, "unexpected property %.*s", STR_ARG(json_text(it.key)))
                       : fault(c, "unexpected element %u", i);
        else
            good = evaluate_child(c, rest, it.value, it.key, i) && good;
        marks_set(marks, i);
    }
    return good;
}

static bool evaluate_schema(struct check *c, const struct node *n, struct json v,
                            struct marks *marks)
{
    unsigned type = type_of(v);
    bool good = true;
    if (n->types && !(n->types & type))
        return wrong_type(c, n->types, type);
    good = check_values(c, n, v);
    if (n->has_object && type == TYPE_OBJECT)
        good = evaluate_object(c, n, v, marks) && good;
    if (n->has_array && type == TYPE_ARRAY)
        good = evaluate_array(c, n, v, marks) && good;
    good = check_in_place(c, n, v, marks) && good;
    if (n->unevaluated_properties && type == TYPE_OBJECT)
        good = check_unevaluated(c, n->unevaluated_properties, v, marks) && good;
    if (n->unevaluated_items && type == TYPE_ARRAY)
        good = check_unevaluated(c, n->unevaluated_items, v, marks) && good;
    return good;
}

static bool evaluate_with_marks(struct check *c, const struct node *n, struct json v,
                                struct marks *marks)
{
    struct marks own;
    if (marks || !n->wants_marks)
        return evaluate_schema(c, n, v, marks);
    if (!marks_begin(c, &own, v))
        return false;
    bool good = evaluate_schema(c, n, v, &own);
    marks_end(&own);
    return good;
}

bool evaluate(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    if (n->kind == NODE_ALWAYS)
        return true;
    if (n->kind == NODE_NEVER)
        return fault(c, "is not allowed here");
    if (c->depth == SCHEMA_DEPTH)
        c->stopped = ST_TOO_LARGE;
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

int schema_check(const struct schema *schema, struct json value, struct error *err)
{
    struct check quick = {.schema = schema, .steps = SCHEMA_STEPS};
    if (evaluate(&quick, schema->root, value, NULL))
        return ST_OK;
    /* Faults are rare: look for their words in a second pass. */
    struct buffer faults = BUFFER_INIT;
    struct check c = {.schema = schema, .steps = SCHEMA_STEPS, .faults = &faults};
    int rc = ST_OK;
    if (quick.stopped)
        rc = error_set(err, quick.stopped,
                       "checking it takes more than %llu steps or %u levels, or a pattern too many",
                       (unsigned long long)SCHEMA_STEPS, SCHEMA_DEPTH);
    else
        evaluate(&c, schema->root, value, NULL);
    if (!rc && c.fault_count > MAX_FAULTS) {
        buffer_add_str(&faults, STR("; and "));
        buffer_add_u64(&faults, c.fault_count - MAX_FAULTS);
        buffer_add_str(&faults, STR(" more"));
    }
    if (!rc)
        rc = error_set(err, ST_INVALID, "%.*s", STR_ARG(buffer_str(&faults)));
    buffer_clear(&faults);
    return rc;
}
