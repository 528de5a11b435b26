/* Types, numbers, strings, and equality with given values. */
#include <stdio.h>

#include "core/json/equal.h"
#include "core/json/number.h"
#include "core/schema/evaluate.h"

unsigned type_of(struct json v)
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

static const char *const type_names[] = {"null",     "a boolean", "an integer", "a number",
                                         "a string", "an array",  "an object"};

static const char *type_name(unsigned bit)
{
    return type_names[__builtin_ctz(bit)];
}

bool wrong_type(struct check *c, const struct node *node, struct str keyword, unsigned types,
                struct json value)
{
    char wanted[80] = "";
    unsigned type = type_of(value);
    if (types & TYPE_NUMBER)
        types &= ~(unsigned)TYPE_INTEGER;
    for (unsigned bit = TYPE_NULL; bit <= TYPE_OBJECT; bit <<= 1) {
        size_t used = strlen(wanted);
        const char *comma = (types & (bit - 1)) == 0 ? "" : types >= bit << 1 ? ", " : " or ";
        if (types & bit)
            snprintf(wanted + used, sizeof(wanted) - used, "%s%s", comma, type_name(bit));
    }
    struct brief brief = brief_of(value);
    bool fraction = type == TYPE_NUMBER && (types & TYPE_INTEGER);
    return fault(c, node, keyword, "must be %s, is %s", wanted,
                 fraction                ? brief.text
                 : type == TYPE_INTEGER ? "a number"
                                        : type_name(type));
}

/* ---- numbers ------------------------------------------------------------------------------ */

static bool bad_number(struct check *c, const struct node *n, struct str keyword, const char *what,
                       struct json bound, struct json v)
{
    return fault(c, n, keyword, "must be %s %s, is %s", what, brief_of(bound).text,
                 brief_of(v).text);
}

bool evaluate_number(struct check *c, const struct node *n, struct json v)
{
    bool good = true;
    if (!spend(c, json_text(v).len / 32))
        return false;
    if (json_exists(n->minimum) && number_compare(v, n->minimum) < 0)
        good = bad_number(c, n, STR("minimum"), "at least", n->minimum, v);
    if (json_exists(n->maximum) && number_compare(v, n->maximum) > 0)
        good = bad_number(c, n, STR("maximum"), "at most", n->maximum, v);
    if (json_exists(n->exclusive_minimum) && number_compare(v, n->exclusive_minimum) <= 0)
        good = bad_number(c, n, STR("exclusiveMinimum"), "more than", n->exclusive_minimum, v);
    if (json_exists(n->exclusive_maximum) && number_compare(v, n->exclusive_maximum) >= 0)
        good = bad_number(c, n, STR("exclusiveMaximum"), "less than", n->exclusive_maximum, v);
    if (json_exists(n->multiple_of) && !number_is_multiple(v, n->multiple_of))
        good = bad_number(c, n, STR("multipleOf"), "a multiple of", n->multiple_of, v);
    return good;
}

/* ---- strings ------------------------------------------------------------------------------ */

int search_pattern(struct check *c, const struct pattern *pattern, struct json string)
{
    const struct regex_port *port = c->schema->regex;
    struct buffer scratch = BUFFER_INIT;
    struct error err = {ST_NOMEM, "out of memory"};
    struct str text;
    int rc = ST_NOMEM;
    if (!spend(c, 100 + json_text(string).len / 32))
        return c->stopped;
    if (json_string(string, &scratch, &text))
        rc = port->search(port->ctx, pattern->regex, text, &err);
    buffer_clear(&scratch);
    if (rc < 0)
        stop(c, rc, "cannot be checked against the pattern %.*s: %s",
             (int)(pattern->text.len > 100 ? 100 : pattern->text.len), pattern->text.ptr, err.text);
    return rc;
}

static bool bad_length(struct check *c, const struct node *n, struct str keyword, const char *what,
                       int64_t bound, int64_t length)
{
    return fault(c, n, keyword, "must have at %s %lld character%s, has %lld", what,
                 (long long)bound, bound == 1 ? "" : "s", (long long)length);
}

