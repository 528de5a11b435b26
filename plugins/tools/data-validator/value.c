/*
 * SPDX-License-Identifier: MIT
 */
#include "value.h"

#define HASH_START UINT64_C(0xcbf29ce484222325)
#define HASH_PRIME UINT64_C(0x100000001b3)

const char *value_article(hexmcp_str value)
{
    static const char *const names[] = {"nothing", "null",     "a boolean", "a number",
                                        "a string", "an array", "an object"};
    return names[hexmcp_json_type(value)];
}

int value_is(hexmcp_str value, const char *name)
{
    static const char *const names[] = {"",       "null",  "boolean", "number",
                                        "string", "array", "object"};
    int type = hexmcp_json_type(value);
    int64_t number;
    if (strcmp(name, "integer") == 0)
        return type == HEXMCP_JSON_NUMBER && hexmcp_json_int64(value, &number) != HEXMCP_E_INVALID;
    return strcmp(names[type], name) == 0;
}

static double as_double(hexmcp_str value)
{
    double number = 0;
    if (hexmcp_json_double(value, &number) == HEXMCP_E_TOO_LARGE)
        return value.ptr[0] == '-' ? -DBL_MAX : DBL_MAX;
    return number;
}

int value_compare(hexmcp_str a, hexmcp_str b)
{
    int64_t m, n;
    if (hexmcp_json_int64(a, &m) == HEXMCP_OK && hexmcp_json_int64(b, &n) == HEXMCP_OK)
        return (m > n) - (m < n);
    double x = as_double(a), y = as_double(b);
    return (x > y) - (x < y);
}

static int has_escape(hexmcp_str text)
{
    return memchr(text.ptr, '\\', text.len) != NULL;
}

static int strings_equal(hexmcp_str a, hexmcp_str b)
{
    char *x = NULL, *y = NULL;
    size_t m, n;
    if (!has_escape(a) && !has_escape(b))
        return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
    int same = hexmcp_json_string_dup(a, &x, &m) == HEXMCP_OK &&
               hexmcp_json_string_dup(b, &y, &n) == HEXMCP_OK && m == n && memcmp(x, y, m) == 0;
    free(x);
    free(y);
    return same;
}

/* A number as a whole number without zeros at its ends, times a power of ten. */
struct decimal {
    int negative;
    hexmcp_str digits; /* of the text; a point may stand among them */
    int64_t exponent;
};

static int64_t read_exponent(const char *at, const char *end)
{
    int64_t exponent = 0;
    int negative = at < end && *at == '-';
    for (; at < end; at++) {
        if (*at >= '0' && *at <= '9' && exponent < 1000000000)
            exponent = exponent * 10 + (*at - '0');
    }
    return negative ? -exponent : exponent;
}

static struct decimal read_decimal(hexmcp_str number)
{
    const char *at = number.ptr, *end = number.ptr + number.len, *stop, *point = NULL;
    struct decimal d = {.negative = number.len > 0 && *at == '-'};
    for (stop = at; stop < end && *stop != 'e' && *stop != 'E'; stop++) {
        if (*stop == '.')
            point = stop;
    }
    if (stop < end)
        d.exponent = read_exponent(stop + 1, end);
    while (at < stop && (*at == '0' || *at == '-' || *at == '.'))
        at++;
    end = stop;
    while (end > at && (end[-1] == '0' || end[-1] == '.'))
        end--;
    if (at == end)
        return (struct decimal){.digits = {at, 0}};
    /* What stands between the last digit and the point counts as zeros or as decimals. */
    if (!point)
        point = stop;
    d.exponent += end <= point ? point - end : -(end - point - 1);
    d.digits = (hexmcp_str){at, (size_t)(end - at)};
    return d;
}

/* The next digit at *at, 0 at the end. */
static char next_digit(hexmcp_str digits, size_t *at)
{
    if (*at < digits.len && digits.ptr[*at] == '.')
        ++*at;
    return *at < digits.len ? digits.ptr[(*at)++] : '\0';
}

static int numbers_equal(hexmcp_str a, hexmcp_str b)
{
    struct decimal x = read_decimal(a), y = read_decimal(b);
    size_t i = 0, k = 0;
    if (x.negative != y.negative || x.exponent != y.exponent)
        return 0;
    for (;;) {
        char digit = next_digit(x.digits, &i);
        if (digit != next_digit(y.digits, &k))
            return 0;
        if (!digit)
            return 1;
    }
}

static int arrays_equal(hexmcp_str a, hexmcp_str b, struct budget *budget)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(a), jt = hexmcp_json_iter_begin(b);
    hexmcp_str x, y;
    for (;;) {
        int more = hexmcp_json_next(&it, NULL, &x);
        if (more != hexmcp_json_next(&jt, NULL, &y))
            return 0;
        if (!more)
            return 1;
        if (!value_equal(x, y, budget))
            return 0;
    }
}

