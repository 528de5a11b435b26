#include "core/json/equal.h"

#include "core/json/number.h"

static bool spend(uint64_t *steps, uint64_t count)
{
    if (*steps < count) {
        *steps = 0;
        return false;
    }
    *steps -= count;
    return true;
}

static bool equal_objects(struct json a, struct json b, uint64_t *steps)
{
    struct json_iter it = json_iter(a), other = json_iter(b);
    while (json_next(&it)) {
        /* Mostly the members come in the same order. */
        struct json found = json_none();
        json_next(&other);
        if (json_same_string(it.key, other.key)) {
            found = other.value;
        } else {
            struct json_iter all = json_iter(b);
            if (!spend(steps, json_count(b)))
                return false;
            while (!json_exists(found) && json_next(&all))
                if (json_same_string(it.key, all.key))
                    found = all.value;
        }
        if (!json_exists(found) || !json_equal(it.value, found, steps))
            return false;
    }
    return true;
}

static bool equal_arrays(struct json a, struct json b, uint64_t *steps)
{
    struct json_iter x = json_iter(a), y = json_iter(b);
    while (json_next(&x) && json_next(&y))
        if (!json_equal(x.value, y.value, steps))
            return false;
    return true;
}

bool json_equal(struct json a, struct json b, uint64_t *steps)
{
    if (!spend(steps, 1) || json_type(a) != json_type(b) || json_count(a) != json_count(b))
        return false;
    switch (json_type(a)) {
    case JSON_NUMBER:
        return number_compare(a, b) == 0;
    case JSON_STRING:
        return json_same_string(a, b);
    case JSON_BOOL:
        return json_text(a).len == json_text(b).len;
    case JSON_ARRAY:
        return equal_arrays(a, b, steps);
    case JSON_OBJECT:
        return equal_objects(a, b, steps);
    default:
        return true;
    }
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
    return hash ^ hash >> 29;
}

static uint64_t hash_string(struct json v)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = {"", 0};
    uint64_t hash = 14695981039346656037u;
    json_string(v, &scratch, &text);
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.ptr[i]) * 1099511628211u;
    buffer_clear(&scratch);
    return hash;
}

static uint64_t hash_members(struct json v)
{
    /* A sum does not depend on the order. */
    uint64_t sum = 0;
    struct json_iter it = json_iter(v);
    while (json_next(&it))
        sum += mix(hash_string(it.key), json_hash(it.value));
    return sum;
}

static uint64_t hash_elements(struct json v)
{
    uint64_t hash = 0;
    struct json_iter it = json_iter(v);
    while (json_next(&it))
        hash = mix(hash, json_hash(it.value));
    return hash;
}

uint64_t json_hash(struct json v)
{
    uint64_t type = (uint64_t)json_type(v);
    switch (json_type(v)) {
    case JSON_NUMBER:
        return mix(type, number_hash(v));
    case JSON_STRING:
        return mix(type, hash_string(v));
    case JSON_OBJECT:
        return mix(type, hash_members(v));
    case JSON_ARRAY:
        return mix(type, hash_elements(v));
    default:
        return mix(type, json_text(v).len);
    }
}
