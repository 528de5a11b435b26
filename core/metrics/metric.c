/* Names and labels of figures. */
#include "core/metrics/metric.h"

#include <math.h>

#include "core/base/str.h"

#define LABEL_VALUE_MAX 64u

const double metric_buckets[METRIC_BUCKETS] = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                               0.5,   1,    2.5,   5,    10,  INFINITY};

static bool is_word(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (i > 0 && ((c >= '0' && c <= '9') || c == '_'))))
            return false;
    }
    return name.len > 0 && name.len <= METRIC_NAME_MAX;
}

bool metric_name_valid(struct str name)
{
    static const struct str ends[] = {STR_INIT("_total"), STR_INIT("_bucket"), STR_INIT("_sum"),
                                      STR_INIT("_count")};
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (str_ends(name, ends[i]))
            return false;
    return is_word(name);
}

static bool label_name_valid(struct str name)
{
    return is_word(name) && !str_eq(name, STR("plugin")) && !str_eq(name, STR("le")) &&
           !str_eq(name, STR("quantile"));
}

static void put_value(struct buffer *out, struct str value)
{
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        if (c == '\\' || c == '"')
            buffer_add_char(out, '\\');
        if (c == '\n')
            buffer_add_str(out, STR("\\n"));
        else
            buffer_add_char(out, c);
    }
}

static bool put_label(struct json key, struct json value, struct buffer *out)
{
    struct buffer a = BUFFER_INIT, b = BUFFER_INIT;
    struct str name, text;
    bool ok = json_string(key, &a, &name) && json_string(value, &b, &text) &&
              label_name_valid(name) && text.len <= LABEL_VALUE_MAX;
    if (ok) {
        buffer_add_char(out, ',');
        buffer_add_str(out, name);
        buffer_add_str(out, STR("=\""));
        put_value(out, text);
        buffer_add_char(out, '"');
    }
    buffer_clear(&a);
    buffer_clear(&b);
    return ok;
}

bool metric_labels(struct json labels, struct buffer *out)
{
    struct json_iter it = json_iter(labels);
    bool ok = !json_exists(labels) || json_type(labels) == JSON_OBJECT;
    ok = ok && json_count(labels) <= METRIC_LABELS_MAX;
    while (ok && json_next(&it))
        ok = put_label(it.key, it.value, out);
    return ok && !buffer_failed(out);
}