static bool check_length(struct check *c, const struct node *n, struct json v)
{
    if (!spend(c, json_text(v).len / 32))
        return false;
    int64_t length = (int64_t)json_length(v);
    if (n->length.low > length)
        return bad_length(c, n, STR("minLength"), "least", n->length.low, length);
    if (n->length.high >= 0 && n->length.high < length)
        return bad_length(c, n, STR("maxLength"), "most", n->length.high, length);
    return true;
}

static bool check_format(struct check *c, const struct node *n, struct json v)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    if (!spend(c, 1 + json_text(v).len / 32))
        return false;
    bool read = json_string(v, &scratch, &text);
    bool good = read && n->format->fits(text);
    buffer_clear(&scratch);
    if (!read)
        return stop(c, ST_NOMEM, "cannot be checked: out of memory");
    return good || fault(c, n, STR("format"), "must be %s, is %s", n->format->what,
                         brief_of(v).text);
}

bool evaluate_string(struct check *c, const struct node *n, struct json v)
{
    bool good = true;
    if (n->length.low > 0 || n->length.high >= 0)
        good = check_length(c, n, v);
    if (n->pattern && go_on(c, good) && search_pattern(c, n->pattern, v) != 1)
        good = fault(c, n, STR("pattern"), "must match the pattern %.*s, is %s",
                     (int)(n->pattern->text.len > 200 ? 200 : n->pattern->text.len),
                     n->pattern->text.ptr, brief_of(v).text);
    if (n->format && go_on(c, good))
        good = check_format(c, n, v) && good;
    return good;
}

/* ---- const and enum ----------------------------------------------------------------------- */

bool equal_values(struct check *c, struct json a, struct json b)
{
    if (!spend(c, 1))
        return false;
    bool equal = json_equal(a, b, &c->steps);
    /* Running out of steps looks like a difference; it must not count as one. */
    if (c->steps == 0)
        spend(c, 1);
    return equal && !c->stopped;
}

static bool choose_sorted(struct check *c, const struct node *n, struct json v)
{
    if (!spend(c, json_text(v).len / 16))
        return false;
    uint64_t hash = json_hash(v);
    uint32_t low = 0, high = n->choice_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (n->choices[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < n->choice_count && n->choices[low].hash == hash; low++)
        if (equal_values(c, n->choices[low].value, v))
            return true;
    return false;
}

static bool choose(struct check *c, const struct node *n, struct json v)
{
    if (n->choice_count > ENUM_IN_ORDER)
        return choose_sorted(c, n, v);
    for (uint32_t i = 0; i < n->choice_count; i++)
        if (equal_values(c, n->choices[i].value, v))
            return true;
    return false;
}

/* Adds as many of the values as a message can hold. */
static void add_choices(char *out, size_t size, struct json choices)
{
    struct json_iter it = json_iter(choices);
    size_t used = 0;
    for (uint32_t i = 0; json_next(&it); i++) {
        struct brief brief = brief_of(it.value);
        const char *comma = i == 0 ? "" : i + 1 == json_count(choices) ? " or " : ", ";
        if (used + strlen(brief.text) + 16 > size) {
            snprintf(out + used, size - used, ", ...");
            return;
        }
        used += (size_t)snprintf(out + used, size - used, "%s%s", comma, brief.text);
    }
}

static bool no_choice(struct check *c, const struct node *n, struct json v)
{
    char choices[320] = "nothing (the enum is empty)";
    if (!c->faults)
        return false;
    add_choices(choices, sizeof(choices), n->choice_list);
    return fault(c, n, STR("enum"), "must be %s, is %s", choices, brief_of(v).text);
}

bool evaluate_equal(struct check *c, const struct node *n, struct json v)
{
    bool good = true;
    if (json_exists(n->constant) && !equal_values(c, n->constant, v))
        good = fault(c, n, STR("const"), "must be %s, is %s",
                     json_type(n->constant) >= JSON_ARRAY ? "exactly what the schema says"
                                                          : brief_of(n->constant).text,
                     brief_of(v).text);
    if (json_exists(n->choice_list) && go_on(c, good) && !choose(c, n, v))
        good = no_choice(c, n, v);
    return good;
}