static int find_member(hexmcp_str object, hexmcp_str key, hexmcp_str *value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(object);
    hexmcp_str name;
    while (hexmcp_json_next(&it, &name, value)) {
        if (strings_equal(name, key))
            return 1;
    }
    return 0;
}

static int objects_equal(hexmcp_str a, hexmcp_str b, struct budget *budget)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(a);
    hexmcp_str key, x, y;
    if (value_length(a) != value_length(b))
        return 0;
    while (hexmcp_json_next(&it, &key, &x)) {
        if (!find_member(b, key, &y) || !value_equal(x, y, budget))
            return 0;
    }
    return 1;
}

int value_equal(hexmcp_str a, hexmcp_str b, struct budget *budget)
{
    int type = hexmcp_json_type(a);
    if (type != hexmcp_json_type(b) || budget_spent(budget))
        return 0;
    switch (type) {
    case HEXMCP_JSON_STRING:
        return strings_equal(a, b);
    case HEXMCP_JSON_NUMBER:
        return numbers_equal(a, b);
    case HEXMCP_JSON_ARRAY:
        return arrays_equal(a, b, budget);
    case HEXMCP_JSON_OBJECT:
        return objects_equal(a, b, budget);
    case HEXMCP_JSON_BOOL:
        return a.ptr[0] == b.ptr[0];
    default:
        return 1;
    }
}

static size_t characters(hexmcp_str string)
{
    char *text;
    size_t len, count = 0;
    if (hexmcp_json_string_dup(string, &text, &len) != HEXMCP_OK)
        return 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)text[i] & 0xC0) != 0x80;
    free(text);
    return count;
}

size_t value_length(hexmcp_str value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    size_t count = 0;
    if (hexmcp_json_type(value) == HEXMCP_JSON_STRING)
        return characters(value);
    while (hexmcp_json_next(&it, NULL, NULL))
        count++;
    return count;
}

static uint64_t hash_bytes(uint64_t hash, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * HASH_PRIME;
    return hash;
}

static uint64_t hash_string(hexmcp_str string)
{
    char *text;
    size_t len;
    uint64_t hash = HASH_START;
    if (!has_escape(string))
        return hash_bytes(hash, string.ptr + 1, string.len - 2);
    if (hexmcp_json_string_dup(string, &text, &len) != HEXMCP_OK)
        return 0;
    hash = hash_bytes(hash, text, len);
    free(text);
    return hash;
}

static uint64_t hash_number(hexmcp_str number)
{
    struct decimal d = read_decimal(number);
    uint64_t hash = HASH_START ^ (uint64_t)d.exponent ^ (uint64_t)d.negative << 63;
    char digit;
    for (size_t i = 0; (digit = next_digit(d.digits, &i)) != '\0';)
        hash = hash_bytes(hash, &digit, 1);
    return hash;
}

/* Values that are equal have the same hash. The members of an object count in any order. */
static uint64_t hash_value(hexmcp_str value)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(value);
    hexmcp_str key, member;
    int type = hexmcp_json_type(value);
    uint64_t hash = (uint64_t)type * HASH_PRIME;
    if (type == HEXMCP_JSON_STRING)
        return hash_string(value);
    if (type == HEXMCP_JSON_NUMBER)
        return hash_number(value);
    if (type == HEXMCP_JSON_BOOL)
        return hash + (value.ptr[0] == 't');
    while (hexmcp_json_next(&it, &key, &member)) {
        uint64_t part = hash_value(member);
        if (type == HEXMCP_JSON_ARRAY)
            hash = (hash ^ part) * HASH_PRIME;
        else
            hash += hash_string(key) * HASH_PRIME ^ part;
    }
    return hash;
}

struct element {
    uint64_t hash;
    size_t index;
    hexmcp_str value;
};

static int by_hash(const void *a, const void *b)
{
    const struct element *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

/* Among elements in the order of their hashes; the pair whose second comes first in the array. */
static int find_pair(const struct element *elements, size_t count, struct budget *budget,
                     size_t *first, size_t *second)
{
    int found = 0;
    for (size_t i = 0; i < count && !budget->spent; i++) {
        for (size_t k = i + 1; !budget->spent && k < count && elements[k].hash == elements[i].hash; k++) {
            if (found && elements[k].index >= *second)
                break;
            if (!value_equal(elements[i].value, elements[k].value, budget))
                continue;
            *first = elements[i].index;
            *second = elements[k].index;
            found = 1;
        }
    }
    return found;
}

int value_repeats(hexmcp_str array, struct budget *budget, size_t *first, size_t *second)
{
    hexmcp_json_iter it = hexmcp_json_iter_begin(array);
    hexmcp_str value;
    size_t count = value_length(array), i = 0;
    struct element *elements = calloc(count + 1, sizeof(*elements));
    if (!elements)
        return HEXMCP_E_NOMEM;
    for (; i < count && hexmcp_json_next(&it, NULL, &value); i++)
        elements[i] = (struct element){hash_value(value), i, value};
    qsort(elements, i, sizeof(*elements), by_hash);
    int found = find_pair(elements, i, budget, first, second);
    free(elements);
    return found;
}
