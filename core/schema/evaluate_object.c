#include "core/base/nearest.h"
#include "core/schema/evaluate.h"

/* The entry for a key; binary search, since names come sorted. */
static const struct property *find_property(const struct node *n, struct str name)
{
    uint32_t low = 0, high = n->property_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = str_cmp(n->properties[middle].name, name);
        if (order == 0)
            return &n->properties[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct property *property_of(const struct node *n, struct json key)
{
    struct buffer scratch = BUFFER_INIT;
    struct str name;
    const struct property *found = NULL;
    if (n->property_count && json_string(key, &scratch, &name))
        found = find_property(n, name);
    buffer_clear(&scratch);
    return found;
}

static bool unexpected(struct check *c, const struct node *n, struct json key)
{
    struct buffer scratch = BUFFER_INIT;
    struct nearest near = {0};
    if (!c->faults)
        return false;
    json_string(key, &scratch, &near.word);
    for (uint32_t i = 0; i < n->property_count; i++)
        nearest_offer(&near, n->properties[i].name);
    if (near.best.len)
        fault(c, "unknown property %.*s (did you mean \"%.*s\"?)", STR_ARG(json_text(key)),
              STR_ARG(near.best));
    else
        fault(c, "unknown property %.*s", STR_ARG(json_text(key)));
    buffer_clear(&scratch);
    return false;
}

static bool check_patterns(struct check *c, const struct node *n, const struct json_iter *member,
                           uint32_t index, bool *evaluated)
{
    bool good = true;
    for (uint32_t i = 0; i < n->pattern_count && !c->stopped; i++)
        if (search_pattern(c, &n->patterns[i], member->key) == 1) {
            *evaluated = true;
            good = evaluate_child(c, n->patterns[i].node, member->value, member->key, index) && good;
        }
    return good;
}

static bool check_member(struct check *c, const struct node *n, const struct json_iter *member,
                         uint32_t index, struct marks *marks, uint32_t *required)
{
    const struct property *property = property_of(n, member->key);
    bool evaluated = property && property->node;
    bool good = true;
    if (property && property->required)
        ++*required;
    if (evaluated)
        good = evaluate_child(c, property->node, member->value, member->key, index);
    good = check_patterns(c, n, member, index, &evaluated) && good;
    if (!evaluated && n->additional) {
        evaluated = true;
        if (n->additional->kind == NODE_NEVER)
            good = unexpected(c, n, member->key);
        else
            good = evaluate_child(c, n->additional, member->value, member->key, index) && good;
    }
    if (n->property_names && !evaluate(c, n->property_names, member->key, NULL))
        good = fault(c, "the property name %.*s does not fit", STR_ARG(json_text(member->key)));
    if (evaluated)
        marks_set(marks, index);
    return good;
}

static bool missing(struct check *c, const struct node *n, struct json v)
{
    for (uint32_t i = 0; c->faults && i < n->property_count; i++) {
        const struct property *p = &n->properties[i];
        if (p->required && !json_exists(json_get(v, p->name)))
            fault(c, "missing required property \"%.*s\"", STR_ARG(p->name));
    }
    return false;
}

static bool check_required_with(struct check *c, const struct dependency *d, struct json v)
{
    struct json_iter it = json_iter(d->required);
    bool good = true;
    while (json_next(&it) && spend(c, 1 + json_count(v) / 8)) {
        struct json_iter members = json_iter(v);
        bool found = false;
        while (!found && json_next(&members))
            found = json_same_string(members.key, it.value);
        if (!found)
            good = fault(c, "missing property %.*s, needed with \"%.*s\"",
                         STR_ARG(json_text(it.value)), STR_ARG(d->name));
    }
    return good;
}

static bool check_dependencies(struct check *c, const struct node *n, struct json v,
                               struct marks *marks)
{
    bool good = true;
    for (uint32_t i = 0; i < n->dependency_count; i++) {
        const struct dependency *d = &n->dependencies[i];
        if (!spend(c, 1 + json_count(v) / 8) || !json_exists(json_get(v, d->name)))
            continue;
        if (d->node)
            good = evaluate(c, d->node, v, marks) && good;
        else
            good = check_required_with(c, d, v) && good;
    }
    return good;
}

static bool check_count(struct check *c, const struct node *n, struct json v)
{
    int64_t count = json_count(v);
    if (n->members_count.low > count)
        return fault(c, "must have at least %lld properties, has %lld",
                     (long long)n->members_count.low, (long long)count);
    if (n->members_count.high >= 0 && n->members_count.high < count)
        return fault(c, "must have at most %lld properties, has %lld",
                     (long long)n->members_count.high, (long long)count);
    return true;
}

bool evaluate_object(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    struct json_iter it = json_iter(v);
    uint32_t required = 0;
    bool good = check_count(c, n, v);
    for (uint32_t i = 0; spend(c, 1) && json_next(&it); i++) {
        good = check_member(c, n, &it, i, marks, &required) && good;
        if (!good && !c->faults)
            return false;
    }
    if (required < n->required_count)
        good = missing(c, n, v);
    return check_dependencies(c, n, v, marks) && good;
}
