#include "core/call/call.h"

/* More values than these are not sent. */
#define VALUES_MAX 100

int result_check_values(const struct call *call, struct json result, struct error *err)
{
    struct json values = json_get(result, STR("values"));
    struct json total = json_get(result, STR("total")), more = json_get(result, STR("hasMore"));
    bool unused;
    int64_t count;
    if (json_type(values) != JSON_ARRAY || json_count(values) > VALUES_MAX)
        return result_broken(call, err, "needs \"values\", at most 100 strings");
    if (json_exists(total) && (!json_int64(total, &count) || count < 0))
        return result_broken(call, err, "has a \"total\" that is not a number of values");
    if (json_exists(more) && !json_bool(more, &unused))
        return result_broken(call, err, "has a \"hasMore\" that is not a boolean");
    struct json_iter it = json_iter(values);
    while (json_next(&it))
        if (json_type(it.value) != JSON_STRING)
            return result_broken(call, err, "has a value that is not a string");
    return ST_OK;
}
