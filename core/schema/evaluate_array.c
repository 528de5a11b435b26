#include <stdlib.h>

#include "core/json/equal.h"
#include "core/schema/evaluate.h"

/* Up to so many elements are compared each with each. */
#define PAIRWISE 12u

struct hashed {
    uint64_t hash;
    struct json value;
};

static int compare_hashes(const void *a, const void *b)
{
    uint64_t x = ((const struct hashed *)a)->hash, y = ((const struct hashed *)b)->hash;
    return x < y ? -1 : x > y;
}

static bool unique_pairwise(struct check *c, struct json v)
{
    struct json_iter a = json_iter(v);
    while (json_next(&a)) {
        struct json_iter b = a;
        while (json_next(&b))
            if (json_equal(a.value, b.value, &c->steps))
                return false;
    }
    return true;
}

/* Equal values have equal hashes, so only neighbours with the same hash are compared. Where a hostile
 * client makes many hashes equal, the steps run out. */
static bool unique_hashed(struct check *c, struct json v)
{
    uint32_t count = json_count(v), n = 0;
    struct hashed *all = malloc(count * sizeof(*all));
    struct json_iter it = json_iter(v);
    bool unique = true;
    if (!all) {
        c->stopped = ST_NOMEM;
        return false;
    }
    while (json_next(&it))
        all[n++] = (struct hashed){json_hash(it.value), it.value};
    qsort(all, n, sizeof(*all), compare_hashes);
    for (uint32_t i = 0; i < n && unique; i++)
        for (uint32_t j = i + 1; j < n && unique && all[j].hash == all[i].hash && spend(c, 1); j++)
            unique = !json_equal(all[i].value, all[j].value, &c->steps);
    free(all);
    return unique;
}

static bool check_unique(struct check *c, struct json v)
{
    if (!spend(c, json_text(v).len / 16))
        return false;
    bool unique = json_count(v) <= PAIRWISE ? unique_pairwise(c, v) : unique_hashed(c, v);
    return unique || fault(c, "must not hold the same element twice");
}

static bool check_count(struct check *c, const struct node *n, struct json v)
{
    int64_t count = json_count(v);
    if (n->items_count.low > count)
        return fault(c, "must have at least %lld elements, has %lld",
                     (long long)n->items_count.low, (long long)count);
    if (n->items_count.high >= 0 && n->items_count.high < count)
        return fault(c, "must have at most %lld elements, has %lld",
                     (long long)n->items_count.high, (long long)count);
    return true;
}

static bool check_contains(struct check *c, const struct node *n, struct json v,
                           struct marks *marks)
{
    struct buffer *faults = c->faults;
    struct json_iter it = json_iter(v);
    int64_t found = 0, low = n->contains_count.low >= 0 ? n->contains_count.low : 1;
    c->faults = NULL;
    for (uint32_t i = 0; json_next(&it); i++)
        if (evaluate_child(c, n->contains, it.value, json_none(), i)) {
            found++;
            marks_set(marks, i);
        }
    c->faults = faults;
    if (found < low)
        return fault(c, "must hold at least %lld elements that fit \"contains\", holds %lld",
                     (long long)low, (long long)found);
    if (n->contains_count.high >= 0 && found > n->contains_count.high)
        return fault(c, "must hold at most %lld elements that fit \"contains\", holds %lld",
                     (long long)n->contains_count.high, (long long)found);
    return true;
}

static bool check_elements(struct check *c, const struct node *n, struct json v,
                           struct marks *marks)
{
    struct json_iter it = json_iter(v);
    bool good = true;
    for (uint32_t i = 0; spend(c, 1) && json_next(&it); i++) {
        const struct node *node = i < n->prefix.count ? n->prefix.items[i] : n->items;
        if (!node)
            break;
        good = evaluate_child(c, node, it.value, json_none(), i) && good;
        marks_set(marks, i);
        if (!good && !c->faults)
            return false;
    }
    return good;
}

bool evaluate_array(struct check *c, const struct node *n, struct json v, struct marks *marks)
{
    bool good = check_count(c, n, v);
    if (n->prefix.count || n->items)
        good = check_elements(c, n, v, marks) && good;
    if (n->contains)
        good = check_contains(c, n, v, marks) && good;
    if (n->unique)
        good = check_unique(c, v) && good;
    return good;
}
