/* Schemas that are applied to the same value: references, combinations and conditions. */
#include <stdio.h>

#include "core/schema/evaluate.h"

/* How far `$ref` is followed to learn which types an alternative takes. */
#define HOPS 8

bool apply(struct check *c, const struct node *node, struct json v, struct marks *marks)
{
    struct marks own;
    if (!marks)
        return evaluate(c, node, v, NULL);
    bool good = marks_begin(c, &own, v) && evaluate(c, node, v, &own);
    if (good)
        marks_add(marks, &own);
    marks_end(&own);
    return good;
}

/* The same without a word about faults. */
static bool apply_quietly(struct check *c, const struct node *node, struct json v,
                          struct marks *marks)
{
    struct schema_result *faults = c->faults;
    c->faults = NULL;
    bool good = apply(c, node, v, marks);
    c->faults = faults;
    return good;
}

/* ---- alternatives -------------------------------------------------------------------------- */

static unsigned types_of(const struct node *node)
{
    for (int i = 0; i < HOPS && node->types == 0 && node->ref; i++)
        node = node->ref;
    return node->types;
}

/* The first fault of an alternative, as it would be told alone. */
static void add_reason(struct check *c, const struct node *node, struct json v, struct buffer *out)
{
    struct schema_result *faults = c->faults;
    struct schema_result own = SCHEMA_RESULT_INIT;
    const struct path *path = c->path;
    c->faults = &own;
    c->path = NULL;
    evaluate(c, node, v, NULL);
    c->faults = faults;
    c->path = path;
    if (own.count > 1) {
        own.count = 1;
        own.more = false;
    }
    buffer_add_str(out, out->len ? STR(" | ") : STR(""));
    schema_result_text(&own, out);
    schema_result_clear(&own);
}

/* Tells why no alternative fits. Those for other types say nothing of use if there is one for the
 * value's type; if there is exactly one, its faults are the value's. */
static bool none_fits(struct check *c, const struct node *n, struct str keyword,
                      const struct node_list *list, struct json v)
{
    const struct node *likely[3] = {0};
    unsigned type = type_of(v), types = 0;
    uint32_t count = 0;
    if (!c->faults || c->stopped)
        return false;
    for (uint32_t i = 0; i < list->count; i++) {
        unsigned takes = types_of(list->items[i]);
        types |= takes;
        if ((takes == 0 || takes & type) && list->items[i]->kind == NODE_SCHEMA && count++ < 3)
            likely[count - 1] = list->items[i];
    }
    if (count == 0 && types)
        return wrong_type(c, n, keyword, types, v);
    if (count == 1)
        return evaluate(c, likely[0], v, NULL);
    struct buffer reasons = BUFFER_INIT;
    for (uint32_t i = 0; i < count && i < 3; i++)
        add_reason(c, likely[i], v, &reasons);
    fault(c, n, keyword, "fits none of the %u alternatives%s%.*s%s", list->count,
          count ? ": " : "", STR_ARG(buffer_str(&reasons)), count > 3 ? " | ..." : "");
    buffer_clear(&reasons);
    return false;
}

static bool check_any_of(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    bool any = false;
    for (uint32_t i = 0; i < n->any_of.count && !c->stopped && !(any && !marks); i++)
        any = apply_quietly(c, n->any_of.items[i], v, marks) || any;
    return any || none_fits(c, n, STR("anyOf"), &n->any_of, v);
}

static bool check_one_of(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    uint32_t fitting = 0, first = 0, second = 0;
    for (uint32_t i = 0; i < n->one_of.count && fitting < 2 && !c->stopped; i++)
        if (apply_quietly(c, n->one_of.items[i], v, marks)) {
            fitting++;
            first = fitting == 1 ? i : first;
            second = i;
        }
    if (fitting == 0)
        return none_fits(c, n, STR("oneOf"), &n->one_of, v);
    return fitting == 1 || fault(c, n, STR("oneOf"),
                                 "must fit exactly one of the %u alternatives, fits number %u and "
                                 "number %u",
                                 n->one_of.count, first + 1, second + 1);
}

static bool check_condition(struct check *c, const struct node *n, struct json v,
                            struct marks *marks)
{
    bool truth = apply_quietly(c, n->if_, v, marks);
    const struct node *next = truth ? n->then_ : n->else_;
    return !next || apply(c, next, v, marks);
}

/* ---- references ---------------------------------------------------------------------------- */

/* The outermost resource in scope that has the dynamic anchor decides. */
static const struct node *dynamic_target(struct check *c, const struct node *n)
{
    const struct anchor *found = NULL;
    if (n->dynamic_name.len == 0)
        return n->dynamic_ref;
    for (const struct scope *s = c->scope; s; s = s->outer)
        for (const struct anchor *a = s->resource->anchors; a && spend(c, 1); a = a->next)
            if (a->dynamic && str_eq(a->name, n->dynamic_name))
                found = a;
    return found ? found->node : n->dynamic_ref;
}

static bool check_references(struct check *c, const struct node *n, struct json v,
                             struct marks *marks)
{
    bool good = true;
    if (n->ref)
        good = apply(c, n->ref, v, marks);
    if (n->dynamic_ref && go_on(c, good))
        good = apply(c, dynamic_target(c, n), v, marks) && good;
    return good;
}

bool evaluate_in_place(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    bool good = check_references(c, n, v, marks);
    for (uint32_t i = 0; i < n->all_of.count && go_on(c, good); i++)
        good = apply(c, n->all_of.items[i], v, marks) && good;
    if (n->any_of.count && go_on(c, good))
        good = check_any_of(c, n, v, marks) && good;
    if (n->one_of.count && go_on(c, good))
        good = check_one_of(c, n, v, marks) && good;
    if (n->not_ && go_on(c, good) && apply_quietly(c, n->not_, v, NULL))
        good = fault(c, n, STR("not"), "must not fit the schema under \"not\"");
    if (n->if_ && go_on(c, good))
        good = check_condition(c, n, v, marks) && good;
    return good;
}
