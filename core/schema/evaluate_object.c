#include "core/base/nearest.h"
#include "core/schema/evaluate.h"

/* The entry for a key; binary search, since names come sorted by length, then bytes. */
static const struct property *find_property(const struct node *n, struct str name)
{
    uint32_t low = 0, high = n->property_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int order = property_order(n->properties[middle].name, name);
        if (order == 0)
            return &n->properties[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static const struct property *property_of(struct check *c, const struct node *n, struct json key)
{
    struct buffer scratch = BUFFER_INIT;
    struct str name;
    const struct property *found = NULL;
    if (n->property_count == 0)
        return NULL;
    if (json_string(key, &scratch, &name))
        found = find_property(n, name);
    else
        stop(c, ST_NOMEM, "cannot be checked: out of memory");
    buffer_clear(&scratch);
    return found;
}

static bool unknown(struct check *c, const struct node *n, struct json key)
{
    struct buffer scratch = BUFFER_INIT;
    struct nearest near = {0};
    if (!c->faults || !spend(c, n->property_count))
        return false;
    if (json_string(key, &scratch, &near.word))
        for (uint32_t i = 0; i < n->property_count; i++)
            if (n->properties[i].node)
                nearest_offer(&near, n->properties[i].name);
    if (near.best.len)
        fault(c, n, STR("additionalProperties"), "unknown property %s (did you mean \"%.*s\"?)",
              brief_of(key).text, STR_ARG(near.best));
    else
        fault(c, n, STR("additionalProperties"), "unknown property %s", brief_of(key).text);
    buffer_clear(&scratch);
    return false;
}

static bool check_patterns(struct check *c, const struct node *n, const struct json_iter *member,
                           bool *evaluated)
{
    bool good = true;
    for (uint32_t i = 0; i < n->pattern_count && go_on(c, good); i++)
        if (search_pattern(c, &n->patterns[i], member->key) == 1) {
            *evaluated = true;
            good = evaluate_child(c, n->patterns[i].node, member->value, member->key, 0) && good;
        }
    return good;
}

static bool check_name(struct check *c, const struct node *n, struct json key)
{
    struct json outer = c->name;
    c->name = key;
    bool good = evaluate(c, n->property_names, key, NULL);
    c->name = outer;
    return good;
}

static bool check_additional(struct check *c, const struct node *n, const struct json_iter *member)
{
    if (n->additional->kind == NODE_NEVER)
        return unknown(c, n, member->key);
    return evaluate_child(c, n->additional, member->value, member->key, 0);
}

static bool check_member(struct check *c, const struct node *n, const struct json_iter *member,
                         struct marks *marks, uint32_t index, uint32_t *required)
{
    const struct property *property = property_of(c, n, member->key);
    bool evaluated = property && property->node;
    bool good = true;
    if (property && property->required)
        ++*required;
    if (evaluated)
        good = evaluate_child(c, property->node, member->value, member->key, 0);
    if (n->pattern_count && go_on(c, good))
        good = check_patterns(c, n, member, &evaluated) && good;
    if (!evaluated && n->additional && go_on(c, good)) {
        good = check_additional(c, n, member) && good;
        evaluated = true;
    }
    if (n->property_names && go_on(c, good))
        good = check_name(c, n, member->key) && good;
    if (evaluated)
        marks_set(marks, index);
    return good;
}

static bool missing(struct check *c, const struct node *n, struct json v)
{
    if (!c->faults)
        return false;
    for (uint32_t i = 0; i < n->required_count && spend(c, 1 + json_count(v) / 8); i++) {
        struct str name = n->required[i];
        if (!json_exists(json_get(v, name)))
            fault(c, n, STR("required"), "missing required property \"%.*s\"", STR_ARG(name));
    }
    return false;
}

static bool has_member(struct json v, struct json key)
{
    struct json_iter it = json_iter(v);
    while (json_next(&it))
        if (json_same_string(it.key, key))
            return true;
    return false;
}

static bool check_required_with(struct check *c, const struct node *n, const struct dependency *d,
                                struct json v)
{
    struct json_iter it = json_iter(d->required);
    bool good = true;
    while (go_on(c, good) && spend(c, 1 + json_count(v) / 8) && json_next(&it))
        if (!has_member(v, it.value))
            good = fault(c, n, d->keyword, "missing property %s, required with \"%.*s\"",
                         brief_of(it.value).text, STR_ARG(d->name));
    return good;
}

static bool check_dependencies(struct check *c, const struct node *n, struct json v,
                               struct marks *marks)
{
    bool good = true;
    for (uint32_t i = 0; i < n->dependency_count && go_on(c, good); i++) {
        const struct dependency *d = &n->dependencies[i];
        if (!spend(c, 1 + json_count(v) / 8) || !json_exists(json_get(v, d->name)))
            continue;
        if (d->node)
            good = apply(c, d->node, v, marks) && good;
        else
            good = check_required_with(c, n, d, v) && good;
    }
    return good;
}

static const char *properties_word(int64_t count)
{
    return count == 1 ? "property" : "properties";
}

static bool check_count(struct check *c, const struct node *n, struct json v)
{
    int64_t count = json_count(v), low = n->members_count.low, high = n->members_count.high;
    if (low > count)
        return fault(c, n, STR("minProperties"), "must have at least %lld %s, has %lld",
                     (long long)low, properties_word(low), (long long)count);
    if (high >= 0 && high < count)
        return fault(c, n, STR("maxProperties"), "must have at most %lld %s, has %lld",
                     (long long)high, properties_word(high), (long long)count);
    return true;
}

bool evaluate_object(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    struct json_iter it = json_iter(v);
    uint32_t required = 0;
    bool good = check_count(c, n, v);
    for (uint32_t i = 0; go_on(c, good) && spend(c, 1) && json_next(&it); i++)
        good = check_member(c, n, &it, marks, i, &required) && good;
    if (required < n->required_count && go_on(c, good))
        good = missing(c, n, v);
    if (n->dependency_count && go_on(c, good))
        good = check_dependencies(c, n, v, marks) && good;
    return good;
}
