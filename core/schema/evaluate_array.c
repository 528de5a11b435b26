#include <stdlib.h>

#include "core/json/equal.h"
#include "core/schema/evaluate.h"

/* Up to so many elements are compared each with each. */
#define PAIRWISE 8u

struct hashed {
    uint64_t hash;
    uint32_t index;
    struct json value;
};

static int compare_hashes(const void *a, const void *b)
{
    const struct hashed *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->index < y->index ? -1 : 1;
}

static bool twice(struct check *c, const struct node *n, uint32_t first, uint32_t second)
{
    return fault(c, n, STR("uniqueItems"), "items must differ, %u and %u are equal", first, second);
}

static bool unique_pairwise(struct check *c, const struct node *n, struct json v)
{
    struct json_iter a = json_iter(v);
    for (uint32_t i = 0; json_next(&a); i++) {
        struct json_iter b = a;
        for (uint32_t j = i + 1; json_next(&b); j++)
            if (equal_values(c, a.value, b.value))
                return twice(c, n, i, j);
    }
    return !c->stopped;
}

/* Equal values have equal hashes, so only neighbours with the same hash are compared. Where a
 * hostile client makes many hashes equal, the steps run out. */
static bool unique_sorted(struct check *c, const struct node *n, const struct hashed *all,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t j = i + 1; j < count && all[j].hash == all[i].hash && !c->stopped; j++)
            if (equal_values(c, all[i].value, all[j].value))
                return twice(c, n, all[i].index, all[j].index);
    return !c->stopped;
}

static bool unique_hashed(struct check *c, const struct node *n, struct json v)
{
    uint32_t count = 0;
    struct hashed *all = malloc(json_count(v) * sizeof(*all));
    struct json_iter it = json_iter(v);
    if (!all)
        return stop(c, ST_NOMEM, "cannot be checked: out of memory");
    for (; json_next(&it); count++)
        all[count] = (struct hashed){json_hash(it.value), count, it.value};
    qsort(all, count, sizeof(*all), compare_hashes);
    bool unique = unique_sorted(c, n, all, count);
    free(all);
    return unique;
}

static bool check_unique(struct check *c, const struct node *n, struct json v)
{
    if (json_count(v) <= PAIRWISE)
        return unique_pairwise(c, n, v);
    return spend(c, json_count(v) + json_text(v).len / 32) && unique_hashed(c, n, v);
}

static bool check_count(struct check *c, const struct node *n, struct json v)
{
    int64_t count = json_count(v);
    if (n->items_count.low > count)
        return fault(c, n, STR("minItems"), "must have at least %lld item%s, has %lld",
                     (long long)n->items_count.low, n->items_count.low == 1 ? "" : "s",
                     (long long)count);
    if (n->items_count.high >= 0 && n->items_count.high < count)
        return fault(c, n, STR("maxItems"), "must have at most %lld item%s, has %lld",
                     (long long)n->items_count.high, n->items_count.high == 1 ? "" : "s",
                     (long long)count);
    return true;
}

/* How many elements fit. Marks need all of them, else it ends when the outcome is known. */
static int64_t count_fitting(struct check *c, const struct node *n, struct json v,
                             struct marks *marks, int64_t enough)
{
    struct schema_result *faults = c->faults;
    struct json_iter it = json_iter(v);
    int64_t found = 0;
    c->faults = NULL;
    for (uint32_t i = 0; (marks || found < enough) && !c->stopped && json_next(&it); i++)
        if (evaluate_child(c, n->contains, it.value, json_none(), i)) {
            found++;
            marks_set(marks, i);
        }
    c->faults = faults;
    return found;
}

static bool check_contains(struct check *c, const struct node *n, struct json v,
                           struct marks *marks)
{
    int64_t low = n->contains_count.low >= 0 ? n->contains_count.low : 1;
    int64_t high = n->contains_count.high;
    bool all = c->faults || high >= 0;
    int64_t found = count_fitting(c, n, v, marks, all ? INT64_MAX : low);
    if (c->stopped)
        return false;
    if (found < low)
        return fault(c, n, n->contains_count.low >= 0 ? STR("minContains") : STR("contains"),
                     "must have at least %lld item%s that fit%s \"contains\", has %lld",
                     (long long)low, low == 1 ? "" : "s", low == 1 ? "s" : "", (long long)found);
    if (high >= 0 && found > high)
        return fault(c, n, STR("maxContains"),
                     "must have at most %lld item%s that fit%s \"contains\", has %lld",
                     (long long)high, high == 1 ? "" : "s", high == 1 ? "s" : "",
                     (long long)found);
    return true;
}

static bool check_elements(struct check *c, const struct node *n, struct json v,
                           struct marks *marks)
{
    struct json_iter it = json_iter(v);
    bool good = true;
    for (uint32_t i = 0; go_on(c, good) && json_next(&it); i++) {
        const struct node *node = i < n->prefix.count ? n->prefix.items[i] : n->items;
        if (!node)
            break;
        if (node->kind == NODE_NEVER && node == n->items && i >= n->prefix.count)
            return n->prefix.count ? fault(c, n, STR("items"),
                                           "must have at most %u item%s, has %u", n->prefix.count,
                                           n->prefix.count == 1 ? "" : "s", json_count(v))
                                   : fault(c, n, STR("items"), "must be empty, has %u item%s",
                                           json_count(v), json_count(v) == 1 ? "" : "s");
        good = evaluate_child(c, node, it.value, json_none(), i) && good;
        marks_set(marks, i);
    }
    return good;
}

bool evaluate_array(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    bool good = check_count(c, n, v);
    if ((n->prefix.count || n->items) && go_on(c, good))
        good = check_elements(c, n, v, marks) && good;
    if (n->contains && go_on(c, good))
        good = check_contains(c, n, v, marks) && good;
    if (n->unique && go_on(c, good))
        good = check_unique(c, n, v) && good;
    return good;
}
